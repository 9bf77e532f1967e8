#include "report/template.h"

#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct template_row rows[] = {
        {.id = STR_INIT("1"),
         .cve = STR_INIT("CVE-2024-1"),
         .severity = STR_INIT("High"),
         .package = STR_INIT("<openssl>"),
         .fixed = STR_INIT("3.0-2"),
         .vectors = {STR_INIT("Network")},
         .score = 98},
        {.id = STR_INIT("2"), .cve = STR_INIT("CVE-2024-2"), .score = -1},
    };
    CLEANUP(buf_done) struct buf out = buf_make(MIB(1));
    struct error err = {0};
    int rc = template_render((struct str){(const char *)data, size}, rows, 2, &out, &err);
    if (rc < 0 ? !err.text[0] || rc != -(int)err.code : out.failed)
        __builtin_trap();
    return 0;
}
