#include "detect/sqlite.h"

#include "detect/bytes.h"

enum { FILE_HEADER = 100, PAGE_MIN = 512, PAGE_MAX = 65536, USABLE_MIN = 480 };
enum { PAGE_INTERIOR = 5, PAGE_LEAF = 13, LEAF_HEADER = 8, INTERIOR_HEADER = 12 };
enum { WAL_HEADER = 32, FRAME_HEADER = 24 };

/* ---- the write-ahead log ---- */

struct wal {
    struct str bytes;
    uint32_t page_size, frame_size;
    bool big_endian; /* how its checksums are made */
    uint32_t sums[2];
    size_t at; /* the next frame */
};

static void add_sums(struct wal *w, struct str s)
{
    for (size_t i = 0; i + 8 <= s.len; i += 8) {
        w->sums[0] += (w->big_endian ? bytes_be32(s, i) : bytes_le32(s, i)) + w->sums[1];
        w->sums[1] += (w->big_endian ? bytes_be32(s, i + 4) : bytes_le32(s, i + 4)) + w->sums[0];
    }
}

static bool wal_open(struct wal *w, struct str bytes)
{
    enum { MAGIC = 0x377f0682, VERSION = 3007000 };
    uint32_t magic = bytes_be32(bytes, 0);
    *w = (struct wal){
        .bytes = bytes, .page_size = bytes_be32(bytes, 8), .big_endian = magic & 1, .at = WAL_HEADER};
    w->frame_size = FRAME_HEADER + w->page_size;
    add_sums(w, bytes_part(bytes, 0, 24));
    return (magic & ~1U) == MAGIC && bytes_be32(bytes, 4) == VERSION && w->page_size >= PAGE_MIN &&
           w->page_size <= PAGE_MAX && w->sums[0] == bytes_be32(bytes, 24) &&
           w->sums[1] == bytes_be32(bytes, 28);
}

/* The next frame that is whole and of this log; the rest of the file is of logs before. */
static bool wal_next(struct wal *w, uint32_t *ret_page, uint32_t *ret_commit)
{
    struct str frame = bytes_part(w->bytes, w->at, w->frame_size);
    if (frame.len < w->frame_size || bytes_be32(frame, 8) != bytes_be32(w->bytes, 16) ||
        bytes_be32(frame, 12) != bytes_be32(w->bytes, 20))
        return false;
    add_sums(w, bytes_part(frame, 0, 8));
    add_sums(w, str_skip(frame, FRAME_HEADER));
    if (w->sums[0] != bytes_be32(frame, 16) || w->sums[1] != bytes_be32(frame, 20))
        return false;
    *ret_page = bytes_be32(frame, 0);
    *ret_commit = bytes_be32(frame, 4);
    w->at += w->frame_size;
    return true;
}

/* Where the last committed transaction ends; 0: there is none. *ret_pages: how many the database has then. */
static size_t committed(struct str bytes, uint32_t *ret_pages)
{
    struct wal w;
    uint32_t page, commit;
    size_t end = 0;
    if (!wal_open(&w, bytes))
        return 0;
    while (wal_next(&w, &page, &commit))
        if (commit) {
            end = w.at;
            *ret_pages = commit;
        }
    return end;
}

bool sqlite_wal_has_commit(struct str wal)
{
    uint32_t pages;
    return committed(wal, &pages) > 0;
}

/* Notes where the log has pages. What it says about their number is bounded by what there is. */
static int apply_wal(struct sqlite *s, struct arena *arena)
{
    uint32_t pages = 0, page_size = bytes_be32(s->wal, 8);
    size_t end = committed(s->wal, &pages);
    if (!end || page_size != s->page_size)
        return 0;
    if (pages > s->pages + end / page_size)
        return error_set(s->err, E_BAD_INPUT, "sqlite: the log speaks of %u pages, which are not there",
                         pages);
    s->pages = pages;
    s->cut = false;
    s->frames = arena_array(arena, uint32_t, (size_t)pages + 1);
    if (!s->frames)
        return error_set(s->err, E_LIMIT, "sqlite: %u pages are more than this unit of work may keep", pages);
    for (size_t at = WAL_HEADER; at < end; at += FRAME_HEADER + page_size) {
        uint32_t page = bytes_be32(s->wal, at);
        if (page && page <= pages)
            s->frames[page] = (uint32_t)(at + FRAME_HEADER);
    }
    return 0;
}

/* ---- pages ---- */

