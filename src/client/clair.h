/* A Clair server as its clients know it: API 1, layers that have parents, and API 3, ancestries of layers.
   https://github.com/quay/clair/blob/release-2.0/Documentation/api_v1.md */
#pragma once
#include "client/target.h"
#include "net/http.h"

struct clair_options {
    const char
        *url; /* "http://clair.example.com:6060", perhaps with a path; a slash at its end does no harm */
    bool v3;
    const char *ca_file, *client_cert, *client_key, *insecure; /* as in http_options */
    const atomic_bool *interrupted;
    unsigned timeout_seconds; /* without any sign of the server; 0: CLAIR_SILENCE_SECONDS */
};

struct clair;

/* For one thread at a time; reads refusals with the worker. The options and the worker are borrowed. */
int clair_new(struct clair **ret, const struct clair_options *options, struct worker *worker,
              struct error *err);
void clair_free(struct clair *c);
DEFINE_CLEANUP(struct clair, clair_free)

/* All below: < 0 also when the server refuses; then *trouble has its status, and the error its words. */

/* Whether the server has the target's layer: 1 or 0. Of API 3 only the last one means anything. */
int clair_knows(struct clair *c, const struct target *t, size_t layer, struct trouble *trouble,
                struct error *err);
/* Sends one layer, whose parent it has. Shows the server a new Authorization when the old one seems to be of no use. */
int clair_post_layer(struct clair *c, struct target *t, size_t layer, struct trouble *trouble,
                     struct error *err);
/* Sends all layers at once, to API 3. */
int clair_post_ancestry(struct clair *c, struct target *t, struct trouble *trouble, struct error *err);
/* What it knows of the target, as it says it: JSON. */
int clair_analysis(struct clair *c, const struct target *t, struct buf *ret, struct trouble *trouble,
                   struct error *err);
/* Deletes one layer; E_UNSUPPORTED of API 3. */
int clair_delete(struct clair *c, const struct target *t, size_t layer, struct trouble *trouble,
                 struct error *err);
