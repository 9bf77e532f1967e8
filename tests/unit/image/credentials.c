#include "image/credentials.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "os/file.h"
#include "test.h"

/* "USER:PASSWORD helper", "token TOKEN", "-" or the error's text. */
static const char *parsed(const char *json, const char *host, const char *repository)
{
    static char shown[600];
    struct credentials_config c;
    struct error err = {0};
    if (credentials_parse(str_of(json), host, repository, &c, &err) < 0) {
        snprintf(shown, sizeof shown, "%s", err.text);
        return shown;
    }
    const struct credentials *o = &c.own;
    if (o->identity_token)
        snprintf(shown, sizeof shown, "token %s", o->identity_token);
    else if (c.found)
        snprintf(shown, sizeof shown, "%s:%s", o->username, o->password);
    else
        snprintf(shown, sizeof shown, "-");
    size_t n = strlen(shown);
    snprintf(shown + n, sizeof shown - n, "%s%s%s", *c.helper ? " " : "", c.helper, c.helper_must ? "!" : "");
    credentials_done(&c.own);
    return shown;
}

TEST(credentials_keys)
{
    static const struct {
        const char *key, *host, *repository;
        size_t fits;
    } cases[] = {
        {"r.example", "r.example", "a/b", 9},
        {"https://r.example", "r.example", "a/b", 9},
        {"http://r.example/v2/", "r.example", "a/b", 9},
        {"https://r.example/some/path", "r.example", "a/b", 9},
        {"r.example/", "r.example", "a/b", 9},
        {"r.example/v1/", "r.example", "a/b", 9},
        {"r.example/a", "r.example", "a/b", 11},
        {"r.example/a/b", "r.example", "a/b", 13},
        {"r.example/a/b/c", "r.example", "a/b", 0},
        {"r.example/ab", "r.example", "a/b", 0},
        {"r.exampl", "r.example", "a/b", 0},
        {"r.example:5000", "r.example", "a/b", 0},
        {"r.example", "r.example:5000", "a/b", 0},
        {"r.example:5000", "r.example:5000", "a/b", 14},
        {"https://index.docker.io/v1/", "docker.io", "library/nginx", 9},
        {"index.docker.io", "docker.io", "library/nginx", 9},
        {"registry-1.docker.io", "docker.io", "library/nginx", 9},
        {"docker.io/library", "docker.io", "library/nginx", 17},
        {"", "r.example", "a/b", 0},
        {"/", "r.example", "a/b", 0},
        {"https://", "r.example", "a/b", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t fits = credentials_key_fits(str_of(cases[i].key), cases[i].host, cases[i].repository);
        if (fits != cases[i].fits)
            fail_msg("\"%s\" names %zu bytes of %s/%s", cases[i].key, fits, cases[i].host,
                     cases[i].repository);
    }
}

TEST(credentials_of_auths)
{
    assert_string_equal(parsed("{\"auths\":{\"r.example\":{\"auth\":\"bWU6cDp3\"}}}", "r.example", "a"),
                        "me:p:w");
    assert_string_equal(parsed("{\"auths\":{\"r.example\":{\"auth\":\" bWU6cHcA \\n\"}}}", "r.example", "a"),
                        "me:pw");
    assert_string_equal(
        parsed("{\"auths\":{\"r.example\":{\"username\":\"u\",\"password\":\"p\",\"email\":null}}}",
               "r.example", "a"),
        "u:p");
    assert_string_equal(
        parsed("{\"auths\":{\"r.example\":{\"auth\":\"PHRva2VuPjo=\",\"identitytoken\":\"t\"}}}", "r.example",
               "a"),
        "token t");
    assert_string_equal(parsed("{\"auths\":{\"r.example\":{}},\"credsStore\":\"desktop\"}", "r.example", "a"),
                        "- desktop");
    assert_string_equal(parsed("{\"auths\":{\"other\":{\"auth\":\"!\"}}}", "r.example", "a"), "-");
    assert_string_equal(
        parsed(
            "{\"auths\":{\"r.example/a/b\":{\"auth\":\"YTox\"},\"r.example\":{\"auth\":\"Yjoy\"},\"r.example/"
            "a\":{\"auth\":\"Yzoz\"}}}",
            "r.example", "a/b"),
        "a:1");
    assert_string_equal(
        parsed("{\"auths\":{\"r.example\":{\"auth\":\"Yjoy\"},\"r.example/a\":{\"auth\":\"Yzoz\"}}}",
               "r.example", "a/b"),
        "c:3");
    assert_string_equal(
        parsed("{\"auths\":[],\"credsStore\":7,\"HttpHeaders\":{\"a\":[1]}}", "r.example", "a"), "-");
}

TEST(credentials_of_helpers)
{
    assert_string_equal(
        parsed("{\"credHelpers\":{\"r.example\":\"gcloud\"},\"credsStore\":\"desktop\"}", "r.example", "a"),
        "- gcloud!");
    assert_string_equal(
        parsed("{\"credsStore\":\"desktop\",\"credHelpers\":{\"r.example\":\"gcloud\"}}", "r.example", "a"),
        "- gcloud!");
    assert_string_equal(parsed("{\"credHelpers\":{\"other\":\"gcloud\"}}", "r.example", "a"), "-");
    assert_string_equal(parsed("{\"credHelpers\":{\"r.example\":\"\"}}", "r.example", "a"), "-");
}

TEST(credentials_refused)
{
    static const char *const names[] = {
        "../evil", "a b", "a;b", "a/b",
        "0123456789012345678901234567890123456789012345678901234567890123456789"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char json[200];
        snprintf(json, sizeof json, "{\"credsStore\":\"%s\"}", names[i]);
        assert_non_null(strstr(parsed(json, "r", "a"),
                               "the name of a credential helper has only letters, digits, '.', '_' and '-'"));
    }
    assert_non_null(strstr(parsed("{\"auths\":{\"r\":{\"auth\":\"!\"}}}", "r", "a"),
                           "\"auth\" is not user:password in base64"));
    assert_non_null(strstr(parsed("{\"auths\":{\"r\":{\"auth\":\"bWU=\"}}}", "r", "a"),
                           "\"auth\" is not user:password in base64"));
    assert_non_null(strstr(parsed("[]", "r", "a"), "the document is not an object"));
    assert_non_null(strstr(parsed("{\"auths\":{\"r\":{\"auth\":\"YTox\"}}", "r", "a"), "json: offset "));
    assert_non_null(strstr(parsed("{} {}", "r", "a"), "json: offset "));
}

/* Every beginning of a configuration is refused, and gives nothing away. */
TEST(credentials_truncated)
{
    static const char json[] = "{\"auths\":{\"r\":{\"auth\":\"YTox\",\"identitytoken\":\"t\"}},"
                               "\"credHelpers\":{\"r\":\"x\"},\"credsStore\":\"y\"}";
    for (size_t cut = 0; cut < sizeof json - 1; cut++) {
        struct credentials_config c;
        struct error err = {0};
        assert_true(credentials_parse((struct str){json, cut}, "r", "a", &c, &err) < 0);
        assert_null(c.own.password);
    }
}

/* ---- files and helpers ---- */

struct place {
    char folder[64], path[200], old_path[2000];
};

static void put(struct place *p, const char *name, const char *text)
{
    struct error err = {0};
    snprintf(p->path, sizeof p->path, "%s/%s", p->folder, name);
    *strrchr(p->path, '/') = 0;
    assert_int_equal(file_make_folders(p->path, &err), 0);
    snprintf(p->path, sizeof p->path, "%s/%s", p->folder, name);
    assert_int_equal(file_write(p->path, str_of(text), &err), 0);
    assert_int_equal(chmod(p->path, 0755), 0);
}

static struct place place_make(void)
{
    struct place p = {.folder = "/tmp/limpid-unit-XXXXXX"};
    char path[2100];
    assert_non_null(mkdtemp(p.folder));
    snprintf(p.old_path, sizeof p.old_path, "%s", getenv("PATH"));
    snprintf(path, sizeof path, "%s:%s", p.folder, p.old_path);
    setenv("PATH", path, 1);
    setenv("HOME", p.folder, 1);
    unsetenv("REGISTRY_AUTH_FILE");
    unsetenv("DOCKER_CONFIG");
    unsetenv("XDG_RUNTIME_DIR");
    return p;
}

static void place_done(struct place *p)
{
    char command[100];
    setenv("PATH", p->old_path, 1);
    snprintf(command, sizeof command, "rm -r %s", p->folder);
    assert_int_equal(system(command), 0); /* NOLINT: the name is our own */
}

static const char *user(const char *auth_file)
{
    static char shown[800];
    struct credentials c;
    struct error err = {0};
    int r = credentials_find(auth_file, "r.example", "a", &c, &err);
    assert_int_equal(r < 0, *err.text != 0);
    snprintf(shown, sizeof shown, "%s%s",
             r < 0 ? err.text
             : r   ? c.username ? c.username : c.identity_token
                   : "-",
             r < 0 ? "" : c.note);
    credentials_done(&c);
    return shown;
}

#define USER(name) "{\"auths\":{\"r.example\":{\"username\":\"" name "\",\"password\":\"x\"}}}"

TEST(credentials_order_of_files)
{
    struct place p = place_make();
    char path[300];
    assert_string_equal(user(NULL), "-");
    put(&p, "run/containers/auth.json", USER("podman"));
    snprintf(path, sizeof path, "%s/run", p.folder);
    setenv("XDG_RUNTIME_DIR", path, 1);
    assert_string_equal(user(NULL), "podman");
    put(&p, ".docker/config.json", "{\"auths\":{}}");
    assert_string_equal(user(NULL), "podman");
    put(&p, ".docker/config.json", USER("home"));
    assert_string_equal(user(NULL), "home");
    put(&p, "other/config.json", " \n");
    snprintf(path, sizeof path, "%s/other", p.folder);
    setenv("DOCKER_CONFIG", path, 1);
    assert_string_equal(user(NULL), "podman"); /* instead of ~/.docker */
    put(&p, "other/config.json", USER("config"));
    assert_string_equal(user(NULL), "config");
    put(&p, "auth.json", USER("variable"));
    setenv("REGISTRY_AUTH_FILE", p.path, 1);
    assert_string_equal(user(NULL), "variable");
    put(&p, "option.json", USER("option"));
    assert_string_equal(user(p.path), "option");
    assert_string_equal(user("/no/such/file"), "/no/such/file: No such file or directory");
    place_done(&p);
}

TEST(credentials_file_too_long)
{
    struct place p = place_make();
    struct error err = {0};
    char *text = malloc(CREDENTIALS_FILE_MAX + 2), expected[300];
    assert_non_null(text);
    memset(text, ' ', CREDENTIALS_FILE_MAX + 1);
    memcpy(text, USER("long"), sizeof USER("long") - 1);
    put(&p, "a.json", "");
    assert_int_equal(file_write(p.path, (struct str){text, CREDENTIALS_FILE_MAX}, &err), 0);
    assert_string_equal(user(p.path), "long");
    assert_int_equal(file_write(p.path, (struct str){text, CREDENTIALS_FILE_MAX + 1}, &err), 0);
    snprintf(expected, sizeof expected, "%s: more than 1048576 bytes", p.path);
    assert_string_equal(user(p.path), expected);
    free(text);
    place_done(&p);
}

TEST(credentials_helper)
{
    struct place p = place_make();
    struct credentials c = {0};
    struct error err = {0};
    put(&p, "docker-credential-good",
        "#!/bin/sh\n[ \"$1\" = get ] && read host; printf '{\"Username\":\"%s\",\"Secret\":\"s\"}' "
        "\"$host\"\n");
    assert_int_equal(credentials_ask("good", "r.example", 60, &c, &err), 1);
    assert_string_equal(c.username, "r.example");
    assert_string_equal(c.password, "s");
    credentials_done(&c);
    assert_int_equal(credentials_ask("good", "docker.io", 60, &c, &err), 1);
    assert_string_equal(c.username, "https://index.docker.io/v1/");
    credentials_done(&c);
    put(&p, "docker-credential-token",
        "#!/bin/sh\necho '{\"Username\":\"<token>\",\"Secret\":\"refresh\"}'\n");
    assert_int_equal(credentials_ask("token", "r.example", 60, &c, &err), 1);
    assert_string_equal(c.identity_token, "refresh");
    assert_null(c.username);
    credentials_done(&c);
    put(&p, "docker-credential-none", "#!/bin/sh\necho credentials not found in native keychain; exit 1\n");
    assert_int_equal(credentials_ask("none", "r.example", 60, &c, &err), 0);
    place_done(&p);
}

TEST(credentials_helper_misbehaves)
{
    struct place p = place_make();
    struct credentials c = {0};
    struct error err = {0};
    put(&p, "docker-credential-bad", "#!/bin/sh\necho locked; exit 3\n");
    assert_int_equal(credentials_ask("bad", "r.example", 60, &c, &err), -E_DENIED);
    assert_string_equal(err.text, "docker-credential-bad: exit status 3: locked");
    put(&p, "docker-credential-bad", "#!/bin/sh\necho '{\"Username\":\"u\",\"Secret\":\"s\"'\n");
    assert_int_equal(credentials_ask("bad", "r.example", 60, &c, &err), -E_BAD_INPUT);
    assert_non_null(strstr(err.text, "docker-credential-bad: json: offset "));
    assert_null(c.password);
    put(&p, "docker-credential-bad", "#!/bin/sh\nyes\n");
    assert_int_equal(credentials_ask("bad", "r.example", 60, &c, &err), -E_LIMIT);
    assert_string_equal(err.text, "docker-credential-bad: answer: more than 65536 bytes");
    assert_int_equal(CREDENTIAL_ANSWER_MAX, 65536);
    place_done(&p);
}

TEST(credentials_helper_hangs)
{
    struct place p = place_make();
    struct credentials c = {0};
    struct error err = {0};
    assert_true(CREDENTIAL_SECONDS > 1);
    put(&p, "docker-credential-slow", "#!/bin/sh\nexec sleep 1000\n");
    assert_int_equal(credentials_ask("slow", "r.example", 1, &c, &err), -E_TIMEOUT);
    assert_string_equal(err.text, "docker-credential-slow: does not end");
    place_done(&p);
}

/* A store that is missing is a note, since many registries want no credentials; auths still count. */
TEST(credentials_helper_missing)
{
    struct place p = place_make();
    put(&p, "a.json", "{\"credsStore\":\"missing\"}");
    assert_string_equal(user(p.path), "-docker-credential-missing: no such program in PATH");
    put(&p, "a.json", "{\"credsStore\":\"missing\",\"auths\":{\"r.example\":{\"auth\":\"bWU6cHc=\"}}}");
    assert_string_equal(user(p.path), "medocker-credential-missing: no such program in PATH");
    put(&p, "a.json",
        "{\"credHelpers\":{\"r.example\":\"missing\"},\"auths\":{\"r.example\":{\"auth\":\"bWU6cHc=\"}}}");
    assert_string_equal(user(p.path), "-docker-credential-missing: no such program in PATH");
    place_done(&p);
}
