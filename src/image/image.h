/* An image, wherever it comes from: a reference, a manifest, layers that can be read. The bytes of documents
   are parsed by the worker (oci/), never here. */
#pragma once
#include <stdatomic.h>

#include "model/digest.h"
#include "model/want.h"

struct error;
struct worker;

struct image_layer {
    struct digest digest;  /* of the blob as stored; "" when the source does not tell (docker save of old) */
    struct digest diff_id; /* of its uncompressed tar, from the config; "" when there is none */
    uint64_t size;         /* of the blob in bytes; 0 unknown */
    bool size_known;       /* the manifest states it: it is to be verified */
    char *created_by;      /* the history entry (Dockerfile command) of the layer, or "" */
    char *unreadable; /* why image_layer_open() refuses it, though the other layers can be read; or NULL */
};

struct image;

struct image_info {
    char *reference;            /* as the user wrote it, normalised ("docker.io/library/nginx:1.27") */
    struct digest digest;       /* of the manifest; of the config for docker-archive; "" for a directory */
    char *platform;             /* "linux/amd64" that was taken, or "" */
    bool chosen;                /* the platform was chosen from an index of several */
    struct image_layer *layers; /* lowest first */
    size_t layers_count;
};

struct image_options {
    const char *platform;            /* "linux/arm64/v8"; NULL: this machine's */
    const struct want *const *wants; /* NULL-terminated list of tables: what a dir: source offers */
    const char *insecure; /* registries (host[:port], comma separated) over plain HTTP or unverified TLS */
    const char *ca_file;  /* PEM bundle added to the system's; NULL none */
    const char *client_cert, *client_key;
    const char *mirrors;            /* "docker.io=mirror.example.com,…" */
    const char *auth_file;          /* NULL: REGISTRY_AUTH_FILE, then ~/.docker/config.json */
    const char *cache_dir;          /* where an engine's stream may be spooled, into a nameless file */
    const atomic_bool *interrupted; /* true ends what takes long with E_CANCELLED; NULL: never */
    int timeout_seconds;            /* no progress for so long fails; 0: NET_STALL_SECONDS */
};

/* Whether the source is a file, a folder or what an engine of this machine has, rather than of a registry. */
bool image_is_local(const char *source);
/* Opens SOURCE (see limpid-scan(1)): resolves the reference, reads manifest and config through the worker.
   The options and what they point to are borrowed until image_free(). */
int image_open(struct image **ret, const char *source, const struct image_options *options,
               struct worker *worker, struct error *err);
const struct image_info *image_info(const struct image *image);
/* A descriptor from which layer i can be read: its blob, or for a directory a tar stream. The layer is the
   *ret_length bytes from *ret_offset of a seekable file, to be read by position, since layers of one archive
   share its descriptor; or (offset 0, length UINT64_MAX) all that the file or stream yields. The descriptor
   belongs to the image until image_layer_close(). May be called from several threads for different layers; a
   layer is open once at a time. E_UNSUPPORTED: the layer's `unreadable`. */
int image_layer_open(struct image *image, size_t i, int *ret_fd, uint64_t *ret_offset, uint64_t *ret_length,
                     struct error *err);
/* Bytes of layer i handed out so far, for progress. */
uint64_t image_layer_progress(struct image *image, size_t i);
/* Ends reading of layer i; < 0: why the source could not deliver it whole (this explains a truncated stream). */
int image_layer_close(struct image *image, size_t i, struct error *err);
void image_free(struct image *image);
