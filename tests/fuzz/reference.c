/* Image names: what is accepted is printed, and read as the same again. */
#include "image/reference.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reference a, b;
    struct error err;
    char text[REFERENCE_TEXT_SIZE], again[REFERENCE_TEXT_SIZE];
    if (reference_parse((struct str){(const char *)data, size}, &a, &err) < 0)
        return 0;
    reference_text(&a, text, sizeof text);
    if (reference_parse(str_of(text), &b, &err) < 0 ||
        strcmp(text, reference_text(&b, again, sizeof again)) != 0)
        abort();
    return 0;
}
