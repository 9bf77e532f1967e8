#include "os/log.h"

#include <errno.h>
#include <unistd.h>

#include "base/limits.h"

static const char *const level_names[] = {"fatal", "error", "warning", "info", "debug"};

static struct log_options options = {.fd = STDERR_FILENO, .level = LOG_INFO};

void log_set(const struct log_options *o)
{
    options = *o;
}

int log_level_of(struct str name, enum log_level *ret)
{
    for (unsigned i = 0; i < sizeof level_names / sizeof *level_names; i++) {
        if (str_eq(name, str_of(level_names[i]))) {
            *ret = (enum log_level)i;
            return 0;
        }
    }
    return -1;
}

bool log_wants(enum log_level level)
{
    return level <= options.level;
}

/* ---- a line that ends where its room ends ---- */

struct line {
    char *ptr;
    size_t len, max;
    bool full;
};

static void put(struct line *l, struct str s)
{
    l->full |= s.len > l->max - l->len;
    if (l->full || !s.len)
        return;
    memcpy(l->ptr + l->len, s.ptr, s.len);
    l->len += s.len;
}

static size_t plain_run(struct str s)
{
    size_t n = 0;
    while (n < s.len && s.ptr[n] >= ' ' && s.ptr[n] <= '~' && s.ptr[n] != '"' && s.ptr[n] != '\\')
        n++;
    return n;
}

/* The first character of s, which is not plain, as it stands in a JSON string; what a terminal must not see has no
   other form than \uXXXX. Gives its length. */
static size_t put_odd(struct line *l, struct str s)
{
    uint32_t code = 0xfffd;
    size_t n = str_utf8_char(s, &code);
    struct str c = {s.ptr, n ? n : 1};
    char same[8], escaped[16];
    if (code == '"' || code == '\\') {
        put(l, STR("\\"));
        put(l, c);
    } else if (n > 1 && str_eq(c, str_of(str_printable(c, same, sizeof same)))) {
        put(l, c);
    } else {
        snprintf(escaped, sizeof escaped, code == '\n' ? "\\n" : "\\u%04x", code < 0x10000 ? code : 0xfffdU);
        put(l, str_of(escaped));
    }
    return c.len;
}

static void put_escaped(struct line *l, struct str s)
{
    while (s.len && !l->full) {
        size_t n = plain_run(s);
        put(l, (struct str){s.ptr, n});
        s = str_skip(s, n);
        if (s.len)
            s = str_skip(s, put_odd(l, s));
    }
}

/* ---- values ---- */

/* A value in two pieces, since a user and a password may stand between them. */
struct value {
    struct str head, tail;
    char number[24];
};

static void cut_url(struct str url, struct value *ret)
{
    size_t end = 0;
    size_t colon = str_find_part(url, STR("://"));
    ret->head = (struct str){url.ptr, colon < url.len ? colon + 3 : 0};
    struct str rest = str_skip(url, ret->head.len);
    while (end < rest.len && !strchr("/?#", rest.ptr[end]))
        end++;
    size_t at = str_find_last((struct str){rest.ptr, end}, '@');
    rest = str_skip(rest, at < end ? at + 1 : 0);
    rest = str_cut(&rest, '?');
    ret->tail = str_cut(&rest, '#');
}

static void value_of(const struct log_field *f, struct value *ret)
{
    *ret = (struct value){0};
    if (f->kind == LOG_KIND_URL) {
        cut_url(f->text, ret);
    } else if (f->kind == LOG_KIND_STR) {
        ret->tail = f->text;
    } else {
        snprintf(ret->number, sizeof ret->number, "%jd", (intmax_t)f->number);
        ret->tail = str_of(ret->number);
    }
}

static void put_value(struct line *l, const struct value *v)
{
    struct str tail = v->tail;
    if (tail.len > LOG_VALUE_MAX) {
        tail.len = LOG_VALUE_MAX;
        while (tail.len && (tail.ptr[tail.len] & 0xc0) == 0x80) /* not within a character */
            tail.len--;
    }
    put_escaped(l, v->head.len <= LOG_VALUE_MAX ? v->head : STR("…"));
    put_escaped(l, tail);
    put_escaped(l, tail.len < v->tail.len ? STR("…") : STR(""));
}

static void put_quoted(struct line *l, const struct value *v)
{
    put(l, STR("\""));
    put_value(l, v);
    put(l, STR("\""));
}

