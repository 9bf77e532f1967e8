/* How fast a JSON document is read: json_read FILE [RUNS]. The file is in memory before the clock starts and
   comes in windows of 256 KiB. Prints the median of each way: every token pulled; the whole skipped. */
#include "format/json.h"
#include "measure.h"
#include "stream/memory.h"

static double once(struct str text, bool skip, unsigned long *tokens)
{
    struct error err;
    struct memory_reader m;
    struct json j;
    int rc;
    double start = seconds();
    json_open(&j, memory_reader_init(&m, text, KIB(256), &err), &err);
    *tokens = 0;
    if (skip)
        rc = json_skip(&j) < 0 ? j.failed : json_end(&j);
    else
        while ((rc = json_next(&j)) > 0)
            ++*tokens;
    double took = seconds() - start;
    json_close(&j);
    if (rc < 0) {
        fprintf(stderr, "json_read: %s\n", err.text);
        exit(1);
    }
    return took;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fputs("usage: json_read FILE [RUNS]\n", stderr);
        return 2;
    }
    struct str text = whole(argv[1]);
    long runs = argc > 2 ? strtol(argv[2], NULL, 10) : 9;
    double took[101];
    unsigned long tokens = 0;
    runs = runs < 1 ? 1 : runs > 101 ? 101 : runs;
    for (int skip = 0; skip < 2; skip++) {
        for (long i = 0; i < runs; i++)
            took[i] = once(text, skip, &tokens);
        qsort(took, (size_t)runs, sizeof *took, by_value);
        printf("%-6s %8.1f ms %8.0f MB/s", skip ? "skip" : "tokens", took[runs / 2] * 1e3,
               (double)text.len / 1e6 / took[runs / 2]);
        if (tokens)
            printf("  %lu tokens", tokens);
        putchar('\n');
    }
    return 0;
}
