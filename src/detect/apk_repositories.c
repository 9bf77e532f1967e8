/* etc/apk/repositories: where apk gets packages from. The release in the address of the first repository "main" that every
   package may come from, "https://dl-cdn.alpinelinux.org/alpine/v3.20/main"; lines with a tag ("@edge …") are for those packages
   only that somebody asks for by it. */
#include "base/limits.h"
#include "detect/detector.h"

extern const struct detector apk_repositories_detector;

/* "3.20" or "edge"; "" when the line does not tell. */
static struct str release_of(struct str line)
{
    static const struct str main = STR_INIT("/main");
    if (str_ends(line, STR("/")))
        line.len--;
    if (!line.len || *line.ptr == '#' || *line.ptr == '@' || !str_ends(line, main))
        return STR("");
    line.len -= main.len;
    struct str release = str_skip(line, str_find_last(line, '/') + 1);
    bool numbered = release.len > 1 && *release.ptr == 'v' && release.ptr[1] >= '0' && release.ptr[1] <= '9';
    return str_eq(release, STR("edge")) ? release : numbered ? str_skip(release, 1) : STR("");
}

static int apk_repositories_file(struct detection *d, struct reader *body)
{
    struct str text, line, release = {0};
    int rc = reader_all(body, RELEASE_FILE_MAX, d->arena, &text);
    if (rc < 0)
        return rc;
    while (!release.len && str_line(&text, &line))
        release = release_of(str_trim(line));
    const struct release found = {.id = STR("alpine"), .version = release};
    return release.len && release.len <= 64 ? d->sink->release(d->sink, &found) : 0;
}

const struct detector apk_repositories_detector = {
    .name = "apk-repositories",
    .version = 1,
    .wants = (const struct want[]){{WANT_PATH, STR_INIT("etc/apk/repositories"), RELEASE_FILE_MAX},
                                   {.how = WANT_NONE}},
    .file = apk_repositories_file,
};
