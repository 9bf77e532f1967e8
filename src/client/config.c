#include "client/config.h"

#include "base/limits.h"
#include "net/url.h"

static bool is_text(const struct yaml_node *n)
{
    return n && n->kind == YAML_TEXT;
}

static const char *text_or_null(const struct yaml_node *n)
{
    return is_text(n) && !yaml_is_null(n) ? n->text.ptr : NULL;
}

/* What is neither true nor false is a path; nothing is true. */
static int read_verify(const struct yaml_node *n, struct config_verify *ret)
{
    bool on = true;
    *ret = (struct config_verify){0};
    if (yaml_is_null(n))
        return 0;
    if (n->kind != YAML_TEXT)
        return -1;
    if (yaml_bool(n, &on) < 0)
        ret->ca_file = n->text.ptr;
    ret->off = !on;
    return 0;
}

/* ---- General ---- */

static int refuse(struct error *err, const struct yaml_node *at, const char *key, const char *what)
{
    return error_set(err, E_USAGE, "General, line %u: %s: %s", at->line, key, what);
}

static int take_url(struct config *c, const struct yaml_node *n, struct error *err)
{
    struct error broken = {0};
    struct url url;
    struct str text = is_text(n) ? n->text : STR("");
    while (str_ends(text, STR("/")))
        text.len--;
    char *copy = arena_alloc_zero(&c->arena, text.len + 1, 1, 1);
    if (!copy)
        return error_set(err, E_LIMIT, "clair_url: too long");
    if (text.len)
        memcpy(copy, text.ptr, text.len);
    if (url_parse(text, &url, &broken) < 0)
        return error_set(err, E_USAGE, "General, line %u: clair_url: %.300s", n->line, broken.text);
    c->clair_url = copy;
    return 0;
}

static int take_whitelist(struct config *c, const struct yaml_node *n, struct error *err)
{
    if (yaml_is_null(n))
        return 0;
    if (n->kind != YAML_LIST)
        return refuse(err, n, "cve_whitelist", "a list of names should stand here");
    vec_each (&n->items, item) {
        if (!is_text(item->value))
            return refuse(err, item->value, "cve_whitelist", "a name should stand here");
        struct str *name = vec_push(&c->cve_whitelist, &c->arena);
        if (!name)
            return error_set(err, E_LIMIT, "cve_whitelist: too long");
        *name = item->value->text;
    }
    return 0;
}

static int take_general(struct config *c, struct str key, const struct yaml_node *n, struct error *err)
{
    char shown[64];
    if (str_eq(key, STR("clair_url")))
        return take_url(c, n, err);
    if (str_eq(key, STR("cve_whitelist")))
        return take_whitelist(c, n, err);
    if (str_eq(key, STR("clair_api_version"))) {
        c->v3 = is_text(n) && !n->quoted && str_eq(n->text, STR("3"));
        return 0;
    }
    if (str_eq(key, STR("html_template"))) {
        c->html_template = text_or_null(n);
        return 0;
    }
    if (str_eq(key, STR("verify")))
        return read_verify(n, &c->verify) < 0
                   ? refuse(err, n, "verify", "true, false or a path of certificates should stand here")
                   : 0;
    return error_set(err, E_USAGE,
                     "General, line %u: unknown key \"%s\"; known are clair_url, clair_api_version, verify, "
                     "html_template and cve_whitelist",
                     n->line, str_printable(key, shown, sizeof shown));
}

