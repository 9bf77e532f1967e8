#include "image/registry_remote.h"

#include "base/limits.h"
#include "base/memory.h"
#include "image/registry_lookup.h"
#include "image/source.h"

struct registry_remote {
    struct image image; /* for its info; it has no layers that can be opened */
    struct image_options options;
    struct registry_access access;
    struct registry_client *client;
};

static const struct image_source remote_source = {.scheme = "registry"};

static struct registry_endpoint *endpoint_of(struct registry_remote *r)
{
    return &r->access.endpoints[r->access.endpoints_count - 1];
}

/* What schema 1 shows of an index is its image for this platform. */
static int is_old_platform(const char *platform, bool *ret, struct error *err)
{
    struct oci_platform p;
    int rc = resolve_platform(platform, &p, err);
    if (rc == 0)
        *ret = str_eq(p.os, STR("linux")) && str_eq(p.architecture, STR("amd64")) && !p.variant.len;
    return rc;
}

/* What answers at the base of its address neither 200 nor 401 is no registry, or none that works. */
static void tell_refusal(struct registry_remote *r, struct worker *worker, struct registry_refused *ret)
{
    struct error ignored = {0};
    struct registry_client *c = NULL;
    char url[sizeof ret->url];
    int status = 0;
    *ret = r->access.refused;
    if (ret->by != REFUSED_REQUEST || ret->status == 401 || ret->status == 403 ||
        registry_client_take(&c, &r->access, worker, &ignored) < 0)
        return;
    if (registry_ping(c, endpoint_of(r), &status, url, sizeof url, &ignored) == 0 && status != 200 &&
        status != 401) {
        ret->by = REFUSED_BASE;
        ret->status = status;
        memcpy(ret->url, url, sizeof url);
    }
    registry_client_give(c);
}

int registry_remote_open(struct registry_remote **ret, const struct registry_remote_request *request,
                         struct worker *worker, struct error *err)
{
    CLEANUP(registry_remote_freep)
    struct registry_remote *r = image_new(&remote_source, sizeof(struct registry_remote));
    struct registry_lookup lookup = {.access = &r->access, .layers_only = !request->commands};
    char text[REFERENCE_TEXT_SIZE];
    r->options = *request->options;
    r->options.mirrors = NULL;
    r->image.info.reference = memory_text(reference_text(&request->reference, text, sizeof text));
    int rc = is_old_platform(r->options.platform, &lookup.as_of_old, err);
    if (rc == 0)
        rc = registry_access_init(&r->access, &request->reference, &r->options, err);
    if (rc < 0)
        return rc;
    if (request->manner)
        registry_access_set_manner(&r->access, request->manner);
    rc = registry_lookup_run(&lookup, &request->reference, worker, &r->image.info, err);
    if (rc < 0 && request->refused)
        tell_refusal(r, worker, request->refused);
    if (rc == 0)
        rc = registry_client_take(&r->client, &r->access, worker, err);
    if (rc == 0)
        *ret = STEAL(r);
    return rc;
}

const struct image_info *registry_remote_info(const struct registry_remote *r)
{
    return &r->image.info;
}

int registry_remote_url(struct registry_remote *r, const struct digest *digest, struct buf *ret,
                        struct error *err)
{
    char path[DIGEST_TEXT_SIZE + 8];
    snprintf(path, sizeof path, "blobs/%s", digest->text);
    return registry_url(r->client, endpoint_of(r), path, ret, err);
}

int registry_remote_authorization(struct registry_remote *r, bool fresh, char **ret, struct error *err)
{
    return registry_authorization(r->client, endpoint_of(r), fresh, ret, err);
}

void registry_remote_free(struct registry_remote *r)
{
    if (r->client)
        registry_client_give(r->client);
    registry_access_done(&r->access);
    image_free(&r->image);
}
