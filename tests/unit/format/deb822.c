#include "format/deb822.h"

#include "pieces.h"
#include "test.h"

static const struct str names[] = {STR_INIT("Package"), STR_INIT("Status"), STR_INIT("Version"),
                                   STR_INIT("Source")};
#define NAMES (sizeof names / sizeof *names)

/* All stanzas as text, "@offset Package=… Status=… " each, then "bad=N@offset" when there are bad lines. */
static int stanzas(struct str text, size_t step, bool comments, struct buf *out, struct error *err)
{
    struct pieces p;
    struct deb822 d;
    int rc;
    buf_clear(out);
    deb822_open(&d, pieces_init(&p, text, step, err), names, NAMES, err);
    d.comments = comments;
    while ((rc = deb822_next(&d)) > 0) {
        buf_printf(out, "@%ju ", (uintmax_t)d.offset);
        for (size_t i = 0; i < NAMES; i++)
            if (d.values[i].ptr)
                buf_printf(out, "%.*s=" STR_FMT " ", 1, names[i].ptr, STR_ARG(d.values[i]));
    }
    if (d.bad_lines)
        buf_printf(out, "bad=%ju@%ju ", (uintmax_t)d.bad_lines, (uintmax_t)d.bad_offset);
    if (d.unterminated)
        buf_add(out, STR("cut "));
    if (rc < 0)
        assert_int_equal(deb822_next(&d), rc);
    else
        assert_int_equal(deb822_next(&d), 0);
    buf_add_char(out, 0);
    deb822_close(&d);
    return rc;
}

static void check(const char *text, bool comments, const char *want)
{
    struct buf out = buf_make(MIB(1));
    for (size_t step = 1; step < 100; step++) {
        struct error err = {0};
        assert_int_equal(stanzas(str_of(text), step, comments, &out, &err), 0);
        assert_string_equal(out.ptr, want);
    }
    buf_done(&out);
}

