#include "model/inventory.h"

#include "base/limits.h"
#include "base/wire.h"

enum record {
    RECORD_FILE = 1,
    RECORD_RELEASE,
    RECORD_PACKAGE,
    RECORD_PROBLEM,
    RECORD_TOTALS,
    RECORD_REPOSITORY,
    RECORD_ORIGIN
};

void inventory_put_file(struct buf *b, const struct inventory_file *f)
{
    wire_put_num(b, RECORD_FILE);
    wire_put_num(b, f->kind);
    wire_put_str(b, f->path);
    wire_put_str(b, f->target);
    wire_put_str(b, f->detector);
}

void inventory_put_release(struct buf *b, const struct release *r)
{
    wire_put_num(b, RECORD_RELEASE);
    wire_put_str(b, r->id);
    wire_put_str(b, r->version);
    wire_put_str(b, r->codename);
    wire_put_str(b, r->name);
}

void inventory_put_package(struct buf *b, const struct package *p)
{
    wire_put_num(b, RECORD_PACKAGE);
    wire_put_num(b, p->type);
    wire_put_str(b, p->name);
    wire_put_str(b, p->version);
    wire_put_str(b, p->arch);
    wire_put_str(b, str_eq(p->source_name, p->name) ? STR("") : p->source_name);
    wire_put_str(b, str_eq(p->source_version, p->version) ? STR("") : p->source_version);
    wire_put_str(b, p->module);
    wire_put_str(b, p->vendor);
    wire_put_num(b, p->residual);
}

void inventory_put_repository(struct buf *b, struct str name)
{
    wire_put_num(b, RECORD_REPOSITORY);
    wire_put_str(b, name);
}

void inventory_put_origin(struct buf *b, const struct origin *o)
{
    wire_put_num(b, RECORD_ORIGIN);
    wire_put_str(b, o->name);
    wire_put_str(b, o->version);
    wire_put_str(b, o->arch);
    wire_put_str(b, o->repository);
}

void inventory_put_problem(struct buf *b, const struct problem *p)
{
    wire_put_num(b, RECORD_PROBLEM);
    wire_put_num(b, p->code);
    wire_put_str(b, p->where);
    wire_put_str(b, p->text);
}

void inventory_put_totals(struct buf *b, const struct layer_totals *t)
{
    wire_put_num(b, RECORD_TOTALS);
    wire_put_str(b, digest_str(&t->digest));
    wire_put_str(b, digest_str(&t->diff_id));
    wire_put_num(b, t->blob_bytes);
    wire_put_num(b, t->tar_bytes);
    wire_put_num(b, t->entries);
    wire_put_num(b, t->complete);
}

static int too_many(const char *what, size_t max, struct error *err)
{
    return error_set(err, E_LIMIT, "inventory: more than %zu %s", max, what);
}

static int out_of_room(struct error *err)
{
    return error_set(err, E_LIMIT, "inventory: more than this unit of work may keep");
}

static int get_file(struct wire *w, struct arena *arena, struct inventory *inv, struct error *err)
{
    if (inv->files.len >= LAYER_FILES_MAX)
        return too_many("files", LAYER_FILES_MAX, err);
    struct inventory_file *f = vec_push(&inv->files, arena);
    if (!f)
        return out_of_room(err);
    f->kind = (enum file_kind)wire_num(w, FILE_KINDS - 1);
    f->path = wire_str(w, INVENTORY_TEXT_MAX);
    f->target = wire_str(w, INVENTORY_TEXT_MAX);
    f->detector = wire_str(w, 64);
    f->packages_first = inv->packages.len;
    f->repositories_first = inv->repositories.len;
    f->origins_first = inv->origins.len;
    inv->files.len -= w->failed;
    return 0;
}

static int get_release(struct wire *w, struct inventory *inv, struct error *err)
{
    if (!inv->files.len)
        return error_set(err, E_BAD_INPUT, "inventory: a release without its file");
    struct release r = {wire_str(w, INVENTORY_TEXT_MAX), wire_str(w, INVENTORY_TEXT_MAX),
                        wire_str(w, INVENTORY_TEXT_MAX), wire_str(w, INVENTORY_TEXT_MAX)};
    struct inventory_file *f = &inv->files.ptr[inv->files.len - 1];
    f->has_release = !w->failed;
    if (f->has_release)
        f->release = r;
    return 0;
}

static int get_package(struct wire *w, struct arena *arena, struct inventory *inv, struct error *err)
{
    if (!inv->files.len)
        return error_set(err, E_BAD_INPUT, "inventory: a package without its file");
    if (inv->packages.len >= LAYER_PACKAGES_MAX)
        return too_many("packages", LAYER_PACKAGES_MAX, err);
    struct package *p = vec_push(&inv->packages, arena);
    if (!p)
        return out_of_room(err);
    struct inventory_file *f = &inv->files.ptr[inv->files.len - 1];
    p->type = (enum package_type)wire_num(w, PACKAGE_TYPES - 1);
    p->name = wire_str(w, INVENTORY_TEXT_MAX);
    p->version = wire_str(w, INVENTORY_TEXT_MAX);
    p->arch = wire_str(w, INVENTORY_TEXT_MAX);
    p->source_name = wire_str(w, INVENTORY_TEXT_MAX);
    p->source_version = wire_str(w, INVENTORY_TEXT_MAX);
    p->module = wire_str(w, INVENTORY_TEXT_MAX);
    p->vendor = wire_str(w, INVENTORY_TEXT_MAX);
    p->residual = wire_num(w, 1) != 0;
    if (!p->source_name.len)
        p->source_name = p->name;
    if (!p->source_version.len)
        p->source_version = p->version;
    p->path = f->path;
    inv->packages.len -= w->failed;
    f->packages_count += !w->failed;
    return 0;
}

