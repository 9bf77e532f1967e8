/* What one layer says: the files that somebody wanted, what was found in them, links and whiteouts on the way
   to them. In this form it leaves the worker, lies in the store, and is decoded with the suspicion that any
   input gets. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "model/digest.h"
#include "model/package.h"
#include "model/problem.h"

enum file_kind {
    FILE_FOUND,    /* a wanted regular file: its packages and release follow */
    FILE_DAMAGED,  /* one that is too large to be read */
    FILE_FOLDER,   /* a folder above a wanted file: it replaces a link or file of a lower layer */
    FILE_SYMLINK,  /* at a wanted path or at a folder above one; target as written */
    FILE_HARDLINK, /* at a wanted path; target is a path of the same layer */
    FILE_OTHER,    /* something else where a folder above a wanted file should be, or a device in its place */
    FILE_WHITEOUT, /* the path, and all below it, of lower layers is gone */
    FILE_OPAQUE,   /* all below the path in lower layers is gone */
    FILE_KINDS,
};

/* Facts about the distribution from one file; empty slices where the file does not tell. */
struct release {
    struct str id, version, codename, name;
};

struct inventory_file {
    enum file_kind kind;
    struct str path, target;
    struct str detector; /* which one read it: "dpkg" */
    bool has_release;
    struct release release;
    size_t packages_first, packages_count;         /* in inventory.packages */
    size_t repositories_first, repositories_count; /* in inventory.repositories */
    size_t origins_first, origins_count;           /* in inventory.origins */
};

/* From which repository a package was installed, whoever has it in his database. */
struct origin {
    struct str name, version, arch, repository;
};

/* How the layer's bytes turned out. */
struct layer_totals {
    struct digest digest,
        diff_id; /* of the blob as read, and of its tar; "" where it was not read to the end */
    uint64_t blob_bytes, tar_bytes, entries;
    bool complete; /* read to the end: without it the inventory must not be kept */
};

struct inventory {
    VEC(struct inventory_file)
    files; /* in the layer's order; a later one of the same path replaces the earlier */
    VEC(struct package) packages;
    /* From where the image's packages may be: Red Hat's content sets ("rhel-9-for-x86_64-baseos-rpms") and products (CPEs),
       Ubuntu's services that are enabled ("esm-infra"). */
    VEC(struct str) repositories;
    VEC(struct origin) origins;
    VEC(struct problem) problems;
    struct layer_totals totals;
};

/* Each adds a record. Packages, repositories, origins and a release belong to the file put before them. */
void inventory_put_file(struct buf *b, const struct inventory_file *f);
void inventory_put_release(struct buf *b, const struct release *r);
void inventory_put_package(struct buf *b, const struct package *p);
void inventory_put_repository(struct buf *b, struct str name);
void inventory_put_origin(struct buf *b, const struct origin *o);
void inventory_put_problem(struct buf *b, const struct problem *p);
void inventory_put_totals(struct buf *b, const struct layer_totals *t);

/* Reads records. Texts point into `bytes`, arrays are of the arena. What comes before a broken record stays
   in *ret. E_BAD_INPUT, or E_LIMIT for more than base/limits.h allows. */
int inventory_get(struct str bytes, struct arena *arena, struct inventory *ret, struct error *err);
