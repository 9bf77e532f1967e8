#include "client/target.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/memory.h"
#include "net/url.h"
#include "stream/digest.h"

/* ---- layers and their names ---- */

enum { SHORT = 12 };

static int full(struct error *err)
{
    return error_set(err, E_LIMIT, "an image with too many layers, or too long names");
}

int target_name_layers(struct target *t, struct error *err)
{
    CLEANUP(buf_done) struct buf all = buf_make((size_t)OCI_LAYERS_MAX * DIGEST_TEXT_SIZE);
    uint8_t hash[32];
    vec_each (&t->layers, l)
        buf_add(&all, digest_str(&l->digest));
    int rc = buf_finish(&all, "digests", err);
    if (rc < 0)
        return rc;
    sha256_of(buf_str(&all), hash);
    struct digest whole = digest_of_bytes(hash, sizeof hash);
    vec_each (&t->layers, l) {
        char name[DIGEST_TEXT_SIZE + SHORT + 2];
        snprintf(name, sizeof name, "%s_%.*s", l->digest.text, SHORT, whole.text + strlen("sha256:"));
        if (arena_str(&t->arena, str_of(name), &l->name) < 0)
            return full(err);
    }
    return 0;
}

/* Each digest once: a layer can have only one parent. */
static int take_layers(struct target *t, const struct image_info *info, struct error *err)
{
    struct map seen = map_make(&t->arena);
    t->digest = info->digest;
    for (size_t i = 0; i < info->layers_count; i++) {
        const struct image_layer *from = &info->layers[i];
        void **place = map_at(&seen, digest_str(&from->digest));
        if (!place)
            return full(err);
        if (*place)
            continue;
        *place = &info->layers[i];
        struct target_layer *l = vec_push(&t->layers, &t->arena);
        if (!l || arena_str(&t->arena, str_of(from->created_by), &l->created_by) < 0)
            return full(err);
        l->digest = from->digest;
    }
    if (!t->layers.len)
        return error_set(err, E_UNSUPPORTED, "an image without layers: there is nothing to look at");
    return target_name_layers(t, err);
}

/* ---- images ---- */

static void note_refused(const struct registry_refused *r, struct trouble *trouble)
{
    static const enum trouble_kind what[] = {[REFUSED_NOT] = TROUBLE_OTHER,
                                             [REFUSED_REQUEST] = TROUBLE_MANIFEST,
                                             [REFUSED_TOKEN] = TROUBLE_TOKEN,
                                             [REFUSED_UNCLEAR] = TROUBLE_TOKEN_URL,
                                             [REFUSED_BASE] = TROUBLE_BASE};
    trouble->what = what[r->by];
    trouble->status = r->status;
    memcpy(trouble->reason, r->reason, sizeof trouble->reason);
    memcpy(trouble->url, r->url, sizeof trouble->url);
}

/* `verify`, as the options of requests say it. */
static void apply_verify(struct target *t, const struct config_verify *verify, const char *host)
{
    if (verify->ca_file)
        t->options.ca_file = verify->ca_file;
    if (!verify->off)
        return;
    snprintf(t->insecure, sizeof t->insecure, "%s", host);
    t->options.insecure = t->insecure;
}

static int open_image(struct target *t, const char *host, const struct target_options *o,
                      struct worker *worker, struct trouble *trouble, struct error *err)
{
    struct reference image;
    struct registry_refused refused = {0};
    if (reference_parse(str_of(host), &image, err) < 0) {
        trouble->what = TROUBLE_NAME;
        return -(int)err->code;
    }
    t->place.reference = image;
    int rc = o->plugin ? config_place(o->plugin, &image, &t->arena, &t->place, err) : 0;
    if (rc < 0)
        return rc;
    apply_verify(t, &t->place.verify, t->place.reference.host);
    const struct registry_remote_request request = {.reference = t->place.reference,
                                                    .manner = &t->place.manner,
                                                    .options = &t->options,
                                                    .commands = o->commands,
                                                    .refused = &refused};
    rc = registry_remote_open(&t->remote, &request, worker, err);
    if (rc < 0)
        note_refused(&refused, trouble);
    return rc < 0 ? rc : take_layers(t, registry_remote_info(t->remote), err);
}

/* ---- archives ---- */

static bool is_url(const char *text)
{
    return strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;
}

