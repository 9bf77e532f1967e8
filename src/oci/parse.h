/* What the parts of the document reader share; not for others. Each function takes the one JSON value that
   comes next; a value of another type than expected counts as absent, so that what is required is looked for
   where it is required. */
#pragma once
#include "format/json.h"
#include "oci/document.h"

struct parse {
    struct json j;
    struct arena *arena;
    struct oci_document *doc;
    struct error *err;
    unsigned seen;      /* bits of the members that were there */
    struct str trouble; /* a sentence of a server that speaks no distribution protocol */
};

int parse_text(struct parse *p, struct str *ret);
int parse_digest(struct parse *p, const char *what, bool strict, struct digest *ret);
int parse_descriptor(struct parse *p, bool in_index, struct oci_descriptor *ret);
int parse_full(struct parse *p, const char *what, size_t max); /* E_LIMIT: more of them than max */
int parse_no_memory(struct parse *p);                          /* E_LIMIT: the arena is at its limit */

/* Schema 1: its two lists as they stand, and, when all is read, their order and meaning of today. */
int schema1_layers(struct parse *p);
int schema1_history(struct parse *p, struct str text, struct oci_history *ret);
int schema1_finish(struct parse *p);
