#include "image/credentials.h"

#include "base/limits.h"
#include "base/memory.h"
#include "format/base64.h"
#include "format/json.h"
#include "os/file.h"
#include "os/process.h"
#include "stream/memory.h"

#define DOCKER_HUB     "docker.io"
#define DOCKER_HUB_KEY "https://index.docker.io/v1/" /* what docker login has always called it */

void credentials_done(struct credentials *c)
{
    free(c->username);
    free(c->password);
    free(c->identity_token);
    *c = (struct credentials){0};
}

static bool credentials_full(const struct credentials *c)
{
    return c->identity_token || (c->username && c->password);
}

/* NULL for an empty text: that is how files say "none". */
static char *keep(struct str s)
{
    if (!s.len || memchr(s.ptr, 0, s.len))
        return NULL;
    char *copy = memory_new(s.len + 1);
    memcpy(copy, s.ptr, s.len);
    return copy;
}

/* ---- which entry ---- */

/* The key without what Docker has added to it over the years. */
static struct str plain_key(struct str key)
{
    bool secure = str_starts(key, STR("https://")), url = secure || str_starts(key, STR("http://"));
    if (url)
        key = str_skip(key, secure ? 8 : 7);
    while (str_ends(key, STR("/")))
        key.len--;
    if (url) /* Docker names hosts by whole URLs, of which only the host counts */
        key.len = str_find(key, '/');
    else if (str_ends(key, STR("/v1")) || str_ends(key, STR("/v2")))
        key.len -= 3;
    if (str_eq(key, STR("index.docker.io")) || str_eq(key, STR("registry-1.docker.io")))
        key = STR(DOCKER_HUB);
    return key;
}

size_t credentials_key_fits(struct str key, const char *host, const char *repository)
{
    char wanted[1024];
    int n = snprintf(wanted, sizeof wanted, "%s/%s/", host, repository);
    key = plain_key(key);
    if (n < 0 || (size_t)n >= sizeof wanted || !key.len || key.len >= (size_t)n)
        return 0;
    return memcmp(wanted, key.ptr, key.len) == 0 && wanted[key.len] == '/' ? key.len : 0;
}

/* ---- config.json ---- */

struct config {
    struct json j;
    const char *host, *repository;
    struct credentials_config *ret;
    size_t best; /* how much the entry of ret->own names */
    struct error *err;
};

static void set(char **text, struct str s)
{
    free(*text);
    *text = keep(s);
}

/* "user:password" in base64. */
static int set_auth(struct config *c, struct str coded, struct credentials *ret)
{
    struct buf plain = buf_make(CREDENTIALS_FILE_MAX);
    int r = base64_decode(&plain, str_trim(coded));
    struct str password = buf_str(&plain), user = str_cut(&password, ':');
    if (r == 0 && plain.len && user.len == plain.len)
        r = -1;
    if (r == 0 && plain.len) {
        while (password.len &&
               !password.ptr[password.len - 1]) /* which Docker's own decoding passes over, too */
            password.len--;
        set(&ret->username, user);
        set(&ret->password, password);
    }
    buf_done(&plain);
    return r < 0 ? json_fail(&c->j, "\"auth\" is not user:password in base64") : 0;
}

static int entry(struct config *c, struct credentials *ret)
{
    struct str key, text;
    int r = json_object(&c->j);
    while (r > 0 && (r = json_key(&c->j, &key)) > 0) {
        char name[16];
        if (str_copy(key, name, sizeof name) < 0)
            continue;
        r = json_string(&c->j, &text);
        if (r > 0 && strcmp(name, "auth") == 0)
            r = set_auth(c, text, ret);
        else if (r > 0 && strcmp(name, "username") == 0)
            set(&ret->username, text);
        else if (r > 0 && strcmp(name, "password") == 0)
            set(&ret->password, text);
        else if (r > 0 && strcmp(name, "identitytoken") == 0)
            set(&ret->identity_token, text);
        if (r < 0)
            return r;
        r = 1;
    }
    return r;
}

