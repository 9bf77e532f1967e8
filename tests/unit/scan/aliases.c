#include "scan/aliases.h"

#include "base/limits.h"
#include "test.h"

static void ask(struct merged *m, struct arena *arena, const char *path, const char *wanted)
{
    struct layer_alias *a = vec_push(&m->aliases, arena);
    *a = (struct layer_alias){.path = str_of(path), .wanted = str_of(wanted)};
}

TEST(aliases_of_round_after_round)
{
    struct arena arena = arena_make(MIB(1));
    struct aliases a = {.fingerprint = "detectors"};
    struct merged m = {0};
    assert_int_equal(aliases_learn(&a, &m, &arena), ALIASES_NOTHING_NEW);
    ask(&m, &arena, "mnt/status", "var/lib/dpkg/status");
    assert_int_equal(aliases_learn(&a, &m, &arena), ALIASES_NEW);
    assert_int_equal(aliases_learn(&a, &m, &arena), ALIASES_NOTHING_NEW);
    ask(&m, &arena, "mnt/status", "usr/lib/os-release"); /* the same place, read as another file */
    assert_int_equal(aliases_learn(&a, &m, &arena), ALIASES_NEW);
    assert_int_equal(a.known.len, 2);
    assert_string_equal(a.fingerprint,
                        "detectors mnt/status=var/lib/dpkg/status mnt/status=usr/lib/os-release");
    arena_done(&arena);
}

TEST(aliases_too_many)
{
    struct arena arena = arena_make(MIB(1));
    struct aliases a = {.fingerprint = "detectors"};
    struct merged m = {0};
    static char paths[100][64];
    for (int i = 0; i < 100; i++) {
        snprintf(paths[i], sizeof paths[i], "%060d", i);
        ask(&m, &arena, paths[i], "var/lib/dpkg/status");
    }
    assert_int_equal(aliases_learn(&a, &m, &arena), ALIASES_TOO_MANY);
    assert_string_equal(a.fingerprint, "detectors");
    arena_done(&arena);
}

TEST(aliases_without_room)
{
    struct arena arena = arena_make(MIB(1)), small = arena_make(16);
    struct aliases a = {0};
    struct merged m = {0};
    for (int i = 0; i < 100; i++)
        ask(&m, &arena, "x", i % 2 ? "y" : "z");
    assert_int_equal(aliases_learn(&a, &m, &small), -E_LIMIT);
    arena_done(&small);
    arena_done(&arena);
}
