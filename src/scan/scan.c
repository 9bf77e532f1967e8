#include "scan/scan.h"

#include <unistd.h>

#include "base/limits.h"
#include "base/memory.h"
#include "detect/distribution.h"
#include "os/clock.h"
#include "scan/aliases.h"
#include "scan/judge.h"
#include "scan/lanes.h"
#include "store/store.h"

/* Everything about one scan while it goes on. */
struct scan {
    const struct scan_options *options;
    struct store *store;
    struct arena *arena;
    struct scan_result *result;
    struct image *image;
    struct worker *worker;
    struct inventory *inventories; /* one a layer, lowest first */
    struct aliases aliases;        /* of all rounds so far */
    const char *weakness;
    struct error *err;
};

static int no_room(struct scan *s)
{
    return error_set(s->err, E_LIMIT,
                     "the image has more layers, packages or findings than one report may hold");
}

static int keep(struct scan *s, struct str text, struct str *ret)
{
    return arena_str(s->arena, text, ret) < 0 ? no_room(s) : 0;
}

/* "layer 2 sha256:…" or, for a directory, the reference. */
static int layer_name(struct scan *s, unsigned index, struct str *ret)
{
    const struct image_layer *l = &image_info(s->image)->layers[index];
    const char *digest = l->digest.text[0] ? l->digest.text : l->diff_id.text;
    char name[DIGEST_TEXT_SIZE + 32];
    snprintf(name, sizeof name, digest[0] ? "layer %u %s" : "layer %u", index + 1, digest);
    return keep(s, str_of(name), ret);
}

static int add_problem(struct scan *s, enum error_code code, struct str where, struct str text)
{
    struct problem *p = vec_push(&s->result->problems, s->arena);
    if (!p)
        return no_room(s);
    p->code = code;
    int rc = keep(s, where, &p->where);
    return rc < 0 ? rc : keep(s, text, &p->text);
}

/* Once, however often the layer is read. */
static int add_layer_problem(struct scan *s, unsigned index, const struct error *e)
{
    struct str name;
    int rc = layer_name(s, index, &name);
    vec_each (&s->result->problems, p)
        if (rc == 0 && str_eq(p->where, name) && str_eq(p->text, str_of(e->text)))
            return 0;
    return rc < 0 ? rc : add_problem(s, e->code, name, str_of(e->text));
}

static int describe_image(struct scan *s)
{
    const struct image_info *info = image_info(s->image);
    struct scan_result *r = s->result;
    r->digest = info->digest;
    r->platform_chosen = info->chosen;
    int rc = keep(s, str_of(info->reference), &r->reference);
    if (rc == 0)
        rc = keep(s, str_of(info->platform), &r->platform);
    for (size_t i = 0; i < info->layers_count && rc == 0; i++) {
        struct result_layer *l = vec_push(&r->layers, s->arena);
        if (!l)
            return no_room(s);
        l->digest = info->layers[i].digest;
        l->diff_id = info->layers[i].diff_id;
        l->size = info->layers[i].size;
        rc = keep(s, str_of(info->layers[i].created_by), &l->created_by);
    }
    s->inventories = arena_array(s->arena, struct inventory, info->layers_count + 1);
    return rc == 0 && !s->inventories ? no_room(s) : rc;
}

/* Takes an inventory from the store: 1 when it is there and readable. */
static int recall(struct scan *s, unsigned index)
{
    struct result_layer *l = &s->result->layers.ptr[index];
    struct str bytes;
    struct error broken;
    int rc = store_inventory_get(s->store, &l->digest, &l->diff_id, str_of(s->aliases.fingerprint), s->arena,
                                 &bytes, s->err);
    if (rc <= 0)
        return rc;
    l->cached = inventory_get(bytes, s->arena, &s->inventories[index], &broken) == 0;
    return l->cached; /* a row that cannot be read is as good as none: the layer is read again */
}