static int auths(struct config *c)
{
    struct str key;
    int r = json_object(&c->j);
    while (r > 0 && (r = json_key(&c->j, &key)) > 0) {
        size_t fits = credentials_key_fits(key, c->host, c->repository);
        if (fits <= c->best)
            continue;
        struct credentials found = {0};
        r = entry(c, &found);
        if (r >= 0 && credentials_full(&found)) {
            credentials_done(&c->ret->own);
            c->ret->own = found;
            c->ret->found = true;
            c->best = fits;
        } else {
            credentials_done(&found);
        }
        if (r < 0)
            return r;
        r = 1;
    }
    return r;
}

/* A name becomes that of a program: nothing that a path or an option could be made of. */
static int set_helper(struct config *c, struct str name)
{
    bool good = name.len && name.len < sizeof c->ret->helper;
    for (size_t i = 0; good && i < name.len; i++) {
        char b = name.ptr[i];
        good = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') ||
               (b && strchr("._-", b));
    }
    if (!good)
        return json_fail(&c->j, "the name of a credential helper has only letters, digits, '.', '_' and '-'");
    return str_copy(name, c->ret->helper, sizeof c->ret->helper);
}

static int helpers(struct config *c)
{
    struct str key, name;
    int r = json_object(&c->j);
    while (r > 0 && (r = json_key(&c->j, &key)) > 0) {
        if (credentials_key_fits(key, c->host, "") != strlen(c->host))
            continue;
        r = json_string(&c->j, &name);
        if (r > 0 && name.len) {
            r = set_helper(c, name);
            c->ret->helper_must = true;
        }
        if (r < 0)
            return r;
        r = 1;
    }
    return r;
}

static int members(struct config *c)
{
    struct str key, name;
    int r = json_object(&c->j);
    if (r == 0)
        return json_fail(&c->j, "the document is not an object");
    while (r > 0 && (r = json_key(&c->j, &key)) > 0) {
        if (str_eq(key, STR("auths")))
            r = auths(c);
        else if (str_eq(key, STR("credHelpers")))
            r = helpers(c);
        else if (str_eq(key, STR("credsStore")) && (r = json_string(&c->j, &name)) > 0 && name.len &&
                 !c->ret->helper_must)
            r = set_helper(c, name);
        if (r < 0)
            return r;
        r = 1;
    }
    return r < 0 ? r : json_end(&c->j);
}

int credentials_parse(struct str json, const char *host, const char *repository,
                      struct credentials_config *ret, struct error *err)
{
    struct memory_reader memory;
    struct config c = {.host = host, .repository = repository, .ret = ret, .err = err};
    *ret = (struct credentials_config){.found = false};
    json_open(&c.j, memory_reader_init(&memory, json, 0, err), err);
    int r = members(&c);
    json_close(&c.j);
    if (r < 0)
        credentials_done(&ret->own);
    return r;
}

/* ---- docker-credential-NAME ---- */

/* {"ServerURL": …, "Username": …, "Secret": …} */
static int read_answer(struct str answer, struct credentials *ret, struct error *err)
{
    struct memory_reader memory;
    struct json j;
    struct str key, text;
    json_open(&j, memory_reader_init(&memory, answer, 0, err), err);
    int r = json_object(&j);
    while (r > 0 && (r = json_key(&j, &key)) > 0) {
        bool user = str_eq(key, STR("Username"));
        if (!user && !str_eq(key, STR("Secret")))
            continue;
        r = json_string(&j, &text);
        if (r > 0)
            set(user ? &ret->username : &ret->password, text);
        if (r < 0)
            break;
        r = 1;
    }
    json_close(&j);
    if (r < 0)
        return r;
    if (ret->username && strcmp(ret->username, "<token>") == 0 && ret->password) {
        ret->identity_token = STEAL(ret->password);
        set(&ret->username, STR(""));
    }
    return credentials_full(ret);
}