int config_read(struct str text, struct config *ret, struct error *err)
{
    struct yaml_node *root = NULL;
    *ret = (struct config){.arena = arena_make(CONFIG_MEMORY_MAX)};
    int rc = yaml_load(text, &ret->arena, &root, err);
    if (rc < 0)
        return rc;
    const struct yaml_node *general = yaml_get(root, STR("General"));
    if (!root)
        return error_set(err, E_USAGE,
                         "the configuration is empty; it needs General with clair_url, and Plugins");
    if (yaml_is_null(general) || general->kind != YAML_MAP)
        return error_set(err, E_NOT_FOUND, "there is no section General");
    ret->plugins = yaml_get(root, STR("Plugins"));
    for (size_t i = 0; i < general->items.len && rc == 0; i++)
        rc = take_general(ret, general->items.ptr[i].key, general->items.ptr[i].value, err);
    if (rc == 0 && !ret->clair_url)
        rc = error_set(err, E_USAGE, "General: clair_url is missing: where the Clair server is");
    return rc;
}

void config_done(struct config *c)
{
    arena_done(&c->arena);
}

/* ---- Plugins ---- */

static int bad_plugin(struct error *err, const struct yaml_node *at, struct str key, const char *what)
{
    char shown[100];
    return error_set(err, E_BAD_INPUT, "line %u: %s: %s", at->line, str_printable(key, shown, sizeof shown),
                     what);
}

static int take_auth(const struct yaml_node *n, struct registry_manner *m, struct error *err)
{
    if (yaml_is_null(n))
        return 0;
    if (n->kind != YAML_LIST || n->items.len != 2 || !is_text(n->items.ptr[0].value) ||
        !is_text(n->items.ptr[1].value))
        return bad_plugin(err, n, STR("auth"), "a list of user name and password should stand here");
    m->username = n->items.ptr[0].value->text.ptr;
    m->password = n->items.ptr[1].value->text.ptr;
    return 0;
}

/* What a registry's entry may say as a plain text. */
struct registry_texts {
    const char *protocol, *token, *token_type, *token_url, *api_prefix;
};

static int take_registry_key(struct config_registry *r, struct registry_texts *t, struct str key,
                             const struct yaml_node *n, struct error *err)
{
    const struct {
        struct str key;
        const char **place;
    } texts[] = {{STR("protocol"), &t->protocol},
                 {STR("token"), &t->token},
                 {STR("token_type"), &t->token_type},
                 {STR("token_url"), &t->token_url},
                 {STR("api_prefix"), &t->api_prefix}};
    if (str_eq(key, STR("auth")))
        return take_auth(n, &r->manner, err);
    if (str_eq(key, STR("verify")))
        return read_verify(n, &r->verify) < 0 ? bad_plugin(err, n, key, "neither a truth value nor a path")
                                              : 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (!str_eq(key, texts[i].key))
            continue;
        if (n->kind != YAML_TEXT)
            return bad_plugin(err, n, key, "a text should stand here");
        *texts[i].place = text_or_null(n);
        return 0;
    }
    return bad_plugin(
        err, n, key,
        "unknown key of a registry; known are auth, verify, protocol, token, token_type, token_url "
        "and api_prefix");
}

/* "Basic dXNlcjpwYXNz" */
static int make_authorization(struct config *c, const struct registry_texts *t, struct registry_manner *m,
                              struct error *err)
{
    const char *type = t->token_type ? t->token_type : "Bearer";
    if (!t->token || !*t->token)
        return 0;
    size_t size = strlen(type) + strlen(t->token) + 2;
    char *text = arena_alloc_zero(&c->arena, size, 1, 1);
    if (!text)
        return error_set(err, E_LIMIT, "token: too long");
    snprintf(text, size, "%s %s", type, t->token);
    m->authorization = text;
    return 0;
}

static int take_registry(struct config *c, const struct yaml_item *item, struct config_registry *r,
                         struct error *err)
{
    struct registry_texts t = {0};
    const struct yaml_node *n = item->value;
    int rc = 0;
    r->domain = item->key;
    if (yaml_is_null(n))
        return 0;
    if (n->kind != YAML_MAP)
        return bad_plugin(err, n, item->key, "what is known of the registry should stand here");
    for (size_t i = 0; i < n->items.len && rc == 0; i++)
        rc = take_registry_key(r, &t, n->items.ptr[i].key, n->items.ptr[i].value, err);
    if (rc < 0)
        return rc;
    if (t.protocol && strcmp(t.protocol, "http") != 0 && strcmp(t.protocol, "https") != 0)
        return bad_plugin(err, n, STR("protocol"), "neither http nor https");
    r->manner.plain = t.protocol && strcmp(t.protocol, "http") == 0;
    r->manner.prefix = t.api_prefix;
    r->manner.token_url = t.token_url;
    r->manner.token_type = t.token_type;
    return make_authorization(c, &t, &r->manner, err);
}

