#include "client/config.h"

#include "base/limits.h"
#include "test.h"

static struct config config;

/* Reads it: the error's text, or "". */
static const char *read_it(const char *text)
{
    static struct error err;
    err = (struct error){0};
    config_done(&config);
    int rc = config_read(str_of(text), &config, &err);
    assert_int_equal(rc, -(int)err.code);
    return err.text;
}

static enum error_code code_of(const char *text)
{
    struct error err = {0};
    struct config c;
    int rc = config_read(str_of(text), &c, &err);
    config_done(&c);
    return (enum error_code) - rc;
}

#define GENERAL "General:\n  clair_url: 'http://clair:6060/'\n"

TEST(config_general)
{
    assert_string_equal(read_it(GENERAL "  clair_api_version: 3\n  verify: no\n  html_template: /a/b.tpl\n"
                                        "  cve_whitelist:\n  - CVE-2016-9843\n  - CVE-1\nOther: {x: 1}\n"),
                        "");
    assert_string_equal(config.clair_url, "http://clair:6060");
    assert_true(config.v3);
    assert_true(config.verify.off);
    assert_string_equal(config.html_template, "/a/b.tpl");
    assert_int_equal(config.cve_whitelist.len, 2);
    assert_true(str_eq(config.cve_whitelist.ptr[0], STR("CVE-2016-9843")));
    assert_string_equal(
        read_it(GENERAL
                "  clair_api_version: '3'\n  verify: /etc/ssl/my.pem\n  html_template:\n  cve_whitelist:\n"),
        "");
    assert_false(config.v3); /* a text is not the number */
    assert_false(config.verify.off);
    assert_string_equal(config.verify.ca_file, "/etc/ssl/my.pem");
    assert_null(config.html_template);
    assert_int_equal(config.cve_whitelist.len, 0);
    config_done(&config);
}

/* What PAClair says has a code of its own; a sentence stands where it had none. */
TEST(config_refused)
{
    assert_int_equal(code_of("a: [\n"), E_BAD_INPUT);
    assert_int_equal(code_of("Plugins: {}\n"), E_NOT_FOUND);
    assert_int_equal(code_of("- General\n"), E_NOT_FOUND);
    assert_int_equal(code_of("General:\n"), E_NOT_FOUND);
    assert_int_equal(code_of(""), E_USAGE);
    assert_string_equal(read_it("# nothing\n"),
                        "the configuration is empty; it needs General with clair_url, and Plugins");
    assert_string_equal(read_it("General: {verify: true}\n"),
                        "General: clair_url is missing: where the Clair server is");
    assert_string_equal(
        read_it(GENERAL "  colour: red\n"),
        "General, line 3: unknown key \"colour\"; known are clair_url, clair_api_version, verify, "
        "html_template and cve_whitelist");
    assert_string_equal(read_it("General:\n  clair_url: clair:6060\n"),
                        "General, line 2: clair_url: \"clair:6060\" is not a URL");
    assert_string_equal(read_it("General:\n  clair_url: []\n"),
                        "General, line 2: clair_url: \"\" is not a URL");
    assert_string_equal(read_it(GENERAL "  verify: [a]\n"),
                        "General, line 3: verify: true, false or a path of certificates should stand here");
    assert_string_equal(read_it(GENERAL "  cve_whitelist: CVE-1\n"),
                        "General, line 3: cve_whitelist: a list of names should stand here");
    assert_string_equal(read_it(GENERAL "  cve_whitelist: [[CVE-1]]\n"),
                        "General, line 3: cve_whitelist: a name should stand here");
    config_done(&config);
}

TEST(config_budget)
{
    CLEANUP(buf_done) struct buf text = buf_make(2 * CONFIG_MAX);
    struct config c;
    struct error err = {0};
    buf_add(&text, STR("General: ["));
    while (text.len < CONFIG_MAX - 3)
        buf_add(&text, STR("a,"));
    buf_add_char(&text, ']');
    assert_int_equal(config_read(buf_str(&text), &c, &err), -E_LIMIT);
    assert_string_equal(err.text, "YAML: more than 16777216 bytes of memory");
    config_done(&c);
}

/* ---- plugins ---- */

static const char *plugin(const char *text, const char *name, struct config_plugin *ret)
{
    static struct error err;
    char whole[2000];
    err = (struct error){0};
    snprintf(whole, sizeof whole, GENERAL "Plugins:\n%s", text);
    assert_string_equal(read_it(whole), "");
    int rc = config_plugin(&config, str_of(name), ret, &err);
    assert_int_equal(rc, -(int)err.code);
    return err.text;
}

TEST(config_docker)
{
    struct config_plugin p;
    assert_string_equal(plugin("  Docker:\n"
                               "    class: paclair.plugins.docker_plugin.DockerPlugin\n"
                               "    registries:\n"
                               "      r.example:5000:\n"
                               "        auth: [me, 'pass,word']\n"
                               "        verify: /ca.pem\n"
                               "        protocol: http\n"
                               "        token_url: 'x{image.name}'\n"
                               "        api_prefix: /p\n"
                               "      ecr.example: {token: abc, token_type: Basic, verify: false}\n"
                               "      open.example: {token: ''}\n"
                               "      empty.example:\n",
                               "Docker", &p),
                        "");
    assert_int_equal(p.kind, PLUGIN_DOCKER);
    assert_int_equal(p.registries.len, 4);
    const struct config_registry *r = p.registries.ptr;
    assert_true(str_eq(r->domain, STR("r.example:5000")));
    assert_string_equal(r->manner.username, "me");
    assert_string_equal(r->manner.password, "pass,word");
    assert_string_equal(r->verify.ca_file, "/ca.pem");
    assert_true(r->manner.plain);
    assert_string_equal(r->manner.prefix, "/p");
    assert_string_equal(r[1].manner.authorization, "Basic abc");
    assert_true(r[1].verify.off);
    assert_null(r[2].manner.authorization);
    assert_false(r[2].manner.plain);
    config_done(&config);
}

