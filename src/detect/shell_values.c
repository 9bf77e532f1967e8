#include "detect/shell_values.h"

static int unquote(struct str raw, struct arena *arena, struct str *ret)
{
    char quote = raw.len ? raw.ptr[0] : 0;
    if (quote != '"' && quote != '\'') {
        *ret = raw;
        return 0;
    }
    char *out = arena_alloc(arena, raw.len, 1);
    if (!out)
        return -1;
    size_t n = 0;
    for (size_t i = 1; i < raw.len && raw.ptr[i] != quote; i++) {
        if (quote == '"' && raw.ptr[i] == '\\' && i + 1 < raw.len)
            i++;
        out[n++] = raw.ptr[i];
    }
    *ret = (struct str){out, n};
    return 0;
}

int shell_value_next(struct str *text, struct arena *arena, struct str *ret_key, struct str *ret_value)
{
    struct str line;
    while (str_line(text, &line)) {
        line = str_trim(line);
        if (!line.len || line.ptr[0] == '#' || str_find(line, '=') == line.len)
            continue;
        *ret_key = str_cut(&line, '=');
        return unquote(line, arena, ret_value) < 0 ? -1 : 1;
    }
    return 0;
}
