#include "update/documents.h"

#include <dirent.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/limits.h"
#include "stream/digest.h"

struct finding_files {
    struct documents *found;
    struct arena *arena;
    struct buf state; /* a line for each file: its path, date and size */
    struct error *err;
};

static int no_room(struct error *err)
{
    return error_set(err, E_LIMIT, "more than %d documents", FEED_FILES_MAX);
}

static int add(struct finding_files *f, struct str first, struct str second)
{
    size_t len = first.len + second.len;
    struct str *url = f->found->urls.len < FEED_FILES_MAX ? vec_push(&f->found->urls, f->arena) : NULL;
    char *text = url ? arena_alloc_zero(f->arena, len + 1, 1, 1) : NULL;
    if (!text)
        return no_room(f->err);
    memcpy(text, first.ptr, first.len);
    if (second.len)
        memcpy(text + first.len, second.ptr, second.len);
    *url = (struct str){text, len};
    return 0;
}

static int add_file(struct finding_files *f, const char *path, const struct stat *st)
{
    buf_printf(&f->state, "%s %jd.%ld %jd\n", path, (intmax_t)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
               (intmax_t)st->st_size);
    if (st->st_mtim.tv_sec > f->found->changed)
        f->found->changed = st->st_mtim.tv_sec;
    return add(f, STR("file://"), str_of(path));
}

/* Without the mark of what need not be there. */
static struct str name_of(const char *document)
{
    return str_of(document + (document[0] == '?'));
}

/* The document of that name in a local folder, perhaps packed, or no longer; one that is not there is left out. */
static int add_named(struct finding_files *f, const char *folder, struct str name)
{
    static const char *const endings[] = {"", ".xz", ".gz", ".zst", ".bz2"};
    if (str_ends(name, STR(".gz")))
        name.len -= strlen(".gz");
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char path[4096];
        struct stat st;
        int n = snprintf(path, sizeof path, "%s/" STR_FMT "%s", folder, STR_ARG(name), endings[i]);
        if (n > 0 && n < (int)sizeof path && stat(path, &st) == 0 && S_ISREG(st.st_mode))
            return add_file(f, path, &st);
    }
    return 0;
}

static int is_shown(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

static int in_byte_order(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int add_below(struct finding_files *f, const char *folder, unsigned depth)
{
    struct dirent **entries = NULL;
    int n = scandir(folder, &entries, is_shown, in_byte_order), rc = 0;
    if (n < 0)
        return error_sys(f->err, "%s", folder);
    for (int i = 0; i < n; i++) {
        char path[4096];
        struct stat st;
        int len = snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        free(entries[i]);
        if (rc < 0 || len < 0 || len >= (int)sizeof path || stat(path, &st) < 0)
            continue;
        if (S_ISREG(st.st_mode))
            rc = add_file(f, path, &st);
        else if (S_ISDIR(st.st_mode))
            rc = depth ? add_below(f, path, depth - 1)
                       : error_set(f->err, E_LIMIT, "%s: more than %d folders within folders", path,
                                   FEED_FOLDERS_MAX);
    }
    free(entries);
    return rc;
}

static int add_folder(struct finding_files *f, const struct feed *feed, const char *path)
{
    int rc = 0;
    for (size_t i = 0; feed->documents && feed->documents[i] && rc == 0; i++)
        rc = add_named(f, path, name_of(feed->documents[i]));
    f->found->folder = !feed->documents || (feed->revises && !f->found->urls.len);
    return rc == 0 && f->found->folder ? add_below(f, path, FEED_FOLDERS_MAX) : rc;
}

static int find_local(struct finding_files *f, const struct feed *feed, const char *path)
{
    struct stat st;
    int rc = 0;
    f->found->local = true;
    if (stat(path, &st) < 0)
        return error_sys(f->err, "%s", path);
    if (!S_ISDIR(st.st_mode))
        rc = add_file(f, path, &st);
    else
        rc = add_folder(f, feed, path);
    if (rc == 0 && !f->found->urls.len)
        rc = error_set(f->err, E_NOT_FOUND, "%s: no documents of this feed", path);
    if (rc == 0)
        rc = buf_finish(&f->state, "the list of files", f->err);
    if (rc < 0)
        return rc;
    uint8_t digest[32];
    sha256_of(buf_str(&f->state), digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(f->found->mark + 2 * i, 3, "%02x", digest[i]);
    return 0;
}

int documents_find(struct documents *ret, const struct feed *feed, const char *url, struct arena *arena,
                   struct error *err)
{
    *ret = (struct documents){.root = str_of(url ? url : feed->url)};
    struct finding_files f = {ret, arena, buf_make(FEED_FILES_LIST_MAX), err};
    struct str root = ret->root;
    int rc = 0;
    if (str_starts(root, STR("file://")))
        rc = find_local(&f, feed, root.ptr + strlen("file://"));
    else if (!feed->documents || !str_ends(root, STR("/")))
        rc = add(&f, root, STR(""));
    else
        for (size_t i = 0; feed->documents[i] && rc == 0; i++)
            rc = add(&f, root, name_of(feed->documents[i]));
    buf_done(&f.state);
    return rc;
}

/* "https://host/" */
static struct str origin_of(struct str url)
{
    size_t scheme = str_find(url, '/') + 2, slash = str_find(str_skip(url, scheme), '/');
    return (struct str){url.ptr, scheme + slash + 1 <= url.len ? scheme + slash + 1 : url.len};
}

/* "b.json", "2021/b.xml": no address, nothing that leads out of the folder, nothing that is not a plain path. */
static bool is_path(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] <= ' ' || strchr(":\\?#%\x7f", s.ptr[i]))
            return false;
    if (!s.len || str_starts(s, STR("/")) || str_ends(s, STR("/")))
        return false;
    while (s.len) {
        struct str part = str_cut(&s, '/');
        if (!part.len || str_eq(part, STR(".")) || str_eq(part, STR("..")))
            return false;
    }
    return true;
}

/* A file of the folder that the document at `base` is in. */
static bool is_there(struct str base, struct str path)
{
    char name[4096];
    struct stat st;
    base = str_skip(base, strlen("file://"));
    int n = snprintf(name, sizeof name, STR_FMT STR_FMT, STR_ARG(base), STR_ARG(path));
    return n > 0 && n < (int)sizeof name && stat(name, &st) == 0 && S_ISREG(st.st_mode);
}

/* Of the host of the document that names it, or of the other that the feed has. */
static bool is_of_publisher(const struct feed *feed, struct str base, struct str url)
{
    return str_starts(url, origin_of(base)) ||
           (feed->other_host && str_starts(url, str_of(feed->other_host)));
}

int documents_add(struct documents *d, const struct feed *feed, size_t from, struct str url,
                  struct arena *arena, struct error *err)
{
    struct finding_files f = {.found = d, .arena = arena, .err = err};
    struct str base = d->urls.ptr[from];
    bool relative = is_path(url);
    if (!relative &&
        (d->local || !url.len || memchr(url.ptr, 0, url.len) || !is_of_publisher(feed, base, url)))
        return 0;
    if (relative && d->folder)
        return 1;
    base.len = relative ? str_find_last(base, '/') + 1 : 0;
    if (d->local && !is_there(base, url))
        return 0;
    int rc = add(&f, base, url);
    return rc < 0 ? rc : 1;
}

void documents_reverse(struct documents *d, size_t first)
{
    for (size_t end = d->urls.len; first + 1 < end; first++, end--) {
        struct str swap = d->urls.ptr[first];
        d->urls.ptr[first] = d->urls.ptr[end - 1];
        d->urls.ptr[end - 1] = swap;
    }
}
