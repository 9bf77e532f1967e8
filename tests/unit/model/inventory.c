#include "model/inventory.h"

#include "base/limits.h"
#include "base/wire.h"
#include "model/purl.h"
#include "test.h"

static void put_sample(struct buf *b)
{
    inventory_put_file(
        b, &(struct inventory_file){.kind = FILE_FOUND, .path = STR("a/b"), .detector = STR("dpkg")});
    inventory_put_package(b, &(struct package){.name = STR("libssl3"),
                                               .version = STR("3.0-1+b1"),
                                               .arch = STR("amd64"),
                                               .source_name = STR("openssl"),
                                               .source_version = STR("3.0-1"),
                                               .module = STR("m:1"),
                                               .vendor = STR("somebody")});
    inventory_put_package(
        b, &(struct package){
               .name = STR("x"), .version = STR("1"), .source_name = STR("x"), .source_version = STR("1")});
    inventory_put_release(b, &(struct release){.id = STR("debian"), .version = STR("12")});
    inventory_put_problem(b, &(struct problem){.code = E_LIMIT, .where = STR("w"), .text = STR("t")});
    struct layer_totals t = {.blob_bytes = 1, .tar_bytes = 2, .entries = 3, .complete = true};
    uint8_t bytes[32] = {1, 2, 3};
    t.digest = t.diff_id = digest_of_bytes(bytes, 32);
    inventory_put_totals(b, &t);
}

TEST(inventory_round_trip)
{
    struct error err = {0};
    struct arena arena = arena_make(MIB(1));
    CLEANUP(buf_done) struct buf b = buf_make(MIB(1));
    struct inventory inv;
    put_sample(&b);
    assert_int_equal(inventory_get(buf_str(&b), &arena, &inv, &err), 0);
    assert_int_equal(inv.files.len, 1);
    assert_int_equal(inv.files.ptr[0].packages_count, 2);
    assert_true(inv.files.ptr[0].has_release);
    assert_true(str_eq(inv.packages.ptr[0].source_version, STR("3.0-1")));
    assert_true(str_eq(inv.packages.ptr[0].module, STR("m:1")));
    assert_true(str_eq(inv.packages.ptr[0].vendor, STR("somebody")));
    assert_true(str_eq(inv.packages.ptr[1].source_name, STR("x")));
    assert_true(str_eq(inv.packages.ptr[1].path, STR("a/b")));
    assert_int_equal(inv.problems.ptr[0].code, E_LIMIT);
    assert_true(inv.totals.complete);
    assert_int_equal(inv.totals.entries, 3);
    arena_done(&arena);
}

TEST(inventory_every_truncation)
{
    struct error err = {0};
    CLEANUP(buf_done) struct buf b = buf_make(MIB(1));
    put_sample(&b);
    for (size_t n = 0; n < b.len; n++) {
        struct arena arena = arena_make(MIB(1));
        struct inventory inv;
        char *copy = malloc(n ? n : 1);
        memcpy(copy, b.ptr, n);
        int rc = inventory_get((struct str){copy, n}, &arena, &inv, &err);
        assert_true(rc == 0 || rc == -E_BAD_INPUT);
        assert_true(inv.packages.len <= 2 && !inv.totals.complete);
        free(copy);
        arena_done(&arena);
    }
}

TEST(inventory_refuses)
{
    struct error err = {0};
    struct arena arena = arena_make(MIB(1));
    CLEANUP(buf_done) struct buf b = buf_make(MIB(1));
    struct inventory inv;
    inventory_put_package(&b, &(struct package){.name = STR("x")});
    assert_int_equal(inventory_get(buf_str(&b), &arena, &inv, &err), -E_BAD_INPUT);
    assert_string_equal(err.text, "inventory: a package without its file");
    assert_int_equal(inventory_get(STR("\x09"), &arena, &inv, &err), -E_BAD_INPUT);
    assert_string_equal(err.text, "inventory: a broken record");
    arena_done(&arena);
}

TEST(inventory_long_text)
{
    struct error err = {0};
    static char text[INVENTORY_TEXT_MAX + 1];
    struct arena arena = arena_make(MIB(1));
    CLEANUP(buf_done) struct buf b = buf_make(MIB(1));
    struct inventory inv;
    for (size_t n = INVENTORY_TEXT_MAX; n <= INVENTORY_TEXT_MAX + 1; n++) {
        buf_clear(&b);
        inventory_put_file(&b, &(struct inventory_file){.kind = FILE_FOUND, .path = {text, n}});
        assert_int_equal(inventory_get(buf_str(&b), &arena, &inv, &err),
                         n > INVENTORY_TEXT_MAX ? -E_BAD_INPUT : 0);
    }
    arena_done(&arena);
}

TEST(inventory_budget)
{
    struct error err = {0};
    struct arena arena = arena_make(MIB(1));
    struct inventory inv;
    struct str huge = {"", INVENTORY_MAX + 1};
    assert_int_equal(inventory_get(huge, &arena, &inv, &err), -E_LIMIT);
    CLEANUP(buf_done) struct buf b = buf_make(INVENTORY_MAX);
    inventory_put_file(&b, &(struct inventory_file){.kind = FILE_FOUND, .path = STR("a")});
    for (size_t i = 0; i < 20000; i++)
        inventory_put_package(&b, &(struct package){.name = STR("x")});
    assert_int_equal(inventory_get(buf_str(&b), &arena, &inv, &err), -E_LIMIT); /* the arena's, not ours */
    arena_done(&arena);
}

