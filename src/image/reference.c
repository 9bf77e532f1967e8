#include "image/reference.h"

static bool lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

__attribute__((format(printf, 3, 4))) static int refuse(struct error *err, struct str whole, const char *fmt,
                                                        ...)
{
    char why[300], shown[160];
    va_list args;
    va_start(args, fmt);
    vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    return error_set(err, E_USAGE, "image name '%s': %s", str_printable(whole, shown, sizeof shown), why);
}

/* The first component is a host when it has a '.' or ':', is "localhost", or has upper-case letters, which no
   repository may have. */
static bool is_host(struct str first)
{
    bool has_upper = false;
    for (size_t i = 0; i < first.len; i++)
        has_upper |= upper(first.ptr[i]);
    return has_upper || str_find(first, '.') < first.len || str_find(first, ':') < first.len ||
           str_eq(first, STR("localhost"));
}

static int check_port(struct str port, struct str whole, struct error *err)
{
    uint64_t n;
    if (str_u64(port, 65535, &n) < 0 || n == 0)
        return refuse(err, whole, "the port of the registry is no number from 1 to 65535");
    return 0;
}

/* Hexadecimal words, ':' and, for an IPv4 address at its end, '.'. */
static bool address_character(char c)
{
    return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
}

/* Of a DNS name: words of letters, digits and, not at their ends, '-', joined by '.'. */
static bool name_character(struct str name, size_t i)
{
    char c = name.ptr[i];
    char before = i ? name.ptr[i - 1] : '.', after = i + 1 < name.len ? name.ptr[i + 1] : '.';
    if (c == '.')
        return before != '.' && i + 1 < name.len;
    if (c == '-')
        return before != '.' && after != '.';
    return lower(c) || upper(c) || digit(c);
}

static int check_host(struct str host, struct str whole, struct error *err)
{
    if (host.len > REFERENCE_HOST_MAX)
        return refuse(err, whole, "the registry's name has more than %d characters", REFERENCE_HOST_MAX);
    bool v6 = str_starts(host, STR("["));
    size_t end = v6 ? str_find(host, ']') : str_find(host, ':');
    if (v6 && end == host.len)
        return refuse(err, whole, "the registry's address has no ']'");
    struct str name = v6 ? (struct str){host.ptr + 1, end - 1} : (struct str){host.ptr, end};
    struct str rest = str_skip(host, v6 ? end + 1 : end);
    for (size_t i = 0; i < name.len; i++)
        if (v6 ? !address_character(name.ptr[i]) : !name_character(name, i))
            return refuse(err, whole, "the registry's name may not have its character %zu", i + 1);
    if (!name.len)
        return refuse(err, whole, "the registry's name is empty");
    if (!rest.len)
        return 0;
    return rest.ptr[0] == ':' ? check_port(str_skip(rest, 1), whole, err)
                              : refuse(err, whole, "the registry's address has something behind its ']'");
}

/* Lower-case words, joined by one '.', one or two '_', or any number of '-'. */
static bool component_valid(struct str c)
{
    for (size_t i = 0; i < c.len;) {
        size_t word = i;
        while (i < c.len && (lower(c.ptr[i]) || digit(c.ptr[i])))
            i++;
        if (i == word || i == c.len)
            return i > word;
        size_t joint = i;
        while (i < c.len && c.ptr[i] == c.ptr[joint])
            i++;
        char j = c.ptr[joint];
        if (!(j == '-' || (j == '.' && i - joint == 1) || (j == '_' && i - joint <= 2)))
            return false;
    }
    return false;
}

static int check_repository(struct str repository, struct str whole, struct error *err)
{
    struct str left = repository;
    if (!repository.len)
        return refuse(err, whole, "names a registry, but no repository in it");
    if (repository.len > REFERENCE_REPOSITORY_MAX)
        return refuse(err, whole, "the repository has more than %d characters", REFERENCE_REPOSITORY_MAX);
    for (size_t i = 0; i < repository.len; i++)
        if (upper(repository.ptr[i]))
            return refuse(err, whole, "a repository has no upper-case letters");
    bool more;
    do {
        more = str_find(left, '/') < left.len;
        struct str component = str_cut(&left, '/');
        char shown[100];
        if (!component.len)
            return refuse(err, whole, "has an empty part between slashes");
        if (!component_valid(component))
            return refuse(
                err, whole,
                "'%s' is not made of lower-case letters and digits, joined by '.', '_', '__' or '-'",
                str_printable(component, shown, sizeof shown));
    } while (more);
    return 0;
}

