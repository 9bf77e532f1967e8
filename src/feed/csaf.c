#include "feed/csaf.h"

struct reading {
    struct json *json;
    struct arena *arena;
    struct error *err;
    csaf_take *take;
    void *ctx;
    struct csaf_document *document;
    struct map products; /* id → struct csaf_product */
    struct csaf_vulnerability vulnerability;
    VEC(struct csaf_ref) told;  /* of the vulnerability: those with a status */
    VEC(struct csaf_ref) named; /* by the list at hand */
    bool tree_read;
    size_t waiting; /* vulnerabilities that came before the tree */
};

static int no_room(struct reading *r)
{
    return error_set(r->err, E_LIMIT, "csaf: more products than one document may have");
}

static int text_read(struct reading *r, struct str *ret)
{
    struct str text;
    int rc = json_string(r->json, &text);
    if (rc > 0 && arena_str(r->arena, text, ret) < 0)
        return no_room(r);
    return rc < 0 ? rc : 1;
}

/* The product of an id, which may be told of later. */
static int product_of(struct reading *r, struct str id, struct csaf_product **ret)
{
    struct csaf_product *p = map_get(&r->products, id);
    if (!p) {
        p = arena_new(r->arena, struct csaf_product);
        void **place = p && arena_str(r->arena, id, &p->id) == 0 ? map_at(&r->products, p->id) : NULL;
        if (!place)
            return no_room(r);
        *place = p;
    }
    *ret = p;
    return 1;
}

/* A text that is a product's id; *ret stays as it is where it is none. */
static int product_read(struct reading *r, struct csaf_product **ret)
{
    struct str id;
    int rc = json_string(r->json, &id);
    return rc > 0 ? product_of(r, id, ret) : rc < 0 ? rc : 1;
}

/* A list of ids into r->named. */
static int products_read(struct reading *r)
{
    r->named.len = 0;
    int rc = json_array(r->json);
    while (rc > 0 && (rc = json_item(r->json)) > 0) {
        struct csaf_product *p = NULL;
        rc = product_read(r, &p);
        struct csaf_ref *place = rc > 0 && p ? vec_push(&r->named, r->arena) : NULL;
        if (rc > 0 && p && !place)
            return no_room(r);
        if (place)
            place->product = p;
    }
    return rc < 0 ? rc : 1;
}

/* ---- the tree of products ---- */

struct full_product {
    struct str id, cpe, purl;
};

static int helper_read(struct reading *r, struct full_product *ret)
{
    struct str key;
    int rc = json_object(r->json);
    while (rc > 0 && (rc = json_key(r->json, &key)) > 0) {
        if (str_eq(key, STR("cpe")))
            rc = text_read(r, &ret->cpe);
        else if (str_eq(key, STR("purl")))
            rc = text_read(r, &ret->purl);
    }
    return rc < 0 ? rc : 1;
}

/* A full_product_name_t. *ret: NULL where it has no id. */
static int full_product_read(struct reading *r, struct csaf_product **ret)
{
    struct full_product full = {0};
    struct csaf_product *p = NULL;
    struct str key;
    int rc = json_object(r->json);
    while (rc > 0 && (rc = json_key(r->json, &key)) > 0) {
        if (str_eq(key, STR("product_id")))
            rc = product_read(r, &p);
        else if (str_eq(key, STR("product_identification_helper")))
            rc = helper_read(r, &full);
    }
    if (rc < 0)
        return rc;
    if (p && full.cpe.len)
        p->cpe = full.cpe;
    if (p && full.purl.len)
        p->purl = full.purl;
    *ret = p;
    return 1;
}

static int branch_read(struct reading *r, unsigned *depth)
{
    struct csaf_product *p;
    struct str key;
    int rc = json_key(r->json, &key);
    if (rc == 0) {
        --*depth;
        return 1;
    }
    if (rc > 0 && str_eq(key, STR("product")))
        return full_product_read(r, &p);
    if (rc > 0 && str_eq(key, STR("branches"))) {
        rc = json_array(r->json);
        *depth += rc > 0;
    }
    return rc < 0 ? rc : 1;
}

/* Branches have branches: arrays of objects, each in its turn until the first array ends. The reader bounds the depth. */
static int branches_read(struct reading *r)
{
    unsigned depth = 0; /* odd: in an array; even: in an object of it */
    int rc = json_array(r->json);
    depth += rc > 0;
    while (rc >= 0 && depth) {
        if (depth % 2 == 0) {
            rc = branch_read(r, &depth);
            continue;
        }
        rc = json_item(r->json);
        if (rc == 0) {
            depth--;
            continue;
        }
        if (rc > 0)
            rc = json_object(r->json);
        depth += rc > 0;
    }
    return rc < 0 ? rc : 1;
}

