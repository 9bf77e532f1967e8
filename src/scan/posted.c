#include "scan/posted.h"

#include <unistd.h>

#include "base/limits.h"
#include "detect/distribution.h"
#include "model/digest.h"
#include "scan/aliases.h"
#include "scan/fetch.h"
#include "scan/layer_job.h"
#include "store/layer.h"
#include "store/vulnerability.h"
#include "stream/digest.h"

enum { ENGINE_VERSION = 3, LAYER_NAME_MAX = 128 };

/* One post while it goes on. */
struct post {
    const struct posted_layer *layer;
    const struct posted_options *options;
    struct store *store;
    struct worker *worker;
    struct arena *arena;
    struct error *err;
    struct store_layer parent;
    struct store_layer *chain;
    size_t depth;                  /* layers below this one */
    struct inventory *inventories; /* of the chain and, last, this one */
    struct str bytes;              /* this one's inventory */
    struct aliases aliases;
    struct merged merged;
    enum posted_failure failure;
};

static int fail(struct post *p, enum posted_failure failure, int rc)
{
    if (p->failure == POSTED_OK)
        p->failure = failure;
    return rc;
}

static int no_room(struct post *p)
{
    return fail(
        p, POSTED_FAILED,
        error_set(p->err, E_LIMIT, "the layer needs more than %zu MiB of memory", p->arena->limit >> 20));
}

/* ---- reading ---- */

static bool has_too_big(const struct inventory *inv)
{
    vec_each (&inv->files, f)
        if (f->kind == FILE_DAMAGED)
            return true;
    return false;
}

/* What the worker said, and what the fetch says to it. */
static int settle(struct post *p, int read, int fetched, bool began, struct error *read_error)
{
    if (fetched < 0 && !began)
        return fail(p, POSTED_NOT_FOUND, fetched);
    if (fetched < 0)
        return fail(p, POSTED_UNREADABLE, fetched);
    if (read < 0) {
        *p->err = *read_error;
        return fail(p, read == -E_WORKER ? POSTED_FAILED : POSTED_UNREADABLE, read);
    }
    return 0;
}

static int run_worker(struct post *p, int fd, struct buf *reply, struct error *err)
{
    CLEANUP(buf_done) struct buf args = buf_make(WORKER_ARGS_MAX);
    /* Layers that come one after the other from many clients use all cores without threads in each. */
    const struct layer_job job = {
        .blob_only = true, .aliases = p->aliases.known.ptr, .aliases_count = p->aliases.known.len};
    layer_job_put(&args, &job);
    int rc = buf_finish(&args, "layer: arguments", err);
    const struct worker_job run = {
        .reader = "layer", .args = buf_str(&args), .fd = fd, .reply_max = INVENTORY_MAX};
    return rc < 0 ? rc : worker_run(p->worker, &run, reply, err);
}

static int read_layer(struct post *p)
{
    CLEANUP(buf_done) struct buf reply = buf_make(INVENTORY_MAX);
    struct inventory *inv = &p->inventories[p->depth];
    struct fetch *fetch = NULL;
    struct error read_error = {0};
    bool began = false;
    int rc = fetch_open(&fetch, p->layer, p->options, p->err);
    if (rc < 0)
        return fail(p, rc == -E_BAD_INPUT ? POSTED_UNREADABLE : POSTED_NOT_FOUND, rc);
    int read = run_worker(p, fetch_fd(fetch), &reply, &read_error);
    int fetched = fetch_close(fetch, &began, p->err);
    rc = settle(p, read, fetched, began, &read_error);
    if (rc < 0)
        return rc;
    if (arena_str(p->arena, buf_str(&reply), &p->bytes) < 0)
        return no_room(p);
    *inv = (struct inventory){0};
    rc = inventory_get(p->bytes, p->arena, inv, p->err);
    if (rc < 0)
        return fail(p, POSTED_FAILED, rc);
    return has_too_big(inv)
               ? fail(p, POSTED_FILE_TOO_BIG,
                      error_set(p->err, E_LIMIT, "a package database has more bytes than are read"))
               : 0;
}

