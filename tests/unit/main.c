#include <signal.h>

#include "test.h"

static struct unit_test *tests;
static size_t count;

void unit_test_add(struct unit_test *t)
{
    t->next = tests;
    tests = t;
    count++;
}

__attribute__((weak)) void unit_test_worker(void);

/* "worker": the program was executed again by os/worker.c; the folder's tests say what such a worker serves. */
int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* as limpid does */
    if (argc == 2 && strcmp(argv[1], "worker") == 0 && unit_test_worker)
        unit_test_worker();
    struct CMUnitTest *list = calloc(count, sizeof *list);
    size_t i = count;
    for (struct unit_test *t = tests; t; t = t->next)
        list[--i] = (struct CMUnitTest){.name = t->name, .test_func = t->run};
    int failed = _cmocka_run_group_tests("limpid", list, count, NULL, NULL);
    free(list);
    return failed != 0;
}
