#include "base/limits.h"
#include "rpm_make.h"

enum { NAME = 1000, VERSION = 1001, RELEASE = 1002, EPOCH = 1003, SOURCERPM = 1044, INT32 = 4, STRING = 6 };

struct entries {
    struct buf index, data;
    uint32_t count;
};

static struct entries entries_make(void)
{
    return (struct entries){.index = buf_make(MIB(4)), .data = buf_make(MIB(4))};
}

static void put32(struct buf *b, uint32_t n)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_add_char(b, (char)(n >> shift));
}

static void put(struct entries *e, uint32_t tag, uint32_t type, struct str value)
{
    const uint32_t numbers[] = {tag, type, (uint32_t)e->data.len, 1};
    for (size_t i = 0; i < 4; i++)
        put32(&e->index, numbers[i]);
    buf_add(&e->data, value);
    if (type != INT32)
        buf_add_char(&e->data, 0);
    e->count++;
}

/* The header as it lies in a database; the entries are done with. */
static struct buf joined(struct entries *e)
{
    struct buf all = buf_make(MIB(8));
    put32(&all, e->count);
    put32(&all, (uint32_t)e->data.len);
    buf_add(&all, buf_str(&e->index));
    buf_add(&all, buf_str(&e->data));
    buf_done(&e->index);
    buf_done(&e->data);
    return all;
}

static int read_header(struct detection *d, struct str bytes)
{
    return rpm_header_package(d, 7, bytes);
}

static void expect_header(struct entries *e, const char *wanted)
{
    struct buf all = joined(e);
    rpm_expect(read_header, buf_str(&all), wanted);
    buf_done(&all);
}

TEST(rpm_header_packages)
{
    static const char *const cases[][2] = {{"rpm_header/openssl", NOTE_OPENSSL},
                                           {"rpm_header/nodejs", NOTE_NODEJS},
                                           {"rpm_header/bash", NOTE_BASH},
                                           {"rpm_header/key", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf bytes = corpus_read(cases[i][0]);
        rpm_expect(read_header, buf_str(&bytes), cases[i][1]);
        for (size_t len = 0; len < bytes.len; len++)
            rpm_expect(read_header, (struct str){bytes.ptr, len},
                       "problem the/database: offset 7: a package's header is damaged\n");
        buf_done(&bytes);
    }
}

TEST(rpm_header_sources)
{
    static const char *const cases[][2] = {
        {"glibc-2.34-60.el9.src.rpm", "glibc 1:2.34-60.el9"},
        {"java-1.8.0-openjdk-1.8.0.362.b09-2.el8.src.rpm", "java-1.8.0-openjdk 1:1.8.0.362.b09-2.el8"},
        {"x-1-2.nosrc.rpm", "x 1:1-2"},
        {"x-1.src.rpm", "a 1:1-2"},
        {"x.src.rpm", "a 1:1-2"},
        {"x--2.src.rpm", "a 1:1-2"},
        {"(none)", "a 1:1-2"},
        {"", "a 1:1-2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char wanted[256];
        struct entries e = entries_make();
        put(&e, NAME, STRING, STR("a"));
        put(&e, VERSION, STRING, STR("1"));
        put(&e, RELEASE, STRING, STR("2"));
        put(&e, EPOCH, INT32, STR("\0\0\0\1"));
        put(&e, SOURCERPM, STRING, str_of(cases[i][0]));
        snprintf(wanted, sizeof wanted, "package a 1:1-2  from %s\n", cases[i][1]);
        expect_header(&e, wanted);
    }
}

TEST(rpm_header_refusals)
{
    struct entries none = entries_make(), nameless = entries_make(), unversioned = entries_make(),
                   odd = entries_make();
    expect_header(&none, "problem the/database: offset 7: a package's header is damaged\n");
    put(&nameless, NAME, INT32, STR("name"));
    put(&nameless, VERSION, STRING, STR("1"));
    expect_header(&nameless, "problem the/database: offset 7: a package without a name\n");
    put(&unversioned, NAME, STRING, STR("a"));
    put(&unversioned, RELEASE, STRING, STR("1"));
    expect_header(&unversioned, "problem the/database: offset 7: package a has no version\n");
    /* the first of a tag counts, a release may be missing, the last text has no end */
    put(&odd, NAME, STRING, STR("a"));
    put(&odd, NAME, STRING, STR("b"));
    put(&odd, VERSION, STRING, STR("1"));
    put(&odd, RELEASE, INT32, STR("4711"));
    put(&odd, EPOCH, STRING, STR("x"));
    expect_header(&odd, "package a 1  from a 1\n");
}

TEST(rpm_header_long_fields)
{
    static char text[PACKAGE_FIELD_MAX + 1];
    memset(text, '9', sizeof text);
    for (size_t n = PACKAGE_FIELD_MAX - 2; n <= PACKAGE_FIELD_MAX - 1; n++) {
        struct error err = {0};
        struct notes notes;
        struct entries e = entries_make();
        put(&e, NAME, STRING, STR("a"));
        put(&e, VERSION, STRING, (struct str){text, n});
        put(&e, RELEASE, STRING, STR("1"));
        struct buf all = joined(&e);
        assert_int_equal(rpm_notes(read_header, buf_str(&all), &notes, &err), 0);
        assert_int_equal(notes.packages, n == PACKAGE_FIELD_MAX - 2);
        assert_int_equal(notes.problems, n != PACKAGE_FIELD_MAX - 2);
        buf_done(&notes.text);
        buf_done(&all);
    }
}

TEST(rpm_header_many_entries)
{
    for (uint32_t n = RPM_HEADER_ENTRIES_MAX; n <= RPM_HEADER_ENTRIES_MAX + 1; n++) {
        struct entries e = entries_make();
        while (e.count < n - 2)
            put(&e, 1028, INT32, STR("size"));
        put(&e, NAME, STRING, STR("a"));
        put(&e, VERSION, STRING, STR("1"));
        expect_header(&e, n == RPM_HEADER_ENTRIES_MAX
                              ? "package a 1  from a 1\n"
                              : "problem the/database: offset 7: a package's header is damaged\n");
    }
}