int sqlite_open(struct sqlite *s, struct str file, struct str wal, struct arena *arena, struct error *err)
{
    uint32_t size = bytes_be(file, 16, 2);
    *s = (struct sqlite){.file = file, .wal = wal, .page_size = size == 1 ? PAGE_MAX : size, .err = err};
    if (!str_starts(file, STR("SQLite format 3\0")))
        return error_set(err, E_BAD_INPUT, "sqlite: no database of version 3");
    if (s->page_size < PAGE_MIN || s->page_size & (s->page_size - 1))
        return error_set(err, E_BAD_INPUT, "sqlite: pages of %u bytes", s->page_size);
    s->usable = s->page_size - bytes_be(file, 20, 1);
    if (s->usable < USABLE_MIN)
        return error_set(err, E_BAD_INPUT, "sqlite: %u usable bytes in a page", s->usable);
    s->pages = (uint32_t)(file.len / s->page_size);
    s->cut = bytes_be32(file, 28) > s->pages && bytes_be32(file, 92) == bytes_be32(file, 24);
    int rc = apply_wal(s, arena);
    if (rc == 0 && !(s->used = arena_array(arena, uint8_t, (size_t)s->pages + 1)))
        rc = error_set(err, E_LIMIT, "sqlite: %u pages are more than this unit of work may keep", s->pages);
    return rc;
}

/* Page n, from 1; "" when there is none. */
static struct str page_at(const struct sqlite *s, uint32_t n)
{
    if (!n || n > s->pages)
        return STR("");
    if (s->frames && s->frames[n])
        return bytes_part(s->wal, s->frames[n], s->page_size);
    struct str page = bytes_part(s->file, (size_t)(n - 1) * s->page_size, s->page_size);
    return page.len == s->page_size ? page : STR("");
}

/* The same, once. */
static struct str visit(struct sqlite *s, uint32_t n)
{
    struct str page = page_at(s, n);
    if (!page.len || s->used[n])
        return STR("");
    s->used[n] = 1;
    return page;
}

/* What precedes a page's tree: the file's header on the first. */
static size_t tree_at(uint32_t page)
{
    return page == 1 ? FILE_HEADER : 0;
}

/* ---- rows ---- */

/* A number of one to nine bytes, seven bits in each of the first eight. False: it is cut. */
static bool varint(struct str *s, uint64_t *ret)
{
    uint64_t n = 0;
    for (size_t i = 0; i < 9 && i < s->len; i++) {
        unsigned char c = (unsigned char)s->ptr[i];
        n = i == 8 ? n << 8 | c : n << 7 | (c & 0x7f);
        if (i == 8 || c < 0x80) {
            *s = str_skip(*s, i + 1);
            *ret = n;
            return true;
        }
    }
    return false;
}

struct sqlite_rows sqlite_rows_open(struct sqlite *s, uint32_t root)
{
    return (struct sqlite_rows){.s = s, .below = true, .next = root, .joined = buf_make(SQLITE_ROW_MAX)};
}

void sqlite_rows_close(struct sqlite_rows *r)
{
    buf_done(&r->joined);
}

static int damaged(struct sqlite_rows *r, const char *what)
{
    return error_set(r->s->err, E_BAD_INPUT, "%s", what);
}

/* Puts the page that is to be opened on the stack. */
static int descend(struct sqlite_rows *r)
{
    uint32_t n = r->next;
    struct str page = visit(r->s, n);
    unsigned type = bytes_be(page, tree_at(n), 1);
    r->below = false;
    r->offset = n ? (uint64_t)(n - 1) * r->s->page_size : 0;
    if (type != PAGE_INTERIOR && type != PAGE_LEAF)
        return damaged(r, "a page of the table is damaged, and what is below it is lost");
    if (r->depth == SQLITE_DEPTH_MAX)
        return damaged(r, "a table is deeper than any that SQLite makes");
    r->stack[r->depth].page = n;
    r->stack[r->depth++].cell = 0;
    return 0;
}

/* How much of a record lies in its leaf. */
static size_t local_size(const struct sqlite *s, uint64_t size)
{
    size_t most = s->usable - 35, least = (s->usable - 12) * 32 / 255 - 23;
    if (size <= most)
        return (size_t)size;
    size_t some = least + (size_t)((size - least) % (s->usable - 4));
    return some <= most ? some : least;
}

/* The record whose beginning is `here` and whose rest lies in a chain of pages. */
static int join(struct sqlite_rows *r, struct str here, uint64_t size, uint32_t next)
{
    buf_clear(&r->joined);
    buf_add(&r->joined, here);
    while (r->joined.len < size) {
        struct str page = visit(r->s, next);
        if (!page.len)
            return damaged(r, "the pages of a row are damaged");
        size_t left = (size_t)(size - r->joined.len), most = r->s->usable - 4;
        buf_add(&r->joined, bytes_part(page, 4, left < most ? left : most));
        next = bytes_be32(page, 0);
    }
    r->record = buf_str(&r->joined);
    return 1;
}

