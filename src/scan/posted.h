/* A layer that a client of the API names: fetched, read by a worker, merged with the chain below it, and stored with the
   features that it has. What Clair 2 does by these rules and what limpid does otherwise: docs/clair.md. */
#pragma once
#include "base/arena.h"
#include "scan/features.h"

struct store;
struct worker;
struct address_list;

/* Why a layer was not taken, in Clair's distinctions. */
enum posted_failure {
    POSTED_OK,
    POSTED_NO_PARENT,    /* the parent is not known */
    POSTED_NOT_FOUND,    /* cannot be fetched or opened */
    POSTED_UNREADABLE,   /* no tar, or damaged */
    POSTED_FILE_TOO_BIG, /* a wanted file has more bytes than a detector reads */
    POSTED_BAD_NAME,     /* the layer's name is longer than names may be */
    POSTED_UNSUPPORTED,  /* packages, but no distribution */
    POSTED_FAILED,       /* the store, or this machine */
};

struct posted_options {
    const char *const *folders;         /* local files may be read below these only; NULL-terminated */
    const struct address_list *refused; /* networks from which nothing is fetched */
    bool insecure_tls;
    unsigned stall_seconds; /* 0: NET_STALL_SECONDS */
};

struct posted_layer {
    struct str name, parent;    /* parent "": none */
    const char *path;           /* http:// or https:// in lower case, else a local path */
    const char *const *headers; /* "Name: value", NULL-terminated; may be NULL */
    bool probe;                 /* only see whether it can be had; nothing is read or stored */
    const char *authorization;  /* value of that header; stays with the path's own host. NULL: none */
};

/* A name that is known already is stored and read no more. POSTED_OK, or why not with *err set. */
enum posted_failure scan_posted(const struct posted_layer *layer, const struct posted_options *options,
                                struct store *store, struct worker *worker, struct arena *arena,
                                struct error *err);
