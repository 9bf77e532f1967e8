#include "database.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/db.h"

static char server[64]; /* the folder of the PostgreSQL, "" not started */
static char server_source[128];
static bool server_missing;

static int tool(const char *action, char *answer, size_t size)
{
    char command[512];
    snprintf(command, sizeof command, "%s/tests/tools/postgres %s %s", getenv("LIMPID_SOURCE"), action,
             server);
    FILE *out = popen(command, "r");
    assert_non_null(out);
    if (!fgets(answer, (int)size, out))
        answer[0] = 0;
    answer[strcspn(answer, "\n")] = 0;
    int status = pclose(out);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void end_server(void)
{
    char ignored[8];
    tool("stop", ignored, sizeof ignored);
}

static bool start_server(void)
{
    if (server[0] || server_missing)
        return !server_missing;
    snprintf(server, sizeof server, "/tmp/limpid-postgres-XXXXXX");
    assert_non_null(mkdtemp(server));
    int status = tool("start", server_source, sizeof server_source);
    server_missing = status == 77;
    if (server_missing)
        rmdir(server);
    else
        assert_int_equal(status, 0);
    if (!server_missing)
        atexit(end_server);
    return !server_missing;
}

void place_cut_power(void)
{
    char ignored[8];
    assert_int_equal(tool("kill", ignored, sizeof ignored), 0);
    assert_int_equal(tool("again", ignored, sizeof ignored), 0);
}

struct place place_make(void)
{
    struct place p = {.folder = "/tmp/limpid-store-XXXXXX", .arena = arena_make(MIB(64))};
    assert_non_null(mkdtemp(p.folder));
    snprintf(p.path, sizeof p.path, "%s/x/limpid.db", p.folder);
    return p;
}

bool place_make_postgres(struct place *ret)
{
    struct db *db = NULL;
    if (!start_server())
        return false;
    *ret = (struct place){.postgres = true, .arena = arena_make(MIB(64))};
    snprintf(ret->path, sizeof ret->path, "%s", server_source);
    assert_int_equal(db_postgres.open(&db, ret->path, &ret->err), 0);
    assert_int_equal(
        db_run(db, "DROP SCHEMA public CASCADE; DROP SCHEMA IF EXISTS clair2 CASCADE; CREATE SCHEMA public",
               &ret->err),
        0);
    db_close(db);
    return true;
}

void place_done(struct place *p)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".damaged"};
    for (size_t i = 0; i < 4 && !p->postgres; i++) {
        char name[300];
        snprintf(name, sizeof name, "%s%s", p->path, suffixes[i]);
        unlink(name);
    }
    if (!p->postgres) {
        *strrchr(p->path, '/') = 0;
        rmdir(p->path);
        assert_int_equal(rmdir(p->folder), 0); /* nothing is left behind */
    }
    arena_done(&p->arena);
}

struct store *place_open(struct place *p)
{
    struct store *s = NULL;
    bool rebuilt;
    if (store_open(&s, p->path, &rebuilt, &p->err) < 0)
        fail_msg("%s", p->err.text);
    assert_false(rebuilt);
    return s;
}

void place_row(struct place *p, struct store *s, const char *namespace, const char *package,
               const char *advisories)
{
    CLEANUP(buf_done) struct buf packed = buf_make(MIB(1));
    struct str rest = str_of(advisories);
    while (rest.len) {
        struct str version = str_cut(&rest, ' ');
        struct advisory a = {.id = str_cut(&version, '<'), .severity = SEVERITY_LOW};
        a.fixed_version = version;
        a.status = version.len ? ADVISORY_FIXED : ADVISORY_AFFECTED;
        if (str_ends(a.id, STR("!")))
            a.id.len--;
        advisory_pack(&packed, &a);
    }
    const struct advisory_row row = {str_of(namespace), str_of(package), 1, buf_str(&packed)};
    if (store_feed_row(s, &row, &p->err) < 0)
        fail_msg("%s", p->err.text);
}

void place_load(struct place *p, struct store *s, const char *feed, const char *namespace,
                const char *package, const char *advisories)
{
    const struct store_feed meta = {.name = str_of(feed),
                                    .link = STR("https://example.org/%s"),
                                    .rows = 1,
                                    .fetched = 100,
                                    .every = 3600};
    store_feed_begin(s, str_of(feed));
    place_row(p, s, namespace, package, advisories);
    if (store_feed_end(s, &meta, &p->err) < 0)
        fail_msg("%s", p->err.text);
}

static int collect(void *ctx, struct str feed, struct str packed)
{
    struct wire w = wire_make(packed);
    struct advisory a;
    struct error err;
    buf_printf(ctx, "%.*s:", STR_ARG(feed));
    while (advisory_unpack(&w, &a, &err) > 0)
        buf_printf(ctx, a.fixed_version.len ? "%.*s<%.*s " : "%.*s!%.*s ", STR_ARG(a.id),
                   STR_ARG(a.fixed_version));
    return 0;
}

void place_expect(struct place *p, struct store *s, const char *namespace, const char *package,
                  const char *wanted)
{
    CLEANUP(buf_done) struct buf got = buf_make(KIB(4));
    if (store_advisories(s, str_of(namespace), str_of(package), collect, &got, &p->err) < 0)
        fail_msg("%s", p->err.text);
    buf_add_char(&got, 0);
    assert_string_equal(got.ptr, wanted);
}

int place_about(struct place *p, struct store *s, const char *id, const char *description)
{
    struct vulnerability v = vulnerability_make(str_of(id));
    v.description = str_of(description);
    return store_feed_about(s, &v, &p->err);
}
