/* The Common Security Advisory Framework 2.0, https://docs.oasis-open.org/csaf/csaf/v2.0/: what a document says of products,
   whatever the order of its parts. Each id of a product that occurs is one struct, which the tree of products, the
   relationships and the lists of vulnerabilities fill. */
#pragma once
#include "base/arena.h"
#include "base/map.h"
#include "format/json.h"
#include "model/vulnerability.h"

enum { /* of a product, as bits: product_status */
       CSAF_FIXED = 1,
       CSAF_AFFECTED = 2,
       CSAF_NOT_AFFECTED = 4,
       CSAF_INVESTIGATED = 8,
};

struct csaf_product {
    struct str id;
    struct str cpe, purl;              /* how others call it; "" nobody said */
    struct csaf_product *part, *whole; /* it is `part` as a component of `whole`; NULL: no relationship */
    /* Of the vulnerability at hand: */
    unsigned status;   /* CSAF_… */
    struct str remedy; /* the details of a remediation that mends nothing, "Will not fix"; "" none */
    struct str impact; /* the details of its threat, "Moderate"; "" none */
};

struct csaf_ref {
    struct csaf_product *product;
};

struct csaf_vulnerability {
    struct str cve;
    struct vulnerability about; /* its id is `cve` */
    struct csaf_ref *products;  /* those of which it tells a status, each once */
    size_t count;
};

struct csaf_document {
    struct str id;     /* of its tracking: "CVE-2024-6387" */
    struct str status; /* of its tracking: "final"; Red Hat's "deleted" */
    struct str impact; /* of all together, "Moderate" */
    size_t vulnerabilities;
};

/* Takes one vulnerability; products have their cpe, purl and relationships. 0, or < 0 with the reader's *err set. */
typedef int csaf_take(void *ctx, const struct csaf_document *d, const struct csaf_vulnerability *v);

/* Reads the object that follows, with texts of the arena. 0; < 0: E_LIMIT beyond the arena, or that of the JSON. Fields of the
   wrong type are left out. A document whose product tree stands behind several vulnerabilities is E_BAD_INPUT: nobody writes
   such, and all of them would have to be kept. */
int csaf_read(struct json *j, struct arena *arena, csaf_take *take, void *ctx, struct csaf_document *ret,
              struct error *err);