static int take_tag(struct str tag, struct str whole, struct reference *r, struct error *err)
{
    if (!tag.len)
        return refuse(err, whole, "has an empty tag");
    if (tag.len > REFERENCE_TAG_MAX)
        return refuse(err, whole, "the tag has more than %d characters", REFERENCE_TAG_MAX);
    for (size_t i = 0; i < tag.len; i++) {
        char c = tag.ptr[i];
        bool word = lower(c) || upper(c) || digit(c) || c == '_';
        if (!word && (i == 0 || (c != '.' && c != '-')))
            return refuse(
                err, whole,
                "a tag has letters, digits, '_', '.' and '-', and begins with none of the last two");
    }
    return str_copy(tag, r->tag, sizeof r->tag);
}

/* docker.io's names: index.docker.io is its old one, and what stands directly in it is in library/. */
static int take_name(struct str host, struct str repository, struct str whole, struct reference *r,
                     struct error *err)
{
    bool docker = !host.len || str_eq(host, STR("docker.io")) || str_eq(host, STR("index.docker.io")) ||
                  str_eq(host, STR("registry-1.docker.io"));
    int rc = docker ? 0 : check_host(host, whole, err);
    if (rc < 0 || (rc = check_repository(repository, whole, err)) < 0)
        return rc;
    bool library = docker && str_find(repository, '/') == repository.len;
    if (str_copy(docker ? STR("docker.io") : host, r->host, sizeof r->host) < 0)
        return refuse(err, whole, "the registry's name is too long");
    int n = snprintf(r->repository, sizeof r->repository, "%s%.*s", library ? "library/" : "",
                     (int)repository.len, repository.ptr);
    if (n < 0 || (size_t)n >= sizeof r->repository)
        return refuse(err, whole, "the repository has more than %d characters", REFERENCE_REPOSITORY_MAX);
    return 0;
}

int reference_parse(struct str text, struct reference *ret, struct error *err)
{
    struct reference r = {0};
    struct str whole = text, left;
    if (!text.len)
        return error_set(err, E_USAGE, "image name is empty");
    if (str_find(text, ':') + 2 < text.len && str_starts(str_skip(text, str_find(text, ':')), STR("://")))
        return refuse(err, whole, "is a URL: leave out what ends with '://'");
    bool pinned = str_find(text, '@') < text.len;
    left = str_cut(&text, '@');
    if (pinned && digest_parse(text, &r.digest) < 0)
        return refuse(err, whole,
                      "what follows '@' is no digest (sha256: and 64 digits 0-9a-f, or sha512: and 128)");
    size_t slash = str_find(left, '/');
    struct str first = {left.ptr, slash};
    bool host = slash < left.len && is_host(first);
    struct str path = host ? str_skip(left, slash + 1) : left;
    size_t colon = str_find_last(path, ':');
    int rc = 0;
    if (colon < path.len && str_find(str_skip(path, colon), '/') == path.len - colon) {
        rc = take_tag(str_skip(path, colon + 1), whole, &r, err);
        path.len = colon;
    }
    if (rc == 0)
        rc = take_name(host ? first : STR(""), path, whole, &r, err);
    if (rc < 0)
        return rc;
    if (!r.tag[0] && !pinned)
        rc = str_copy(STR("latest"), r.tag, sizeof r.tag);
    *ret = r;
    return rc;
}

const char *reference_text(const struct reference *r, char *dst, size_t size)
{
    snprintf(dst, size, "%s/%s%s%s%s%s", r->host, r->repository, r->tag[0] ? ":" : "", r->tag,
             r->digest.text[0] ? "@" : "", r->digest.text);
    return dst;
}
