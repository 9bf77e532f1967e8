/* Red Hat's list of its repositories and of which products packages from them are:
   {"data": {"rhel-9-for-x86_64-baseos-rpms": {"cpes": ["cpe:/o:redhat:enterprise_linux:9::baseos", …]}, …}}. */
#include "base/limits.h"
#include "feed/publishers.h"
#include "format/json.h"
#include "model/vendor.h"

struct list {
    struct json json;
    struct feed_sink *sink;
    struct error *err;
    struct buf name, products;
    size_t repositories;
};

static int tell(struct list *l, const char *text)
{
    char shown[ADVISORY_TEXT_MAX + 1];
    return l->sink->problem
               ? l->sink->problem(l->sink, str_of(str_printable(buf_str(&l->name), shown, sizeof shown)),
                                  text, l->err)
               : 0;
}

/* What is no product of Red Hat's is left out. */
static void add_product(struct buf *products, struct str cpe)
{
    struct str product = vendor_redhat_product(cpe);
    if (products->failed || !advisory_word_valid(product) || str_has_word(buf_str(products), product))
        return;
    if (products->len)
        buf_add_char(products, ' ');
    buf_add(products, product);
}

static int cpes_read(struct list *l)
{
    struct str cpe;
    int rc = json_array(&l->json);
    while (rc > 0 && (rc = json_item(&l->json)) > 0) {
        rc = json_string(&l->json, &cpe);
        if (rc > 0)
            add_product(&l->products, cpe);
        rc = rc < 0 ? rc : 1;
    }
    return rc;
}

static int repository_read(struct list *l)
{
    struct str key;
    int rc = json_object(&l->json);
    buf_clear(&l->products);
    while (rc > 0 && (rc = json_key(&l->json, &key)) > 0)
        if (str_eq(key, STR("cpes"))) {
            rc = cpes_read(l);
            rc = rc < 0 ? rc : 1;
        }
    if (rc < 0)
        return rc;
    if (!advisory_word_valid(buf_str(&l->name)))
        return tell(l, "a repository without a proper name");
    if (l->products.failed)
        return tell(l, "more products than one repository may have");
    l->repositories++;
    return l->sink->repository
               ? l->sink->repository(l->sink, buf_str(&l->name), buf_str(&l->products), l->err)
               : 0;
}

static int data_read(struct list *l)
{
    struct str key;
    int rc = json_object(&l->json);
    while (rc > 0 && (rc = json_key(&l->json, &key)) > 0) {
        buf_clear(&l->name);
        buf_add(&l->name, key.len > ADVISORY_TEXT_MAX ? STR("") : key);
        rc = repository_read(l);
        rc = rc < 0 ? rc : 1;
    }
    return rc;
}

static int list_read(struct list *l)
{
    struct str key;
    int rc = json_object(&l->json);
    while (rc > 0 && (rc = json_key(&l->json, &key)) > 0)
        if (str_eq(key, STR("data"))) {
            rc = data_read(l);
            rc = rc < 0 ? rc : 1;
        }
    if (rc == 0)
        rc = json_end(&l->json);
    return rc == 0 && !l->repositories ? error_set(l->err, E_BAD_INPUT, "repositories: the document has none")
                                       : rc;
}

static int repositories_parse(const struct feed *feed, struct reader *in, struct feed_sink *sink,
                              struct error *err)
{
    struct list l = {.sink = sink, .err = err, .name = buf_make(KIB(1)), .products = buf_make(PRODUCTS_MAX)};
    (void)feed;
    json_open(&l.json, in, err);
    int rc = list_read(&l);
    json_close(&l.json);
    buf_done(&l.name);
    buf_done(&l.products);
    return rc;
}

const struct feed redhat_repositories_feed = {
    .name = "redhat-repositories",
    .title = "Red Hat's repositories",
    .version = 1,
    .url = "https://security.access.redhat.com/data/metrics/repository-to-cpe.json",
    .distributions = (const char *const[]){"centos", NULL},
    .link = "",
    .every_seconds = 86400,
    .scheme = "",
    .enriches = true,
    .parse = repositories_parse,
};