static int take_row(struct sqlite_rows *r, struct str cell)
{
    uint64_t size, id;
    if (!varint(&cell, &size) || !varint(&cell, &id))
        return damaged(r, "a row is damaged");
    if (size > SQLITE_ROW_MAX)
        return damaged(r, "a row is larger than limpid reads");
    size_t local = local_size(r->s, size);
    if (cell.len < local)
        return damaged(r, "a row is damaged");
    r->id = (int64_t)id;
    r->taken += local;
    if (r->taken > r->s->file.len + r->s->wal.len) {
        r->depth = 0; /* it would take as long as somebody wants */
        return damaged(r, "rows lie over each other, and the rest is not read");
    }
    if (local < size)
        return join(r, bytes_part(cell, 0, local), size, bytes_be32(cell, local));
    r->record = bytes_part(cell, 0, local);
    return 1;
}

/* The next cell of the page on top of the stack: a row, or a page to be opened. */
static int step(struct sqlite_rows *r)
{
    uint32_t n = r->stack[r->depth - 1].page, i = r->stack[r->depth - 1].cell++;
    struct str page = bytes_part(page_at(r->s, n), 0, r->s->usable);
    size_t tree = tree_at(n), count = bytes_be(page, tree + 3, 2);
    bool leaf = bytes_be(page, tree, 1) == PAGE_LEAF;
    size_t pointer = tree + (leaf ? LEAF_HEADER : INTERIOR_HEADER) + 2 * (size_t)i;
    size_t at = bytes_be(page, pointer, 2);
    if (i >= count)
        r->depth--;
    if (i > count || (leaf && i == count))
        return 0;
    r->offset = (uint64_t)(n - 1) * r->s->page_size + at;
    r->below = i == count;
    if (r->below) {
        r->next = bytes_be32(page, tree + 8); /* what follows the last key */
        return 0;
    }
    if (pointer + 2 > page.len || at < pointer || at >= page.len)
        return damaged(r, "a row is damaged");
    if (leaf)
        return take_row(r, str_skip(page, at));
    r->below = true;
    r->next = bytes_be32(page, at);
    return 0;
}

int sqlite_rows_next(struct sqlite_rows *r)
{
    int rc = 0;
    while (rc == 0 && (r->below || r->depth))
        rc = r->below ? descend(r) : step(r);
    return rc;
}

/* Bytes of a value of this type. */
static uint64_t value_size(uint64_t type)
{
    static const uint8_t sizes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
    return type < sizeof sizes ? sizes[type] : (type - 12) / 2;
}

static int64_t integer(struct str s)
{
    uint64_t n = s.len && s.ptr[0] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < s.len; i++)
        n = n << 8 | (unsigned char)s.ptr[i];
    return (int64_t)n;
}

bool sqlite_column(struct str record, unsigned column, struct str *ret, int64_t *ret_number)
{
    struct str header = record;
    uint64_t header_size, type = 0, at, size = 0;
    if (!varint(&header, &header_size) || header_size > record.len || header_size < record.len - header.len)
        return false;
    at = header_size;
    header.len = (size_t)header_size - (record.len - header.len);
    for (unsigned i = 0; i <= column; i++) {
        at += size;
        if (at > record.len || !varint(&header, &type))
            return false;
        size = value_size(type);
    }
    if (size > record.len - at)
        return false;
    *ret = bytes_part(record, (size_t)at, (size_t)size);
    *ret_number = type == 9 ? 1 : type >= 1 && type <= 6 ? integer(*ret) : 0;
    return true;
}

int sqlite_table(struct sqlite *s, struct str name, uint32_t *ret_root)
{
    enum { SCHEMA_ROOT = 1, SCHEMA_TYPE = 0, SCHEMA_NAME = 1, SCHEMA_PAGE = 3 };
    struct sqlite_rows rows = sqlite_rows_open(s, SCHEMA_ROOT);
    int rc, damage = 0;
    bool found = false;
    while ((rc = sqlite_rows_next(&rows)) != 0 && !found) {
        struct str type, own, page;
        int64_t number = 0;
        damage = rc < 0 ? rc : damage;
        found = rc > 0 && sqlite_column(rows.record, SCHEMA_TYPE, &type, &number) &&
                str_eq(type, STR("table")) && sqlite_column(rows.record, SCHEMA_NAME, &own, &number) &&
                str_eq(own, name) && sqlite_column(rows.record, SCHEMA_PAGE, &page, &number) && number > 0 &&
                number <= UINT32_MAX;
        if (found)
            *ret_root = (uint32_t)number;
    }
    sqlite_rows_close(&rows);
    memset(s->used, 0, s->pages + 1); /* the schema is read again for the next table */
    return found ? 1 : damage;
}