static int relationship_read(struct reading *r)
{
    struct csaf_product *p = NULL, *part = NULL, *whole = NULL;
    struct str key;
    int rc = json_object(r->json);
    while (rc > 0 && (rc = json_key(r->json, &key)) > 0) {
        if (str_eq(key, STR("full_product_name")))
            rc = full_product_read(r, &p);
        else if (str_eq(key, STR("product_reference")))
            rc = product_read(r, &part);
        else if (str_eq(key, STR("relates_to_product_reference")))
            rc = product_read(r, &whole);
    }
    if (rc == 0 && p && part && whole) {
        p->part = part;
        p->whole = whole;
    }
    return rc < 0 ? rc : 1;
}

/* Calls read for each item of a list. */
static int each_read(struct reading *r, int (*read)(struct reading *r))
{
    int rc = json_array(r->json);
    while (rc > 0 && (rc = json_item(r->json)) > 0) {
        rc = read(r);
        if (rc < 0)
            return rc;
        rc = 1;
    }
    return rc < 0 ? rc : 1;
}

static int full_product_name_read(struct reading *r)
{
    struct csaf_product *p;
    return full_product_read(r, &p);
}

static int tree_read(struct reading *r)
{
    struct str key;
    int rc = json_object(r->json);
    while (rc > 0 && (rc = json_key(r->json, &key)) > 0) {
        if (str_eq(key, STR("branches")))
            rc = branches_read(r);
        else if (str_eq(key, STR("full_product_names")))
            rc = each_read(r, full_product_name_read);
        else if (str_eq(key, STR("relationships")))
            rc = each_read(r, relationship_read);
    }
    r->tree_read = true;
    return rc < 0 ? rc : 1;
}

/* ---- a vulnerability ---- */

static unsigned status_of(struct str key)
{
    static const struct {
        struct str name;
        unsigned status;
    } statuses[] = {
        {STR_INIT("fixed"), CSAF_FIXED},
        {STR_INIT("first_fixed"), CSAF_FIXED},
        {STR_INIT("known_affected"), CSAF_AFFECTED},
        {STR_INIT("known_not_affected"), CSAF_NOT_AFFECTED},
        {STR_INIT("under_investigation"), CSAF_INVESTIGATED},
    };
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (str_eq(key, statuses[i].name))
            return statuses[i].status;
    return 0;
}

static int statuses_read(struct reading *r)
{
    struct str key;
    int rc = json_object(r->json);
    while (rc > 0 && (rc = json_key(r->json, &key)) > 0) {
        unsigned status = status_of(key);
        if (!status)
            continue;
        rc = products_read(r);
        vec_each (&r->named, p) {
            struct csaf_ref *place = rc > 0 && !p->product->status ? vec_push(&r->told, r->arena) : NULL;
            if (rc > 0 && !p->product->status && !place)
                return no_room(r);
            if (place)
                *place = *p;
            p->product->status |= status;
        }
    }
    return rc < 0 ? rc : 1;
}

/* An object with a category, details and the products that these are for. Where the category is read first and is not
   wanted, the products are not. */
static int details_read(struct reading *r, const char *const *wanted, struct str *ret)
{
    struct str key, text;
    bool known = false, is_wanted = false;
    *ret = (struct str){0};
    r->named.len = 0;
    int rc = json_object(r->json);
    while (rc > 0 && (rc = json_key(r->json, &key)) > 0) {
        if (str_eq(key, STR("category"))) {
            known = true;
            rc = json_string(r->json, &text);
            for (const char *const *w = wanted; *w && rc > 0; w++)
                is_wanted |= str_eq(text, str_of(*w));
        } else if (str_eq(key, STR("details")) && (is_wanted || !known)) {
            rc = text_read(r, ret);
        } else if (str_eq(key, STR("product_ids")) && (is_wanted || !known)) {
            rc = products_read(r);
        }
        rc = rc < 0 ? rc : 1;
    }
    if (!is_wanted)
        r->named.len = 0;
    return rc < 0 ? rc : 1;
}

static int remediation_read(struct reading *r)
{
    static const char *const wanted[] = {"no_fix_planned", "none_available", NULL};
    struct str details;
    int rc = details_read(r, wanted, &details);
    vec_each (&r->named, p)
        p->product->remedy = details;
    return rc;
}

static int threat_read(struct reading *r)
{
    static const char *const wanted[] = {"impact", NULL};
    struct str details;
    int rc = details_read(r, wanted, &details);
    vec_each (&r->named, p)
        p->product->impact = details;
    return rc;
}

static int note_read(struct reading *r)
{
    struct str key, category = {0}, text = {0};
    int rc = json_object(r->json);
    while (rc > 0 && (rc = json_key(r->json, &key)) > 0) {
        if (str_eq(key, STR("category")))
            rc = text_read(r, &category);
        else if (str_eq(key, STR("text")))
            rc = text_read(r, &text);
    }
    if (rc == 0 && str_eq(category, STR("description")) && !r->vulnerability.about.description.len)
        r->vulnerability.about.description = text;
    return rc < 0 ? rc : 1;
}

