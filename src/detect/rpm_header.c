/* A package's header: how many entries there are and how many bytes of data, the entries (tag, type, offset, count), the data.
   Numbers are big-endian. https://rpm-software-management.github.io/rpm/manual/format_header.html */
#include "base/limits.h"
#include "detect/bytes.h"
#include "detect/rpm.h"

enum { HEADER_START = 8, ENTRY_SIZE = 16 };
enum { TYPE_INT32 = 4, TYPE_STRING = 6, TYPE_STRING_ARRAY = 8, TYPE_I18N_STRING = 9 };
enum { NAME, VERSION, RELEASE, VENDOR, ARCH, SOURCERPM, MODULARITYLABEL, TEXTS };

static const uint32_t tags[TEXTS] = {
    [NAME] = 1000, [VERSION] = 1001,   [RELEASE] = 1002,         [VENDOR] = 1011,
    [ARCH] = 1022, [SOURCERPM] = 1044, [MODULARITYLABEL] = 5096,
};
static const uint32_t tag_epoch = 1003;

struct header {
    struct str data;
    struct str texts[TEXTS];
    uint32_t epoch;
};

static bool is_text(uint32_t type)
{
    return type == TYPE_STRING || type == TYPE_STRING_ARRAY || type == TYPE_I18N_STRING;
}

/* An entry that is not one of ours, or not as it should be, is passed over. */
static void take_entry(struct header *h, struct str entry)
{
    uint32_t tag = bytes_be32(entry, 0), type = bytes_be32(entry, 4), at = bytes_be32(entry, 8);
    if (tag == tag_epoch && type == TYPE_INT32)
        h->epoch = bytes_be32(h->data, at);
    if (!is_text(type) || at >= h->data.len)
        return;
    struct str rest = str_skip(h->data, at);
    size_t end = str_find(rest, 0);
    for (size_t i = 0; i < TEXTS; i++)
        if (tag == tags[i] && end < rest.len && !h->texts[i].len)
            h->texts[i] = (struct str){rest.ptr, end};
}

/* "epoch:version-release" in text, which has two bytes more than a field may have: what is cut there is seen as too long. */
static struct str evr(const struct header *h, struct str version, struct str release,
                      char text[static PACKAGE_FIELD_MAX + 2])
{
    char epoch[16] = "";
    if (!version.len)
        return version;
    if (h->epoch)
        snprintf(epoch, sizeof epoch, "%u:", h->epoch);
    snprintf(text, PACKAGE_FIELD_MAX + 2, "%s%.*s%s%.*s", epoch, STR_ARG(version), release.len ? "-" : "",
             STR_ARG(release));
    return str_of(text);
}

void rpm_source_split(struct str file, struct str *ret_name, struct str *ret_version)
{
    struct str rest = file;
    if (str_ends(rest, STR(".nosrc.rpm")))
        rest.len -= strlen(".nosrc.rpm");
    else if (str_ends(rest, STR(".src.rpm")))
        rest.len -= strlen(".src.rpm");
    else
        return;
    size_t release = str_find_last(rest, '-'), version = str_find_last((struct str){rest.ptr, release}, '-');
    if (!version || version + 1 >= release || release + 1 >= rest.len)
        return;
    *ret_name = (struct str){rest.ptr, version};
    *ret_version = str_skip(rest, version + 1);
}

int rpm_header_package(struct detection *d, uint64_t offset, struct str header)
{
    struct header h = {0};
    char version[PACKAGE_FIELD_MAX + 2], source_version[PACKAGE_FIELD_MAX + 2];
    struct str source = {0}, its_version = {0};
    uint64_t entries = bytes_be32(header, 0), size = bytes_be32(header, 4);
    if (!entries || entries > RPM_HEADER_ENTRIES_MAX ||
        HEADER_START + entries * ENTRY_SIZE + size > header.len)
        return detection_problem(d, offset, "a package's header is damaged");
    h.data = bytes_part(header, HEADER_START + entries * ENTRY_SIZE, size);
    for (size_t i = 0; i < entries; i++)
        take_entry(&h, bytes_part(header, HEADER_START + i * ENTRY_SIZE, ENTRY_SIZE));
    if (str_eq(h.texts[NAME], STR("gpg-pubkey")))
        return 0;
    rpm_source_split(h.texts[SOURCERPM], &source, &its_version);
    struct package p = {
        .type = PACKAGE_RPM,
        .name = h.texts[NAME],
        .version = evr(&h, h.texts[VERSION], h.texts[RELEASE], version),
        .arch = h.texts[ARCH],
        .source_name = source,
        /* It has its packages' epoch, most of the time; nothing says so. */
        .source_version = evr(&h, its_version, STR(""), source_version),
        .module = h.texts[MODULARITYLABEL],
        .vendor = h.texts[VENDOR],
    };
    return detection_package(d, offset, &p);
}
