#include "stream/tar_write.h"

#define SIZE_OCTAL_MAX 077777777777

static const char zeros[2 * TAR_BLOCK];

static void put_block(struct buf *out, char type, struct str path, struct str link, uint64_t size,
                      unsigned mode)
{
    char *h = buf_room(out, TAR_BLOCK);
    if (!h)
        return;
    memset(h, 0, TAR_BLOCK);
    memcpy(h, path.ptr, path.len < 100 ? path.len : 100);
    snprintf(h + 100, 8, "%07o", mode & 07777);
    memcpy(h + 108, "0000000", 8);
    memcpy(h + 116, "0000000", 8);
    snprintf(h + 124, 12, "%011jo", (uintmax_t)(size > SIZE_OCTAL_MAX ? 0 : size));
    memcpy(h + 136, "00000000000", 12);
    memcpy(h + 148, "        ", 8);
    h[156] = type;
    if (link.len)
        memcpy(h + 157, link.ptr, link.len < 100 ? link.len : 100);
    memcpy(h + 257, "ustar\00000", 8);
    unsigned sum = 0;
    for (size_t i = 0; i < TAR_BLOCK; i++)
        sum += (uint8_t)h[i];
    snprintf(h + 148, 8, "%06o", sum);
    out->len += TAR_BLOCK;
}

static size_t digits(size_t n)
{
    size_t count = 1;
    while (n >= 10) {
        n /= 10;
        count++;
    }
    return count;
}

/* "LENGTH KEY=VALUE\n", the length counting itself. */
static void put_record(struct buf *text, const char *key, struct str value)
{
    size_t rest = 1 + strlen(key) + 1 + value.len + 1, len = rest + digits(rest);
    if (rest + digits(len) != len)
        len = rest + digits(len);
    buf_printf(text, "%zu %s=", len, key);
    buf_add(text, value);
    buf_add_char(text, '\n');
}

static void put_pax(struct buf *out, struct str path, struct str link, uint64_t size)
{
    struct buf text = buf_make(TAR_PAX_MAX);
    char number[24];
    if (path.len > 100)
        put_record(&text, "path", path);
    if (link.len > 100)
        put_record(&text, "linkpath", link);
    if (size > SIZE_OCTAL_MAX) {
        snprintf(number, sizeof number, "%ju", (uintmax_t)size);
        put_record(&text, "size", str_of(number));
    }
    if (text.failed)
        out->failed = true;
    if (text.len) {
        put_block(out, 'x', STR("././@PaxHeader"), STR(""), text.len, 0644);
        buf_add(out, buf_str(&text));
        buf_add(out, (struct str){zeros, tar_write_padding(text.len)});
    }
    buf_done(&text);
}

void tar_write_header(struct buf *out, const struct tar_entry *e, unsigned mode)
{
    bool regular = e->type == TAR_REGULAR, linked = e->type == TAR_SYMLINK || e->type == TAR_HARDLINK;
    struct str path = e->path.len ? e->path : STR("."), link = linked ? e->link : STR("");
    uint64_t size = regular ? e->size : 0;
    char type = '0';
    if (linked)
        type = e->type == TAR_SYMLINK ? '2' : '1';
    else if (e->type == TAR_DIRECTORY)
        type = '5';
    put_pax(out, path, link, size);
    put_block(out, type, path, link, size, mode);
}

void tar_write_end(struct buf *out)
{
    buf_add(out, (struct str){zeros, sizeof zeros});
}