static int cvss3_read(struct reading *r)
{
    struct vulnerability *v = &r->vulnerability.about;
    struct str key, number, vector = {0};
    uint64_t tenths;
    int rc = json_object(r->json), score = -1;
    while (rc > 0 && (rc = json_key(r->json, &key)) > 0) {
        if (str_eq(key, STR("vectorString")))
            rc = text_read(r, &vector);
        else if (str_eq(key, STR("baseScore")) && (rc = json_number(r->json, &number)) > 0)
            score = str_decimal(number, 1, 100, &tenths) < 0 ? -1 : (int)tenths;
        rc = rc < 0 ? rc : 1;
    }
    if (rc == 0)
        vulnerability_add_cvss(v, vector, score);
    return rc < 0 ? rc : 1;
}

static int score_read(struct reading *r)
{
    struct str key;
    int rc = json_object(r->json);
    while (rc > 0 && (rc = json_key(r->json, &key)) > 0)
        if (str_eq(key, STR("cvss_v3")))
            rc = cvss3_read(r);
    return rc < 0 ? rc : 1;
}

/* The text of one field of an object. */
static int field_read(struct reading *r, struct str name, struct str *ret)
{
    struct str key;
    int rc = json_object(r->json);
    while (rc > 0 && (rc = json_key(r->json, &key)) > 0)
        if (str_eq(key, name))
            rc = text_read(r, ret);
    return rc < 0 ? rc : 1;
}

static int give(struct reading *r)
{
    r->vulnerability.about.id = r->vulnerability.cve;
    r->vulnerability.products = r->told.ptr;
    r->vulnerability.count = r->told.len;
    r->waiting = 0;
    return r->take(r->ctx, r->document, &r->vulnerability);
}

static int vulnerability_field(struct reading *r, struct str key)
{
    if (str_eq(key, STR("cve")))
        return text_read(r, &r->vulnerability.cve);
    if (str_eq(key, STR("product_status")))
        return statuses_read(r);
    if (str_eq(key, STR("remediations")))
        return each_read(r, remediation_read);
    if (str_eq(key, STR("threats")))
        return each_read(r, threat_read);
    if (str_eq(key, STR("notes")))
        return each_read(r, note_read);
    if (str_eq(key, STR("scores")))
        return each_read(r, score_read);
    return str_eq(key, STR("cwe")) ? field_read(r, STR("id"), &r->vulnerability.about.cwe) : 1;
}

/* What the one before said of products. */
static void forget(struct reading *r)
{
    for (size_t i = 0; i < r->products.cap; i++) {
        struct csaf_product *p = r->products.slots[i].value;
        if (p)
            p->status = 0, p->remedy = p->impact = (struct str){0};
    }
    r->told.len = 0;
}

static int vulnerability_read(struct reading *r)
{
    struct str key;
    int rc = json_object(r->json);
    if (rc <= 0)
        return rc < 0 ? rc : 1;
    if (r->waiting)
        return error_set(r->err, E_BAD_INPUT, "csaf: several vulnerabilities before their products");
    if (r->document->vulnerabilities++)
        forget(r);
    r->vulnerability = (struct csaf_vulnerability){.about = vulnerability_make(STR(""))};
    while ((rc = json_key(r->json, &key)) > 0 && (rc = vulnerability_field(r, key)) > 0)
        ;
    r->waiting = 1;
    return rc < 0 ? rc : r->tree_read ? give(r) : 1;
}

/* ---- the document ---- */

static int tracking_read(struct reading *r)
{
    struct str key;
    int rc = json_object(r->json);
    while (rc > 0 && (rc = json_key(r->json, &key)) > 0) {
        if (str_eq(key, STR("id")))
            rc = text_read(r, &r->document->id);
        else if (str_eq(key, STR("status")))
            rc = text_read(r, &r->document->status);
    }
    return rc < 0 ? rc : 1;
}

static int head_read(struct reading *r)
{
    struct str key;
    int rc = json_object(r->json);
    while (rc > 0 && (rc = json_key(r->json, &key)) > 0) {
        if (str_eq(key, STR("tracking")))
            rc = tracking_read(r);
        else if (str_eq(key, STR("aggregate_severity")))
            rc = field_read(r, STR("text"), &r->document->impact);
    }
    return rc < 0 ? rc : 1;
}

int csaf_read(struct json *j, struct arena *arena, csaf_take *take, void *ctx, struct csaf_document *ret,
              struct error *err)
{
    struct reading r = {.json = j,
                        .arena = arena,
                        .err = err,
                        .take = take,
                        .ctx = ctx,
                        .document = ret,
                        .products = map_make(arena)};
    struct str key;
    *ret = (struct csaf_document){0};
    int rc = json_object(j);
    while (rc > 0 && (rc = json_key(j, &key)) > 0) {
        if (str_eq(key, STR("document")))
            rc = head_read(&r);
        else if (str_eq(key, STR("product_tree")))
            rc = tree_read(&r);
        else if (str_eq(key, STR("vulnerabilities")))
            rc = each_read(&r, vulnerability_read);
    }
    return rc == 0 && r.waiting ? give(&r) : rc;
}
