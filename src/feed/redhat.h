/* Red Hat's documents, https://security.access.redhat.com/data/csaf/v2/vex/: what products and components are called in them,
   and what they become here. */
#pragma once
#include "base/arena.h"
#include "feed/csaf.h"
#include "feed/feed.h"

/* What an id of a document's products stands for: a package in a product. */
struct redhat_component {
    unsigned release;   /* of RHEL: 9; 0: any */
    struct str product; /* "openshift:4.16::el9"; "" RHEL itself, see struct advisory */
    struct str name;
    struct str evr;    /* "1:3.0.7-28.el9_4"; "" none is named */
    struct str arch;   /* "x86_64", "src"; "" none is named */
    struct str module; /* "nodejs:18"; "" none */
};

/* 1; 0: nothing that an rpm database knows, *ret_problem says why where that is not as it should be, else it is NULL;
   E_LIMIT beyond the arena. */
int redhat_component_of(const struct csaf_product *p, struct arena *arena, struct redhat_component *ret,
                        const char **ret_problem, struct error *err);
/* A product as its CPE names it: in *ret behind the vendor, "" for RHEL itself, and its release of RHEL (0: it tells none).
   0; -1: another vendor's, or no CPE 2.2. */
int redhat_product_of(struct str cpe, struct str *ret, unsigned *ret_release);
/* What a remediation or resolution, "Will not fix", says of what is not fixed. */
enum advisory_status redhat_unfixed_status(struct str remedy);
/* Whether anybody can be harmed by a package of that name: not by what debuggers read. */
bool redhat_is_program(struct str name);
/* Whether a package holds a kernel that can run, by its name: "kernel-rt-core" does, "kernel-headers" does not. */
bool redhat_is_kernel(struct str name);

/* Gives all rows of a vulnerability to the sink. */
int redhat_rows_give(struct feed_sink *sink, struct arena *arena, const struct csaf_document *d,
                     const struct csaf_vulnerability *v, struct error *err);
