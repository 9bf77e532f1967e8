#include "update/fetch.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "net/http.h"
#include "os/fd.h"
#include "os/file.h"

static int fetch_file(struct str path, struct document *ret, struct error *err)
{
    char name[4096];
    struct stat st;
    if (str_copy(path, name, sizeof name) < 0)
        return error_set(err, E_USAGE, "file://%.*s: not a path", STR_ARG(path));
    AUTO_CLOSE int fd = file_open(name, O_RDONLY, err);
    if (fd < 0)
        return fd;
    if (fstat(fd, &st) < 0)
        return error_sys(err, "%s", name);
    if (!S_ISREG(st.st_mode))
        return error_set(err, E_USAGE, "%s: not a regular file", name);
    ret->changed = st.st_mtime;
    ret->fd = STEAL_FD(fd);
    return 0;
}

struct download {
    int fd;
    struct update_progress *progress;
};

static int take(void *ctx, struct str piece, struct error *err)
{
    struct download *d = ctx;
    int rc = fd_write_all(d->fd, piece, err);
    if (d->progress) {
        d->progress->bytes_done += piece.len;
        if (rc == 0 && d->progress->tick)
            rc = d->progress->tick(d->progress->ctx, d->progress, err);
    }
    return rc;
}

/* "Tue, 24 Nov 2026 20:30:00 GMT" in seconds; 0 when it is none. RFC 9110, 5.6.7. */
static int64_t http_date(const char *text)
{
    struct tm parts = {0};
    const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return end && !*end ? timegm(&parts) : 0;
}

static int fetch_http(struct http **http, const char *url, const struct update_options *options,
                      const struct document_mark *known, struct document *ret, struct error *err)
{
    CLEANUP(http_response_done) struct http_response response = {0};
    const struct http_options http_options = {.ca_file = options->ca_file,
                                              .stall_seconds = options->stall_seconds,
                                              .interrupted = options->interrupted};
    AUTO_CLOSE int fd = file_nameless(options->cache_dir, err);
    if (fd < 0)
        return fd;
    int rc = *http ? 0 : http_new(http, &http_options, err);
    if (rc < 0)
        return rc;
    struct download download = {fd, options->progress};
    const struct http_request request = {
        .url = url,
        .etag = known && known->etag[0] ? known->etag : NULL,
        .last_modified = known && known->last_modified[0] ? known->last_modified : NULL,
        .body_max = FEED_DOWNLOAD_MAX,
        .data = take,
        .ctx = &download,
    };
    rc = http_send(*http, &request, &response, err);
    if (rc < 0)
        return rc;
    if (response.status == 304) {
        ret->unchanged = true;
        return 0;
    }
    if (response.status != 200)
        return error_set(err, response.status == 404 ? E_NOT_FOUND : E_NETWORK, "%s: HTTP status %d", url,
                         response.status);
    struct document_mark *m = &ret->mark;
    if (str_copy(http_header(&response, STR("etag")), m->etag, sizeof m->etag) < 0)
        m->etag[0] = 0; /* too long to be asked with again */
    if (str_copy(http_header(&response, STR("last-modified")), m->last_modified, sizeof m->last_modified) < 0)
        m->last_modified[0] = 0;
    ret->changed = http_date(m->last_modified);
    ret->fd = STEAL_FD(fd);
    return 0;
}

int fetch(struct http **http, const char *url, const struct update_options *options,
          const struct document_mark *known, struct document *ret, struct error *err)
{
    *ret = (struct document){.fd = -1};
    struct str text = str_of(url);
    return str_starts(text, STR("file://")) ? fetch_file(str_skip(text, 7), ret, err)
                                            : fetch_http(http, url, options, known, ret, err);
}
