/* etc/alpine-release: "3.18.4", or "3.20_alpha20240329" while a release is being made. */
#include "base/limits.h"
#include "detect/detector.h"

extern const struct detector alpine_release_detector;

static int alpine_release_file(struct detection *d, struct reader *body)
{
    struct str line;
    int rc = detection_first_line(d, body, 64, &line);
    if (rc < 0)
        return rc;
    if (!line.len)
        return error_set(d->err, E_BAD_INPUT, "alpine-release: no version in its first line");
    const struct release found = {.id = STR("alpine"), .version = line};
    return d->sink->release(d->sink, &found);
}

const struct detector alpine_release_detector = {
    .name = "alpine-release",
    .version = 1,
    .wants = (const struct want[]){{WANT_PATH, STR_INIT("etc/alpine-release"), RELEASE_FILE_MAX},
                                   {.how = WANT_NONE}},
    .file = alpine_release_file,
};
