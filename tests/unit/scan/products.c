#include "scan/products.h"

#include <unistd.h>

#include "base/limits.h"
#include "store/store.h"
#include "test.h"

struct desk {
    char path[64];
    struct store *store;
    struct arena arena;
    struct error err;
    struct scan_result result;
};

/* A list of repositories as a feed has told it. */
static struct desk desk_make(const char *const (*repositories)[2])
{
    struct desk d = {.path = "/tmp/limpid-products-XXXXXX", .arena = arena_make(MIB(16))};
    bool rebuilt;
    int fd = mkstemp(d.path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(store_open(&d.store, d.path, &rebuilt, &d.err), 0);
    const struct store_feed meta = {.name = STR("list"), .fetched = 1, .enriches = true};
    store_feed_begin(d.store, meta.name);
    for (; repositories && (*repositories)[0]; repositories++)
        assert_int_equal(
            store_feed_repository(d.store, str_of((*repositories)[0]), str_of((*repositories)[1]), &d.err),
            0);
    assert_int_equal(store_feed_end(d.store, &meta, &d.err), 0);
    return d;
}

static void desk_done(struct desk *d)
{
    store_close(d->store);
    unlink(d->path);
    arena_done(&d->arena);
}

static void add(struct desk *d, enum package_type type, const char *repositories)
{
    struct package *p = vec_push(&d->result.packages, &d->arena);
    assert_non_null(p);
    *p = (struct package){.type = type, .name = STR("a"), .repositories = str_of(repositories)};
}

static void add_origin(struct desk *d, const char *origin, const char *repositories)
{
    add(d, PACKAGE_RPM, repositories);
    d->result.packages.ptr[d->result.packages.len - 1].origin = str_of(origin);
}

static void expect(struct desk *d, const char *wanted)
{
    CLEANUP(buf_done) struct buf got = buf_make(MIB(1));
    assert_int_equal(products_assign(&d->result, d->store, &d->arena, &d->err), 0);
    vec_each (&d->result.packages, p)
        buf_printf(&got, STR_FMT "\n", STR_ARG(p->products));
    vec_each (&d->result.problems, p)
        buf_printf(&got, "! " STR_FMT "\n", STR_ARG(p->text));
    buf_add_char(&got, 0);
    assert_string_equal(got.ptr, wanted);
}

static const char *const list[][2] = {
    {"rhel-9-for-x86_64-baseos-rpms", "enterprise_linux:9::baseos"},
    {"rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_4", "rhel_eus:9.4::baseos"},
    {"rhocp-4.16-for-rhel-9-x86_64-rpms", "openshift:4.16::el9 openshift_ironic:4.16::el9"},
    {"nothing-rpms", ""},
    {NULL, NULL}};

TEST(trap_r17_repositories_and_their_parts)
{
    struct desk d = desk_make(list);
    add(&d, PACKAGE_RPM, "rhel-9-for-x86_64-baseos-rpms__9 rhocp-4.16-for-rhel-9-x86_64-rpms");
    add(&d, PACKAGE_RPM, "rhel-9-for-x86_64-baseos-rpms__9 rhocp-4.16-for-rhel-9-x86_64-rpms");
    add(&d, PACKAGE_RPM,
        "rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_4 rhel-9-for-x86_64-baseos-rpms nothing-rpms");
    add(&d, PACKAGE_RPM, "");
    add(&d, PACKAGE_DEB, "esm-infra");
    expect(&d, "enterprise_linux:9::baseos openshift:4.16::el9 openshift_ironic:4.16::el9\n"
               "enterprise_linux:9::baseos openshift:4.16::el9 openshift_ironic:4.16::el9\n"
               "rhel_eus:9.4::baseos enterprise_linux:9::baseos\n\nesm-infra\n");
    desk_done(&d);
}

/* Where a package was installed from says more than where it may be from, if it is known. */
TEST(trap_r23_origins)
{
    struct desk d = desk_make(list);
    add_origin(&d, "rhel-9-for-x86_64-baseos-rpms__9", "rhocp-4.16-for-rhel-9-x86_64-rpms");
    add_origin(&d, "mine", "rhocp-4.16-for-rhel-9-x86_64-rpms");
    add_origin(&d, "mine", "");
    add_origin(&d, "rhel-9-for-x86_64-baseos-rpms", "");
    expect(&d, "enterprise_linux:9::baseos\nopenshift:4.16::el9 "
               "openshift_ironic:4.16::el9\n\nenterprise_linux:9::baseos\n");
    desk_done(&d);
}

/* What the labels name needs no list. */
TEST(products_of_labels)
{
    struct desk d = desk_make(NULL);
    add(&d, PACKAGE_RPM, "cpe:/a:redhat:openshift:4.16::el9");
    add(&d, PACKAGE_RPM, "gone cpe:/a:redhat:openshift:4.16::el9");
    assert_int_equal(products_assign(&d.result, d.store, &d.arena, &d.err), 0);
    vec_each (&d.result.packages, p)
        assert_true(str_eq(p->products, STR("openshift:4.16::el9")));
    assert_int_equal(d.result.problems.len, 1);
    desk_done(&d);
}

TEST(products_unknown_are_told)
{
    struct desk d = desk_make(list);
    add(&d, PACKAGE_RPM, "rhel-9-for-x86_64-baseos-rpms gone-rpms");
    add(&d, PACKAGE_RPM, "gone-rpms lost-rpms__2");
    expect(&d, "enterprise_linux:9::baseos\n\n! 2 repositories that the image names, as gone-rpms, are in no "
               "list: packages "
               "from there were judged as those of the distribution itself (limpid update "
               "redhat-repositories fetches the "
               "list)\n");
    desk_done(&d);
}

TEST(products_too_many)
{
    static char names[40][16], products[40][PRODUCTS_MAX];
    const char *many[41][2] = {{NULL}};
    CLEANUP(buf_done) struct buf asked = buf_make(KIB(4));
    for (int i = 0; i < 40; i++) {
        snprintf(names[i], sizeof names[i], "r%d", i);
        memset(products[i], 'a' + i % 26, PRODUCTS_MAX - 1);
        products[i][0] = (char)('A' + i);
        many[i][0] = names[i];
        many[i][1] = products[i];
        buf_printf(&asked, "%s%s", i ? " " : "", names[i]);
    }
    buf_add_char(&asked, 0);
    struct desk d = desk_make((const char *const(*)[2])many);
    add(&d, PACKAGE_RPM, asked.ptr);
    assert_int_equal(products_assign(&d.result, d.store, &d.arena, &d.err), 0);
    assert_int_equal(d.result.packages.ptr[0].products.len, PACKAGE_PRODUCTS_MAX - 1);
    assert_int_equal(d.result.problems.len, 1);
    desk_done(&d);
}
