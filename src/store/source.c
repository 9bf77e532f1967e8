#include "store/source.h"

#include "base/limits.h"
#include "store/libpq.h"

struct splitting {
    bool (*is_known)(const void *ctx, struct str name);
    const void *ctx;
    struct buf *options;
};

/* Blanks separate options: those of a value have a backslash before them. */
static void add_setting(struct buf *options, struct str name, struct str value)
{
    buf_printf(options, "%s-c " STR_FMT "=", options->len ? " " : "", STR_ARG(name));
    for (size_t i = 0; i < value.len; i++) {
        if (strchr(" \\", value.ptr[i]))
            buf_add_char(options, '\\');
        buf_add_char(options, value.ptr[i]);
    }
}

/* Whether a pair stays in the connection string; otherwise it has become an option. */
static bool stays(const struct splitting *s, struct str name, struct str value)
{
    if (str_eq(name, STR("options"))) {
        buf_printf(s->options, "%s" STR_FMT, s->options->len ? " " : "", STR_ARG(value));
        return false;
    }
    if (s->is_known(s->ctx, name))
        return true;
    if (!str_eq(name, STR("binary_parameters")))
        add_setting(s->options, name, value);
    return false;
}

static void split_uri(const struct splitting *s, struct str uri, struct buf *ret)
{
    CLEANUP(buf_done) struct buf value = buf_make(CONFIG_MAX);
    char separator = '?';
    buf_add(ret, str_cut(&uri, '?'));
    while (uri.len) {
        struct str pair = str_cut(&uri, '&'), rest = pair, name = str_cut(&rest, '=');
        buf_clear(&value);
        while (rest.len)
            buf_add_char(&value, str_cut_percent(&rest));
        if (!stays(s, name, buf_str(&value)))
            continue;
        buf_add_char(ret, separator);
        buf_add(ret, pair);
        separator = '&';
    }
}

/* Decodes a value, 'in quotes' or up to a blank; its length in the text, or 0 when its end is missing. */
static size_t read_value(struct str s, struct buf *ret)
{
    bool quoted = str_starts(s, STR("'"));
    for (size_t i = quoted; i < s.len; i++) {
        if (quoted ? s.ptr[i] == '\'' : strchr(" \t\r\n", s.ptr[i]) != NULL)
            return i + quoted;
        i += s.ptr[i] == '\\' && i + 1 < s.len;
        buf_add_char(ret, s.ptr[i]);
    }
    return quoted ? 0 : s.len;
}

static void split_pairs(const struct splitting *s, struct str text, struct buf *ret)
{
    CLEANUP(buf_done) struct buf value = buf_make(CONFIG_MAX);
    for (text = str_trim(text); text.len; text = str_trim(text)) {
        struct str pair = text, rest = text, name = str_trim(str_cut(&rest, '='));
        rest = str_trim(rest);
        buf_clear(&value);
        size_t n = read_value(rest, &value);
        text = str_skip(rest, n);
        bool readable =
            name.len && str_find(pair, '=') < pair.len && str_find(name, ' ') == name.len && (n || !rest.len);
        if (readable)
            pair.len -= text.len;
        if (readable && !stays(s, name, buf_str(&value)))
            continue;
        buf_add(ret, ret->len ? STR(" ") : STR(""));
        buf_add(ret, pair);
        if (!readable)
            return;
    }
}

void source_split(struct str source, bool (*is_known)(const void *ctx, struct str name), const void *ctx,
                  struct buf *ret_source, struct buf *ret_options)
{
    const struct splitting s = {is_known, ctx, ret_options};
    bool uri = str_starts(source, STR("postgres://")) || str_starts(source, STR("postgresql://"));
    (uri ? split_uri : split_pairs)(&s, source, ret_source);
}

static bool is_option(const void *ctx, struct str name)
{
    for (const PQconninfoOption *o = ctx; o && o->keyword; o++)
        if (str_eq(name, str_of(o->keyword)))
            return true;
    return false;
}

PGconn *source_connect(const struct libpq *pq, const char *source, struct error *err)
{
    CLEANUP(buf_done) struct buf kept = buf_make(CONFIG_MAX), options = buf_make(CONFIG_MAX);
    PQconninfoOption *known = pq->conndefaults();
    source_split(str_of(source), is_option, known, &kept, &options);
    pq->conninfoFree(known);
    buf_add_char(&kept, 0);
    buf_add_char(&options, 0);
    if (buf_finish(&kept, "database: connection string", err) < 0 ||
        buf_finish(&options, "database: settings of the session", err) < 0)
        return NULL;
    /* What the connection string says comes last and wins. Empty options leave it to PGOPTIONS. */
    static const char *const names[] = {"connect_timeout",
                                        "application_name",
                                        "keepalives_idle",
                                        "client_encoding",
                                        "options",
                                        "dbname",
                                        NULL};
    const char *const values[] = {"5", "limpid", "30", "UTF8", options.ptr, kept.ptr, NULL};
    return pq->connectdbParams(names, values, 1);
}
