#include "stream/tar_format.h"

#define NUMBER_MAX ((uint64_t)INT64_MAX)

void tar_pax_path(struct tar_pax *p, struct str value)
{
    p->has_path = value.len != 0;
    buf_clear(&p->path);
    buf_add(&p->path, value);
}

void tar_pax_link(struct tar_pax *p, struct str value)
{
    p->has_link = value.len != 0;
    buf_clear(&p->link);
    buf_add(&p->link, value);
}

int tar_pax_number(struct tar *t, struct str key, struct str value, uint64_t *ret)
{
    char name[40], text[40];
    if (str_u64(value, NUMBER_MAX, ret) == 0)
        return 0;
    return tar_refuse(t, E_BAD_INPUT, "pax: %s is '%s', not a number", str_printable(key, name, sizeof name),
                      str_printable(value, text, sizeof text));
}

static int take_text(struct tar *t, struct str key, struct str value)
{
    if (str_find(value, 0) == value.len)
        return 0;
    return tar_refuse(t, E_BAD_INPUT, "pax: %.*s has a zero byte", STR_ARG(key));
}

/* An empty value takes the record back. */
static int take_record(struct tar *t, struct tar_pax *p, struct str key, struct str value)
{
    int rc = 0;
    if (str_eq(key, STR("path"))) {
        rc = take_text(t, key, value);
        if (!p->sparse_has_name)
            tar_pax_path(p, value);
    } else if (str_eq(key, STR("linkpath"))) {
        rc = take_text(t, key, value);
        tar_pax_link(p, value);
    } else if (str_eq(key, STR("size"))) {
        p->has_size = value.len != 0;
        rc = value.len ? tar_pax_number(t, key, value, &p->size) : 0;
    } else if (p == &t->local && str_starts(key, STR("GNU.sparse."))) {
        rc = tar_sparse_record(t, p, str_skip(key, STR("GNU.sparse.").len), value);
        if (rc == 0 && str_eq(key, STR("GNU.sparse.name")))
            rc = take_text(t, key, value);
    }
    return rc;
}

/* "LENGTH KEY=VALUE\n", the length counting itself. */
static int cut_record(struct str *text, struct str *ret_key, struct str *ret_value)
{
    size_t blank = str_find(*text, ' ');
    uint64_t len;
    if (str_u64((struct str){text->ptr, blank}, text->len, &len) < 0 || len < blank + 2 ||
        text->ptr[len - 1] != '\n')
        return -1;
    struct str record = {text->ptr + blank + 1, (size_t)len - blank - 2};
    size_t equals = str_find(record, '=');
    if (equals == record.len || equals == 0)
        return -1;
    *ret_key = (struct str){record.ptr, equals};
    *ret_value = str_skip(record, equals + 1);
    *text = str_skip(*text, (size_t)len);
    return 0;
}

int tar_pax_read(struct tar *t, struct tar_pax *p, struct str text)
{
    const char *start = text.ptr;
    struct str key, value;
    while (text.len) {
        if (cut_record(&text, &key, &value) < 0)
            return tar_refuse(t, E_BAD_INPUT, "pax: no record at byte %td", text.ptr - start);
        int rc = take_record(t, p, key, value);
        if (rc < 0)
            return rc;
    }
    return 0;
}
