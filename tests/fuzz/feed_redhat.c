/* A CSAF document, or an archive of such; the first byte chooses which file of the publisher's it is said to be. */
#include "feed_fuzz.h"

static int ignore_text(struct feed_sink *sink, struct str text, struct error *err)
{
    (void)sink, (void)err;
    if (text.len > REDHAT_LIST_MAX)
        abort();
    return 0;
}

/* Lists of documents: they give no rows, and no path that leads elsewhere. */
static int check_path(struct feed_sink *sink, struct str path, struct error *err)
{
    (void)sink, (void)err;
    if (!path.len || *path.ptr == '/' || *path.ptr == '.' || memmem(path.ptr, path.len, "/.", 2))
        abort();
    return 0;
}

static void read_list(const char *name, struct str text)
{
    struct error err = {0};
    struct memory_reader m;
    struct feed_sink sink = {.row = put_row,
                             .problem = put_problem,
                             .about = put_about,
                             .more = check_path,
                             .subject = ignore_text,
                             .remember = ignore_text,
                             .document = {name, strlen(name)},
                             .remembered = STR("2023-10-31")};
    (void)!redhat_feed.parse(&redhat_feed, memory_reader_init(&m, text, 0, &err), &sink, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const lists[] = {"archive_latest.txt", "changes.csv", "deletions.csv"};
    if (size && data[0] < 3)
        read_list(lists[data[0]], (struct str){(const char *)data + 1, size - 1});
    else
        feed_fuzz(&redhat_feed, data, size);
    return 0;
}
