#include "image/resolve.h"

#include <sys/utsname.h>

#include "base/limits.h"
#include "base/memory.h"
#include "image/document.h"
#include "oci/platform.h"

int resolve_platform(const char *text, struct oci_platform *ret, struct error *err)
{
    struct utsname machine;
    if (text && platform_parse(str_of(text), ret) < 0)
        return error_set(err, E_USAGE, "--platform: \"%s\" is not OS/ARCH[/VARIANT], such as linux/arm64",
                         text);
    if (text)
        return 0;
    char mine[128];
    if (uname(&machine) < 0)
        return error_sys(err, "uname");
    snprintf(mine, sizeof mine, "linux/%.64s", machine.machine);
    if (platform_parse(str_of(mine), ret) < 0)
        return error_set(err, E_UNSUPPORTED,
                         "this machine (%.64s) is of no platform that images name; use --platform",
                         machine.machine);
    /* the parsed texts point into mine: keep what the machine says itself */
    static _Thread_local char architecture[64];
    if (str_copy(ret->architecture, architecture, sizeof architecture) < 0)
        return error_set(err, E_UNSUPPORTED,
                         "this machine's architecture has too long a name; use --platform");
    struct str variant = ret->variant.len ? ret->variant : STR(""); /* of the table of other names */
    *ret = (struct oci_platform){STR("linux"), str_of(architecture), variant};
    return 0;
}

static char *keep_text(struct str s)
{
    char *copy = memory_new(s.len + 1);
    if (s.len)
        memcpy(copy, s.ptr, s.len);
    return copy;
}

/* What is no tar archive costs only the layer that is none. */
static char *refuse_type(struct str media_type)
{
    char type[100], text[180];
    if (oci_layer_readable(media_type))
        return NULL;
    snprintf(text, sizeof text, "its media type \"%s\" is of no tar archive",
             str_printable(media_type, type, sizeof type));
    return memory_text(text);
}

static int check_counts(const struct oci_document *manifest, const struct oci_document *config,
                        struct error *err)
{
    size_t layers = manifest->layers.len, ids = config->diff_ids.len;
    if (ids && ids != layers)
        return error_set(err, E_BAD_INPUT, "the manifest has %zu layers, its config %zu diff_ids", layers,
                         ids);
    return 0;
}

int resolve_layers(const struct oci_document *manifest, const struct oci_document *config,
                   struct image_info *info, struct error *err)
{
    int rc = check_counts(manifest, config, err);
    if (rc < 0)
        return rc;
    info->layers_count = manifest->layers.len;
    info->layers = memory_new((info->layers_count ? info->layers_count : 1) * sizeof *info->layers);
    for (size_t i = 0; i < info->layers_count; i++) {
        const struct oci_descriptor *d = &manifest->layers.ptr[i];
        info->layers[i] =
            (struct image_layer){.digest = d->digest, .size = d->size, .size_known = d->size_known};
        if (i < config->diff_ids.len)
            info->layers[i].diff_id = config->diff_ids.ptr[i];
        info->layers[i].created_by = keep_text(oci_created_by(config, i));
        info->layers[i].unreadable = refuse_type(d->media_type);
    }
    char text[PLATFORM_TEXT_SIZE];
    free(info->platform);
    info->platform = config->platform.os.len
                         ? memory_text(platform_text(&config->platform, text, sizeof text))
                         : memory_text("");
    return 0;
}

/* Schema 1 as its history has it: older clients make no difference between steps with and without files. */
static int resolve_steps(const struct oci_document *manifest, struct image_info *info)
{
    info->layers_count = manifest->history.len;
    info->layers = memory_new((info->layers_count ? info->layers_count : 1) * sizeof *info->layers);
    for (size_t i = 0; i < info->layers_count; i++) {
        const struct oci_history *h = &manifest->history.ptr[i];
        info->layers[i] = (struct image_layer){.digest = h->blob, .created_by = keep_text(h->created_by)};
    }
    info->platform = memory_text("");
    return 0;
}

