/* How a detector plugs in: one file with a `const struct detector`, one line in detectors.c. It says which
   files it wants and reads one of them; it knows neither where the bytes come from nor where its results go. */
#pragma once
#include "base/arena.h"
#include "model/inventory.h"
#include "model/want.h"
#include "stream/reader.h"

/* Takes what is found; filled by the worker's job, by tests, by fuzz targets. Everything is borrowed for the
   call. < 0 stops the reading. */
struct sink {
    int (*file)(struct sink *s, const struct inventory_file *f);
    int (*release)(struct sink *s, const struct release *r);
    int (*package)(struct sink *s, const struct package *p);
    int (*repository)(struct sink *s, struct str name);
    int (*origin)(struct sink *s, const struct origin *o);
    int (*problem)(struct sink *s, const struct problem *p);
};

/* What a detector keeps of a layer's files until the layer ends, for others that belong to them. */
struct keep {
    struct arena arena;
    void *data; /* in the arena; NULL: nothing */
};
void keep_drop(struct keep *k);

/* One wanted file under the eyes of its detector. */
struct detection {
    struct sink *sink;
    struct arena *arena; /* for this file; emptied after it */
    struct keep *keep;   /* for this layer */
    struct str path;
    uint64_t size;
    unsigned problems;     /* so far, by detection_problem() */
    unsigned repositories; /* so far, by detection_repository() */
    struct error *err;
};

struct detector {
    const char *name; /* "dpkg" */
    unsigned version; /* raised whenever its results change: it is part of the cache key */
    bool packages;    /* what it reads are databases of packages, not facts about the distribution */
    const char *
        doubt; /* not NULL: its packages count only where no other database was found, and this is told then */
    const struct want *wants; /* ends with WANT_NONE */
    /* Reads the file; < 0 and *d->err when it is damaged: this becomes a problem, and the rest goes on. */
    int (*file)(struct detection *d, struct reader *body);
    /* NULL, or called at the end of a layer of which something is kept; without path and size. */
    int (*end)(struct detection *d);
};

/* Gives a package that was found at this offset of the file to the sink; one that cannot be used (no name, no version, a
   field longer than PACKAGE_FIELD_MAX or of several lines) becomes a problem. Source fields that are empty are filled with the
   package's own. */
int detection_package(struct detection *d, uint64_t offset, struct package *p);
/* Gives the sink a repository that packages of the image may be from; one that cannot be used becomes a problem, and one
   beyond FILE_REPOSITORIES_MAX the file's end. */
int detection_repository(struct detection *d, struct str name);
/* Gives the sink the repository that a package (its name, version and architecture) was installed from; what cannot be used is
   passed over. */
int detection_origin(struct detection *d, const struct package *p, struct str repository);
/* A problem of this file that does not end its reading, but the last of DETECTION_PROBLEMS_MAX does. */
int detection_problem(struct detection *d, uint64_t offset, const char *text);

/* The problem of a text file whose last line has no end: the file may have been cut there. */
int detection_cut(struct detection *d, uint64_t offset);
/* The file's content, in the layer's memory; -1: no room, or the reader failed. */
int detection_whole(struct detection *d, struct reader *body, struct str *ret);

/* The first line of a short file about the distribution, trimmed; "" when it is empty or longer than max. 0 or < 0. */
int detection_first_line(struct detection *d, struct reader *body, size_t max, struct str *ret);

enum { DETECTORS_MAX = 32 };                     /* of the table; a test counts */
extern const struct detector *const detectors[]; /* ends with NULL */
/* Names and versions of all detectors as one text: inventories made by others are read again. */
#define DETECTORS_FINGERPRINT_SIZE 4096
const char *detectors_fingerprint(char *ret, size_t size);
/* The detector and want for a path of an image, or NULL. */
const struct detector *detector_for(struct str path, const struct want **ret_want);
