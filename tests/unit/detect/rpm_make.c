#include "rpm_make.h"

#include "base/limits.h"

struct buf corpus_read(const char *path)
{
    char full[4096];
    struct buf all = buf_make(MIB(1));
    size_t got;
    snprintf(full, sizeof full, "%s/tests/corpus/%s", getenv("LIMPID_SOURCE"), path);
    FILE *f = fopen(full, "rb");
    assert_non_null(f);
    while ((got = fread(buf_room(&all, 4096), 1, 4096, f)) > 0)
        all.len += got;
    fclose(f);
    return all;
}

int rpm_notes(int (*packages)(struct detection *d, struct str bytes), struct str bytes, struct notes *ret,
              struct error *err)
{
    struct arena arena = arena_make(DETECTION_MEMORY_MAX);
    *ret = notes_make(err);
    struct detection d = {.sink = &ret->sink, .arena = &arena, .path = STR("the/database"), .err = err};
    char *copy = malloc(bytes.len ? bytes.len : 1); /* so that sanitizers see its end */
    memcpy(copy, bytes.ptr, bytes.len);
    int rc = packages(&d, (struct str){copy, bytes.len});
    if (rc < 0)
        buf_printf(&ret->text, "error: %s\n", err->text);
    buf_add_char(&ret->text, 0);
    free(copy);
    arena_done(&arena);
    return rc;
}

void rpm_expect(int (*packages)(struct detection *d, struct str bytes), struct str bytes, const char *wanted)
{
    struct notes n;
    struct error err = {0};
    rpm_notes(packages, bytes, &n, &err);
    assert_string_equal(n.text.ptr, wanted);
    buf_done(&n.text);
}

void rpm_expect_truncations(int (*packages)(struct detection *d, struct str bytes), struct str bytes,
                            size_t most)
{
    for (size_t len = 0; len < bytes.len; len += len % 509 == 0 ? 1 : 127) {
        struct notes n;
        struct error err = {0};
        int rc = rpm_notes(packages, (struct str){bytes.ptr, len}, &n, &err);
        assert_true(rc == 0 || rc == -E_BAD_INPUT);
        assert_true(n.packages <= most);
        assert_true(rc < 0 || n.problems > 0);
        buf_done(&n.text);
    }
}
