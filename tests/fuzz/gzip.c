/* Both gzip readers over the same bytes: the same content, or two refusals; but where ISA-L takes a set of codes that lacks
   some, which RFC 1951 does not allow and zlib refuses, the checksum at the end has judged. Without ISA-L: zlib in two window sizes. */
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"
#include "stream/codec.h"
#include "stream/memory.h"

#ifdef HAVE_ISAL
#define first_open gzip_isal_open
#else
#define first_open gzip_zlib_open
#endif

static int unpack(int (*open)(struct reader **, struct reader *, uint64_t, struct error *), struct str bytes,
                  size_t step, struct buf *out, struct error *err)
{
    struct memory_reader m;
    struct reader *r;
    int rc = open(&r, memory_reader_init(&m, bytes, step, err), MIB(4), err);
    if (rc < 0)
        return rc;
    while ((rc = reader_more(r)) > 0) {
        buf_add(out, reader_window(r));
        r->ptr = r->end;
    }
    reader_close(r);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf a = buf_make(MIB(5)), b = buf_make(MIB(5)), c = buf_make(MIB(5));
    struct str bytes = {(const char *)data, size};
    struct error err = {0}, ignored;
    int rc = unpack(first_open, bytes, 0, &a, &ignored), judge = unpack(gzip_zlib_open, bytes, 0, &b, &err);
    bool lacks_codes = rc == 0 && judge < 0 && str_has(str_of(err.text), STR(" set at offset "));
    if (!lacks_codes && (rc != judge || (rc == 0 && !str_eq(buf_str(&a), buf_str(&b)))))
        abort();
    size_t step = size ? 1 + data[size - 1] % 7u : 1;
    if (rc != unpack(first_open, bytes, step, &c, &ignored) || !str_eq(buf_str(&a), buf_str(&c)))
        abort();
    buf_done(&a);
    buf_done(&b);
    buf_done(&c);
    return 0;
}
