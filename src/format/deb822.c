#include "format/deb822.h"

#include "stream/reader.h"

enum { LINE, NAME, VALUE, SKIP }; /* what the next byte belongs to */
enum { NO_FIELD = -2, UNWANTED = -1 };

void deb822_open(struct deb822 *d, struct reader *in, const struct str *names, size_t count,
                 struct error *err)
{
    *d = (struct deb822){.in = in, .err = err, .names = names, .text = buf_make(DEB822_STANZA_MAX)};
    d->count = count < DEB822_FIELDS_MAX ? count : DEB822_FIELDS_MAX;
    d->field = NO_FIELD;
}

void deb822_close(struct deb822 *d)
{
    buf_done(&d->text);
}

static void bad_line(struct deb822 *d)
{
    if (!d->bad_lines++)
        d->bad_offset = d->line;
}

/* Which wanted field has this name; UNWANTED: none. */
static int find_field(const struct deb822 *d, struct str name)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->names[i].len == name.len && str_eq_nocase(d->names[i], name))
            return (int)i;
    return UNWANTED;
}

static bool is_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] <= ' ' || name.ptr[i] == 0x7f)
            return false;
    return name.len != 0;
}

/* A name and its colon have been read. */
static void field_begins(struct deb822 *d, struct str name, bool whole)
{
    name = str_trim(name);
    d->field = UNWANTED;
    d->state = SKIP;
    if (!is_name(name)) {
        bad_line(d);
        return;
    }
    if (!d->any)
        d->offset = d->line;
    d->any = true;
    int field = whole ? find_field(d, name) : UNWANTED;
    if (field == UNWANTED)
        return;
    if (d->spans[field].present) {
        bad_line(d);
        return;
    }
    d->spans[field] = (struct deb822_span){.at = d->text.len, .present = true};
    d->field = field;
    d->state = VALUE;
}

/* A line without a colon: 1 when it is empty and ends a stanza. */
static int line_without_colon(struct deb822 *d, struct str line)
{
    d->state = LINE;
    if (str_trim(line).len) {
        bad_line(d);
        d->field = UNWANTED;
        return 0;
    }
    d->field = NO_FIELD;
    return d->any;
}

/* The bytes up to the colon or the line's end. What the window cuts off is kept in d->name. */
static int read_name(struct deb822 *d)
{
    const char *from = (const char *)d->in->ptr, *end = (const char *)d->in->end, *p = from;
    while (p < end && *p != ':' && *p != '\n')
        p++;
    struct str name = {from, (size_t)(p - from)};
    size_t room = sizeof d->name - d->name_len;
    name.len = name.len < room ? name.len : room; /* what does not fit is not looked at */
    if (p == end || d->name_len) {
        if (name.len)
            memcpy(d->name + d->name_len, from, name.len);
        d->name_len += name.len;
        name = (struct str){d->name, d->name_len};
    }
    bool whole = name.len < sizeof d->name; /* a full one may have been cut, and no wanted name is so long */
    d->in->ptr = (const uint8_t *)p;
    if (p == end)
        return 0;
    d->in->ptr++;
    if (*p == '\n')
        return line_without_colon(d, name);
    field_begins(d, name, whole);
    return 0;
}

/* What a line begins with decides. 1: it is empty and ends a stanza. */
static int read_line_start(struct deb822 *d)
{
    char c = (char)*d->in->ptr;
    d->line = reader_position(d->in);
    if (c == '#' && d->comments) {
        d->state = SKIP;
    } else if (c == ' ' || c == '\t') {
        d->in->ptr++;
        if (d->field == NO_FIELD)
            bad_line(d);
        if (d->field >= 0)
            buf_add_char(&d->text, '\n');
        d->state = d->field >= 0 ? VALUE : SKIP;
    } else {
        d->name_len = 0;
        d->state = NAME;
    }
    return d->state == NAME ? read_name(d) : 0;
}

/* The rest of a line, kept or not. */
static void read_rest(struct deb822 *d)
{
    struct str window = reader_window(d->in);
    size_t len = str_find(window, '\n');
    bool ends = len < window.len;
    if (d->state == VALUE) {
        buf_add(&d->text, (struct str){window.ptr, len});
        if (ends && d->text.len && d->text.ptr[d->text.len - 1] == '\r')
            d->text.len--;
        d->spans[d->field].len = d->text.len - d->spans[d->field].at;
    }
    d->in->ptr += len + ends;
    if (ends)
        d->state = LINE;
}

static int step(struct deb822 *d)
{
    if (d->state == LINE)
        return read_line_start(d);
    if (d->state == NAME)
        return read_name(d);
    read_rest(d);
    return 0;
}

static int stanza_ends(struct deb822 *d)
{
    for (size_t i = 0; i < d->count; i++) {
        const struct deb822_span *span = &d->spans[i];
        d->values[i] = (struct str){span->present ? "" : NULL, 0};
        if (span->len)
            d->values[i] = str_trim((struct str){d->text.ptr + span->at, span->len});
    }
    return d->any;
}

static int at_end(struct deb822 *d)
{
    if (d->state != LINE)
        d->unterminated = true;
    if (d->state == NAME)
        line_without_colon(d, (struct str){d->name, d->name_len});
    d->state = LINE;
    return stanza_ends(d);
}

int deb822_next(struct deb822 *d)
{
    if (d->failed)
        return d->failed;
    buf_clear(&d->text);
    memset(d->spans, 0, sizeof d->spans);
    d->any = false;
    d->field = NO_FIELD;
    for (;;) {
        int more = reader_more(d->in);
        if (more == 0)
            return at_end(d);
        if (more < 0) {
            if (d->err != d->in->err)
                *d->err = *d->in->err;
            return d->failed = more;
        }
        if (step(d) > 0)
            return stanza_ends(d);
        if (d->text.failed)
            return d->failed =
                       error_set(d->err, E_LIMIT, "deb822: offset %ju: a stanza with more than %zu bytes",
                                 (uintmax_t)d->offset, DEB822_STANZA_MAX);
    }
}
