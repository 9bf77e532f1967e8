#include "image/named.h"

#include "base/buf.h"
#include "oci/platform.h"

static int refuse(const struct oci_document *index, const char *what, enum error_code code, struct error *err)
{
    CLEANUP(buf_done) struct buf names = buf_make(300);
    vec_each (&index->manifests, d) {
        char safe[100];
        struct str name = d->name.len ? d->name : digest_str(&d->digest);
        if (!platform_is_image(d) || names.len > 180)
            continue;
        buf_printf(&names, "%s%s", names.len ? ", " : "", str_printable(name, safe, sizeof safe));
    }
    return error_set(err, code, "%s; there are: %.*s", what, STR_ARG(buf_str(&names)));
}

int named_find(const struct oci_document *index, const char *reference, struct oci_descriptor *ret,
               struct error *err)
{
    const struct oci_descriptor *found = NULL;
    size_t images = 0, named = 0;
    vec_each (&index->manifests, d) {
        bool same = str_eq(d->name, str_of(reference)) || str_eq(digest_str(&d->digest), str_of(reference));
        images += platform_is_image(d);
        named += d->name.len > 0;
        if (*reference ? same : platform_is_image(d))
            found = d;
    }
    if (!found && *reference)
        return refuse(index, "no image of that reference", E_NOT_FOUND, err);
    if (!found)
        return error_set(err, E_NOT_FOUND, "the layout has no image");
    if (!*reference && images > 1 && !named)
        return 1;
    if (!*reference && images > 1)
        return refuse(index, "several images: add :REFERENCE", E_USAGE, err);
    if (!found->digest.text[0])
        return error_set(err, E_UNSUPPORTED,
                         "the image's digest is of an algorithm other than sha256 and sha512");
    *ret = *found;
    return 0;
}
