#include "format/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int take(void *ctx, struct str key, struct str value)
{
    *(size_t *)ctx += key.len + value.len;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    size_t total = 0;
    if (yaml_read((struct str){(const char *)data, size}, take, &total, &err) < 0 && !err.text[0])
        __builtin_trap();
    return 0;
}
