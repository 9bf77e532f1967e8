/* OVAL definitions about rpms, https://oval-community-guidelines.readthedocs.io/: a tree of criteria about tests, which name
   an object (a package) and a state (an evr), which all stand behind the definitions. Which platforms, and what they are called
   here, is the feed's. */
#pragma once
#include "base/arena.h"
#include "feed/feed.h"

struct oval_source {
    /* "Oracle Linux 8", or "" where the definition names none, and the evr of the package: its namespace in ret: 1; 0: it
       is left out. */
    int (*namespace)(struct str platform, struct str evr, struct buf *ret);
};

int oval_parse(const struct feed *feed, const struct oval_source *source, struct reader *in,
               struct feed_sink *sink, struct error *err);

/* What a document says, kept until its end. Ids of tests, objects and states are the numbers at their ends. */
enum oval_criterion_kind { OVAL_PACKAGE, OVAL_PLATFORM, OVAL_ARCH, OVAL_MODULE };

struct oval_criterion {
    enum oval_criterion_kind kind;
    uint32_t frame; /* the criteria element that it stands in */
    uint64_t test;
    struct str text; /* "Oracle Linux 8", "x86_64", "httpd:2.4" */
};

struct oval_frame {
    uint32_t parent; /* of the first of a definition: itself */
    bool packages;   /* there are any in it or below */
};

struct oval_definition {
    struct str *ids;
    size_t ids_count, ids_cap;
    struct str title;
    enum severity severity;
    size_t first, count; /* criteria */
};

struct oval_test {
    uint64_t id, object, state;
};

struct oval_object {
    uint64_t id;
    struct str name;
};

struct oval_state {
    uint64_t id;
    struct str evr; /* "" it is about something else */
    enum { OVAL_LESS, OVAL_LESS_OR_EQUAL, OVAL_GREATER, OVAL_OTHER } operation;
};

struct oval_document {
    VEC(struct oval_definition) definitions;
    VEC(struct oval_criterion) criteria;
    VEC(struct oval_frame) frames;
    VEC(struct oval_test) tests;
    VEC(struct oval_object) objects;
    VEC(struct oval_state) states;
};

/* Reads the document to its end; tests, objects and states are ordered by id. */
int oval_document_read(struct reader *in, struct arena *arena, struct oval_document *ret, struct error *err);
