/* The objects of API v1: read from a request's body, written into an answer with the fields in Clair's order and empty ones
   left out. */
#pragma once
#include "server/api.h"

struct clair_fix {
    struct str name, namespace, format, version;
};

struct clair_vulnerability {
    struct str name, namespace, description, link, severity, fixed_by;
    struct str metadata; /* JSON, as Go would write it; "" none */
    VEC(struct clair_fix) fixes;
    bool has_fixes; /* FixedIn was there */
};

struct clair_header {
    struct str name, value;
};

struct clair_layer {
    struct str name, path, parent, format;
    VEC(struct clair_header) headers; /* by name */
};

/* Each reads the request's body: 1 with the object in *ret; 0 when its envelope does not have one; < 0 with the answer made. */
int clair_read_layer(struct call *c, struct clair_layer *ret);
int clair_read_vulnerability(struct call *c, struct clair_vulnerability *ret);
int clair_read_fix(struct call *c, struct clair_fix *ret);

void clair_write_member(struct json_writer *w, struct str key, struct str value); /* unless it is empty */
void clair_write_layer(struct json_writer *w, const struct clair_layer *layer);
void clair_write_vulnerability(struct json_writer *w, const struct clair_vulnerability *v);
void clair_write_fix(struct json_writer *w, const struct clair_fix *f);
/* What is stored, as API v1 shows it; with its fixes or without. < 0: c->err. */
int clair_of_stored(struct call *c, const struct store_vulnerability *stored, bool fixes,
                    struct clair_vulnerability *ret);
/* "dpkg" for what the namespace's packages are compared by. */
struct str clair_format_of(struct call *c, struct str namespace);
