/* os-release(5), and lsb-release with its other names for the same. */
#include "base/limits.h"
#include "detect/detector.h"
#include "detect/shell_values.h"

extern const struct detector os_release_detector, lsb_release_detector;

struct keys {
    struct str id, version, codename, name;
};

static int read_release(struct detection *d, struct reader *body, const struct keys *keys)
{
    struct release found = {0};
    struct str text, key, value;
    int rc = reader_all(body, RELEASE_FILE_MAX, d->arena, &text);
    while (rc >= 0 && (rc = shell_value_next(&text, d->arena, &key, &value)) > 0) {
        if (value.len > 256)
            continue; /* nobody names a release so; do not carry it on */
        if (str_eq(key, keys->id))
            found.id = value;
        else if (str_eq(key, keys->version))
            found.version = value;
        else if (str_eq(key, keys->codename))
            found.codename = value;
        else if (str_eq(key, keys->name))
            found.name = value;
    }
    if (rc < 0)
        return body->state < 0 ? rc : error_set(d->err, E_LIMIT, "too many quoted values");
    return d->sink->release(d->sink, &found);
}

static int os_release_file(struct detection *d, struct reader *body)
{
    static const struct keys keys = {STR_INIT("ID"), STR_INIT("VERSION_ID"), STR_INIT("VERSION_CODENAME"),
                                     STR_INIT("PRETTY_NAME")};
    return read_release(d, body, &keys);
}

const struct detector os_release_detector = {
    .name = "os-release",
    .version = 1,
    .wants = (const struct want[]){{WANT_PATH, STR_INIT("etc/os-release"), RELEASE_FILE_MAX},
                                   {WANT_PATH, STR_INIT("usr/lib/os-release"), RELEASE_FILE_MAX},
                                   {.how = WANT_NONE}},
    .file = os_release_file,
};

static int lsb_release_file(struct detection *d, struct reader *body)
{
    static const struct keys keys = {STR_INIT("DISTRIB_ID"), STR_INIT("DISTRIB_RELEASE"),
                                     STR_INIT("DISTRIB_CODENAME"), STR_INIT("DISTRIB_DESCRIPTION")};
    return read_release(d, body, &keys);
}

const struct detector lsb_release_detector = {
    .name = "lsb-release",
    .version = 1,
    .wants =
        (const struct want[]){{WANT_PATH, STR_INIT("etc/lsb-release"), RELEASE_FILE_MAX}, {.how = WANT_NONE}},
    .file = lsb_release_file,
};
