#include "image/registry_explain.h"

#include "base/limits.h"
#include "image/document.h"
#include "os/clock.h"

void registry_reason(struct worker *worker, const struct http_response *response, char *ret, size_t size)
{
    struct str body = str_trim(buf_str(&response->refusal));
    struct arena arena = arena_make(OCI_ARENA_MAX);
    struct oci_document doc = {.kind = OCI_ERRORS};
    struct error err = {0};
    char code[64], message[200];
    *ret = 0;
    if (str_starts(body, STR("{")) && document_read(worker, body, OCI_ERRORS, &arena, &doc, &err) == 0 &&
        doc.errors.len) {
        str_printable(doc.errors.ptr[0].code, code, sizeof code);
        str_printable(doc.errors.ptr[0].message, message, sizeof message);
        snprintf(ret, size, " (%s%s%s)", code, *code && *message ? ": " : "", message);
    }
    arena_done(&arena);
}

static int denied(const struct registry_refusal *about, const char *reason, struct error *err)
{
    const char *next =
        about->logged_in ? "it does not accept these credentials for it; log in again with" : "log in with";
    return error_set(err, E_DENIED, "%s/%s: %s is denied%s; %s \"docker login %s\", or check the name%s%s",
                     about->host, about->repository, about->what, reason, next, about->host,
                     *about->note ? "; " : "", about->note);
}

static int busy(const struct http_response *response, const struct registry_refusal *about,
                const char *reason, struct error *err)
{
    char pause[64] = "";
    int64_t seconds = http_retry_after(http_header(response, STR("retry-after")), clock_seconds());
    if (seconds > 0)
        snprintf(pause, sizeof pause, ", for %jd seconds", (intmax_t)seconds);
    return error_set(err, E_NETWORK, "%s allows no more requests for now%s%s; try later%s, or use a mirror",
                     about->host, pause, reason, about->logged_in ? "" : ", log in");
}

int registry_explain(struct worker *worker, const struct http_response *response,
                     const struct registry_refusal *about, struct error *err)
{
    char reason[300];
    registry_reason(worker, response, reason, sizeof reason);
    switch (response->status) {
    case 401:
    case 403:
        return denied(about, reason, err);
    case 404:
        return error_set(err, E_NOT_FOUND, "%s/%s has no %s%s", about->host, about->repository, about->what,
                         reason);
    case 429:
        return busy(response, about, reason, err);
    default:
        return error_set(err, E_NETWORK, "%s/%s: %s: the registry answers %d%s", about->host,
                         about->repository, about->what, response->status, reason);
    }
}
