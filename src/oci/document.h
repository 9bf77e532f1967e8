/* What an image says of itself: the JSON documents of the OCI image and layout specifications, of Docker's
   image formats and of the distribution protocol, from bytes to a struct. What a document is, its content
   tells; a media type that contradicts it, or that limpid does not know, is refused by name.
   https://github.com/opencontainers/image-spec https://github.com/opencontainers/distribution-spec
   https://distribution.github.io/distribution/spec/manifest-v2-2/ (and its deprecated predecessor, schema 1)
   https://github.com/moby/docker-image-spec (docker save) */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "model/digest.h"

struct reader;

enum oci_kind {
    OCI_ANY,          /* as what is expected: whichever of the next four it is */
    OCI_INDEX,        /* image index (also a layout's index.json), Docker manifest list: manifests */
    OCI_MANIFEST,     /* image manifest, Docker schema 2: config, layers */
    OCI_SCHEMA1,      /* Docker schema 1, brought into the order of today: layers, diff_ids (none), history,
                         platform */
    OCI_CONFIG,       /* image config: platform, diff_ids, history */
    OCI_LAYOUT,       /* oci-layout: version */
    OCI_SAVED,        /* manifest.json of docker save: saved */
    OCI_REPOSITORIES, /* repositories of docker save before 1.10: tags */
    OCI_TOKEN,        /* what a token server answers: token, expires_in */
    OCI_ERRORS,       /* what a registry or token server answers when it refuses: errors */
    OCI_KINDS,
};

struct oci_platform {
    struct str os, architecture, variant; /* each may be empty */
};

struct oci_descriptor {
    struct str media_type;
    struct digest digest; /* "" for an algorithm that limpid does not know (within an index only) */
    uint64_t size;
    bool size_known;              /* false in schema 1 only */
    bool attestation;             /* stands in an index beside the images, describes one of them */
    struct oci_platform platform; /* in an index */
    struct str name; /* annotation org.opencontainers.image.ref.name, or containerd's of the same purpose */
};

struct oci_history {
    struct str created_by;
    bool empty_layer;
    struct digest blob; /* of schema 1 only, where each step has one, also when it is empty */
};

struct oci_saved { /* one image of a docker save */
    struct str config;
    VEC(struct str) tags;
    VEC(struct str) layers; /* paths in the archive, lowest first */
};

struct oci_tag { /* of a repositories file */
    struct str name, tag, id;
};

struct oci_refusal {
    struct str code, message;
};

/* Only what belongs to the kind is filled; texts lie in the arena. */
struct oci_document {
    enum oci_kind kind;
    struct str media_type; /* as the document itself says, or empty */
    VEC(struct oci_descriptor) manifests;
    struct oci_descriptor config;
    VEC(struct oci_descriptor) layers; /* lowest first */
    struct oci_platform platform;
    VEC(struct digest) diff_ids;
    VEC(struct oci_history) history; /* oldest first */
    VEC(struct oci_saved) saved;
    VEC(struct oci_tag) tags;
    VEC(struct oci_refusal) errors;
    struct str token;
    uint64_t expires_in; /* seconds; 60 when it does not say, as the specification of tokens has it */
    struct str version;  /* of a layout */
};

/* Reads one document to its end: at most OCI_DOCUMENT_MAX bytes. < 0: E_BAD_INPUT, E_LIMIT, or E_UNSUPPORTED
   for what is well-formed, but neither what is expected nor an image. */
int oci_read(struct reader *in, enum oci_kind expected, struct arena *arena, struct oci_document *ret,
             struct error *err);

/* The command that made real layer i (the history has entries for steps without a layer, too), or the empty
   text. */
struct str oci_created_by(const struct oci_document *config, size_t i);
/* Whether a layer of this media type is a tar archive, plain or compressed in whatever way. */
bool oci_layer_readable(struct str media_type);
/* "an image index": what it is called in messages. */
const char *oci_kind_name(enum oci_kind kind);

/* The wire form, in which a document comes from the worker that read it. Decoding trusts nothing; texts of
   the result are copied into the arena. */
void oci_encode(const struct oci_document *doc, struct buf *b);
int oci_decode(struct str bytes, struct arena *arena, struct oci_document *ret, struct error *err);