static int take_registries(struct config *c, const struct yaml_node *n, struct config_plugin *p,
                           struct error *err)
{
    if (yaml_is_null(n))
        return 0;
    if (n->kind != YAML_MAP)
        return bad_plugin(err, n, STR("registries"), "names of registries should stand here");
    vec_each (&n->items, item) {
        struct config_registry *r = vec_push(&p->registries, &c->arena);
        int rc = r ? take_registry(c, item, r, err) : error_set(err, E_LIMIT, "registries: too many");
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int take_argument(struct config *c, struct config_plugin *p, const struct yaml_item *item,
                         struct error *err)
{
    struct str key = item->key;
    if (str_eq(key, STR("class")) || p->kind == PLUGIN_ELASTICSEARCH)
        return 0;
    if (p->kind == PLUGIN_DOCKER && str_eq(key, STR("registries")))
        return take_registries(c, item->value, p, err);
    if (p->kind == PLUGIN_HTTP && str_eq(key, STR("verify")) && read_verify(item->value, &p->verify) == 0)
        return 0;
    if (p->kind == PLUGIN_HTTP && str_eq(key, STR("clair_format")) && text_or_null(item->value)) {
        p->clair_format = item->value->text.ptr;
        return 0;
    }
    if (p->kind == PLUGIN_HTTP && str_eq(key, STR("base_url")) && text_or_null(item->value)) {
        p->base_url = item->value->text.ptr;
        return 0;
    }
    return bad_plugin(err, item->value, key, "unknown key, or nothing that can be used");
}

static int read_class(const struct yaml_node *n, struct config_plugin *p, struct error *err)
{
    static const struct str classes[] = {[PLUGIN_DOCKER] = STR_INIT("DockerPlugin"),
                                         [PLUGIN_HTTP] = STR_INIT("HttpPlugin"),
                                         [PLUGIN_ELASTICSEARCH] = STR_INIT("EsPlugin")};
    char shown[100];
    struct str class = n->text;
    size_t dot = str_find_last(class, '.');
    class = str_skip(class, dot < class.len ? dot + 1 : 0);
    for (unsigned i = 0; i < sizeof classes / sizeof *classes; i++) {
        if (str_eq(class, classes[i])) {
            p->kind = i;
            return 0;
        }
    }
    return error_set(err, E_USAGE, "line %u: class: \"%s\" is none of DockerPlugin, HttpPlugin and EsPlugin",
                     n->line, str_printable(n->text, shown, sizeof shown));
}

int config_plugin(struct config *c, struct str name, struct config_plugin *ret, struct error *err)
{
    const struct yaml_node *n = yaml_get(c->plugins, name), *class = yaml_get(n, STR("class"));
    char shown[100];
    if (!n)
        return error_set(err, E_NOT_FOUND, "Plugins: no \"%s\"", str_printable(name, shown, sizeof shown));
    if (!is_text(class))
        return bad_plugin(err, n, name, "its class is missing");
    *ret = (struct config_plugin){0};
    int rc = read_class(class, ret, err);
    for (size_t i = 0; i < n->items.len && rc == 0; i++)
        rc = take_argument(c, ret, &n->items.ptr[i], err);
    if (rc == 0 && ret->kind == PLUGIN_HTTP &&
        (!ret->clair_format || !ret->base_url || !yaml_get(n, STR("verify"))))
        rc = bad_plugin(err, n, name, "it needs clair_format, base_url and verify");
    return rc;
}
