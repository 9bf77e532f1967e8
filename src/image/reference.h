/* The name of an image in a registry, as the distribution project's grammar has it, made explicit:
   "nginx" is docker.io/library/nginx:latest. https://github.com/distribution/reference (regexp.go's grammar)
   and the rules of the distribution specification, "Pulling manifests". */
#pragma once
#include "base/error.h"
#include "model/digest.h"

#define REFERENCE_HOST_MAX       255 /* a DNS name has 253 characters; and a port */
#define REFERENCE_REPOSITORY_MAX 255 /* host and repository together, in Docker's implementation */
#define REFERENCE_TAG_MAX        128

struct reference {
    char host[REFERENCE_HOST_MAX + 8];             /* "docker.io", "localhost:5000", "[::1]:5000" */
    char repository[REFERENCE_REPOSITORY_MAX + 1]; /* "library/nginx" */
    char tag[REFERENCE_TAG_MAX + 1]; /* "latest" when the name has neither tag nor digest; else may be "" */
    struct digest digest;            /* "" when not pinned; it counts, not the tag beside it */
};
#define REFERENCE_TEXT_SIZE 700

/* E_USAGE says which part of the name breaks which rule. */
int reference_parse(struct str text, struct reference *ret, struct error *err);
/* The whole name in dst, at least REFERENCE_TEXT_SIZE bytes; returns dst. */
const char *reference_text(const struct reference *r, char *dst, size_t size);
