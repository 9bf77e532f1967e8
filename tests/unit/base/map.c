#include "base/map.h"

#include "test.h"

enum { KEYS = 10000 };

TEST(map_many_keys)
{
    struct arena arena = arena_make((size_t)16 << 20);
    struct map m = map_make(&arena);
    static char keys[KEYS][24];
    assert_null(map_get(&m, STR("key 1")));
    for (size_t i = 0; i < KEYS; i++) {
        snprintf(keys[i], sizeof keys[i], "key %zu", i);
        void **at = map_at(&m, str_of(keys[i]));
        assert_non_null(at);
        assert_null(*at);
        *at = keys[i];
        assert_int_equal(m.len, i + 1);
    }
    for (size_t i = 0; i < KEYS; i++) {
        char other[24]; /* the same text elsewhere */
        snprintf(other, sizeof other, "key %zu", i);
        assert_ptr_equal(map_get(&m, str_of(other)), keys[i]);
        void **at = map_at(&m, str_of(other));
        assert_non_null(at);
        assert_ptr_equal(*at, keys[i]);
    }
    assert_int_equal(m.len, KEYS);
    assert_null(map_get(&m, STR("key")));
    assert_null(map_get(&m, STR("key 10000")));
    arena_done(&arena);
}

TEST(map_odd_keys)
{
    struct arena arena = arena_make(1 << 20);
    struct map m = map_make(&arena);
    static const struct str keys[] = {{NULL, 0},
                                      STR_INIT("\0"),
                                      STR_INIT("\0\0"),
                                      STR_INIT("12345678"),
                                      STR_INIT("12345678\0"),
                                      STR_INIT("123456789")};
    for (size_t i = 0; i < 6; i++) {
        void **at = map_at(&m, keys[i]);
        assert_non_null(at);
        assert_null(*at);
        *at = (void *)(uintptr_t)&keys[i];
    }
    for (size_t i = 0; i < 6; i++)
        assert_ptr_equal(map_get(&m, keys[i]), &keys[i]);
    assert_ptr_equal(map_get(&m, STR("")), &keys[0]);
    assert_int_equal(m.len, 6);
    arena_done(&arena);
}

/* What does not fit is refused; what was there stays. */
TEST(map_budget)
{
    struct arena arena = arena_make(2000);
    struct map m = map_make(&arena);
    static char keys[200][8];
    size_t n = 0;
    for (; n < 200; n++) {
        snprintf(keys[n], sizeof keys[n], "%zu", n);
        void **at = map_at(&m, str_of(keys[n]));
        if (!at)
            break;
        *at = keys[n];
    }
    assert_true(n >= 12 && n < 200);
    assert_int_equal(m.len, n);
    for (size_t i = 0; i < n; i++)
        assert_ptr_equal(map_get(&m, str_of(keys[i])), keys[i]);
    assert_null(map_get(&m, str_of(keys[n])));
    arena_done(&arena);
}
