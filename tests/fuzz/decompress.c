/* Whatever the bytes are taken for: in any windows they give the same content and the same verdict. */
#include "stream/decompress.h"

#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"
#include "stream/memory.h"

static int unpack(struct str bytes, size_t step, struct buf *out)
{
    struct error err;
    struct memory_reader m;
    struct reader *r;
    int rc = decompress_open(&r, memory_reader_init(&m, bytes, step, &err), MIB(2), &err);
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
    struct buf a = buf_make(MIB(3)), b = buf_make(MIB(3));
    struct str bytes = {(const char *)data, size};
    int rc = unpack(bytes, 0, &a);
    size_t step = size ? 1 + data[size - 1] % 7u : 1;
    if (rc != unpack(bytes, step, &b) || !str_eq(buf_str(&a), buf_str(&b)))
        abort();
    buf_done(&a);
    buf_done(&b);
    return 0;
}