TEST(purl_of_a_deb)
{
    CLEANUP(buf_done) struct buf b = buf_make(KIB(1));
    const struct package p = {
        .name = STR("libstdc++6"), .version = STR("1:12.2.0-14+deb12u1"), .arch = STR("amd64")};
    purl_put(&b, &p, STR("debian:12"));
    assert_true(str_eq(
        buf_str(&b), STR("pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12")));
    buf_clear(&b);
    purl_put(&b, &(struct package){.name = STR("a b"), .version = STR("1")}, STR(""));
    assert_true(str_eq(buf_str(&b), STR("pkg:deb/a%20b@1")));
}

static void expect_purl(struct package p, struct str namespace, const char *wanted)
{
    CLEANUP(buf_done) struct buf b = buf_make(KIB(1));
    purl_put(&b, &p, namespace);
    buf_add_char(&b, 0);
    assert_string_equal(b.ptr, wanted);
}

TEST(purl_of_others)
{
    expect_purl((struct package){PACKAGE_APK, STR("openssl"), STR("3.1.4-r0"), STR("x86_64")},
                STR("alpine:v3.18"), "pkg:apk/alpine/openssl@3.1.4-r0?arch=x86_64&distro=alpine-3.18");
    expect_purl((struct package){PACKAGE_APK, STR("openssl"), STR("3.1.4-r0"), STR("x86_64")},
                STR("wolfi:rolling"), "pkg:apk/wolfi/openssl@3.1.4-r0?arch=x86_64&distro=wolfi-rolling");
    expect_purl((struct package){.type = PACKAGE_RPM,
                                 .name = STR("openssl-libs"),
                                 .version = STR("1:1.1.1k-9.el8_7"),
                                 .arch = STR("x86_64"),
                                 .vendor = STR("Red Hat, Inc.")},
                STR("centos:8"),
                "pkg:rpm/redhat/openssl-libs@1.1.1k-9.el8_7?arch=x86_64&distro=centos-8&epoch=1");
    expect_purl((struct package){.type = PACKAGE_RPM, .name = STR("bash"), .version = STR("5.1-1")},
                STR("centos:8"), "pkg:rpm/centos/bash@5.1-1?distro=centos-8");
    expect_purl((struct package){.type = PACKAGE_RPM, .name = STR("bash"), .version = STR("1:5.1-1")},
                STR(""), "pkg:rpm/bash@5.1-1?epoch=1");
    expect_purl((struct package){.type = PACKAGE_RPM, .name = STR("zypper"), .version = STR("1-1")},
                STR("opensuse-leap:15.5"), "pkg:rpm/opensuse/zypper@1-1?distro=opensuse-leap-15.5");
    expect_purl((struct package){PACKAGE_OPKG, STR("libc"), STR("1.2.5-r4"), STR("x86_64")},
                STR("openwrt:23.05.5"), "pkg:opkg/openwrt/libc@1.2.5-r4?arch=x86_64&distro=openwrt-23.05.5");
    expect_purl((struct package){PACKAGE_ALPM, STR("libvpx"), STR("1:1.13.0-1"), STR("x86_64")},
                STR("arch:rolling"), "pkg:alpm/arch/libvpx@1:1.13.0-1?arch=x86_64&distro=arch-rolling");
}

TEST(purl_parts)
{
    static const struct {
        const char *text, *type, *namespace, *name, *version, *arch;
    } cases[] = {
        {"pkg:rpm/redhat/a@1-2?arch=x86_64&epoch=1", "rpm", "redhat", "a", "1-2", "x86_64"},
        {"pkg:rpm/a?epoch=1&arch=src", "rpm", "", "a", "", "src"},
        {"pkg://golang/github.com/x/y@v1#z?arch=a", "golang", "github.com/x", "y", "v1", ""},
        {"pkg:rpm/redhat/libstdc%2B%2B@1?arches=x", "rpm", "redhat", "libstdc%2B%2B", "1", ""},
        {"pkg:rpm/", NULL, NULL, NULL, NULL, NULL},
        {"pkg:/a", NULL, NULL, NULL, NULL, NULL},
        {"rpm/redhat/a", NULL, NULL, NULL, NULL, NULL},
        {"", NULL, NULL, NULL, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct purl p = {0};
        assert_int_equal(purl_split(str_of(cases[i].text), &p), cases[i].type ? 0 : -1);
        assert_true(str_eq(p.type, str_of(cases[i].type)) && str_eq(p.namespace, str_of(cases[i].namespace)));
        assert_true(str_eq(p.name, str_of(cases[i].name)) && str_eq(p.version, str_of(cases[i].version)));
        assert_true(str_eq(purl_qualifier(&p, STR("arch")), str_of(cases[i].arch)));
    }
}

TEST(purl_decodes)
{
    struct arena arena = arena_make(MIB(1)), none = arena_make(0);
    struct str plain = STR("a+b"), ret;
    assert_int_equal(purl_decode(plain, &none, &ret), 0);
    assert_ptr_equal(ret.ptr, plain.ptr);
    assert_int_equal(purl_decode(STR("a%2Bb%2"), &arena, &ret), 0);
    assert_true(str_eq(ret, STR("a+b%2")));
    assert_int_equal(purl_decode(STR("a%2Bb"), &none, &ret), -1);
    arena_done(&arena);
}