/* "a/b.tar.gz" is called b. */
static struct str archive_name(struct str url)
{
    static const struct str ends[] = {STR_INIT(".tar.gz"), STR_INIT(".tgz")};
    struct str name = str_skip(url, str_find_last(url, '/') < url.len ? str_find_last(url, '/') + 1 : 0);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (str_ends(name, ends[i]))
            return (struct str){name.ptr, name.len - ends[i].len};
    return name;
}

static int ask_for_archive(struct target *t, struct trouble *trouble, struct error *err)
{
    struct http_response response = {0};
    const struct http_request request = {.method = "HEAD", .url = t->url.ptr};
    int rc = http_send(t->http, &request, &response, err);
    if (rc == 0 && response.status != 200) {
        trouble->what = TROUBLE_FILE;
        trouble->status = response.status;
        memcpy(trouble->reason, response.reason, sizeof trouble->reason);
        rc = error_set(err, response.status == 404 ? E_NOT_FOUND : E_NETWORK,
                       "%.*s: the web server answers %d", STR_ARG(t->url), response.status);
    }
    http_response_done(&response);
    return rc;
}

static int open_archive(struct target *t, const char *host, const struct target_options *o,
                        struct trouble *trouble, struct error *err)
{
    CLEANUP(buf_done) struct buf url = buf_make(URL_MAX);
    struct url parts = {0};
    const char *base = o->plugin ? o->plugin->base_url : "";
    buf_printf(&url, "%s%s%s", base, *base && !str_ends(str_of(base), STR("/")) ? "/" : "", host);
    int rc = buf_finish(&url, "URL", err);
    if (rc == 0)
        rc = url_parse(buf_str(&url), &parts, err);
    if (rc < 0)
        return rc;
    buf_add_char(&url, 0);
    struct target_layer *l = vec_push(&t->layers, &t->arena);
    if (!l || url.failed || arena_str(&t->arena, buf_str(&url), &t->url) < 0)
        return full(err);
    t->url.len--;
    l->name = archive_name(t->url);
    l->created_by = t->url;
    if (!l->name.len)
        return error_set(err, E_USAGE, "%.*s: no name of an archive at its end", STR_ARG(t->url));
    if (o->plugin) {
        char name[REFERENCE_HOST_MAX + 8];
        str_copy(parts.host, name, sizeof name);
        apply_verify(t, &o->plugin->verify, name);
    }
    const struct http_options http = {.ca_file = t->options.ca_file,
                                      .client_cert = t->options.client_cert,
                                      .client_key = t->options.client_key,
                                      .insecure = t->options.insecure,
                                      .stall_seconds = (unsigned)t->options.timeout_seconds,
                                      .interrupted = t->options.interrupted};
    rc = http_new(&t->http, &http, err);
    return rc < 0 ? rc : ask_for_archive(t, trouble, err);
}

/* ---- both ---- */

int target_open(struct target **ret, const char *host, const struct target_options *options,
                struct worker *worker, struct trouble *trouble, struct error *err)
{
    CLEANUP(target_freep) struct target *t = memory_new(sizeof *t);
    bool archive = options->plugin ? options->plugin->kind == PLUGIN_HTTP : is_url(host);
    *trouble = (struct trouble){0};
    t->arena = arena_make(2 * OCI_ARENA_MAX);
    t->options = *options->image;
    t->host = str_of(host);
    t->format = archive && options->plugin ? options->plugin->clair_format : "Docker";
    int rc = archive ? open_archive(t, host, options, trouble, err)
                     : open_image(t, host, options, worker, trouble, err);
    if (rc < 0)
        return rc;
    *ret = STEAL(t);
    return 0;
}

int target_path(struct target *t, const struct target_layer *layer, struct buf *ret, struct error *err)
{
    if (t->remote)
        return registry_remote_url(t->remote, &layer->digest, ret, err);
    buf_clear(ret);
    buf_add(ret, t->url);
    return buf_finish(ret, "URL", err);
}

int target_authorization(struct target *t, bool fresh, char **ret, struct error *err)
{
    *ret = NULL;
    return t->remote ? registry_remote_authorization(t->remote, fresh, ret, err) : 0;
}

void target_hang_up(struct target *t)
{
    if (t->remote)
        registry_remote_free(STEAL(t->remote));
    http_free(STEAL(t->http));
}

void target_free(struct target *t)
{
    target_hang_up(t);
    arena_done(&t->arena);
    free(t);
}
