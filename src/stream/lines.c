#include "stream/lines.h"

static struct str cut(struct str line)
{
    return (struct str){line.ptr, line.len < LINE_HEAD_MAX ? line.len : LINE_HEAD_MAX};
}

int lines_next(struct lines *l, struct str *ret)
{
    size_t kept = 0;
    uint64_t begin = l->next;
    int more;
    while ((more = reader_more(l->in)) > 0) {
        struct str window = reader_window(l->in), piece = {window.ptr, str_find(window, '\n')};
        bool ends = piece.len < window.len;
        l->in->ptr += piece.len + ends;
        l->next += piece.len + ends;
        l->offset = begin;
        if (ends && l->next == begin + piece.len + 1) { /* the usual: the line lies in one window */
            *ret = cut(piece);
            return 1;
        }
        size_t room = LINE_HEAD_MAX - kept, take = piece.len < room ? piece.len : room;
        if (take)
            memcpy(l->head + kept, piece.ptr, take);
        kept += take;
        if (ends)
            break;
    }
    *ret = (struct str){l->head, kept};
    if (more || l->next == begin)
        return more;
    l->unterminated = true;
    return 1;
}
