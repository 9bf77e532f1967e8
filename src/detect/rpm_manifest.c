/* var/lib/rpmmanifest/container-manifest-2: distroless images of Azure Linux and CBL-Mariner have this list in place of a
   database. A line a package, fields with tabs between: name, version and release, when installed, when built, vendor, "(none)",
   size, architecture, epoch, SOURCERPM. */
#include "base/limits.h"
#include "detect/detector.h"
#include "detect/rpm.h"
#include "stream/lines.h"

extern const struct detector rpm_manifest_detector;

enum { NAME, VERSION, VENDOR = 4, ARCH = 7, EPOCH, SOURCERPM, FIELDS };

static bool is_known(struct str field)
{
    return field.len && !str_eq(field, STR("(none)"));
}

/* "epoch:version-release", an epoch of 0 left out, in text, which has two bytes more than a field may have. */
static struct str evr(struct str epoch, struct str version, char text[static PACKAGE_FIELD_MAX + 2])
{
    bool shown = is_known(epoch) && !str_eq(epoch, STR("0"));
    if (!version.len)
        return version;
    snprintf(text, PACKAGE_FIELD_MAX + 2, STR_FMT "%s" STR_FMT, STR_ARG(shown ? epoch : STR("")),
             shown ? ":" : "", STR_ARG(version));
    return str_of(text);
}

static int take_line(struct detection *d, uint64_t offset, struct str line)
{
    struct str v[FIELDS], source = {0}, its_version = {0};
    char version[PACKAGE_FIELD_MAX + 2], source_version[PACKAGE_FIELD_MAX + 2];
    size_t count = 0;
    struct str rest = line;
    for (bool more = line.len; more && count < FIELDS; count++) {
        more = str_find(rest, '\t') < rest.len;
        v[count] = str_cut(&rest, '\t');
    }
    if (!line.len || (count && str_eq(v[NAME], STR("gpg-pubkey"))))
        return 0;
    if (count < FIELDS)
        return detection_problem(d, offset, "a line with less than ten fields");
    rpm_source_split(v[SOURCERPM], &source, &its_version);
    struct package p = {
        .type = PACKAGE_RPM,
        .name = v[NAME],
        .version = evr(v[EPOCH], v[VERSION], version),
        .arch = is_known(v[ARCH]) ? v[ARCH] : STR(""),
        .source_name = source,
        .source_version = evr(v[EPOCH], its_version, source_version),
        .vendor = is_known(v[VENDOR]) ? v[VENDOR] : STR(""),
    };
    return detection_package(d, offset, &p);
}

static int rpm_manifest_file(struct detection *d, struct reader *body)
{
    struct lines lines = lines_make(body);
    struct str line;
    int rc;
    while ((rc = lines_next(&lines, &line)) > 0 && (rc = take_line(d, lines.offset, line)) >= 0)
        ;
    return rc == 0 && lines.unterminated ? detection_cut(d, lines.offset) : rc;
}

const struct detector rpm_manifest_detector = {
    .name = "rpm-manifest",
    .version = 1,
    .packages = true,
    .wants = (const struct want[]){{WANT_PATH, STR_INIT("var/lib/rpmmanifest/container-manifest-2"),
                                    RPM_MANIFEST_MAX},
                                   {.how = WANT_NONE}},
    .file = rpm_manifest_file,
};
