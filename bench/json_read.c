/* How fast a JSON document is read: json_read FILE [RUNS]. The file is in memory before the clock starts and
   comes in windows of 256 KiB. Prints the median of each way: every token pulled; the whole skipped. */
#include "base/memory.h"
#include "format/json.h"
#include "stream/memory.h"

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

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

static struct str whole(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END) < 0) {
        perror(path);
        exit(1);
    }
    size_t size = (size_t)ftell(f);
    char *bytes = memory_new(size);
    rewind(f);
    if (fread(bytes, 1, size, f) != size)
        exit(1);
    fclose(f);
    return (struct str){bytes, size};
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