/* What the manifest and the config promise against what was read: a layer that differs is not this image's. */
static int verify(const struct image_layer *l, const struct layer_totals *t, struct error *err)
{
    if (l->digest.text[0] && t->digest.text[0] && !digest_eq(&l->digest, &t->digest))
        return error_set(err, E_BAD_INPUT, "its bytes have the digest %s, the manifest says %s",
                         t->digest.text, l->digest.text);
    if (l->size_known && t->digest.text[0] && t->blob_bytes != l->size)
        return error_set(err, E_BAD_INPUT, "it has %ju bytes, the manifest says %ju",
                         (uintmax_t)t->blob_bytes, (uintmax_t)l->size);
    if (t->complete && l->diff_id.text[0] && !digest_eq(&l->diff_id, &t->diff_id))
        return error_set(err, E_BAD_INPUT, "its tar has the diff_id %s, the config says %s", t->diff_id.text,
                         l->diff_id.text);
    return 0;
}

/* What a lane brought: into the image when it can be trusted, and into the store when it is whole. */
static int accept(struct scan *s, struct layer_read *r)
{
    const struct image_layer *l = &image_info(s->image)->layers[r->index];
    struct inventory *inv = &s->inventories[r->index];
    struct str bytes;
    struct error broken = {0};
    int rc = keep(s, buf_str(&r->inventory), &bytes);
    if (rc < 0)
        return rc;
    bool readable = inventory_get(bytes, s->arena, inv, &broken) == 0;
    if (!r->source_failed && verify(l, &inv->totals, &broken) < 0) {
        *inv = (struct inventory){0};
        return add_layer_problem(s, r->index, &broken);
    }
    if (r->result < 0)
        return add_layer_problem(s, r->index, &r->error); /* what was found before the damage stays */
    if (!readable)
        return add_layer_problem(s, r->index, &broken);
    bool named = l->digest.text[0] || l->diff_id.text[0];
    if (!inv->totals.complete || !named)
        return 0;
    struct error unstored;
    if (store_inventory_put(s->store, &inv->totals.digest, &inv->totals.diff_id,
                            str_of(s->aliases.fingerprint), bytes, &unstored) < 0)
        return add_problem(s, unstored.code, STR("store"), str_of(unstored.text));
    return 0;
}

/* Reads the layers whose inventory is not there yet. */
static int read_layers(struct scan *s)
{
    size_t n = s->result->layers.len;
    struct lanes_work work = {.image = s->image,
                              .progress = s->options->progress,
                              .workers = s->options->workers,
                              .layer_tar_max = s->options->layer_tar_max};
    if (!work.workers)
        work.workers = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    work.aliases = s->aliases.known.ptr;
    work.aliases_count = s->aliases.known.len;
    work.reads = memory_new((n ? n : 1) * sizeof *work.reads);
    for (unsigned i = 0; i < n; i++) {
        if (s->result->layers.ptr[i].cached)
            continue;
        work.reads[work.count++] = (struct layer_read){.index = i, .inventory = buf_make(INVENTORY_MAX)};
        if (work.progress)
            work.progress->bytes_total += s->result->layers.ptr[i].size;
    }
    if (work.progress) {
        work.progress->layers_total = (unsigned)n;
        work.progress->layers_known = (unsigned)(n - work.count);
    }
    int rc = work.count ? lanes_run(&work, s->worker, s->err) : 0;
    s->weakness = work.weakness ? work.weakness : s->weakness;
    for (size_t i = 0; i < work.count; i++) {
        if (rc == 0)
            rc = accept(s, &work.reads[i]);
        buf_done(&work.reads[i].inventory);
    }
    free(work.reads);
    return rc;
}

static int load_inventories(struct scan *s)
{
    for (unsigned i = 0; i < s->result->layers.len && !s->options->fresh; i++) {
        int rc = recall(s, i);
        if (rc < 0)
            return rc;
    }
    return read_layers(s);
}

