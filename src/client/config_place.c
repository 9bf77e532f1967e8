/* Which of the configured registries an image's is, and its templates filled in. */
#include "base/limits.h"
#include "client/config.h"

#define DOCKER_HUB "docker.io"

struct names {
    struct str name, repository, domain;
};

static const struct config_registry *find(const struct config_plugin *p, struct str domain)
{
    for (size_t i = p->registries.len; i; i--)
        if (str_eq(p->registries.ptr[i - 1].domain, domain))
            return &p->registries.ptr[i - 1];
    return NULL;
}

/* Under one of the names that Docker Hub has had. */
static const struct config_registry *find_hub(const struct config_plugin *p)
{
    static const struct str names[] = {STR_INIT("registry.hub.docker.com"), STR_INIT(DOCKER_HUB),
                                       STR_INIT("index.docker.io"), STR_INIT("registry-1.docker.io")};
    const struct config_registry *r = NULL;
    for (size_t i = 0; !r && i < sizeof names / sizeof *names; i++)
        r = find(p, names[i]);
    return r;
}

static bool placeholder(const struct names *n, struct str word, struct str *ret)
{
    const struct {
        struct str word, value;
    } known[] = {{STR("image.name"), n->name},
                 {STR("image.repository"), n->repository},
                 {STR("registry.domain"), n->domain}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_eq(word, known[i].word)) {
            *ret = known[i].value;
            return true;
        }
    return false;
}

/* Python's format: "{word}" stands for something, "{{" and "}}" for a brace. */
static int fill(const char *template, const struct names *n, struct buf *out, struct error *err)
{
    char shown[100];
    for (struct str left = str_of(template); left.len;) {
        char c = *left.ptr;
        bool brace = c == '{' || c == '}', twice = brace && left.len > 1 && left.ptr[1] == c;
        if (!brace || twice) {
            buf_add_char(out, c);
            left = str_skip(left, twice ? 2 : 1);
            continue;
        }
        bool whole = c == '{' && str_find(left, '}') < left.len;
        left = str_skip(left, 1);
        struct str word = str_cut(&left, '}'), value;
        if (!whole)
            return error_set(err, E_USAGE, "\"%s\": a brace without its other half", template);
        if (!placeholder(n, word, &value))
            return error_set(err, E_USAGE,
                             "\"{%s}\" stands for nothing; known are {image.name}, {image.repository} and "
                             "{registry.domain}",
                             str_printable(word, shown, sizeof shown));
        buf_add(out, value);
    }
    return buf_finish(out, "URL", err);
}

static int expand(const char **place, const struct names *n, struct arena *arena, struct error *err)
{
    CLEANUP(buf_done) struct buf out = buf_make(URL_MAX);
    struct str text;
    if (!*place)
        return 0;
    int rc = fill(*place, n, &out, err);
    buf_add_char(&out, 0);
    if (rc == 0 && (rc = buf_finish(&out, "URL", err)) == 0 && arena_str(arena, buf_str(&out), &text) < 0)
        rc = error_set(err, E_LIMIT, "URL: no memory");
    if (rc == 0)
        *place = text.ptr;
    return rc;
}

int config_place(const struct config_plugin *plugin, const struct reference *image, struct arena *arena,
                 struct config_place *ret, struct error *err)
{
    struct str host = str_of(image->host), domain = host, label = str_cut(&domain, '.');
    bool hub = str_eq(host, STR(DOCKER_HUB));
    const struct config_registry *r = hub ? find_hub(plugin) : find(plugin, domain);
    struct names names = {.name = str_of(image->repository), .repository = label, .domain = domain};
    *ret = (struct config_place){.reference = *image};
    if (hub || !r) {
        names.repository = STR("");
        names.domain = host;
        r = hub ? r : find(plugin, host);
    }
    if (!r)
        return 0;
    if (hub && !str_eq(r->domain, host))
        names.domain = r->domain;
    ret->verify = r->verify;
    ret->manner = r->manner;
    if (str_copy(names.domain, ret->reference.host, sizeof ret->reference.host) < 0)
        return error_set(err, E_USAGE, "the registry's name is too long");
    int rc = expand(&ret->manner.prefix, &names, arena, err);
    return rc < 0 ? rc : expand(&ret->manner.token_url, &names, arena, err);
}