static int get_repository(struct wire *w, struct arena *arena, struct inventory *inv, struct error *err)
{
    if (!inv->files.len)
        return error_set(err, E_BAD_INPUT, "inventory: a repository without its file");
    if (inv->repositories.len >= LAYER_REPOSITORIES_MAX)
        return too_many("repositories", LAYER_REPOSITORIES_MAX, err);
    struct str *name = vec_push(&inv->repositories, arena);
    if (!name)
        return out_of_room(err);
    *name = wire_str(w, INVENTORY_TEXT_MAX);
    inv->repositories.len -= w->failed;
    inv->files.ptr[inv->files.len - 1].repositories_count += !w->failed;
    return 0;
}

static int get_origin(struct wire *w, struct arena *arena, struct inventory *inv, struct error *err)
{
    if (!inv->files.len)
        return error_set(err, E_BAD_INPUT, "inventory: an origin without its file");
    if (inv->origins.len >= LAYER_PACKAGES_MAX)
        return too_many("origins", LAYER_PACKAGES_MAX, err);
    struct origin *o = vec_push(&inv->origins, arena);
    if (!o)
        return out_of_room(err);
    o->name = wire_str(w, INVENTORY_TEXT_MAX);
    o->version = wire_str(w, INVENTORY_TEXT_MAX);
    o->arch = wire_str(w, INVENTORY_TEXT_MAX);
    o->repository = wire_str(w, INVENTORY_TEXT_MAX);
    inv->origins.len -= w->failed;
    inv->files.ptr[inv->files.len - 1].origins_count += !w->failed;
    return 0;
}

static int get_problem(struct wire *w, struct arena *arena, struct inventory *inv, struct error *err)
{
    if (inv->problems.len > LAYER_PROBLEMS_MAX)
        return too_many("problems", LAYER_PROBLEMS_MAX, err);
    struct problem *p = vec_push(&inv->problems, arena);
    if (!p)
        return out_of_room(err);
    p->code = (enum error_code)wire_num(w, E_WORKER);
    p->where = wire_str(w, INVENTORY_TEXT_MAX);
    p->text = wire_str(w, INVENTORY_TEXT_MAX);
    inv->problems.len -= w->failed;
    return 0;
}

static int get_totals(struct wire *w, struct inventory *inv, struct error *err)
{
    struct layer_totals t = {0};
    struct str digest = wire_str(w, DIGEST_TEXT_SIZE), diff_id = wire_str(w, DIGEST_TEXT_SIZE);
    t.blob_bytes = wire_num(w, UINT64_MAX);
    t.tar_bytes = wire_num(w, UINT64_MAX);
    t.entries = wire_num(w, UINT64_MAX);
    t.complete = wire_num(w, 1);
    if (w->failed)
        return 0;
    if ((digest.len && digest_parse(digest, &t.digest) < 0) ||
        (diff_id.len && digest_parse(diff_id, &t.diff_id) < 0))
        return error_set(err, E_BAD_INPUT, "inventory: a digest that is none");
    inv->totals = t;
    return 0;
}

static int get_record(struct wire *w, struct arena *arena, struct inventory *inv, struct error *err)
{
    switch ((enum record)wire_num(w, RECORD_ORIGIN)) {
    case RECORD_FILE:
        return get_file(w, arena, inv, err);
    case RECORD_RELEASE:
        return get_release(w, inv, err);
    case RECORD_PACKAGE:
        return get_package(w, arena, inv, err);
    case RECORD_PROBLEM:
        return get_problem(w, arena, inv, err);
    case RECORD_TOTALS:
        return get_totals(w, inv, err);
    case RECORD_REPOSITORY:
        return get_repository(w, arena, inv, err);
    case RECORD_ORIGIN:
        return get_origin(w, arena, inv, err);
    default:
        w->failed = true;
        return 0;
    }
}

int inventory_get(struct str bytes, struct arena *arena, struct inventory *ret, struct error *err)
{
    struct wire w = wire_make(bytes);
    *ret = (struct inventory){0};
    if (bytes.len > INVENTORY_MAX)
        return error_set(err, E_LIMIT, "inventory: %zu bytes, more than %zu", bytes.len,
                         (size_t)INVENTORY_MAX);
    while (wire_more(&w)) {
        int rc = get_record(&w, arena, ret, err);
        if (rc < 0)
            return rc;
    }
    return w.failed ? error_set(err, E_BAD_INPUT, "inventory: a broken record") : 0;
}
