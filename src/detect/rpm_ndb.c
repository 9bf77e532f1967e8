/* Packages.db of rpm's own back end: pages of slots, each of which says where a package's blob lies, in blocks of 16 bytes.
   Numbers are little-endian. The format is described in lib/backend/ndb of rpm. */
#include "base/limits.h"
#include "detect/bytes.h"
#include "detect/rpm.h"

enum { PAGE = 4096, SLOT = 16, BLOCK = 16, BLOB_HEAD = 16, BLOB_TAIL = 12, FIRST_SLOT = 2 };

struct ndb {
    struct detection *d;
    struct str bytes;
    uint64_t slots_end; /* blobs begin behind the pages of slots */
    uint64_t taken;     /* bytes of blobs so far: they do not lie over each other */
};

static bool is_magic(struct str s, size_t at, const char *magic)
{
    return str_eq(bytes_part(s, at, 4), str_of(magic));
}

/* RFC 1950's checksum, over all of the blob but its tail. Two sums a piece, which need not wait for each other. */
static uint32_t adler32(struct str s)
{
    enum { MODULUS = 65521, PIECE = 4096 }; /* whose sums do not overflow */
    uint32_t a = 1, b = 0;
    while (s.len) {
        uint32_t n = s.len < PIECE ? (uint32_t)s.len : PIECE, sum = 0, weighted = 0;
        for (uint32_t i = 0; i < n; i++) {
            sum += (unsigned char)s.ptr[i];
            weighted += (n - i) * (unsigned char)s.ptr[i];
        }
        b = (b + n * a + weighted % MODULUS) % MODULUS;
        a = (a + sum) % MODULUS;
        s = str_skip(s, n);
    }
    return b << 16 | a;
}

/* The blob's content in *ret; false when it is not what the slot says. */
static bool open_blob(struct str blob, uint32_t index, struct str *ret)
{
    uint32_t length = bytes_le32(blob, 12);
    size_t tail = blob.len - BLOB_TAIL;
    if (!is_magic(blob, 0, "BlbS") || bytes_le32(blob, 4) != index || length > tail - BLOB_HEAD ||
        !is_magic(blob, tail + 8, "BlbE") || bytes_le32(blob, tail + 4) != length ||
        bytes_le32(blob, tail) != adler32((struct str){blob.ptr, tail}))
        return false;
    *ret = bytes_part(blob, BLOB_HEAD, length);
    return true;
}

static int take_slot(struct ndb *n, size_t at)
{
    uint32_t index = bytes_le32(n->bytes, at + 4);
    uint64_t offset = (uint64_t)bytes_le32(n->bytes, at + 8) * BLOCK,
             length = (uint64_t)bytes_le32(n->bytes, at + 12) * BLOCK;
    struct str content;
    if (!is_magic(n->bytes, at, "Slot"))
        return detection_problem(n->d, at, "a slot is damaged, and its package is lost");
    if (!index)
        return 0;
    if (length < BLOB_HEAD + BLOB_TAIL || offset < n->slots_end || offset > n->bytes.len ||
        length > n->bytes.len - offset)
        return detection_problem(n->d, at, "a slot leads out of the database, and its package is lost");
    n->taken += length;
    if (n->taken > n->bytes.len)
        return error_set(n->d->err, E_BAD_INPUT, "rpm: packages lie over each other at offset %ju",
                         (uintmax_t)offset);
    if (!open_blob(bytes_part(n->bytes, offset, length), index, &content))
        return detection_problem(n->d, offset, "a package's blob is damaged");
    return rpm_header_package(n->d, offset, content);
}

int rpm_ndb_packages(struct detection *d, struct str bytes)
{
    struct ndb n = {.d = d, .bytes = bytes};
    uint32_t version = bytes_le32(bytes, 4);
    int rc = 0;
    if (!is_magic(bytes, 0, "RpmP"))
        return error_set(d->err, E_BAD_INPUT, "rpm: no database of the ndb kind");
    if (version)
        return error_set(d->err, E_UNSUPPORTED, "rpm: a database of the ndb kind, version %u; known is 0",
                         version);
    n.slots_end = (uint64_t)bytes_le32(bytes, 12) * PAGE;
    if (n.slots_end > bytes.len) {
        n.slots_end = bytes.len - bytes.len % SLOT;
        rc = detection_problem(d, bytes.len, "the database ends early: packages may be missing");
    }
    for (size_t at = (size_t)FIRST_SLOT * SLOT; at < n.slots_end && rc >= 0; at += SLOT)
        rc = take_slot(&n, at);
    return rc;
}
