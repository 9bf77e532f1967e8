/* apk's database: lib/apk/db/installed, lines of a letter, a colon and a value, an empty line behind each package.
   https://wiki.alpinelinux.org/wiki/Apk_spec */
#include "detect/detector.h"
#include "stream/lines.h"

extern const struct detector apk_detector;

enum { NAME, VERSION, ARCHITECTURE, ORIGIN, FIELDS };

static const char letters[FIELDS] = {[NAME] = 'P', [VERSION] = 'V', [ARCHITECTURE] = 'A', [ORIGIN] = 'o'};

struct stanza {
    uint64_t offset;
    bool any;
    size_t len[FIELDS];
    char text[FIELDS]
             [PACKAGE_FIELD_MAX + 1]; /* one byte more than is allowed, so that a longer one is seen */
};

struct apk {
    struct detection *d;
    struct lines lines;
    struct stanza stanza;
    uint64_t bad_lines, bad_offset; /* lines that are no fields */
};

static struct str field(const struct stanza *s, int i)
{
    return (struct str){s->text[i], s->len[i]};
}

/* ".build-deps" is what `apk add --virtual` made: a list of other packages, without files, that no advisory speaks of. */
static bool is_virtual(const struct stanza *s)
{
    return s->len[NAME] && s->text[NAME][0] == '.' && !s->len[ORIGIN];
}

static int end_stanza(struct apk *a)
{
    const struct stanza *s = &a->stanza;
    struct package p = {
        .type = PACKAGE_APK,
        .name = field(s, NAME),
        .version = field(s, VERSION),
        .arch = field(s, ARCHITECTURE),
        .source_name = field(s, ORIGIN),
    };
    int rc = s->any && !is_virtual(s) ? detection_package(a->d, s->offset, &p) : 0;
    a->stanza.any = false;
    memset(a->stanza.len, 0, sizeof a->stanza.len);
    return rc;
}

/* The first of a letter counts. */
static void keep(struct apk *a, int i, struct str value)
{
    struct stanza *s = &a->stanza;
    if (s->len[i] || !value.len)
        return;
    if (!s->any)
        s->offset = a->lines.offset;
    s->any = true;
    s->len[i] = value.len < sizeof s->text[i] ? value.len : sizeof s->text[i];
    memcpy(s->text[i], value.ptr, s->len[i]);
}

static int take_line(struct apk *a, struct str line)
{
    if (!line.len)
        return end_stanza(a);
    if (line.len < 2 || line.ptr[1] != ':') {
        a->bad_offset = a->bad_lines++ ? a->bad_offset : a->lines.offset;
        return 0;
    }
    const char *letter = memchr(letters, line.ptr[0], sizeof letters);
    if (!letter)
        return 0;
    /* A second name without an empty line before it is still another package. */
    int rc = *letter == letters[NAME] && a->stanza.len[NAME] ? end_stanza(a) : 0;
    keep(a, (int)(letter - letters), str_skip(line, 2));
    return rc;
}

static int apk_file(struct detection *d, struct reader *body)
{
    struct apk a = {.d = d, .lines = lines_make(body)};
    struct str line;
    int rc;
    while ((rc = lines_next(&a.lines, &line)) > 0 && (rc = take_line(&a, line)) >= 0)
        ;
    if (rc >= 0)
        rc = end_stanza(&a);
    if (rc >= 0 && a.bad_lines) {
        char text[64];
        snprintf(text, sizeof text, "%ju lines are no fields", (uintmax_t)a.bad_lines);
        rc = detection_problem(d, a.bad_offset, text);
    }
    if (rc >= 0 && a.lines.unterminated)
        rc = detection_cut(d, a.lines.offset);
    return rc < 0 ? rc : 0;
}

const struct detector apk_detector = {
    .name = "apk",
    .version = 1,
    .packages = true,
    .wants = (const struct want[]){{WANT_PATH, STR_INIT("lib/apk/db/installed"), APK_INSTALLED_MAX},
                                   {WANT_PATH, STR_INIT("usr/lib/apk/db/installed"), APK_INSTALLED_MAX},
                                   {.how = WANT_NONE}},
    .file = apk_file,
};
