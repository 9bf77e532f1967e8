/* TEST(name) { … } defines and registers a cmocka test; main.c runs all of the program's. */
#pragma once
/* cmocka.h needs the others before it. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

struct unit_test {
    const char *name;
    void (*run)(void **state);
    struct unit_test *next;
};
void unit_test_add(struct unit_test *t);

#define TEST(test_name)                                            \
    static void test_name(void **state);                           \
    __attribute__((constructor)) static void add_##test_name(void) \
    {                                                              \
        static struct unit_test t = {#test_name, test_name, NULL}; \
        unit_test_add(&t);                                         \
    }                                                              \
    static void test_name(__attribute__((unused)) void **state)

/* Ends the test here, and says why on the terminal: meson 1.0 takes cmocka's own skip() for a failure. */
#define TEST_SKIP(reason)                                      \
    do {                                                       \
        print_message("# skipped %s: %s\n", __func__, reason); \
        return;                                                \
    } while (0)