/* ---- text ---- */

static bool is_bare(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] == ' ' || s.ptr[i] == '=')
            return false;
    return plain_run(s) == s.len;
}

static void put_name(struct line *l, const char *name)
{
    for (; *name; name++)
        put(l, *name == ' ' ? STR("_") : (struct str){name, 1});
}

static void text_line(struct line *l, const struct log_place *place, const struct log_field *f,
                      const struct tm *t, long milliseconds)
{
    char head[64];
    snprintf(head, sizeof head, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ %s ", t->tm_year + 1900, t->tm_mon + 1,
             t->tm_mday, t->tm_hour, t->tm_min, t->tm_sec, milliseconds, level_names[place->level]);
    put(l, str_of(head));
    put_value(l, &(struct value){.tail = str_of(place->event)});
    for (; f->kind != LOG_KIND_END; f++) {
        struct value v;
        size_t before = l->len;
        value_of(f, &v);
        put(l, STR(" "));
        put_name(l, f->name);
        put(l, STR("="));
        if (v.head.len + v.tail.len && is_bare(v.head) && is_bare(v.tail))
            put_value(l, &v);
        else
            put_quoted(l, &v);
        l->len = l->full ? before : l->len;
        l->full = false;
    }
}

/* ---- JSON ---- */

enum { FIELDS_MAX = 32 };

/* The event's own four and the fields, by name. */
static size_t sort_fields(const struct log_field *own, const struct log_field *f,
                          const struct log_field **ret)
{
    size_t count = 0;
    for (size_t i = 0; i < 4 || f->kind != LOG_KIND_END; i++) {
        const struct log_field *next = i < 4 ? &own[i] : f++;
        size_t at = count;
        if (count == FIELDS_MAX)
            break;
        for (; at && strcmp(ret[at - 1]->name, next->name) > 0; at--)
            ret[at] = ret[at - 1];
        ret[at] = next;
        count++;
    }
    return count;
}

static void json_line(struct line *l, const struct log_place *place, const struct log_field *fields,
                      const struct tm *t, long microseconds)
{
    char time[64], location[128];
    const char *slash = strrchr(place->file, '/');
    snprintf(location, sizeof location, "%s:%d", slash ? slash + 1 : place->file, place->line);
    snprintf(time, sizeof time, "%04d-%02d-%02d %02d:%02d:%02d.%06ld", t->tm_year + 1900, t->tm_mon + 1,
             t->tm_mday, t->tm_hour, t->tm_min, t->tm_sec, microseconds);
    const struct log_field own[] = {LOG_STR("Event", str_of(place->event)),
                                    LOG_STR("Level", str_of(level_names[place->level])),
                                    LOG_STR("Location", str_of(location)), LOG_STR("Time", str_of(time))};
    const struct log_field *sorted[FIELDS_MAX];
    size_t count = sort_fields(own, fields, sorted);
    l->max--;
    put(l, STR("{"));
    for (size_t i = 0; i < count; i++) {
        struct value v;
        size_t before = l->len;
        value_of(sorted[i], &v);
        put(l, before > 1 ? STR(",\"") : STR("\""));
        put_escaped(l, str_of(sorted[i]->name));
        put(l, STR("\":"));
        if (sorted[i]->kind == LOG_KIND_NUM)
            put_value(l, &v);
        else
            put_quoted(l, &v);
        l->len = l->full ? before : l->len;
        l->full = false;
    }
    l->max++;
    put(l, STR("}"));
}

size_t log_line(char *ret, bool json, const struct log_place *place, const struct log_field *fields,
                const struct timespec *when)
{
    struct line l = {.ptr = ret, .max = LOG_LINE_MAX - 1};
    struct tm t;
    if (!gmtime_r(&when->tv_sec, &t))
        t = (struct tm){0};
    if (json)
        json_line(&l, place, fields, &t, when->tv_nsec / 1000);
    else
        text_line(&l, place, fields, &t, when->tv_nsec / 1000000);
    ret[l.len] = '\n';
    return l.len + 1;
}

void log_write(const struct log_place *place, const struct log_field *fields)
{
    char line[LOG_LINE_MAX];
    struct timespec now;
    if (!log_wants(place->level))
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    size_t len = log_line(line, options.json, place, fields, &now);
    while (write(options.fd, line, len) < 0 && errno == EINTR)
        ;
}
