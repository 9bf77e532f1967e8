/* Berkeley DB's hash table, as far as rpm uses it: a page of facts, then pages of pairs of key and value, whose larger values
   lie in chains of pages of their own. Pages say of which kind they are, so all are looked at in their order: what hangs
   together by a damaged page is lost, and nothing else.
   https://docs.oracle.com/cd/E17275_01/html/programmer_reference/am_conf.html and the headers of libdb-dev. */
#include "base/buf.h"
#include "base/limits.h"
#include "detect/bytes.h"
#include "detect/rpm.h"

enum { HASH_MAGIC = 0x061561, VERSION_MIN = 7, VERSION_MAX = 10, PAGE_SIZE_MIN = 512, PAGE_SIZE_MAX = 65536 };
enum { PAGE_HASH_UNSORTED = 2, PAGE_OVERFLOW = 7, PAGE_HASH = 13, PAGE_HEADER = 26 };
enum { ITEM_HERE = 1, ITEM_ELSEWHERE = 3 };

struct bdb {
    struct detection *d;
    struct str bytes;
    bool big_endian;
    uint32_t page_size, pages;
    uint8_t *used;    /* a byte a page: it is in a chain already */
    struct buf value; /* of a chain */
};

static uint32_t number(const struct bdb *b, struct str s, size_t at, size_t width)
{
    return b->big_endian ? bytes_be(s, at, width) : bytes_le(s, at, width);
}

static struct str page_at(const struct bdb *b, uint32_t n)
{
    return bytes_part(b->bytes, (size_t)n * b->page_size, b->page_size);
}

static unsigned page_type(struct str page)
{
    return bytes_le(page, 25, 1);
}

/* Joins the pages of a chain in b->value. 0: it is broken, leads to where another has been, or is longer than it says. */
static int join(struct bdb *b, uint32_t n, uint32_t length)
{
    buf_clear(&b->value);
    while (n && b->value.len < length) {
        struct str page = n < b->pages ? page_at(b, n) : STR("");
        uint32_t here = number(b, page, 22, 2);
        if (page_type(page) != PAGE_OVERFLOW || b->used[n] || !here || here > b->page_size - PAGE_HEADER ||
            here > length - b->value.len)
            return 0;
        b->used[n] = 1;
        buf_add(&b->value, bytes_part(page, PAGE_HEADER, here));
        n = number(b, page, 16, 4);
    }
    return b->value.len == length;
}

static int take_chain(struct bdb *b, uint64_t offset, struct str item)
{
    uint32_t first = number(b, item, 4, 4), length = number(b, item, 8, 4);
    if (length > RPM_HEADER_MAX)
        return detection_problem(b->d, offset, "a package's header is larger than limpid reads");
    if (!join(b, first, length))
        return detection_problem(b->d, offset, "the pages of a package's header are damaged");
    return rpm_header_package(b->d, offset, buf_str(&b->value));
}

/* The key of the record that counts packages is 0. */
static bool is_counter(struct str key)
{
    return key.len == 5 && key.ptr[0] == ITEM_HERE && bytes_le32(key, 1) == 0;
}

static int take_pair(struct bdb *b, uint64_t offset, struct str key, struct str value)
{
    if (is_counter(key))
        return 0;
    if (value.len && value.ptr[0] == ITEM_HERE)
        return rpm_header_package(b->d, offset, str_skip(value, 1));
    if (value.len >= 12 && value.ptr[0] == ITEM_ELSEWHERE)
        return take_chain(b, offset, value);
    return detection_problem(b->d, offset, "a record is of no kind that rpm writes");
}

/* Offsets of items, the first of which ends with the page, each next one where the one before begins. */
static int take_page(struct bdb *b, uint32_t n)
{
    struct str page = page_at(b, n);
    uint64_t offset = (uint64_t)n * b->page_size;
    size_t count = number(b, page, 20, 2), least = PAGE_HEADER + 2 * count, end = page.len;
    int rc = 0;
    for (size_t i = 0; i + 1 < count && rc >= 0; i += 2) {
        size_t key = number(b, page, PAGE_HEADER + 2 * i, 2),
               value = number(b, page, PAGE_HEADER + 2 * i + 2, 2);
        if (key >= end || value >= key || value < least)
            return detection_problem(b->d, offset, "a page is damaged, and its packages are lost");
        rc = take_pair(b, offset, bytes_part(page, key, end - key), bytes_part(page, value, key - value));
        end = value;
    }
    return rc;
}

static int open_table(struct bdb *b)
{
    struct error *err = b->d->err;
    b->big_endian = bytes_be32(b->bytes, 12) == HASH_MAGIC;
    uint32_t version = number(b, b->bytes, 16, 4), last = number(b, b->bytes, 32, 4);
    b->page_size = number(b, b->bytes, 20, 4);
    if (number(b, b->bytes, 12, 4) != HASH_MAGIC)
        return error_set(err, E_BAD_INPUT, "rpm: no hash table of Berkeley DB");
    if (version < VERSION_MIN || version > VERSION_MAX)
        return error_set(err, E_UNSUPPORTED, "rpm: Berkeley DB's hash table version %u, known are %d to %d",
                         version, VERSION_MIN, VERSION_MAX);
    if (bytes_le(b->bytes, 24, 1) || bytes_le(b->bytes, 26, 1) & 1)
        return error_set(err, E_UNSUPPORTED,
                         "rpm: a Berkeley DB with encryption or checksums, which rpm does not write");
    if (b->page_size < PAGE_SIZE_MIN || b->page_size > PAGE_SIZE_MAX || b->page_size & (b->page_size - 1))
        return error_set(err, E_BAD_INPUT, "rpm: a Berkeley DB with pages of %u bytes", b->page_size);
    b->pages = (uint32_t)(b->bytes.len / b->page_size);
    if (last >= b->pages)
        return detection_problem(b->d, b->bytes.len, "the database ends early: packages may be missing");
    b->pages = last + 1;
    return 0;
}

int rpm_bdb_packages(struct detection *d, struct str bytes)
{
    struct bdb b = {.d = d, .bytes = bytes, .value = buf_make(RPM_HEADER_MAX)};
    int rc = open_table(&b);
    if (rc >= 0 && !(b.used = arena_array(d->arena, uint8_t, b.pages)))
        rc = error_set(d->err, E_LIMIT, "rpm: %u pages are more than this unit of work may keep", b.pages);
    for (uint32_t n = 1; n < b.pages && rc >= 0; n++) {
        unsigned type = page_type(page_at(&b, n));
        if (type == PAGE_HASH || type == PAGE_HASH_UNSORTED)
            rc = take_page(&b, n);
    }
    buf_done(&b.value);
    return rc;
}
