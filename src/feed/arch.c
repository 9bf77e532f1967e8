/* Arch Linux's security tracker: groups of vulnerabilities that one upgrade mends, [{name, packages, status, severity,
   affected, fixed, issues}], https://security.archlinux.org/. Packages are binary ones. */
#include "base/arena.h"
#include "base/limits.h"
#include "base/memory.h"
#include "feed/publishers.h"
#include "format/json.h"
#include "version/version.h"

struct texts {
    struct str *ptr;
    size_t len, cap;
};

struct arch {
    struct json json;
    struct feed_sink *sink;
    struct error *err;
    struct arena arena; /* of one group */
    struct buf packed;
    size_t groups;
};

struct group {
    struct str name, status, severity, fixed;
    struct texts packages, issues;
};

static int no_room(struct arch *a)
{
    return error_set(a->err, E_LIMIT, "arch: more than one group may hold");
}

static int tell(struct arch *a, const struct group *g, const char *text)
{
    char shown[ADVISORY_TEXT_MAX + 1];
    str_printable(g->name, shown, sizeof shown);
    return a->sink->problem ? a->sink->problem(a->sink, str_of(shown), text, a->err) : 0;
}

/* ---- a group's fields ---- */

static int text_read(struct arch *a, struct str *ret)
{
    struct str text;
    int rc = json_string(&a->json, &text);
    return rc <= 0 ? rc : arena_str(&a->arena, text, ret) < 0 ? no_room(a) : 1;
}

static int texts_read(struct arch *a, struct texts *ret)
{
    int rc = json_array(&a->json);
    while (rc > 0 && (rc = json_item(&a->json)) > 0) {
        struct str text = {0};
        rc = text_read(a, &text);
        struct str *place = rc > 0 && advisory_word_valid(text) ? vec_push(ret, &a->arena) : NULL;
        if (place)
            *place = text;
        else if (rc > 0 && advisory_word_valid(text))
            return no_room(a);
        rc = rc < 0 ? rc : 1;
    }
    return rc;
}

static int field_read(struct arch *a, struct group *g, struct str key)
{
    const struct {
        struct str key;
        struct str *text;
        struct texts *list;
    } fields[] = {
        {STR("name"), &g->name, NULL},         {STR("status"), &g->status, NULL},
        {STR("severity"), &g->severity, NULL}, {STR("fixed"), &g->fixed, NULL},
        {STR("packages"), NULL, &g->packages}, {STR("issues"), NULL, &g->issues},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (str_eq(key, fields[i].key))
            return fields[i].text ? text_read(a, fields[i].text) : texts_read(a, fields[i].list);
    return 0;
}

/* ---- what it says ---- */

/* A fix in the testing repository is one, too. */
static int judge(struct arch *a, const struct group *g, struct advisory *ret)
{
    if (str_eq(g->status, STR("Not affected"))) {
        ret->status = ADVISORY_NOT_AFFECTED;
    } else if (str_eq(g->status, STR("Fixed")) || str_eq(g->status, STR("Testing"))) {
        bool valid = advisory_word_valid(g->fixed) && version_pacman.valid(g->fixed);
        ret->status = valid ? ADVISORY_FIXED : ADVISORY_UNDETERMINED;
        ret->fixed_version = valid ? g->fixed : STR("");
        return valid ? 0 : tell(a, g, "fixed without a version: taken as undetermined");
    } else if (str_eq(g->status, STR("Vulnerable"))) {
        ret->status = ADVISORY_AFFECTED;
    } else {
        ret->status = ADVISORY_UNDETERMINED;
        return str_eq(g->status, STR("Unknown")) ? 0 : tell(a, g, "an unknown status: taken as undetermined");
    }
    return 0;
}

static int group_give(struct arch *a, struct group *g)
{
    struct advisory advisory = {0};
    a->groups++;
    if (!advisory_word_valid(g->name))
        return tell(a, g, "a group without a proper name");
    if (!g->issues.len)
        g->issues = (struct texts){&g->name, 1, 1};
    int rc = judge(a, g, &advisory);
    if (severity_parse(g->severity, &advisory.severity) < 0)
        advisory.severity = SEVERITY_UNKNOWN;
    buf_clear(&a->packed);
    for (size_t i = 0; i < g->issues.len; i++) {
        advisory.id = g->issues.ptr[i];
        advisory_pack(&a->packed, &advisory);
    }
    if (rc == 0)
        rc = buf_finish(&a->packed, "arch: advisories of one group", a->err);
    for (size_t i = 0; i < g->packages.len && rc == 0; i++) {
        const struct advisory_row row = {STR("arch:rolling"), g->packages.ptr[i], (uint32_t)g->issues.len,
                                         buf_str(&a->packed)};
        rc = a->sink->row(a->sink, &row, a->err);
    }
    return rc;
}

static int group_read(struct arch *a)
{
    struct group g = {0};
    struct str key;
    int rc = json_object(&a->json);
    if (rc <= 0)
        return rc;
    while ((rc = json_key(&a->json, &key)) > 0) {
        rc = field_read(a, &g, key);
        if (rc < 0)
            return rc;
    }
    return rc < 0 ? rc : group_give(a, &g);
}

static int document_read(struct arch *a)
{
    int rc = json_array(&a->json);
    if (rc == 0)
        return error_set(a->err, E_BAD_INPUT, "arch: the document is not a list of groups");
    while (rc > 0 && (rc = json_item(&a->json)) > 0) {
        a->arena = arena_make(ARCH_GROUP_MAX);
        rc = group_read(a);
        arena_done(&a->arena);
        rc = rc < 0 ? rc : 1;
    }
    if (rc == 0)
        rc = json_end(&a->json);
    return rc == 0 && !a->groups ? error_set(a->err, E_BAD_INPUT, "arch: the document has no groups") : rc;
}

static int arch_parse(const struct feed *feed, struct reader *in, struct feed_sink *sink, struct error *err)
{
    (void)feed;
    struct arch *a = memory_new(sizeof *a);
    a->sink = sink;
    a->err = err;
    a->packed = buf_make(ADVISORY_ROW_MAX);
    json_open(&a->json, in, err);
    int rc = document_read(a);
    json_close(&a->json);
    buf_done(&a->packed);
    free(a);
    return rc;
}

const struct feed arch_feed = {
    .name = "arch",
    .title = "Arch Linux security tracker",
    .version = 1,
    .url = "https://security.archlinux.org/all.json",
    .distributions = (const char *const[]){"arch", NULL},
    .link = "https://security.archlinux.org/%s",
    .every_seconds = 3600,
    .scheme = "pacman",
    .binary = true,
    .parse = arch_parse,
};
