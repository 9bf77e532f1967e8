#include "cli/expand.h"

#include <stdlib.h>
#include <string.h>

static bool is_of_name(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Takes the name behind a dollar; false: there is none, and the dollar is only a dollar. Braces that do not end name
   nothing. */
static bool take_name(struct str *text, struct str *ret)
{
    size_t n = 0;
    if (str_starts(*text, STR("{"))) {
        *text = str_skip(*text, 1);
        bool ends = str_find(*text, '}') < text->len;
        *ret = ends ? str_cut(text, '}') : STR("");
        return true;
    }
    while (n < text->len && is_of_name(text->ptr[n]))
        n++;
    if (text->len && text->ptr[0] && strchr("*#$@!?-0123456789", text->ptr[0]))
        n = 1;
    *ret = (struct str){text->ptr, n};
    *text = str_skip(*text, n);
    return n > 0;
}

static void add_value(struct str name, struct buf *ret)
{
    char text[256];
    const char *value = str_copy(name, text, sizeof text) < 0 ? NULL : getenv(text);
    buf_add(ret, str_of(value ? value : ""));
}

void expand_environment(struct str text, struct buf *ret)
{
    struct str name;
    while (text.len) {
        size_t dollar = str_find(text, '$');
        bool any = dollar < text.len;
        buf_add(ret, (struct str){text.ptr, dollar});
        text = str_skip(text, dollar + 1);
        if (any && take_name(&text, &name))
            add_value(name, ret);
        else if (any)
            buf_add_char(ret, '$');
    }
}
