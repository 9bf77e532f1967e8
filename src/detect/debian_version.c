/* etc/debian_version: "12.11", or "trixie/sid" while a release is being made. Derivatives ship their
   parent's. */
#include "base/limits.h"
#include "detect/detector.h"

extern const struct detector debian_version_detector;

static int debian_version_file(struct detection *d, struct reader *body)
{
    struct str line;
    int rc = detection_first_line(d, body, 64, &line);
    if (rc < 0)
        return rc;
    if (!line.len)
        return error_set(d->err, E_BAD_INPUT, "debian_version: no version in its first line");
    struct release found = {.id = STR("debian")};
    if (line.ptr[0] >= '0' && line.ptr[0] <= '9')
        found.version = line;
    else
        found.codename = line;
    return d->sink->release(d->sink, &found);
}

const struct detector debian_version_detector = {
    .name = "debian_version",
    .version = 1,
    .wants = (const struct want[]){{WANT_PATH, STR_INIT("etc/debian_version"), RELEASE_FILE_MAX},
                                   {.how = WANT_NONE}},
    .file = debian_version_file,
};
