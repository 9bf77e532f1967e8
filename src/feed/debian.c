/* The Debian security tracker as JSON: {package: {id: {releases: {codename: {status, urgency, fixed_version,
   nodsa, nodsa_reason}}}}}, https://security-tracker.debian.org/tracker/data/json. It has a line for each
   release that holds the package: nothing is inferred from sid, and a release without a line is one that the
   tracker does not judge. */
#include "base/limits.h"
#include "base/memory.h"
#include "feed/publishers.h"
#include "format/json.h"
#include "model/namespace.h"
#include "version/version.h"

/* Text of the document that must outlive the next token. */
struct kept {
    size_t len;
    char bytes[ADVISORY_TEXT_MAX];
};

/* What the present package has in one namespace. */
struct slot {
    struct kept codename, namespace;
    struct buf packed;
    uint32_t count;
};

struct debian {
    struct json json;
    struct feed_sink *sink;
    struct error *err;
    struct slot slots[DEBIAN_NAMESPACES_MAX];
    size_t slots_count;
    uint64_t rows;
    struct kept package, id;
};

enum word { NO_STATUS, STRANGE, OPEN, RESOLVED, NOT_AFFECTED, UNDETERMINED, END_OF_LIFE };

/* What one release's object says. */
struct entry {
    enum word status;
    enum severity severity;
    bool end_of_life, no_dsa, ignored, postponed;
    bool fixed_too_long;
    struct kept fixed;
};

/* False: empty or too long; then it is empty. */
static bool keep(struct kept *k, struct str s)
{
    bool fits = s.len && s.len <= sizeof k->bytes;
    k->len = fits ? s.len : 0;
    if (fits)
        memcpy(k->bytes, s.ptr, s.len);
    return fits;
}

static struct str kept_str(const struct kept *k)
{
    return (struct str){k->bytes, k->len};
}

/* "openssl CVE-2022-0778 bookworm": what is wrong with it. */
static int tell(struct debian *d, const struct slot *slot, const char *text)
{
    char place[3 * (ADVISORY_TEXT_MAX + 1)], shown[sizeof place];
    struct str parts[] = {kept_str(&d->package), kept_str(&d->id),
                          slot ? kept_str(&slot->codename) : STR("")};
    size_t len = 0;
    if (!d->sink->problem)
        return 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && parts[i].len; i++) {
        if (len)
            place[len++] = ' ';
        memcpy(place + len, parts[i].ptr, parts[i].len);
        len += parts[i].len;
    }
    str_printable((struct str){place, len}, shown, sizeof shown);
    return d->sink->problem(d->sink, str_of(shown), text, d->err);
}

/* ---- releases ---- */

static int slot_new(struct debian *d, struct str codename, struct str namespace, struct slot **ret)
{
    if (d->slots_count == DEBIAN_NAMESPACES_MAX)
        return error_set(d->err, E_LIMIT, "debian: more than %d releases", DEBIAN_NAMESPACES_MAX);
    struct slot *slot = *ret = &d->slots[d->slots_count++];
    keep(&slot->codename, codename);
    slot->packed = buf_make(ADVISORY_ROW_MAX);
    if (namespace.len) {
        keep(&slot->namespace, namespace);
        return 0;
    }
    memcpy(slot->namespace.bytes, "debian:", 7);
    memcpy(slot->namespace.bytes + 7, codename.ptr, codename.len);
    slot->namespace.len = 7 + codename.len;
    return tell(d, slot, "a release whose number is not known: kept under its codename");
}

/* Where advisories for a codename go; *ret is NULL for what is no codename. */
static int slot_find(struct debian *d, struct str codename, struct slot **ret)
{
    *ret = NULL;
    for (size_t i = 0; i < d->slots_count; i++)
        if (str_eq(codename, kept_str(&d->slots[i].codename))) {
            *ret = &d->slots[i];
            return 0;
        }
    if (!codename.len || codename.len > ADVISORY_TEXT_MAX - 7)
        return tell(d, NULL, "a release without a proper name");
    const struct namespace_release *release = namespace_debian(codename);
    struct str namespace = str_of(release ? release->name : NULL);
    for (size_t i = 0; i < d->slots_count && release; i++)
        if (str_eq(namespace, kept_str(&d->slots[i].namespace))) { /* under another of its names */
            *ret = &d->slots[i];
            return 0;
        }
    return slot_new(d, codename, namespace, ret);
}

/* ---- one release's object ---- */

