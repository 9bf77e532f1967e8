/* Zip archives: what is read does not depend on the pieces in which the bytes come. */
#include "stream/zip.h"

#include <stdlib.h>

#include "base/limits.h"
#include "stream/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_all(struct str bytes, size_t step, struct buf *ret)
{
    struct error err = {0};
    struct memory_reader m;
    struct zip z;
    struct str name;
    int rc;
    zip_init(&z, memory_reader_init(&m, bytes, step, &err), MIB(16), &err);
    while ((rc = zip_next(&z, &name)) > 0) {
        struct reader *body = zip_body(&z);
        buf_add(ret, name);
        buf_add_char(ret, '=');
        while ((name.len & 1) && (rc = reader_more(body)) > 0) {
            buf_add(ret, reader_window(body));
            body->ptr = body->end;
        }
    }
    zip_done(&z);
    if (rc < 0 && !err.text[0])
        abort();
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole = buf_make(MIB(64)), pieces = buf_make(MIB(64));
    struct str bytes = {(const char *)data, size};
    int rc = read_all(bytes, 0, &whole);
    for (size_t step = 1; step < 30; step = step * 4 + 1) {
        buf_clear(&pieces);
        int again = read_all(bytes, step, &pieces);
        if (again != rc || (rc == 0 && !str_eq(buf_str(&whole), buf_str(&pieces))))
            abort();
    }
    buf_done(&whole);
    buf_done(&pieces);
    return 0;
}
