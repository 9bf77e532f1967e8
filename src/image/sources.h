/* The table of image.c, one file a source. */
#pragma once
#include "image/source.h"

extern const struct image_source registry_source;       /* registry.c */
extern const struct image_source layout_source;         /* layout.c */
extern const struct image_source oci_archive_source;    /* archive.c */
extern const struct image_source docker_archive_source; /* archive.c */
extern const struct image_source directory_source;      /* directory.c */
extern const struct image_source docker_daemon_source;  /* engine.c */
extern const struct image_source podman_source;         /* engine.c */
