/* How fast a package database becomes packages: detect_read PATH FILE [RUNS]. The file stands in a tar in memory under the path
   that makes its detector read it, or is a tar itself when PATH is "-"; packages are counted and thrown away. Prints the median. */
#include "base/limits.h"
#include "detect/layer.h"
#include "measure.h"
#include "stream/memory.h"
#include "stream/tar_write.h"

struct counter {
    struct sink sink;
    unsigned long packages, problems;
};

static int count_file(struct sink *sink, const struct inventory_file *file)
{
    (void)sink, (void)file;
    return 0;
}

static int count_package(struct sink *sink, const struct package *package)
{
    (void)package;
    ((struct counter *)sink)->packages++;
    return 0;
}

static int count_problem(struct sink *sink, const struct problem *problem)
{
    fprintf(stderr, "%.*s: %.*s\n", STR_ARG(problem->where), STR_ARG(problem->text));
    ((struct counter *)sink)->problems++;
    return 0;
}

static struct buf tar_of(const char *path, const char *file)
{
    struct buf tar = buf_make(GIB(1));
    FILE *f = fopen(file, "rb");
    if (!f || fseek(f, 0, SEEK_END) < 0) {
        perror(file);
        exit(1);
    }
    size_t size = (size_t)ftell(f);
    rewind(f);
    const struct tar_entry entry = {.path = str_of(path), .type = TAR_REGULAR, .size = size};
    bool is_tar = strcmp(path, "-") == 0;
    if (!is_tar)
        tar_write_header(&tar, &entry, 0644);
    char *room = buf_room(&tar, size);
    if (!room || fread(room, 1, size, f) != size)
        exit(1);
    fclose(f);
    tar.len += size;
    if (is_tar)
        return tar;
    for (size_t n = tar_write_padding(size); n; n--)
        buf_add_char(&tar, 0);
    tar_write_end(&tar);
    return tar;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: detect_read PATH FILE [RUNS]\n", stderr);
        return 2;
    }
    struct buf tar = tar_of(argv[1], argv[2]);
    long runs = argc > 3 ? strtol(argv[3], NULL, 10) : 9;
    double took[101];
    struct counter c;
    runs = runs < 1 ? 1 : runs > 101 ? 101 : runs;
    for (long i = 0; i < runs; i++) {
        struct error err;
        struct memory_reader m;
        const struct layer_request request = {0};
        uint64_t entries;
        struct reader *in = memory_reader_init(&m, buf_str(&tar), UNPACK_BUFFER, &err);
        c = (struct counter){
            .sink = {.file = count_file, .package = count_package, .problem = count_problem}};
        double start = seconds();
        if (layer_read(in, &request, &c.sink, &entries, &err) < 0) {
            fprintf(stderr, "detect_read: %s\n", err.text);
            return 1;
        }
        took[i] = seconds() - start;
    }
    qsort(took, (size_t)runs, sizeof *took, by_value);
    printf("%-26s %6.2f ms  %lu packages, %.1f MB, %lu problems\n", argv[1], took[runs / 2] * 1e3, c.packages,
           (double)tar.len / 1e6, c.problems);
    buf_done(&tar);
    return 0;
}