/* 1: there is something to be read under another name. */
static int learn_aliases(struct scan *s, const struct merged *merged)
{
    int rc = aliases_learn(&s->aliases, merged, s->arena);
    if (rc == ALIASES_TOO_MANY)
        return add_problem(s, E_LIMIT, s->result->reference, STR("too many links to package databases"));
    return rc < 0 ? no_room(s) : rc == ALIASES_NEW;
}

/* Files behind links that cross layers are found by reading again, which is kept under a fingerprint of its
   own; each round knows what those before it learned, so that chains of links are followed. */
static int merge(struct scan *s, struct merged *merged)
{
    int rc = merge_layers(s->inventories, s->result->layers.len, s->arena, merged, s->err);
    for (int round = 0; rc == 0 && round < ALIAS_ROUNDS; round++) {
        rc = learn_aliases(s, merged);
        if (rc <= 0)
            break; /* nothing new: what the links lead to does not exist */
        vec_each (&s->result->layers, l)
            l->cached = false;
        rc = load_inventories(s);
        if (rc == 0)
            rc = merge_layers(s->inventories, s->result->layers.len, s->arena, merged, s->err);
    }
    return rc;
}

static int collect_problems(struct scan *s, const struct merged *merged)
{
    int rc = 0;
    for (unsigned i = 0; i < s->result->layers.len; i++) {
        vec_each (&s->inventories[i].problems, p) {
            struct str name;
            CLEANUP(buf_done) struct buf where = buf_make(KIB(8));
            rc = layer_name(s, i, &name);
            buf_printf(&where, p->where.len ? "%.*s: %.*s" : "%.*s%.*s", STR_ARG(name), STR_ARG(p->where));
            if (rc == 0)
                rc = add_problem(s, p->code, buf_str(&where), p->text);
            if (rc < 0)
                return rc;
        }
    }
    vec_each (&merged->problems, p) {
        rc = add_problem(s, p->code, p->where, p->text);
        if (rc < 0)
            return rc;
    }
    s->result->weakness = s->weakness;
    return 0;
}

/* A report is about what is installed. */
static void keep_installed(struct merged *merged)
{
    size_t n = 0;
    vec_each (&merged->packages, p)
        if (!p->residual)
            merged->packages.ptr[n++] = *p;
    merged->packages.len = n;
}

static int assess(struct scan *s)
{
    struct merged merged;
    int rc = merge(s, &merged);
    if (rc == 0)
        rc = collect_problems(s, &merged);
    if (rc < 0)
        return rc;
    struct distribution d = distribution_of(merged.releases, s->arena);
    keep_installed(&merged);
    s->result->packages.ptr = merged.packages.ptr;
    s->result->packages.len = merged.packages.len;
    s->result->namespace = d.namespace;
    s->result->distribution = d.name;
    if (!merged.packages.len && !s->result->problems.len)
        rc = add_problem(s, E_NOT_FOUND, s->result->reference,
                         STR("no package database that limpid reads: nothing was judged"));
    if (rc < 0 || s->options->packages_only)
        return rc;
    if (s->options->before_judging && d.namespace.len)
        rc = s->options->before_judging(s->options->before_judging_ctx, d.namespace, s->err);
    if (rc == 0)
        rc = judge(s->result, s->store, s->arena, s->err);
    return rc;
}

int scan_image(const char *source, const struct scan_options *options, struct store *store,
               struct arena *arena, struct scan_result *ret, struct error *err)
{
    struct scan s = {.options = options, .store = store, .arena = arena, .result = ret, .err = err};
    *ret = (struct scan_result){.reference = str_of(source)};
    if (options->progress)
        options->progress->reference = source;
    detectors_fingerprint(s.aliases.fingerprint, sizeof s.aliases.fingerprint);
    s.worker = worker_new();
    int rc = image_open(&s.image, source, &options->image, s.worker, err);
    if (rc == 0)
        rc = describe_image(&s);
    if (rc == 0)
        rc = load_inventories(&s);
    if (rc == 0)
        rc = assess(&s);
    image_free(s.image);
    worker_free(s.worker);
    return rc;
}
