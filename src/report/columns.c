#include "report/columns.h"

#include "base/limits.h"

struct columns columns_make(size_t count)
{
    return (struct columns){.arena = arena_make(REPORT_MAX), .count = count};
}

void columns_done(struct columns *c)
{
    arena_done(&c->arena);
    *c = (struct columns){.count = c->count};
}

static size_t display_width(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80; /* bytes that begin a character */
    return n;
}

void columns_add(struct columns *c, struct str text, const char *color)
{
    char safe[CELL_MAX];
    str_printable(text, safe, sizeof safe);
    struct str copy;
    struct cell *cell = vec_push(&c->cells, &c->arena);
    if (!cell)
        return;
    *cell = (struct cell){.text = NULL, .color = color};
    if (arena_str(&c->arena, (struct str){safe, strlen(safe) + 1}, &copy) == 0) {
        union {
            const char *in;
            char *out;
        } own = {.in = copy.ptr};
        cell->text = own.out;
        cell->width = display_width(safe);
    }
    size_t at = (c->cells.len - 1) % c->count;
    if (cell->width > c->widths[at])
        c->widths[at] = cell->width;
}

void columns_write(const struct columns *c, struct buf *out, const char *indent, bool color)
{
    for (size_t i = 0; i < c->cells.len; i++) {
        const struct cell *cell = &c->cells.ptr[i];
        size_t at = i % c->count, pad = c->widths[at] - cell->width;
        bool last = at == c->count - 1;
        if (at == 0)
            buf_add(out, str_of(indent));
        bool dyed = color && cell->color && cell->width, right = c->right >> at & 1;
        if (right)
            buf_printf(out, "%*s", (int)pad, "");
        if (dyed)
            buf_printf(out, "\033[%sm", cell->color);
        buf_add(out, str_of(cell->text));
        if (dyed)
            buf_add(out, STR("\033[0m"));
        if (!last)
            buf_printf(out, "%*s", right ? 2 : (int)pad + 2, "");
        else
            buf_add_char(out, '\n');
        while (last && out->len >= 2 && out->ptr[out->len - 2] == ' ') { /* no blanks at the end of a line */
            out->len--;
            out->ptr[out->len - 1] = '\n';
        }
    }
}