/* "linux/amd64, linux/arm64/v8": what an index has. */
static void list_platforms(const struct oci_document *index, char *ret, size_t size)
{
    size_t used = 0;
    ret[0] = 0;
    vec_each (&index->manifests, d) {
        char text[PLATFORM_TEXT_SIZE];
        if (!platform_is_image(d) || !d->platform.os.len || used + PLATFORM_TEXT_SIZE > size)
            continue;
        used += (size_t)snprintf(ret + used, size - used, "%s%s", used ? ", " : "",
                                 platform_text(&d->platform, text, sizeof text));
    }
}

static int choose(const struct resolver *resolver, const struct oci_document *index,
                  struct oci_descriptor *ret, bool *ret_chosen, struct error *err)
{
    struct oci_platform want;
    int rc = resolve_platform(resolver->platform, &want, err);
    if (rc < 0)
        return rc;
    const struct oci_descriptor *d = platform_choose(index, &want, resolver->platform == NULL);
    if (!d) {
        char wanted[PLATFORM_TEXT_SIZE], there[256];
        list_platforms(index, there, sizeof there);
        return error_set(err, E_NOT_FOUND,
                         "no image for the platform %s; there are: %s (choose one with --platform)",
                         platform_text(&want, wanted, sizeof wanted), there[0] ? there : "none");
    }
    if (!d->digest.text[0])
        return error_set(err, E_UNSUPPORTED,
                         "the image's digest is of an algorithm other than sha256 and sha512");
    size_t images = 0;
    vec_each (&index->manifests, m)
        images += platform_is_image(m);
    *ret_chosen |= images > 1;
    *ret = *d;
    return 0;
}

/* Reads the document and, as long as it is an index, the one that it leads to. *digest is that of the last. */
static int find_manifest(struct resolver *resolver, struct str bytes, struct digest *digest,
                         struct arena *arena, struct oci_document *ret, bool *ret_chosen, struct error *err)
{
    for (unsigned depth = 0; depth <= OCI_DEPTH_MAX; depth++) {
        struct oci_descriptor next;
        int rc = document_read(resolver->worker, bytes, OCI_ANY, arena, ret, err);
        if (rc < 0)
            return error_in(err, "%s", digest->text);
        if (ret->kind == OCI_MANIFEST || ret->kind == OCI_SCHEMA1)
            return 0;
        if (ret->kind != OCI_INDEX)
            return error_set(err, E_UNSUPPORTED, "%s: %s stands where a manifest should be", digest->text,
                             oci_kind_name(ret->kind));
        rc = choose(resolver, ret, &next, ret_chosen, err);
        if (rc == 0)
            rc = resolver->fetch(resolver, &next, true, arena, &bytes, err);
        if (rc < 0)
            return rc;
        *digest = next.digest;
    }
    return error_set(err, E_LIMIT, "%s: indexes lead to indexes more than %d times", digest->text,
                     OCI_DEPTH_MAX);
}

static int resolve(struct resolver *resolver, struct str document, const struct digest *digest,
                   struct image_info *info, struct arena *arena, struct error *err)
{
    struct oci_document manifest = {0}, config = {0};
    info->digest = digest && digest->text[0] ? *digest : document_digest(document, &(struct digest){0});
    int rc = find_manifest(resolver, document, &info->digest, arena, &manifest, &info->chosen, err);
    if (rc < 0)
        return rc;
    if (manifest.kind == OCI_SCHEMA1 && resolver->every_step)
        return resolve_steps(&manifest, info);
    if (manifest.kind == OCI_SCHEMA1 || resolver->layers_only) /* the former holds what a config does */
        return resolve_layers(&manifest, &manifest, info, err);
    struct str bytes;
    rc = resolver->fetch(resolver, &manifest.config, false, arena, &bytes, err);
    if (rc == 0)
        rc = document_read(resolver->worker, bytes, OCI_CONFIG, arena, &config, err);
    if (rc < 0)
        return error_in(err, "config of %s", info->digest.text);
    rc = resolve_layers(&manifest, &config, info, err);
    return rc < 0 ? error_in(err, "%s", info->digest.text) : 0;
}

int resolve_image(struct resolver *resolver, struct str document, const struct digest *digest,
                  struct image_info *info, struct error *err)
{
    struct arena arena = arena_make(2 * OCI_ARENA_MAX);
    int rc = resolve(resolver, document, digest, info, &arena, err);
    arena_done(&arena);
    return rc;
}
