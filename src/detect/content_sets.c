/* What Red Hat's build system leaves in an image. A document for each image that it is built on, with the content sets
   (repositories) that the packages of its layer came from: {"content_sets": ["rhel-9-for-x86_64-baseos-rpms", …], …}. And its labels,
   of which one names the product: {"cpe": "cpe:/a:redhat:openshift:4.16::el9", …}. Images for hosts have both below /usr. */
#include "base/limits.h"
#include "detect/detector.h"
#include "format/json.h"
#include "model/vendor.h"

extern const struct detector content_sets_detector;

static int names_read(struct detection *d, struct json *j)
{
    struct str name;
    int rc = json_array(j);
    while (rc > 0 && (rc = json_item(j)) > 0) {
        rc = json_string(j, &name);
        if (rc > 0)
            rc = detection_repository(d, name);
        rc = rc < 0 ? rc : 1;
    }
    return rc;
}

/* Some builds have put the value in quotes of its own. */
static int product_read(struct detection *d, struct json *j)
{
    struct str cpe;
    int rc = json_string(j, &cpe);
    if (rc <= 0)
        return rc;
    if (cpe.len > 2 && *cpe.ptr == '"' && cpe.ptr[cpe.len - 1] == '"')
        cpe = (struct str){cpe.ptr + 1, cpe.len - 2};
    return vendor_redhat_product(cpe).len ? detection_repository(d, cpe) : 0;
}

static int document_read(struct detection *d, struct json *j)
{
    struct str key;
    int rc = json_object(j);
    if (rc == 0)
        return json_fail(j, "no object");
    while (rc > 0 && (rc = json_key(j, &key)) > 0) {
        if (str_eq(key, STR("content_sets")))
            rc = names_read(d, j);
        else if (str_eq(key, STR("cpe")))
            rc = product_read(d, j);
        rc = rc < 0 ? rc : 1;
    }
    return rc < 0 ? rc : json_end(j);
}

static int content_sets_file(struct detection *d, struct reader *body)
{
    struct json j;
    if (!str_ends(d->path, STR(".json")))
        return 0;
    json_open(&j, body, d->err);
    int rc = document_read(d, &j);
    json_close(&j);
    return rc < 0 ? error_in(d->err, "content sets") : 0;
}

#define WANT(path)                                  \
    {                                               \
        WANT_PATH, STR_INIT(path), CONTENT_SETS_MAX \
    }

const struct detector content_sets_detector = {
    .name = "content-sets",
    .version = 1,
    .wants =
        (const struct want[]){WANT("usr/share/buildinfo/content-sets.json"),
                              WANT("usr/share/buildinfo/labels.json"),
                              WANT("root/buildinfo/labels.json"),
                              {WANT_DIR, STR_INIT("root/buildinfo/content_manifests/"), CONTENT_SETS_MAX},
                              {.how = WANT_NONE}},
    .file = content_sets_file,
};
