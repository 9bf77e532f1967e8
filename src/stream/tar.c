#include "stream/tar.h"

#include <stdlib.h>

#include "stream/tar_format.h"

static const uint8_t zeros[KIB(4)];

/* Fields of a header: POSIX.1-2017, pax, "ustar Interchange Format". */
enum {
    NAME = 0,
    SIZE = 124,
    CHECKSUM = 148,
    TYPE = 156,
    LINK = 157,
    MAGIC = 257,
    PREFIX = 345,
    STAR = 508, /* "tar" ends a header of star, whose prefix is shorter */
};

/* Text that fills its field or ends with a zero. */
static struct str field(const uint8_t *at, size_t n)
{
    struct str s = {(const char *)at, n};
    s.len = str_find(s, 0);
    return s;
}

int tar_number(struct tar *t, const char *what, const uint8_t *at, size_t n, uint64_t *ret)
{
    uint64_t value = 0;
    size_t i = 0;
    if (at[0] & 0x80) {
        value = at[0] & 0x7f;
        for (i = 1; i < n && value <= INT64_MAX >> 8; i++)
            value = value << 8 | at[i];
        if (i < n)
            return tar_refuse(t, E_BAD_INPUT, "%s is negative or beyond 2^63", what);
        *ret = value;
        return 0;
    }
    while (i < n && (at[i] == ' ' || at[i] == 0))
        i++;
    for (; i < n && at[i] >= '0' && at[i] <= '7'; i++)
        value = value << 3 | (uint64_t)(at[i] - '0');
    if (i < n && at[i] != ' ' && at[i] != 0) {
        char text[32];
        return tar_refuse(t, E_BAD_INPUT, "%s is '%s', not an octal number", what,
                          str_printable(field(at, n), text, sizeof text));
    }
    *ret = value;
    return 0;
}

int tar_block(struct tar *t, const uint8_t **ret)
{
    int more = reader_more(t->in);
    if (more <= 0)
        return more;
    if (t->in->end - t->in->ptr >= TAR_BLOCK) {
        *ret = t->in->ptr;
        t->in->ptr += TAR_BLOCK;
        return 1;
    }
    size_t got = 0;
    int rc = reader_read_some(t->in, t->block, TAR_BLOCK, &got);
    if (rc < 0)
        return rc;
    if (got < TAR_BLOCK)
        return tar_refuse(t, E_BAD_INPUT, "the archive ends %zu bytes early", TAR_BLOCK - got);
    *ret = t->block;
    return 1;
}

/* Passes n bytes over; the archive may end among them when `may_end`. */
static int skip(struct tar *t, uint64_t n, bool may_end)
{
    while (n) {
        int more = reader_more(t->in);
        if (more < 0)
            return more;
        if (!more)
            return may_end ? 0 : tar_refuse(t, E_BAD_INPUT, "its content ends %ju bytes early", (uintmax_t)n);
        size_t have = (size_t)(t->in->end - t->in->ptr), take = have < n ? have : (size_t)n;
        t->in->ptr += take;
        n -= take;
    }
    return 0;
}

static bool is_zero_block(const uint8_t *h)
{
    return h[0] == 0 && memcmp(h, zeros, TAR_BLOCK) == 0;
}

static int check_sum(struct tar *t, const uint8_t *h)
{
    uint64_t stated;
    int rc = tar_number(t, "checksum", h + CHECKSUM, 8, &stated);
    if (rc < 0)
        return rc;
    unsigned sum = 0, high = 0;
    for (size_t i = 0; i < TAR_BLOCK; i++)
        sum += h[i];
    for (size_t i = CHECKSUM; i < CHECKSUM + 8; i++)
        sum += (unsigned)' ' - h[i];
    if (sum == stated)
        return 0;
    for (size_t i = 0; i < TAR_BLOCK; i++) /* old programs add signed bytes */
        high += (i < CHECKSUM || i >= CHECKSUM + 8) && h[i] >= 0x80;
    if ((uint64_t)(int64_t)((int)sum - 256 * (int)high) == stated)
        return 0;
    return tar_refuse(t, E_BAD_INPUT, "checksum is %04jo, should be %04o", (uintmax_t)stated, sum);
}

/* A zero block ends the archive when another follows, or nothing. */
static int end_blocks(struct tar *t)
{
    const uint8_t *h;
    int rc = tar_block(t, &h);
    if (rc <= 0)
        return rc;
    return is_zero_block(h) ? 0 : tar_refuse(t, E_BAD_INPUT, "a single block of zeros, and then data");
}

/* The next header: 1, the end 0. */
static int next_header(struct tar *t, const uint8_t **ret)
{
    t->header = reader_position(t->in) - t->start;
    int rc = tar_block(t, ret);
    if (rc <= 0)
        return rc;
    if (is_zero_block(*ret))
        return end_blocks(t);
    if (++t->headers > TAR_HEADERS_MAX)
        return tar_refuse(t, E_LIMIT, "more than %d headers", TAR_HEADERS_MAX);
    rc = check_sum(t, *ret);
    return rc < 0 ? rc : 1;
}

