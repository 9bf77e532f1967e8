/* Documents of images: the first byte says which kind is expected. Windows of one byte give the same as one
   window; what was read survives its wire form; and the input as a wire form is decoded with suspicion. */
#include "base/limits.h"
#include "oci/document.h"
#include "oci/platform.h"
#include "stream/memory.h"

static int read_document(struct str bytes, size_t step, enum oci_kind expected, struct buf *ret)
{
    struct arena arena = arena_make(OCI_ARENA_MAX);
    struct error err = {0};
    struct memory_reader in;
    struct oci_document doc, again;
    int rc = oci_read(memory_reader_init(&in, bytes, step, &err), expected, &arena, &doc, &err);
    if (rc == 0) {
        struct oci_platform want = {STR("linux"), STR("amd64"), STR("")};
        platform_choose(&doc, &want, true);
        for (size_t i = 0; i <= doc.layers.len; i++)
            oci_created_by(&doc, i);
        oci_encode(&doc, ret);
        if (oci_decode(buf_str(ret), &arena, &again, &err) < 0)
            abort();
        struct buf twice = buf_make(OCI_WIRE_MAX);
        oci_encode(&again, &twice);
        if (!str_eq(buf_str(&twice), buf_str(ret)))
            abort();
        buf_done(&twice);
    } else if (!err.text[0]) {
        abort();
    }
    arena_done(&arena);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    enum oci_kind expected = (enum oci_kind)(data[0] % OCI_KINDS);
    struct str bytes = {(const char *)data + 1, size - 1};
    struct buf big = buf_make(OCI_WIRE_MAX), small = buf_make(OCI_WIRE_MAX);
    int rc = read_document(bytes, 0, expected, &big);
    if (rc != read_document(bytes, 1, expected, &small) || !str_eq(buf_str(&big), buf_str(&small)))
        abort();
    buf_done(&big);
    buf_done(&small);
    struct arena arena = arena_make(OCI_ARENA_MAX);
    struct oci_document doc;
    struct error err;
    oci_decode(bytes, &arena, &doc, &err);
    arena_done(&arena);
    return 0;
}
