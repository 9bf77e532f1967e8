/* OVAL definitions about rpms, https://oval-community-guidelines.readthedocs.io/: a tree of criteria about tests, which name
   an object (a package) and a state (an evr), which all stand behind the definitions. Which platforms, and what they are called
   here, is the feed's. */
#pragma once
#include "base/arena.h"
#include "base/limits.h"
#include "feed/feed.h"

enum oval_audience { OVAL_NOBODY, OVAL_EVERYBODY, OVAL_SUBSCRIBERS };
/* What a package holds: nothing that can be harmed, a kernel, or anything else. */
enum oval_part { OVAL_NOTHING, OVAL_KERNEL, OVAL_PROGRAM };

struct oval_source {
    /* "Oracle Linux 8", or "" where the definition names none, and then the evr of the package: its namespaces, with blanks
       between, in ret, and whom its fixes are for; OVAL_NOBODY: it is left out. */
    enum oval_audience (*namespaces)(struct str platform, struct str evr, struct buf *ret);
    /* How names of platforms begin; what else "is installed" is a package. Ends with NULL; NULL: all are platforms. */
    const char *const *platforms;
    /* All architectures of its packages: a list that has these says nothing. Ends with NULL; NULL: not known. */
    const char *const *arches;
    /* What follows is Red Hat's, and NULL or 0 elsewhere. What the state of a resolution means, "Will not fix"; definitions that
       have such are about packages that are installed in any version, and each CVE has an impact of its own. */
    enum advisory_status (*resolution)(struct str state);
    const char *passed_over; /* a part of the ids of definitions about what is not affected */
    /* By a package's name; what is built beside a kernel, with its version, holds none. */
    enum oval_part (*part)(struct str name);
    unsigned flags; /* of every advisory; ADVISORY_STREAMS: those of one id stand together */
};

int oval_parse(const struct feed *feed, const struct oval_source *source, struct reader *in,
               struct feed_sink *sink, struct error *err);

/* What a document says, kept until its end. Ids of tests, objects and states are the numbers at their ends; texts that
   repeat are numbers, too, of which 0 is "". */
enum { OVAL_TEXT_BITS = 30, OVAL_TEXTS_MAX = 1 << OVAL_TEXT_BITS };
_Static_assert(OVAL_MEMORY_MAX / sizeof(struct str) < OVAL_TEXTS_MAX,
               "the texts of a document can be counted");
enum oval_criterion_kind { OVAL_PACKAGE, OVAL_PLATFORM, OVAL_ARCH, OVAL_MODULE };

struct oval_criterion {
    uint32_t frame; /* the criteria element that it stands in */
    enum oval_criterion_kind kind : 2;
    uint32_t text : OVAL_TEXT_BITS; /* "Oracle Linux 8", "x86_64", "httpd:2.4" */
    uint64_t test;
};

struct oval_frame {
    uint32_t parent;  /* of the first of a definition: itself */
    uint32_t context; /* of the packages in it: its number; 0: not looked for yet */
    bool packages;    /* there are any in it or below */
};

struct oval_id {
    struct str id;
    bool rated; /* it has a severity of its own */
    enum severity severity;
};

/* That nobody will mend a package, or whether somebody will. */
struct oval_resolution {
    uint32_t component; /* "emacs", "nodejs:16/nodejs"; 0: all others */
    enum advisory_status status;
};

struct oval_definition {
    struct oval_id *ids;
    size_t ids_count, ids_cap;
    struct str title;       /* its beginning */
    struct str description; /* of a vulnerability; of errata none is kept */
    bool vulnerability;     /* its class */
    enum severity severity;
    size_t first, count; /* criteria */
    size_t resolutions_first, resolutions_count;
    uint32_t kernel; /* the evr of a kernel that it is about, 0 of one without; OVAL_TEXTS_MAX: of none */
};

struct oval_test {
    uint64_t id, object, state;
};

struct oval_object {
    uint64_t id;
    uint32_t name;
};

enum oval_operation { OVAL_LESS, OVAL_LESS_OR_EQUAL, OVAL_GREATER, OVAL_EQUALS, OVAL_OTHER };

struct oval_state {
    uint64_t id;
    uint32_t evr;    /* 0: it is about something else */
    uint32_t arches; /* "aarch64 x86_64"; 0: it does not say */
    enum oval_operation operation;
};

struct oval_document {
    VEC(struct oval_definition) definitions;
    VEC(struct oval_resolution) resolutions;
    VEC(struct oval_criterion) criteria;
    VEC(struct oval_frame) frames;
    VEC(struct oval_test) tests;
    VEC(struct oval_object) objects;
    VEC(struct oval_state) states;
    VEC(struct str) texts;
};

/* Reads the document to its end; tests, objects and states are ordered by id. */
int oval_document_read(struct reader *in, const struct oval_source *source, struct arena *arena,
                       struct oval_document *ret, struct error *err);
