#include "detect/distribution.h"

#include "base/buf.h"
#include "model/namespace.h"

static bool is(struct str a, const char *b)
{
    return str_eq_nocase(a, str_of(b));
}

static struct str release_name(const struct namespace_release *r)
{
    return r ? str_of(r->name) : STR("");
}

/* Testing and unstable have no number, and the same os-release ("forky/sid"): their apt sources tell them
   apart. Without those it is unstable, whose fixes are the newest: nothing vulnerable is missed. */
static struct str unreleased_debian(const struct release *const files[RELEASE_FILES], struct str codename)
{
    const struct release *apt = files[RELEASE_APT];
    if (apt && namespace_debian(apt->codename))
        return release_name(namespace_debian(apt->codename));
    struct str first = str_cut(&codename, '/');
    return str_eq(codename, STR("sid")) ? STR("debian:sid") : release_name(namespace_debian(first));
}

static struct str debian(const struct release *const files[RELEASE_FILES], const struct release *r)
{
    if (r->version.len) {
        struct str found = release_name(namespace_debian(r->version));
        if (found.len)
            return found;
    }
    const struct release *version_file = files[RELEASE_DEBIAN_VERSION];
    struct str codename = version_file && version_file->codename.len ? version_file->codename : r->codename;
    return unreleased_debian(files, codename);
}

/* Any other: Clair's names where it has one, else ID:VERSION_ID, for which there may be no feed. */
static struct str other(const struct release *r, struct arena *arena)
{
    CLEANUP(buf_done) struct buf name = buf_make(512);
    struct str joined = {0};
    for (size_t i = 0; i < r->id.len; i++) {
        char c = r->id.ptr[i];
        buf_add_char(&name, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
    if (r->version.len) {
        buf_add_char(&name, ':');
        if (is(r->id, "alpine")) {
            struct str rest = r->version, major = str_cut(&rest, '.');
            struct str minor = str_cut(&rest, '.');
            buf_printf(&name, "v%.*s.%.*s", STR_ARG(major), STR_ARG(minor));
        } else {
            buf_add(&name, r->version);
        }
    }
    return arena_str(arena, buf_str(&name), &joined) < 0 ? STR("") : joined;
}

static struct str by_file(const struct release *const files[RELEASE_FILES], const struct release *r,
                          struct arena *arena)
{
    if (is(r->id, "debian"))
        return debian(files, r);
    if (is(r->id, "ubuntu") && namespace_ubuntu(r->version))
        return release_name(namespace_ubuntu(r->version));
    if (r->id.len)
        return other(r, arena);
    struct str found = release_name(namespace_debian(r->codename)); /* apt sources name a suite only */
    return found.len ? found : release_name(namespace_ubuntu(r->codename));
}

struct distribution distribution_of(const struct release *const files[RELEASE_FILES], struct arena *arena)
{
    struct distribution d = {0};
    for (size_t i = 0; i < RELEASE_FILES && !d.namespace.len; i++) {
        if (!files[i])
            continue;
        d.namespace = by_file(files, files[i], arena);
        if (!d.name.len)
            d.name = files[i]->name;
    }
    return d;
}