TEST(deb822_stanzas)
{
    static const char *const cases[][2] = {
        {"", ""},
        {"\n\n\n", ""},
        {"Package: a\n", "@0 P=a "},
        {"Package: a\n\n", "@0 P=a "},
        {"Package: a\n\nPackage: b\n", "@0 P=a @12 P=b "},
        {"\n\nPackage: a\n\n\n\nPackage: b\n\n\n", "@2 P=a @16 P=b "},
        {"package:a\nVERSION:\t1.0  \n", "@0 P=a V=1.0 "},
        {"Package: a\r\nVersion: 1\r\n\r\nPackage: b\r\n", "@0 P=a V=1 @26 P=b "},
        {"Package : a\n", "@0 P=a "},
        {"Other: x\n", "@0 "},
        {"Package:\nVersion:   \n", "@0 P= V= "},
        {"Package: a:b: c\n", "@0 P=a:b: c "},
        {"Depends: a,\n b,\n\tc\nPackage: a\n", "@0 P=a "},
        {"Source: a\n b\n\tc\n  d\nPackage: e\n", "@0 P=e S=a\nb\nc\n d "},
        {"Source:\n b\n .\n c\n", "@0 S=b\n.\nc "},
        {"Source: a\r\n b\r\n", "@0 S=a\nb "},
        /* a line of blanks does not end a stanza, as for dpkg */
        {"Package: a\n \nVersion: 1\n\n", "@0 P=a V=1 "},
        {"Package: a\nDescription: x\n  \t\n more\nVersion: 1\n\n", "@0 P=a V=1 "},
        {"Package-Type: x\nPackag: y\nPackages: z\nPackage: a\n", "@0 P=a "},
        {"Conffiles:\n /etc/a 123\n Package: evil\nPackage: a\n", "@0 P=a "},
        /* '#' begins a comment only where asked for */
        {"#Package: a\nVersion: 1\n", "@0 V=1 "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(cases[i][0], false, cases[i][1]);
    check("# Version: 2\nPackage: a\n#\nSource: b\n# c\n d\n\n# end\n", true, "@13 P=a S=b\nd ");
}

TEST(deb822_bad_lines)
{
    static const char *const cases[][2] = {
        {"Package: a\nnonsense\nVersion: 1\n", "@0 P=a V=1 bad=1@11 "},
        {"Package: a\nnonsense\n Version: 2\nVersion: 1\n", "@0 P=a V=1 bad=1@11 "},
        {"Package: a\nPackage: b\n c\nVersion: 1\n", "@0 P=a V=1 bad=1@11 "},
        {": a\nPackage: b\n", "@4 P=b bad=1@0 "},
        {"Pack age: a\nPackage: b\n", "@12 P=b bad=1@0 "},
        {" lost\nPackage: b\n", "@6 P=b bad=1@0 "},
        {"Package: a\n\n lost\nPackage: b\nx\ny\n", "@0 P=a @18 P=b bad=3@12 "},
        {"<html>", "bad=1@0 cut "},
        {"Package: a\nVersion: 1.2", "@0 P=a V=1.2 cut "},
        {"Package: a\nVersi", "@0 P=a bad=1@11 cut "},
        {"Package: a\nVersion: 1\n\nnonsense\n", "@0 P=a V=1 bad=1@23 "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(cases[i][0], false, cases[i][1]);
}

static const char sample[] =
    "Package: libssl3\nStatus: install ok installed\nMaintainer: x\nSource: openssl (3.0.11-1)\n"
    "Conffiles:\n /etc/ssl 1234\nVersion: 3.0.11-1+b1\nDescription: a\n b\n .\n c\n\n"
    "Package: tar\nVersion: 1.34+dfsg-1.2\nStatus: deinstall ok config-files\n";

TEST(deb822_truncations)
{
    struct buf out = buf_make(MIB(1)), whole = buf_make(MIB(1));
    struct error err = {0};
    assert_int_equal(stanzas(str_of(sample), 4096, false, &whole, &err), 0);
    for (size_t len = 0; len < sizeof sample - 2; len++) {
        struct str text = {sample, len};
        struct buf same = buf_make(MIB(1));
        assert_int_equal(stanzas(text, 4096, false, &out, &err), 0);
        assert_int_equal(stanzas(text, 1, false, &same, &err), 0);
        assert_string_equal(out.ptr, same.ptr);
        bool cut = len && sample[len - 1] != '\n';
        assert_int_equal(strstr(out.ptr, "cut ") != NULL, cut); /* what ends within a line says so */
        buf_done(&same);
    }
    buf_done(&out);
    buf_done(&whole);
}

TEST(deb822_failing_reads)
{
    struct buf out = buf_make(MIB(1));
    for (size_t at = 1; at < sizeof sample; at++) {
        struct error reader_err = {0}, err = {0};
        struct pieces p;
        struct deb822 d;
        int rc;
        deb822_open(&d, pieces_init(&p, str_of(sample), 1, &reader_err), names, NAMES, &err);
        p.fail_at = at;
        while ((rc = deb822_next(&d)) > 0)
            ;
        assert_int_equal(rc, -E_SYSTEM);
        assert_int_equal(strncmp(err.text, "pieces: broken at ", 18), 0);
        assert_int_equal(deb822_next(&d), -E_SYSTEM);
        deb822_close(&d);
    }
    buf_done(&out);
}

/* "Package: a\nNAME: xxx…\nVersion: 1\n" with `len` times x. */
static int with_field(const char *name, size_t len, struct buf *out, size_t *memory, struct error *err)
{
    struct buf text = buf_make(MIB(200));
    struct pieces p;
    struct deb822 d;
    buf_printf(&text, "Package: a\n%s:", name);
    memset(buf_room(&text, len), 'x', len);
    text.len += len;
    buf_add(&text, STR("\nVersion: 1\n"));
    buf_clear(out);
    deb822_open(&d, pieces_init(&p, buf_str(&text), 4096, err), names, NAMES, err);
    int rc = deb822_next(&d);
    for (size_t i = 0; i < NAMES && rc > 0; i++)
        buf_printf(out, "%zu ", d.values[i].len);
    buf_add_char(out, 0);
    *memory = d.text.cap;
    deb822_close(&d);
    buf_done(&text);
    return rc;
}

TEST(deb822_long_stanza)
{
    struct buf out = buf_make(MIB(2));
    struct error err = {0};
    size_t memory;
    assert_int_equal(with_field("Description", MIB(100), &out, &memory, &err),
                     1); /* not wanted: not stored */
    assert_string_equal(out.ptr, "1 0 1 0 ");
    assert_true(memory < 4096);
    assert_int_equal(with_field("Source", DEB822_STANZA_MAX - 4, &out, &memory, &err), 1); /* " a" and " 1" */
    assert_string_equal(out.ptr, "1 0 1 1048572 ");
    assert_int_equal(with_field("Source", DEB822_STANZA_MAX - 3, &out, &memory, &err), -E_LIMIT);
    assert_string_equal(err.text, "deb822: offset 0: a stanza with more than 1048576 bytes");
    assert_true(memory <= DEB822_STANZA_MAX);
    buf_done(&out);
}

TEST(deb822_long_name)
{
    char name[DEB822_NAME_MAX * 3 + 1];
    struct buf text = buf_make(MIB(1));
    for (size_t len = DEB822_NAME_MAX - 2; len < sizeof name; len++) {
        memset(name, 'n', len);
        name[len] = 0;
        buf_clear(&text);
        buf_printf(&text, "Package: a\n%s: b\nVersion: 1\n%c", name, 0);
        check(text.ptr, false, "@0 P=a V=1 ");
        name[len - 1] = ' '; /* blanks are no part of a name, and so far out nobody looks */
        name[len - 2] = len >= DEB822_NAME_MAX + 2 ? ' ' : 'n';
        buf_clear(&text);
        buf_printf(&text, "Package: a\n%sx: b\nVersion: 1\n%c", name, 0);
        check(text.ptr, false, len < DEB822_NAME_MAX ? "@0 P=a V=1 bad=1@11 " : "@0 P=a V=1 ");
    }
    buf_done(&text);
}

TEST(deb822_many_names)
{
    char letters[DEB822_FIELDS_MAX + 4];
    struct str many[DEB822_FIELDS_MAX + 4];
    struct buf text = buf_make(MIB(1));
    for (size_t i = 0; i < sizeof letters; i++) {
        letters[i] = (char)('a' + i);
        many[i] = (struct str){&letters[i], 1};
        buf_printf(&text, "%c: %c\n", letters[i], letters[i]);
    }
    struct error err;
    struct pieces p;
    struct deb822 d;
    deb822_open(&d, pieces_init(&p, buf_str(&text), 4096, &err), many, sizeof letters, &err);
    assert_int_equal(deb822_next(&d), 1);
    for (size_t i = 0; i < DEB822_FIELDS_MAX; i++)
        assert_true(str_eq(d.values[i], many[i]));
    deb822_close(&d);
    buf_done(&text);
}
