/* What one document may cost. What it says is tested with the feeds: redhat.c. */
#include "feed/csaf.h"

#include "text_sink.h"

static int take(void *ctx, const struct csaf_document *d, const struct csaf_vulnerability *v)
{
    (void)d;
    *(size_t *)ctx += v->count;
    return 0;
}

static int read_all(struct str text, size_t memory, size_t *ret_told, struct error *err)
{
    struct arena arena = arena_make(memory);
    struct csaf_document d;
    struct memory_reader m;
    struct json j;
    *ret_told = 0;
    json_open(&j, memory_reader_init(&m, text, 0, err), err);
    int rc = csaf_read(&j, &arena, take, ret_told, &d, err);
    json_close(&j);
    arena_done(&arena);
    return rc;
}

/* As many products as the largest document has, with ids as long as theirs, fit four times. */
TEST(csaf_huge)
{
    CLEANUP(buf_done) struct buf text = buf_make(MIB(256));
    struct error err = {0};
    size_t told;
    buf_add(&text, STR("{\"product_tree\":{\"relationships\":["));
    for (unsigned i = 0; i < 100000; i++)
        buf_printf(&text,
                   "%s{\"full_product_name\":{\"product_id\":\"AppStream-9.3.0.Z.MAIN:libcurl-debuginfo-0:7."
                   "76.1-%u.el9_3.2.x86_64\"},"
                   "\"product_reference\":\"libcurl-debuginfo-0:7.76.1-%u.el9_3.2.x86_64\","
                   "\"relates_to_product_reference\":\"AppStream-9.3.0.Z.MAIN\"}",
                   i ? "," : "", i, i);
    buf_add(&text, STR("]},\"vulnerabilities\":[{\"product_status\":{\"fixed\":["));
    for (unsigned i = 0; i < 100000; i++)
        buf_printf(&text, "%s\"AppStream-9.3.0.Z.MAIN:libcurl-debuginfo-0:7.76.1-%u.el9_3.2.x86_64\"",
                   i ? "," : "", i);
    buf_add(&text, STR("]}}]}"));
    assert_int_equal(read_all(buf_str(&text), CSAF_MEMORY_MAX / 2, &told, &err), 0);
    assert_int_equal(told, 100000);
    assert_int_equal(read_all(buf_str(&text), MIB(1), &told, &err), -E_LIMIT);
    assert_string_equal(err.text, "csaf: more products than one document may have");
}

/* The same id under several statuses is one product, and a list names it twice without harm. */
TEST(csaf_products_once)
{
    struct error err = {0};
    size_t told;
    assert_int_equal(read_all(STR("{\"vulnerabilities\":[{\"product_status\":{\"fixed\":[\"a\",\"a\"],"
                                  "\"known_affected\":[\"a\",\"b\"]}}]}"),
                              MIB(1), &told, &err),
                     0);
    assert_int_equal(told, 2);
}

TEST(csaf_deep_branches)
{
    CLEANUP(buf_done) struct buf text = buf_make(MIB(1));
    struct error err = {0};
    size_t told;
    buf_add(&text, STR("{\"product_tree\":"));
    for (unsigned i = 0; i < JSON_DEPTH_MAX; i++)
        buf_add(&text, STR("{\"branches\":["));
    assert_int_equal(read_all(buf_str(&text), MIB(1), &told, &err), -E_LIMIT);
}
