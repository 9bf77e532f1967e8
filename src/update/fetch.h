/* A feed's document on its way here: a descriptor over a local file, or over a download without a name. */
#pragma once
#include "update/update.h"

/* What a publisher said of a document the last time. */
struct document_mark {
    char etag[256], last_modified[64];
};

struct document {
    int fd;
    bool unchanged;  /* the publisher says so; fd is -1 */
    int64_t changed; /* seconds since 1970 by Last-Modified or the file's date; 0 unknown */
    struct document_mark mark;
};

struct http;

/* Asks a publisher for the document if it is another one than `known` (NULL: in any case); a local one comes always. *http,
   NULL at first, keeps connections from one document to the next; the caller frees it. */
int fetch(struct http **http, const char *url, const struct update_options *options,
          const struct document_mark *known, struct document *ret, struct error *err);
