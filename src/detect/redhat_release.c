/* etc/redhat-release and its kin have one line, "CentOS Linux release 7.9.2009 (Core)": which they are is in their names only
   for people, and old releases have nothing else. */
#include "base/limits.h"
#include "detect/detector.h"

extern const struct detector redhat_release_detector;

/* How the line begins, and the ID that os-release has for it. "Red Hat Linux" and others before 2003 are none of these. */
static const struct {
    struct str name, id;
} distributions[] = {
    {STR_INIT("Red Hat Enterprise Linux"), STR_INIT("rhel")},
    {STR_INIT("CentOS"), STR_INIT("centos")},
    {STR_INIT("Oracle Linux"), STR_INIT("ol")},
    {STR_INIT("Amazon Linux"), STR_INIT("amzn")},
    {STR_INIT("Fedora"), STR_INIT("fedora")},
    {STR_INIT("Rocky Linux"), STR_INIT("rocky")},
    {STR_INIT("AlmaLinux"), STR_INIT("almalinux")},
    {STR_INIT("Scientific Linux"), STR_INIT("scientific")},
    {STR_INIT("openEuler"), STR_INIT("openEuler")},
};

static struct str id_of(struct str line)
{
    for (size_t i = 0; i < sizeof distributions / sizeof *distributions; i++)
        if (str_starts(line, distributions[i].name))
            return distributions[i].id;
    return STR("");
}

/* What follows the word "release". */
static struct str version_of(struct str line)
{
    while (line.len)
        if (str_eq(str_cut(&line, ' '), STR("release")))
            return str_cut(&line, ' ');
    return STR("");
}

static int redhat_release_file(struct detection *d, struct reader *body)
{
    struct str line;
    int rc = detection_first_line(d, body, 256, &line);
    if (rc < 0)
        return rc;
    if (!line.len)
        return 0; /* an empty one is on many systems */
    const struct release found = {.id = id_of(line), .version = version_of(line), .name = line};
    return d->sink->release(d->sink, &found);
}

const struct detector redhat_release_detector = {
    .name = "redhat-release",
    .version = 1,
    .wants = (const struct want[]){{WANT_PATH, STR_INIT("etc/oracle-release"), RELEASE_FILE_MAX},
                                   {WANT_PATH, STR_INIT("etc/centos-release"), RELEASE_FILE_MAX},
                                   {WANT_PATH, STR_INIT("etc/redhat-release"), RELEASE_FILE_MAX},
                                   {WANT_PATH, STR_INIT("etc/system-release"), RELEASE_FILE_MAX},
                                   {.how = WANT_NONE}},
    .file = redhat_release_file,
};
