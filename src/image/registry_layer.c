#include "image/registry_layer.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/memory.h"
#include "os/feeder.h"

struct registry_layer {
    struct registry_access *access;
    size_t first;
    struct image_layer layer;
    struct registry_client *client;
    struct feeder *feeder;
};

static int feed(void *ctx, struct str piece, struct error *err)
{
    return feeder_put(ctx, piece, err);
}

static int check_size(const struct registry_layer *l, uint64_t received, int r, struct error *err)
{
    uint64_t size = l->layer.size;
    if (r == -E_LIMIT && l->layer.size_known && err->code == E_LIMIT)
        return error_set(err, E_BAD_INPUT,
                         "the registry sends more than the %ju bytes that the manifest states",
                         (uintmax_t)size);
    if (r == 0 && l->layer.size_known && received != size)
        return error_set(err, E_BAD_INPUT, "the registry sends %ju bytes, the manifest states %ju",
                         (uintmax_t)received, (uintmax_t)size);
    return r;
}

/* From one endpoint after the other, as long as none has begun to deliver. */
static int fetch(void *ctx, struct feeder *feeder, struct error *err)
{
    struct registry_layer *l = ctx;
    char path[DIGEST_TEXT_SIZE + 8];
    struct http_response response = {0};
    int r = -1;
    snprintf(path, sizeof path, "blobs/%s", l->layer.digest.text);
    const struct registry_query query = {.path = path,
                                         .body_max = l->layer.size_known ? l->layer.size : REGISTRY_BLOB_MAX,
                                         .data = feed,
                                         .ctx = feeder};
    for (size_t i = l->first; i < l->access->endpoints_count; i++) {
        r = registry_get(l->client, &l->access->endpoints[i], &query, &response, err);
        r = check_size(l, response.received, r, err);
        if (r == 0 || feeder_progress(feeder) || atomic_load(feeder_closing(feeder)))
            break;
    }
    http_response_done(&response);
    return r;
}

static void layer_free(struct registry_layer *l)
{
    if (l->client)
        registry_client_give(l->client);
    free(l);
}

int registry_layer_open(struct registry_layer **ret, struct registry_access *access, size_t first,
                        const struct image_layer *layer, struct error *err)
{
    struct registry_layer *l = memory_new(sizeof *l);
    *l = (struct registry_layer){.access = access, .first = first, .layer = *layer};
    int r = registry_client_take(&l->client, access, NULL, err);
    if (r == 0)
        r = feeder_open(&l->feeder, fetch, l, err);
    if (r < 0)
        layer_free(l);
    else
        *ret = l;
    return r;
}

int registry_layer_fd(const struct registry_layer *l)
{
    return feeder_fd(l->feeder);
}

uint64_t registry_layer_progress(const struct registry_layer *l)
{
    return feeder_progress(l->feeder);
}

int registry_layer_close(struct registry_layer *l, struct error *err)
{
    registry_client_cancel(l->client);
    int r = feeder_close(l->feeder, err);
    if (r < 0)
        r = error_in(err, "blob %s", l->layer.digest.text);
    layer_free(l);
    return r;
}