/* The body of an extended header, at most max bytes, into t->text. */
static int read_text(struct tar *t, const uint8_t *h, size_t max)
{
    uint64_t size;
    int rc = tar_number(t, "size", h + SIZE, 12, &size);
    if (rc < 0)
        return rc;
    if (size > max)
        return tar_refuse(t, E_LIMIT, "extended by %ju bytes, more than %zu", (uintmax_t)size, max);
    buf_clear(&t->text);
    char *room = size ? buf_room(&t->text, (size_t)size) : NULL;
    size_t got = 0;
    rc = room ? reader_read_some(t->in, room, (size_t)size, &got) : 0;
    if (rc < 0)
        return rc;
    t->text.len = got;
    if (got < size)
        return tar_refuse(t, E_BAD_INPUT, "its content ends %ju bytes early", (uintmax_t)(size - got));
    return skip(t, -size & (TAR_BLOCK - 1), true);
}

/* Takes a header that is about the entry after it: 1, any other 0. */
static int take_extension(struct tar *t, const uint8_t *h)
{
    char type = (char)h[TYPE];
    if (type != 'x' && type != 'X' && type != 'g' && type != 'L' && type != 'K')
        return 0;
    bool pax = type != 'L' && type != 'K';
    int rc = read_text(t, h, pax ? TAR_PAX_MAX : TAR_LONG_NAME_MAX);
    if (rc < 0)
        return rc;
    struct str text = buf_str(&t->text);
    if (pax)
        rc = tar_pax_read(t, type == 'g' ? &t->global : &t->local, text);
    else if (type == 'L')
        tar_pax_path(&t->local, str_cut(&text, 0));
    else
        tar_pax_link(&t->local, str_cut(&text, 0));
    return rc < 0 ? rc : 1;
}

static int read_path(struct tar *t, const uint8_t *h, struct str *ret, bool *ret_slash)
{
    char joined[155 + 1 + 100];
    struct str raw = field(h + NAME, 100);
    if (t->local.has_path || t->global.has_path) {
        raw = buf_str(t->local.has_path ? &t->local.path : &t->global.path);
    } else if (h[PREFIX] && memcmp(h + MAGIC, "ustar", 6) == 0) {
        struct str prefix = field(h + PREFIX, memcmp(h + STAR, "tar", 4) == 0 ? 131 : 155);
        memcpy(joined, prefix.ptr, prefix.len);
        joined[prefix.len] = '/';
        memcpy(joined + prefix.len + 1, raw.ptr, raw.len);
        raw = (struct str){joined, prefix.len + 1 + raw.len};
    }
    *ret_slash = str_ends(raw, STR("/"));
    size_t len = tar_path(raw, t->path, sizeof t->path);
    if (len > sizeof t->path)
        return tar_refuse(t, E_LIMIT, "a path of %zu bytes, more than %zu", raw.len, sizeof t->path);
    *ret = (struct str){t->path, len};
    return 0;
}

static int read_link(struct tar *t, const uint8_t *h, bool symbolic, struct str *ret)
{
    struct str raw = field(h + LINK, 100);
    if (t->local.has_link || t->global.has_link)
        raw = buf_str(t->local.has_link ? &t->local.link : &t->global.link);
    size_t len = symbolic ? raw.len : tar_path(raw, t->link, sizeof t->link);
    if (len > sizeof t->link)
        return tar_refuse(t, E_LIMIT, "a link target of %zu bytes, more than %zu", raw.len, sizeof t->link);
    if (symbolic && len)
        memcpy(t->link, raw.ptr, len);
    *ret = (struct str){t->link, len};
    return 0;
}

/* What kind a header's type is, and whether content can follow it: as Go's archive/tar sees it, through which
   container runtimes unpack layers. */
static enum tar_type type_of(uint8_t type, bool slash, bool *ret_content)
{
    *ret_content = !(type >= '1' && type <= '6');
    switch (type) {
    case 0:
        return slash ? TAR_DIRECTORY : TAR_REGULAR;
    case '0':
    case '7':
    case 'S':
        return TAR_REGULAR;
    case '1':
        return TAR_HARDLINK;
    case '2':
        return TAR_SYMLINK;
    case '5':
        return TAR_DIRECTORY;
    default:
        return TAR_OTHER;
    }
}

