#include "base/arena.h"

#include "base/limits.h"
#include "test.h"

TEST(arena_blocks)
{
    struct arena a = arena_make(MIB(4));
    for (size_t size = 1; size < ARENA_BLOCK * 2; size = size * 3 + 1) {
        char *p = arena_alloc(&a, size, 16);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 16, 0);
        memset(p, 1, size);
    }
    arena_done(&a);
}

TEST(arena_limit)
{
    struct arena a = arena_make(100);
    assert_non_null(arena_alloc(&a, 60, 1));
    assert_null(arena_alloc(&a, 41, 1));
    assert_non_null(arena_alloc(&a, 40, 1));
    assert_null(arena_alloc_zero(&a, SIZE_MAX / 2, 3, 1));
    arena_done(&a);
}

TEST(arena_nothing)
{
    struct arena a = arena_make(100);
    struct str copy;
    assert_non_null(arena_alloc(&a, 0, 1));
    assert_int_equal(arena_str(&a, STR(""), &copy), 0);
    assert_int_equal(copy.len, 0);
    arena_done(&a);
}