static void status_read(struct entry *e, struct str word)
{
    static const struct {
        struct str word;
        enum word status;
    } words[] = {
        {STR_INIT("open"), OPEN},
        {STR_INIT("resolved"), RESOLVED},
        {STR_INIT("undetermined"), UNDETERMINED},
        {STR_INIT("not-affected"), NOT_AFFECTED},
        {STR_INIT("end-of-life"), END_OF_LIFE},
        {STR_INIT("removed"), OPEN}, /* from the archive, not from the image */
        {STR_INIT("no-dsa"), OPEN},
        {STR_INIT("ignored"), OPEN},
        {STR_INIT("postponed"), OPEN},
    };
    e->status = STRANGE;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(word, words[i].word))
            e->status = words[i].status;
    e->no_dsa |= str_eq(word, STR("no-dsa"));
    e->ignored |= str_eq(word, STR("ignored"));
    e->postponed |= str_eq(word, STR("postponed"));
}

/* "low", "medium**": stars say that nobody but a program has judged it. What is no severity is Unknown. */
static void urgency_read(struct entry *e, struct str word)
{
    while (word.len && word.ptr[word.len - 1] == '*')
        word.len--;
    e->end_of_life = str_eq(word, STR("end-of-life"));
    if (str_eq(word, STR("unimportant")))
        e->severity = SEVERITY_NEGLIGIBLE;
    else if (severity_parse(word, &e->severity) < 0)
        e->severity = SEVERITY_UNKNOWN;
}

static void nodsa_reason_read(struct entry *e, struct str word)
{
    e->no_dsa = true;
    e->ignored |= str_eq(word, STR("ignored"));
    e->postponed |= str_eq(word, STR("postponed"));
}

enum { STATUS, URGENCY, FIXED_VERSION, NODSA, NODSA_REASON, OTHER };

static int name_of(struct str key)
{
    static const struct str names[] = {STR_INIT("status"), STR_INIT("urgency"), STR_INIT("fixed_version"),
                                       STR_INIT("nodsa"), STR_INIT("nodsa_reason")};
    for (int i = 0; i < OTHER; i++)
        if (str_eq(key, names[i]))
            return i;
    return OTHER;
}

static void word_read(struct entry *e, int name, struct str word)
{
    switch (name) {
    case STATUS:
        status_read(e, word);
        break;
    case URGENCY:
        urgency_read(e, word);
        break;
    case FIXED_VERSION:
        e->fixed_too_long = !keep(&e->fixed, word) && word.len;
        break;
    case NODSA:
        e->no_dsa = true;
        break;
    default:
        nodsa_reason_read(e, word);
    }
}

static int entry_read(struct debian *d, struct entry *e)
{
    struct str key, word;
    int rc;
    while ((rc = json_key(&d->json, &key)) > 0) {
        int name = name_of(key);
        if (name == OTHER)
            continue;
        if ((rc = json_string(&d->json, &word)) > 0)
            word_read(e, name, word);
        if (rc < 0)
            break;
    }
    return rc;
}

/* What is resolved; *ret_wrong tells when the version is of no use. */
static enum advisory_status resolved(const struct entry *e, const char **ret_wrong)
{
    struct str version = kept_str(&e->fixed);
    if (str_eq(version, STR("0")))
        return ADVISORY_NOT_AFFECTED;
    if (version.len && version_dpkg.valid(version))
        return ADVISORY_FIXED;
    *ret_wrong = version.len || e->fixed_too_long ? "resolved in what is no version: taken as undetermined"
                                                  : "resolved without a version: taken as undetermined";
    return ADVISORY_UNDETERMINED;
}

static enum advisory_status unresolved(const struct entry *e)
{
    if (e->end_of_life)
        return ADVISORY_END_OF_LIFE;
    if (e->ignored)
        return ADVISORY_WILL_NOT_FIX;
    return e->postponed ? ADVISORY_FIX_DEFERRED : ADVISORY_AFFECTED;
}

static enum advisory_status judge(const struct entry *e, const char **ret_wrong)
{
    switch (e->status) {
    case RESOLVED:
        return resolved(e, ret_wrong);
    case OPEN:
        return unresolved(e);
    case NOT_AFFECTED:
        return ADVISORY_NOT_AFFECTED;
    case UNDETERMINED:
        return e->end_of_life ? ADVISORY_END_OF_LIFE : ADVISORY_UNDETERMINED;
    case END_OF_LIFE:
        return ADVISORY_END_OF_LIFE;
    default:
        *ret_wrong = e->status == STRANGE ? "an unknown status: taken as undetermined"
                                          : "no status: taken as undetermined";
        return ADVISORY_UNDETERMINED;
    }
}

static int release_read(struct debian *d, struct slot *slot)
{
    struct entry e;
    memset(&e, 0, offsetof(struct entry, fixed.bytes));
    const char *wrong = NULL;
    int rc = json_object(&d->json);
    if (rc <= 0)
        return rc < 0 ? rc : tell(d, slot, "is not an object");
    if ((rc = entry_read(d, &e)) < 0)
        return rc;
    struct advisory a = {.id = kept_str(&d->id), .severity = e.severity, .status = judge(&e, &wrong)};
    if (a.status == ADVISORY_FIXED)
        a.fixed_version = kept_str(&e.fixed);
    else if (e.status == OPEN && e.no_dsa)
        a.flags = ADVISORY_NO_DSA;
    advisory_pack(&slot->packed, &a);
    slot->count++;
    return wrong ? tell(d, slot, wrong) : 0;
}