/* How many bytes follow the header, and how many the file has; makes the sparse map. */
static int read_sizes(struct tar *t, const uint8_t *h, uint64_t *ret_stored, uint64_t *ret_size)
{
    int rc = tar_number(t, "size", h + SIZE, 12, ret_stored);
    if (rc < 0)
        return rc;
    if (t->local.has_size || t->global.has_size)
        *ret_stored = t->local.has_size ? t->local.size : t->global.size;
    *ret_size = *ret_stored;
    bool old = h[TYPE] == 'S';
    if (!old && !t->local.sparse)
        return 0;
    t->local.sparse = true;
    rc = old ? tar_sparse_old(t, h) : tar_sparse_pax(t, ret_stored);
    *ret_size = t->sparse.size;
    return rc < 0 ? rc : tar_sparse_check(t, *ret_stored);
}

static int read_entry(struct tar *t, const uint8_t *h, struct tar_entry *ret)
{
    struct tar_entry e = {.offset = t->header, .link = STR("")};
    bool slash, content;
    uint64_t stored = 0;
    int rc = read_path(t, h, &e.path, &slash);
    if (rc < 0)
        return rc;
    e.type = type_of(h[TYPE], slash, &content);
    if ((e.type == TAR_SYMLINK || e.type == TAR_HARDLINK) &&
        (rc = read_link(t, h, e.type == TAR_SYMLINK, &e.link)) < 0)
        return rc;
    t->local.sparse = t->local.sparse && content;
    if (content && (rc = read_sizes(t, h, &stored, &e.size)) < 0) /* the last to look at h */
        return rc;
    t->left = stored;
    t->padding = -stored & (TAR_BLOCK - 1);
    *ret = e;
    return 1;
}

static void forget_entry(struct tar *t)
{
    t->local.has_path = t->local.has_link = t->local.has_size = false;
    t->local.sparse = t->local.sparse_has_name = t->local.sparse_has_size = t->local.sparse_has_offset =
        false;
    t->local.sparse_major = t->local.sparse_minor = 0;
    t->sparse.len = t->sparse.at = 0;
    t->sparse.position = 0;
    t->body.ptr = t->body.end = NULL;
    t->body.offset = 0;
    t->body.state = 0;
}

static int next_entry(struct tar *t, struct tar_entry *ret)
{
    int rc = skip(t, t->left, false);
    if (rc < 0 || (rc = skip(t, t->padding, true)) < 0)
        return rc;
    t->left = t->padding = 0;
    forget_entry(t);
    for (bool announced = false;;) {
        const uint8_t *h;
        rc = next_header(t, &h);
        if (rc == 0 && announced)
            return tar_refuse(t, E_BAD_INPUT, "the archive ends, but the header before announces an entry");
        if (rc <= 0)
            return rc;
        announced = h[TYPE] != 'g';
        rc = take_extension(t, h);
        if (rc <= 0)
            return rc < 0 ? rc : read_entry(t, h, ret);
    }
}

static int body_fill(struct reader *r)
{
    struct tar *t = (struct tar *)r;
    uint64_t most = t->left;
    bool hole = false;
    if (t->local.sparse ? !tar_sparse_next(&t->sparse, &most, &hole) : !most)
        return 0;
    if (hole) {
        size_t n = most < sizeof zeros ? (size_t)most : sizeof zeros;
        r->ptr = zeros;
        r->end = zeros + n;
        t->sparse.position += n;
        return 1;
    }
    int more = reader_more(t->in);
    if (more < 0)
        return more;
    if (!more)
        return tar_refuse(t, E_BAD_INPUT, "its content ends %ju bytes early", (uintmax_t)t->left);
    size_t have = (size_t)(t->in->end - t->in->ptr), take = have < most ? have : (size_t)most;
    r->ptr = t->in->ptr;
    r->end = r->ptr + take;
    t->in->ptr += take;
    t->left -= take;
    t->sparse.position += take;
    return 1;
}

static const struct reader_ops body_ops = {.name = "tar", .fill = body_fill};

int tar_init(struct tar *t, struct reader *in, struct error *err)
{
    memset(t, 0, offsetof(struct tar, block));
    t->body = (struct reader){.ops = &body_ops, .limit = UINT64_MAX, .err = err};
    t->in = in;
    t->err = err;
    t->start = reader_position(in);
    t->text = buf_make(TAR_PAX_MAX);
    t->local.path = t->local.link = t->global.path = t->global.link = t->text;
    return 0;
}

int tar_next(struct tar *t, struct tar_entry *ret)
{
    if (t->state)
        return t->state > 0 ? 0 : t->state;
    int rc = next_entry(t, ret);
    if (rc <= 0) {
        t->state = rc ? rc : 1;
        t->left = 0; /* the body is at its end as well */
        t->local.sparse = false;
    }
    return rc;
}

struct reader *tar_body(struct tar *t)
{
    return &t->body;
}

void tar_done(struct tar *t)
{
    buf_done(&t->text);
    buf_done(&t->local.path);
    buf_done(&t->local.link);
    buf_done(&t->global.path);
    buf_done(&t->global.link);
    free(t->sparse.segments);
    t->sparse.segments = NULL;
}
