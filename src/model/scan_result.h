/* What a scan of one image tells: the noun that every report is written from. */
#pragma once
#include "base/arena.h"
#include "model/digest.h"
#include "model/finding.h"
#include "model/problem.h"

struct result_layer {
    struct digest digest, diff_id;
    struct str created_by;
    uint64_t size;
    bool cached;     /* its inventory was known */
    struct str name; /* under which a server knows it; "" elsewhere */
};

/* A feed that judged packages of the image, or told of what was found. */
struct result_feed {
    struct str name, title;
    int64_t fetched;   /* seconds since 1970 when its data were last confirmed */
    int64_t published; /* when the publisher last changed them; 0 unknown */
    bool stale;        /* older than its cadence allows */
    bool snapshot;     /* read from a file, not from the publisher */
    bool enriches;     /* it told of ids that others judged by, and judged none */
    size_t packages;   /* of the image that it judged */
};

struct scan_result {
    struct str reference, platform, namespace, distribution;
    struct digest digest;
    bool platform_chosen; /* from an index of several */
    struct str
        end_of_life; /* date (YYYY-MM-DD) on which support of the release ended; "": it has not, or unknown */
    VEC(struct result_layer) layers;
    VEC(struct package) packages;
    VEC(struct finding) findings; /* worst first, then by package and id */
    VEC(struct problem) problems;
    VEC(struct result_feed) feeds;
    struct str server;       /* that judged, and does not tell what it could not; "": this limpid did */
    size_t judged, unjudged; /* packages */
    struct str unjudged_why;
    size_t foreign;          /* packages that another than the distribution built, but its feed judged */
    struct str foreign_from; /* the first of these others: "Docker, Fedora Project" */
    size_t undetermined;     /* advisories about installed packages that the feed itself has not decided */
    size_t rejected;         /* findings left out, since their ids were taken back */
    const char *weakness;    /* what the sandbox of the readers lacked on this machine, or NULL */
    size_t hidden;           /* findings that a filter of the user left out */
};
