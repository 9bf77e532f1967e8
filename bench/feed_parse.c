/* How fast a feed's document becomes packed rows: feed_parse FEED FILE [RUNS]. The file is in memory before
   the clock starts and comes in windows of 256 KiB; the rows are counted and thrown away. Prints the median. */
#include "feed/feed.h"
#include "measure.h"
#include "stream/memory.h"

struct counter {
    struct feed_sink sink;
    unsigned long rows, advisories, problems;
    size_t bytes;
};

static int count_row(struct feed_sink *sink, const struct advisory_row *row, struct error *err)
{
    struct counter *c = (struct counter *)sink;
    (void)err;
    c->rows++;
    c->advisories += row->count;
    c->bytes += row->packed.len;
    return 0;
}

static int count_problem(struct feed_sink *sink, struct str where, const char *text, struct error *err)
{
    struct counter *c = (struct counter *)sink;
    (void)where, (void)text, (void)err;
    c->problems++;
    return 0;
}

int main(int argc, char **argv)
{
    const struct feed *feed = argc > 2 ? feed_find(str_of(argv[1])) : NULL;
    if (!feed) {
        fputs("usage: feed_parse FEED FILE [RUNS]\n", stderr);
        return 2;
    }
    struct str text = whole(argv[2]);
    long runs = argc > 3 ? strtol(argv[3], NULL, 10) : 9;
    double took[101];
    struct counter c;
    runs = runs < 1 ? 1 : runs > 101 ? 101 : runs;
    for (long i = 0; i < runs; i++) {
        struct error err;
        struct memory_reader m;
        struct reader *in = memory_reader_init(&m, text, (size_t)256 << 10, &err);
        c = (struct counter){.sink = {count_row, count_problem}};
        double start = seconds();
        if (feed->parse(feed, in, &c.sink, &err) < 0) {
            fprintf(stderr, "feed_parse: %s\n", err.text);
            return 1;
        }
        took[i] = seconds() - start;
    }
    qsort(took, (size_t)runs, sizeof *took, by_value);
    printf("%-6s %8.1f ms %8.0f MB/s  %lu rows, %lu advisories, %zu bytes packed, %lu problems\n", feed->name,
           took[runs / 2] * 1e3, (double)text.len / 1e6 / took[runs / 2], c.rows, c.advisories, c.bytes,
           c.problems);
    return 0;
}