int credentials_ask(const char *helper, const char *host, unsigned seconds, struct credentials *ret,
                    struct error *err)
{
    char program[96], shown[100];
    struct buf answer = buf_make(CREDENTIAL_ANSWER_MAX);
    int status = 0;
    snprintf(program, sizeof program, "docker-credential-%s", helper);
    struct str server = strcmp(host, DOCKER_HUB) == 0 ? STR(DOCKER_HUB_KEY) : str_of(host);
    int r = process_run((const char *const[]){program, "get", NULL}, server, seconds, &answer, &status, err);
    struct str said = str_trim(buf_str(&answer));
    if (r == 0 && status != 0) {
        bool none = str_has(said, STR("not found"));
        r = none ? 0
                 : error_set(err, E_DENIED, "%s: exit status %d: %s", program, status,
                             str_printable(said, shown, sizeof shown));
    } else if (r == 0) {
        r = read_answer(said, ret, err);
        if (r < 0) {
            credentials_done(ret);
            r = error_in(err, "%s", program);
        }
    }
    buf_done(&answer);
    return r;
}

/* ---- files ---- */

/* 1, 0 and < 0 as credentials_find(). */
static int decide(struct credentials_config *config, const char *host, struct credentials *ret)
{
    struct error err = {0};
    struct credentials asked = {0};
    int r = *config->helper ? credentials_ask(config->helper, host, CREDENTIAL_SECONDS, &asked, &err) : 0;
    if (r > 0) {
        credentials_done(&config->own);
        memcpy(asked.note, ret->note, sizeof asked.note);
        *ret = asked;
        return 1;
    }
    credentials_done(&asked);
    if (r < 0) /* the registry may not ask who we are, so this is told only when it refuses */
        snprintf(ret->note, sizeof ret->note, "%.*s", (int)sizeof ret->note - 1, err.text);
    if (!config->found || config->helper_must) {
        credentials_done(&config->own);
        return 0;
    }
    memcpy(config->own.note, ret->note, sizeof ret->note);
    *ret = config->own;
    return 1;
}

/* -E_NOT_FOUND when there is no such file. */
static int look_in(const char *path, const char *host, const char *repository, struct credentials *ret,
                   struct error *err)
{
    struct buf text = buf_make(CREDENTIALS_FILE_MAX);
    struct credentials_config config;
    int r = file_read(path, &text, err);
    if (r == 0 && str_trim(buf_str(&text)).len) {
        r = credentials_parse(buf_str(&text), host, repository, &config, err);
        r = r < 0 ? error_in(err, "%s", path) : decide(&config, host, ret);
    }
    buf_done(&text);
    return r;
}

int credentials_find(const char *auth_file, const char *host, const char *repository, struct credentials *ret,
                     struct error *err)
{
    *ret = (struct credentials){0};
    if (auth_file)
        return look_in(auth_file, host, repository, ret, err);
    const char *docker = getenv("DOCKER_CONFIG");
    bool own_docker = docker && *docker;
    const struct {
        const char *folder, *rest;
    } places[] = {
        {getenv("REGISTRY_AUTH_FILE"), ""},
        {own_docker ? docker : getenv("HOME"), own_docker ? "/config.json" : "/.docker/config.json"},
        {getenv("XDG_RUNTIME_DIR"), "/containers/auth.json"},
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char path[4096];
        struct error missing = {0};
        if (!places[i].folder || !*places[i].folder)
            continue;
        int n = snprintf(path, sizeof path, "%s%s", places[i].folder, places[i].rest);
        if (n < 0 || (size_t)n >= sizeof path)
            return error_set(err, E_USAGE, "%.100s…%s: path too long", places[i].folder, places[i].rest);
        int r = look_in(path, host, repository, ret, &missing);
        if (r > 0)
            return r;
        if (r < 0 && r != -E_NOT_FOUND) {
            *err = missing;
            return r;
        }
    }
    return 0;
}
