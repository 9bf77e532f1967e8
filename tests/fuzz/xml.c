/* XML: what is read does not depend on the pieces in which the bytes come; elements close as they opened; texts are UTF-8. */
#include "format/xml.h"

#include <stdlib.h>

#include "stream/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_all(struct str text, size_t step, struct buf *ret)
{
    struct error err = {0};
    struct memory_reader m;
    struct xml x;
    int rc, open = 0;
    xml_open(&x, memory_reader_init(&m, text, step, &err), &err);
    while ((rc = xml_next(&x)) > 0) {
        open += rc == XML_OPEN ? 1 : -1;
        if (open < 0 || !x.name.ptr || x.depth != (unsigned)open + (rc == XML_CLOSE))
            abort();
        buf_add(ret, x.name);
        buf_add(ret, rc == XML_OPEN ? xml_attribute(&x, "id") : x.content);
        buf_add_char(ret, '\n');
    }
    if ((rc < 0) != (err.text[0] != 0) || (rc == 0 && open))
        abort();
    xml_close(&x);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole = buf_make(MIB(16)), pieces = buf_make(MIB(16));
    struct str text = {(const char *)data, size};
    int rc = read_all(text, 0, &whole);
    for (size_t step = 1; step < 30; step = step * 4 + 1) {
        buf_clear(&pieces);
        if (read_all(text, step, &pieces) != rc || !str_eq(buf_str(&whole), buf_str(&pieces)))
            abort();
    }
    buf_done(&whole);
    buf_done(&pieces);
    return 0;
}
