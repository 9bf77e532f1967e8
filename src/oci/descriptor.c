#include "base/limits.h"
#include "oci/parse.h"

int parse_no_memory(struct parse *p)
{
    return error_set(p->err, E_LIMIT, "image document: needs more memory than one document may have");
}

int parse_full(struct parse *p, const char *what, size_t max)
{
    return error_set(p->err, E_LIMIT, "image document: more than %zu %s", max, what);
}

int parse_text(struct parse *p, struct str *ret)
{
    struct str text;
    int rc = json_string(&p->j, &text);
    if (rc <= 0)
        return rc;
    return arena_str(p->arena, text, ret) < 0 ? parse_no_memory(p) : 1;
}

int parse_digest(struct parse *p, const char *what, bool strict, struct digest *ret)
{
    struct str text;
    int rc = json_string(&p->j, &text);
    if (rc <= 0 || digest_parse(text, ret) == 0 || !strict)
        return rc;
    char shown[100];
    return error_set(p->err, E_UNSUPPORTED, "%s: '%s' is no sha256 or sha512 digest", what,
                     str_printable(text, shown, sizeof shown));
}

static int parse_platform(struct parse *p, struct oci_platform *ret)
{
    struct str key;
    int rc = json_object(&p->j);
    while (rc > 0 && (rc = json_key(&p->j, &key)) > 0) {
        struct str *to = str_eq(key, STR("os"))             ? &ret->os
                         : str_eq(key, STR("architecture")) ? &ret->architecture
                         : str_eq(key, STR("variant"))      ? &ret->variant
                                                            : NULL;
        if (to && (rc = parse_text(p, to)) < 0)
            return rc;
        rc = 1;
    }
    return rc;
}

static int parse_annotations(struct parse *p, struct oci_descriptor *ret)
{
    struct str key;
    int rc = json_object(&p->j);
    while (rc > 0 && (rc = json_key(&p->j, &key)) > 0) {
        if (str_eq(key, STR("org.opencontainers.image.ref.name")))
            rc = parse_text(p, &ret->name);
        else if (str_eq(key, STR("io.containerd.image.name")))
            rc = ret->name.len ? 1 : parse_text(p, &ret->name);
        else if (str_eq(key, STR("vnd.docker.reference.type")))
            ret->attestation = true;
        if (rc < 0)
            return rc;
        rc = 1;
    }
    return rc;
}

int parse_descriptor(struct parse *p, bool in_index, struct oci_descriptor *ret)
{
    struct str key;
    int rc = json_object(&p->j);
    while (rc > 0 && (rc = json_key(&p->j, &key)) > 0) {
        if (str_eq(key, STR("mediaType")))
            rc = parse_text(p, &ret->media_type);
        else if (str_eq(key, STR("digest")))
            rc = parse_digest(p, "descriptor", !in_index, &ret->digest);
        else if (str_eq(key, STR("size")))
            ret->size_known = (rc = json_u64(&p->j, INT64_MAX, &ret->size)) > 0;
        else if (str_eq(key, STR("platform")))
            rc = parse_platform(p, &ret->platform);
        else if (str_eq(key, STR("annotations")))
            rc = parse_annotations(p, ret);
        if (rc < 0)
            return rc;
        rc = 1;
    }
    return rc;
}