/* ---- the chain below ---- */

/* Without it the packages of that layer would be missing in all that are above. Its address and credentials are not kept. */
static int no_inventory(struct post *p, const struct store_layer *below)
{
    char name[128];
    return fail(
        p, POSTED_NO_PARENT,
        error_set(p->err, E_NOT_FOUND,
                  "what was read of layer \"%s\" is no longer in the database: delete that layer, then "
                  "post it and those above it again",
                  str_printable(below->name, name, sizeof name)));
}

static int load_inventory(struct post *p, size_t depth)
{
    const struct store_layer *l = &p->chain[depth];
    struct str bytes;
    int rc = store_inventory_get(p->store, &l->digest, &l->diff_id, l->fingerprint, p->arena, &bytes, p->err);
    if (rc == 0)
        return no_inventory(p, l);
    if (rc > 0)
        rc = inventory_get(bytes, p->arena, &p->inventories[depth], p->err);
    return rc < 0 ? fail(p, POSTED_FAILED, rc) : 0;
}

static int load_chain(struct post *p)
{
    if (p->layer->parent.len) {
        int rc = store_layer_chain(p->store, p->layer->parent, p->arena, &p->chain, &p->depth, p->err);
        if (rc < 0)
            return fail(p, POSTED_FAILED, rc);
    }
    p->inventories = arena_array(p->arena, struct inventory, p->depth + 1);
    if (!p->inventories)
        return no_room(p);
    int rc = 0;
    for (size_t i = 0; i < p->depth && rc == 0; i++)
        rc = load_inventory(p, i);
    return rc;
}

/* Links within the layer that came before what they lead to: 1 there is something to be read under another name. Links to
   lower layers are resolved by the merge where those layers told the file. */
static int learn_aliases(struct post *p)
{
    int rc = aliases_learn(&p->aliases, &p->merged, p->arena);
    if (rc == ALIASES_TOO_MANY)
        return fail(p, POSTED_UNREADABLE, error_set(p->err, E_LIMIT, "too many links to package databases"));
    return rc < 0 ? no_room(p) : rc == ALIASES_NEW;
}

static int merge(struct post *p)
{
    int rc = 1;
    for (int round = 0; rc > 0 && round <= ALIAS_ROUNDS; round++) {
        rc = read_layer(p);
        if (rc == 0 && merge_layers(p->inventories, p->depth + 1, p->arena, &p->merged, p->err) < 0)
            rc = fail(p, POSTED_FAILED, -(int)p->err->code);
        if (rc == 0)
            rc = learn_aliases(p);
    }
    return rc < 0 ? rc : 0;
}

/* ---- storing ---- */

/* Clair has never known it, and nothing publishes advisories for it that a release could be judged by. */
static bool is_unsupported(struct str namespace)
{
    return str_eq(namespace, STR("alpine:edge"));
}

static int store_it(struct post *p, struct str namespace, const struct feature_list *features)
{
    const struct layer_totals *totals = &p->inventories[p->depth].totals;
    CLEANUP(buf_done) struct buf packed = buf_make(STORE_VALUE_MAX);
    uint8_t hash[32];
    VEC(struct store_feature) introduced = {0};
    features_pack(features, &packed);
    int rc = buf_finish(&packed, "the features of a layer", p->err);
    if (rc < 0)
        return rc;
    vec_each (&features->items, f) {
        struct store_feature *i =
            f->depth == p->depth && !f->unjudged ? vec_push(&introduced, p->arena) : NULL;
        if (i)
            *i = (struct store_feature){f->namespace, f->name, f->version};
    }
    sha256_of(buf_str(&packed), hash);
    struct digest features_hash = digest_of_bytes(hash, sizeof hash);
    const struct store_layer layer = {.name = p->layer->name,
                                      .namespace = namespace,
                                      .engine_version = ENGINE_VERSION,
                                      .digest = totals->digest,
                                      .diff_id = totals->diff_id,
                                      .fingerprint = str_of(p->aliases.fingerprint),
                                      .features = buf_str(&packed),
                                      .features_hash = digest_str(&features_hash)};
    rc =
        store_inventory_put(p->store, &totals->digest, &totals->diff_id, layer.fingerprint, p->bytes, p->err);
    return rc < 0 ? rc
                  : store_layer_put(p->store, &layer, p->parent.id, introduced.ptr, introduced.len, p->err);
}

