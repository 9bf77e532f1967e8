#include "detect/detector.h"

extern const struct detector os_release_detector, lsb_release_detector, debian_version_detector,
    apt_sources_detector, alpine_release_detector, redhat_release_detector, dpkg_detector, apk_detector,
    rpm_detector, rpm_manifest_detector, apk_repositories_detector, pacman_detector, content_sets_detector,
    dnf_history_detector, ubuntu_pro_detector, opkg_detector, chisel_detector;

const struct detector *const detectors[] = {&os_release_detector,
                                            &lsb_release_detector,
                                            &debian_version_detector,
                                            &apt_sources_detector,
                                            &alpine_release_detector,
                                            &redhat_release_detector,
                                            &dpkg_detector,
                                            &apk_detector,
                                            &rpm_detector,
                                            &rpm_manifest_detector,
                                            &apk_repositories_detector,
                                            &pacman_detector,
                                            &content_sets_detector,
                                            &dnf_history_detector,
                                            &ubuntu_pro_detector,
                                            &opkg_detector,
                                            &chisel_detector, /* behind all that it gives way to */
                                            NULL};

/* How the layer reader itself works; raised when the same bytes would give another inventory. */
enum { LAYER_READER_VERSION = 3 };

const char *detectors_fingerprint(char *ret, size_t size)
{
    size_t used = (size_t)snprintf(ret, size, "layer-%d", LAYER_READER_VERSION);
    for (size_t i = 0; detectors[i] && used < size; i++)
        used +=
            (size_t)snprintf(ret + used, size - used, " %s-%u", detectors[i]->name, detectors[i]->version);
    return ret;
}

static bool matches(const struct want *w, struct str path)
{
    if (w->how == WANT_PATH)
        return str_eq(path, w->what);
    return str_starts(path, w->what) && want_has(w, str_skip(path, w->what.len));
}

const struct detector *detector_for(struct str path, const struct want **ret_want)
{
    for (size_t i = 0; detectors[i]; i++) {
        for (const struct want *w = detectors[i]->wants; w->how != WANT_NONE; w++) {
            if (matches(w, path)) {
                *ret_want = w;
                return detectors[i];
            }
        }
    }
    return NULL;
}