TEST(config_plugins)
{
    struct config_plugin p;
    assert_string_equal(
        plugin("  H: {class: HttpPlugin, clair_format: Docker, base_url: 'http://h/x', verify: false}\n", "H",
               &p),
        "");
    assert_int_equal(p.kind, PLUGIN_HTTP);
    assert_string_equal(p.base_url, "http://h/x");
    assert_string_equal(plugin("  E: {class: a.EsPlugin, hosts: [x], index: y}\n", "E", &p), "");
    assert_int_equal(p.kind, PLUGIN_ELASTICSEARCH);
    assert_string_equal(
        plugin("  H: {class: HttpPlugin, clair_format: Docker, base_url: 'http://h/x'}\n", "H", &p),
        "line 4: H: it needs clair_format, base_url and verify");
    assert_string_equal(plugin("  H: {class: x.HttpPlugins}\n", "H", &p),
                        "line 4: class: \"x.HttpPlugins\" is none of DockerPlugin, HttpPlugin and EsPlugin");
    assert_string_equal(plugin("  H: {class: HttpPlugin}\n", "D", &p), "Plugins: no \"D\"");
    assert_string_equal(plugin("  H: {x: y}\n", "H", &p), "line 4: H: its class is missing");
    assert_string_equal(plugin("  H:\n", "H", &p), "line 4: H: its class is missing");
    assert_string_equal(plugin("  D: {class: DockerPlugin, more: 1}\n", "D", &p),
                        "line 4: more: unknown key, or nothing that can be used");
    config_done(&config);
}

static const char *registry(const char *text)
{
    struct config_plugin p;
    char whole[1000];
    snprintf(whole, sizeof whole, "  D: {class: DockerPlugin, registries: %s}\n", text);
    return plugin(whole, "D", &p);
}

TEST(config_registries_refused)
{
    assert_string_equal(registry("x"), "line 4: registries: names of registries should stand here");
    assert_string_equal(registry("{r: x}"), "line 4: r: what is known of the registry should stand here");
    assert_string_equal(registry("{r: {auth: [a]}}"),
                        "line 4: auth: a list of user name and password should stand here");
    assert_string_equal(registry("{r: {auth: a}}"),
                        "line 4: auth: a list of user name and password should stand here");
    assert_string_equal(registry("{r: {verify: []}}"), "line 4: verify: neither a truth value nor a path");
    assert_string_equal(registry("{r: {protocol: ftp}}"), "line 4: protocol: neither http nor https");
    assert_string_equal(registry("{r: {token: {}}}"), "line 4: token: a text should stand here");
    assert_string_equal(registry("{r: {user: x}}"),
                        "line 4: user: unknown key of a registry; known are auth, verify, protocol, token, "
                        "token_type, token_url and api_prefix");
    config_done(&config);
}

/* ---- an image's registry ---- */

/* "host prefix token_url", or the error. */
static const char *place(const struct config_plugin *p, const char *image)
{
    static char shown[600];
    CLEANUP(arena_done) struct arena arena = arena_make(MIB(1));
    struct config_place at;
    struct reference reference;
    struct error err = {0};
    assert_int_equal(reference_parse(str_of(image), &reference, &err), 0);
    if (config_place(p, &reference, &arena, &at, &err) < 0)
        snprintf(shown, sizeof shown, "%s", err.text);
    else
        snprintf(shown, sizeof shown, "%s %s %s", at.reference.host,
                 at.manner.prefix ? at.manner.prefix : "-", at.manner.token_url ? at.manner.token_url : "-");
    return shown;
}

TEST(config_places)
{
    struct config_plugin p;
    assert_string_equal(plugin("  D:\n    class: DockerPlugin\n    registries:\n"
                               "      a.example: {api_prefix: '/api/{image.repository}', token_url: "
                               "'{registry.domain}/{image.name}?{{}}'}\n"
                               "      b.a.example: {api_prefix: /whole}\n"
                               "      localhost:5000: {token_url: 'x{image.repository}y'}\n"
                               "      bad.example: {api_prefix: '/{image.tag}'}\n"
                               "      cut.example: {api_prefix: '/{image.name'}\n"
                               "      registry.hub.docker.com: {api_prefix: /hub}\n",
                               "D", &p),
                        "");
    assert_string_equal(place(&p, "local.a.example/team/app:1"),
                        "a.example /api/local a.example/team/app?{}");
    assert_string_equal(place(&p, "a.example/app"), "a.example /api/ a.example/app?{}");
    assert_string_equal(place(&p, "b.a.example/app"), "a.example /api/b a.example/app?{}");
    assert_string_equal(place(&p, "c.b.a.example/app"), "b.a.example /whole -");
    assert_string_equal(place(&p, "localhost:5000/app"), "localhost:5000 - xy");
    assert_string_equal(place(&p, "other.example/app"), "other.example - -");
    assert_string_equal(place(&p, "nginx"), "registry.hub.docker.com /hub -");
    assert_string_equal(place(&p, "bad.example/app"),
                        "\"{image.tag}\" stands for nothing; known are {image.name}, {image.repository} and "
                        "{registry.domain}");
    assert_string_equal(place(&p, "cut.example/app"), "\"/{image.name\": a brace without its other half");
    config_done(&config);
}