/* ---- the levels above ---- */

static int releases_read(struct debian *d)
{
    struct str codename;
    int rc = json_object(&d->json);
    if (rc <= 0)
        return rc < 0 ? rc : tell(d, NULL, "its releases are not an object");
    while ((rc = json_key(&d->json, &codename)) > 0) {
        struct slot *slot;
        if ((rc = slot_find(d, codename, &slot)) == 0 && slot)
            rc = release_read(d, slot);
        if (rc < 0)
            break;
    }
    return rc;
}

static int description_read(struct debian *d)
{
    struct str text;
    int rc = json_string(&d->json, &text);
    if (rc <= 0 || !text.len || !d->sink->about)
        return rc;
    struct vulnerability about = vulnerability_make(kept_str(&d->id));
    about.description = text;
    return d->sink->about(d->sink, &about, d->err);
}

static int vulnerability_read(struct debian *d)
{
    bool any = false;
    struct str key;
    int rc = json_object(&d->json);
    if (rc <= 0)
        return rc < 0 ? rc : tell(d, NULL, "is not an object");
    while ((rc = json_key(&d->json, &key)) > 0) {
        if (str_eq(key, STR("description"))) {
            rc = description_read(d);
        } else if (str_eq(key, STR("releases"))) {
            any = true;
            rc = releases_read(d);
        }
        if (rc < 0)
            return rc;
    }
    return rc < 0 || any ? rc : tell(d, NULL, "names no releases");
}

/* Gives away what was gathered of the present package. */
static int rows_give(struct debian *d)
{
    for (size_t i = 0; i < d->slots_count; i++) {
        struct slot *s = &d->slots[i];
        struct advisory_row row = {kept_str(&s->namespace), kept_str(&d->package), s->count,
                                   buf_str(&s->packed)};
        if (!s->count)
            continue;
        if (buf_finish(&s->packed, "advisories", d->err) < 0)
            return error_in(d->err, "debian: " STR_FMT " in " STR_FMT, STR_ARG(row.package),
                            STR_ARG(row.namespace));
        int rc = d->sink->row(d->sink, &row, d->err);
        if (rc < 0)
            return rc;
        d->rows++;
        s->count = 0;
        buf_clear(&s->packed);
    }
    return 0;
}

static int package_read(struct debian *d)
{
    struct str id;
    int rc = json_object(&d->json);
    d->id.len = 0;
    if (rc <= 0)
        return rc < 0 ? rc : tell(d, NULL, "is not an object");
    while ((rc = json_key(&d->json, &id)) > 0) {
        rc = keep(&d->id, id) ? vulnerability_read(d) : tell(d, NULL, "a vulnerability without a proper id");
        if (rc < 0)
            return rc;
    }
    d->id.len = 0;
    return rc < 0 ? rc : rows_give(d);
}

static int document_read(struct debian *d)
{
    struct str package;
    int rc = json_object(&d->json);
    if (rc <= 0)
        return rc < 0 ? rc : error_set(d->err, E_BAD_INPUT, "debian: the document is not an object");
    while ((rc = json_key(&d->json, &package)) > 0) {
        d->id.len = 0;
        rc = keep(&d->package, package) ? package_read(d) : tell(d, NULL, "a package without a proper name");
        if (rc < 0)
            return rc;
    }
    if (rc < 0 || (rc = json_end(&d->json)) < 0)
        return rc;
    return d->rows ? 0 : error_set(d->err, E_BAD_INPUT, "debian: the document has no advisories");
}

static int debian_parse(const struct feed *feed, struct reader *in, struct feed_sink *sink, struct error *err)
{
    (void)feed;
    struct debian *d = memory_new(sizeof *d);
    d->sink = sink;
    d->err = err;
    json_open(&d->json, in, err);
    int rc = document_read(d);
    json_close(&d->json);
    for (size_t i = 0; i < d->slots_count; i++)
        buf_done(&d->slots[i].packed);
    free(d);
    return rc;
}

const struct feed debian_feed = {
    .name = "debian",
    .title = "Debian security tracker",
    .version = 2,
    .url = "https://security-tracker.debian.org/tracker/data/json",
    .distributions = (const char *const[]){"debian", NULL},
    .link = "https://security-tracker.debian.org/tracker/%s",
    .every_seconds = 3600,
    .scheme = "dpkg",
    .parse = debian_parse,
};
