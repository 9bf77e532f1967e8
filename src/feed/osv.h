/* The Open Source Vulnerability format, https://ossf.github.io/osv-schema/: one record into rows. Which records and
   ecosystems, and what they are called here, is the feed's. */
#pragma once
#include "base/arena.h"
#include "feed/feed.h"
#include "format/json.h"

/* What of a feed's records. */
struct osv_source {
    const char *prefix; /* records whose id begins otherwise are left out, "UBUNTU-CVE-"; "" all are taken */
    /* "Rocky Linux:9" as a namespace in ret and the flags of its advisories (model/advisory.h): 1; 0: it is left out. */
    int (*namespace)(struct str ecosystem, struct buf *ret, unsigned *ret_flags);
    bool (*is_wanted)(struct str package); /* NULL: all are */
};

/* Gives what all records of a document say: one record, an array of records, or a zip archive of such documents. */
int osv_parse(const struct feed *feed, const struct osv_source *source, struct reader *in,
              struct feed_sink *sink, struct error *err);

struct osv_texts {
    struct str *ptr;
    size_t len, cap;
};

struct osv_event {
    enum osv_event_kind { OSV_INTRODUCED, OSV_FIXED, OSV_LAST_AFFECTED } kind;
    struct str version; /* "0": before all others */
};

struct osv_range {
    VEC(struct osv_event) events;
};

struct osv_affected {
    struct str ecosystem, package;
    VEC(struct osv_range) ranges;
    struct osv_texts versions;
    enum severity severity; /* of this package; unknown: that of the record */
};

struct osv_record {
    struct str id, summary, details;
    bool withdrawn;
    struct osv_texts aliases, upstream, related;
    VEC(struct osv_affected) affected;
    enum severity severity;    /* by a word; where there is none, by the vectors */
    struct vulnerability cvss; /* its vectors and their scores, and nothing else */
};

/* The object that follows, with texts of the arena. 1; 0: it is no object; < 0. Fields of the wrong type are left out. */
int osv_record_read(struct json *j, struct arena *arena, struct osv_record *ret, struct error *err);
