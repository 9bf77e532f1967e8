/* deb822: stanzas do not depend on the pieces in which the bytes come. */
#include "format/deb822.h"

#include "stream/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void stanzas(struct str text, size_t step, struct buf *out)
{
    static const struct str names[] = {STR_INIT("Package"), STR_INIT("Version"), STR_INIT("A")};
    struct error err = {0};
    struct memory_reader m;
    struct deb822 d;
    buf_clear(out);
    deb822_open(&d, memory_reader_init(&m, text, step, &err), names, 3, &err);
    d.comments = text.len % 2;
    while (deb822_next(&d) > 0)
        for (size_t i = 0; i < 3; i++) {
            buf_add_char(out, d.values[i].ptr ? '+' : '-');
            buf_add(out, d.values[i]);
        }
    buf_printf(out, "%ju %ju %d", (uintmax_t)d.bad_lines, (uintmax_t)d.bad_offset, d.unterminated);
    deb822_close(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole = buf_make(MIB(64)), pieces = buf_make(MIB(64));
    struct str text = {(const char *)data, size};
    stanzas(text, 0, &whole);
    for (size_t step = 1; step < 40; step = step * 3 + 1) {
        stanzas(text, step, &pieces);
        if (!str_eq(buf_str(&whole), buf_str(&pieces)))
            abort();
    }
    buf_done(&whole);
    buf_done(&pieces);
    return 0;
}
