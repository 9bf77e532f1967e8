/* sources.list(5), one-line and deb822 style: the suite that component "main" comes from tells the release
   when nothing else does. */
#include "base/limits.h"
#include "detect/detector.h"

extern const struct detector apt_sources_detector;

static struct str next_word(struct str *line)
{
    *line = str_trim(*line);
    size_t n = 0;
    while (n < line->len && line->ptr[n] != ' ' && line->ptr[n] != '\t')
        n++;
    struct str word = {line->ptr, n};
    *line = str_skip(*line, n);
    return word;
}

static bool has_main(struct str components)
{
    struct str word;
    while ((word = next_word(&components)).len)
        if (str_eq(word, STR("main")))
            return true;
    return false;
}

/* "bookworm-security", "bookworm/updates" are parts of bookworm. */
static struct str suite_of(struct str word)
{
    struct str rest = word, head = str_cut(&rest, '/');
    rest = head;
    return str_cut(&rest, '-');
}

/* deb [ arch=amd64 ] http://… bookworm main contrib */
static struct str one_line(struct str line)
{
    struct str type = next_word(&line);
    if (!str_eq(type, STR("deb")))
        return STR("");
    line = str_trim(line);
    if (line.len && line.ptr[0] == '[')
        str_cut(&line, ']');
    next_word(&line);
    struct str suite = next_word(&line);
    return has_main(line) ? suite_of(suite) : STR("");
}

struct stanza {
    struct str suites, components;
};

/* A line of a deb822 stanza; the suite when the stanza ends here. */
static struct str deb822_line(struct stanza *s, struct str line)
{
    struct str value = line, key = str_trim(str_cut(&value, ':'));
    if (str_eq_nocase(key, STR("Suites")))
        s->suites = str_trim(value);
    else if (str_eq_nocase(key, STR("Components")))
        s->components = str_trim(value);
    if (!s->suites.len || !has_main(s->components))
        return STR("");
    return suite_of(next_word(&s->suites));
}

static int apt_sources_file(struct detection *d, struct reader *body)
{
    struct str text, line, suite = {0};
    struct stanza stanza = {0};
    int rc = reader_all(body, RELEASE_FILE_MAX, d->arena, &text);
    if (rc < 0)
        return rc;
    while (!suite.len && str_line(&text, &line)) {
        struct str plain = str_trim(line);
        if (!plain.len)
            stanza = (struct stanza){0};
        else if (plain.ptr[0] != '#')
            suite = str_starts(plain, STR("deb")) ? one_line(plain) : deb822_line(&stanza, line);
    }
    const struct release found = {.codename = suite};
    return suite.len && suite.len <= 64 ? d->sink->release(d->sink, &found) : 0;
}

const struct detector apt_sources_detector = {
    .name = "apt-sources",
    .version = 1,
    .wants = (const struct want[]){{WANT_PATH, STR_INIT("etc/apt/sources.list"), RELEASE_FILE_MAX},
                                   {WANT_DIR, STR_INIT("etc/apt/sources.list.d/"), RELEASE_FILE_MAX},
                                   {.how = WANT_NONE}},
    .file = apt_sources_file,
};