static int assess(struct post *p)
{
    struct feature_list before = {0}, features = {0};
    struct distribution d = distribution_of(p->merged.releases, p->arena);
    struct str told = d.namespace.len ? d.namespace : p->parent.namespace;
    struct str namespace = is_unsupported(told) ? STR("") : told;
    int rc = p->parent.id ? features_unpack(p->parent.features, p->arena, &before, p->err) : 0;
    if (rc == 0)
        rc = features_of(&p->merged, namespace, p->parent.id ? &before : NULL, (unsigned)p->depth, p->arena,
                         &features, p->err);
    if (rc < 0)
        return fail(p, rc == -E_UNSUPPORTED ? POSTED_UNSUPPORTED : POSTED_FAILED, rc);
    if (namespace.len) {
        struct str format = features.items.len ? features.items.ptr[0].format : STR("dpkg");
        rc = store_namespace_put(p->store, namespace, format, p->err);
    }
    if (rc == 0 && p->layer->name.len > LAYER_NAME_MAX)
        return fail(
            p, POSTED_BAD_NAME,
            error_set(p->err, E_USAGE, "the layer's name is longer than %d characters", LAYER_NAME_MAX));
    if (rc == 0)
        rc = store_it(p, namespace, &features);
    return rc < 0 ? fail(p, POSTED_FAILED, rc) : 0;
}

static int find_parent(struct post *p)
{
    if (!p->layer->parent.len)
        return 0;
    int rc = store_layer_get(p->store, p->layer->parent, p->arena, &p->parent, p->err);
    if (rc < 0)
        return fail(p, POSTED_FAILED, rc);
    return rc ? 0
              : fail(p, POSTED_NO_PARENT, error_set(p->err, E_NOT_FOUND, "no layer of that name was posted"));
}

static int probe(struct post *p)
{
    struct fetch *fetch = NULL;
    bool began = false;
    char byte;
    int rc = fetch_open(&fetch, p->layer, p->options, p->err);
    if (rc < 0)
        return fail(p, POSTED_NOT_FOUND, rc);
    ssize_t n = read(fetch_fd(fetch), &byte, 1);
    rc = fetch_close(fetch, &began, p->err);
    return rc < 0 && n <= 0 ? fail(p, POSTED_NOT_FOUND, rc) : 0;
}

enum posted_failure scan_posted(const struct posted_layer *layer, const struct posted_options *options,
                                struct store *store, struct worker *worker, struct arena *arena,
                                struct error *err)
{
    struct post p = {
        .layer = layer, .options = options, .store = store, .worker = worker, .arena = arena, .err = err};
    struct store_layer known = {0};
    int rc = store_layer_get(store, layer->name, arena, &known, err);
    if (rc != 0)
        return rc < 0 ? POSTED_FAILED : POSTED_OK;
    detectors_fingerprint(p.aliases.fingerprint, sizeof p.aliases.fingerprint);
    rc = find_parent(&p);
    if (rc == 0 && layer->probe)
        return probe(&p) < 0 ? p.failure : POSTED_OK;
    if (rc == 0)
        rc = load_chain(&p);
    if (rc == 0)
        rc = merge(&p);
    if (rc == 0)
        rc = assess(&p);
    return rc < 0 ? p.failure : POSTED_OK;
}
