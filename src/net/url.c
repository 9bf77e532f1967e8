#include "net/url.h"

#include "base/limits.h"

static bool letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A reg-name or an address: what DNS, /etc/hosts and IPv6 literals can hold. */
static bool host_valid(struct str host, bool ipv6)
{
    if (!host.len || host.len > 255)
        return false;
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];
        if (ipv6 ? str_hex_digit(c) < 0 && c != ':' && c != '.'
                 : !letter(c) && !digit(c) && !strchr("-._", c))
            return false;
    }
    return true;
}

int url_host_port(struct str text, struct str *ret_host, uint16_t *ret_port)
{
    bool ipv6 = text.len && *text.ptr == '[';
    struct str host = text, port;
    if (ipv6) {
        port = str_skip(text, 1);
        host = str_cut(&port, ']');
        if (host.len + 2 > text.len || (port.len && *port.ptr != ':'))
            return -1;
    } else {
        host.len = str_find(text, ':');
        port = str_skip(text, host.len);
    }
    uint64_t number = 0;
    port = str_skip(port, 1);
    if (!host_valid(host, ipv6) || (port.len && (str_u64(port, UINT16_MAX, &number) < 0 || !number)))
        return -1;
    *ret_host = host;
    *ret_port = (uint16_t)number;
    return 0;
}

/* Visible ASCII: whatever else stands in a URL could end the request line, or is not a URL. */
static int check_bytes(struct str text, struct error *err)
{
    if (text.len > URL_MAX)
        return error_set(err, E_LIMIT, "URL: %zu bytes are more than %zu", text.len, URL_MAX);
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
            return error_set(err, E_BAD_INPUT, "URL: byte 0x%02x at offset %zu", (unsigned char)text.ptr[i],
                             i);
    return 0;
}

/* The text before "://" when it is one, else empty. */
static struct str scheme_of(struct str text)
{
    size_t n = 0;
    while (n < text.len && (letter(text.ptr[n]) || (n && (digit(text.ptr[n]) || strchr("+-.", text.ptr[n])))))
        n++;
    return n && n < text.len && text.ptr[n] == ':' ? (struct str){text.ptr, n} : (struct str){"", 0};
}

static size_t find_any(struct str s, const char *any)
{
    size_t i = 0;
    while (i < s.len && !strchr(any, s.ptr[i]))
        i++;
    return i;
}

int url_parse(struct str text, struct url *ret, struct error *err)
{
    char shown[200];
    int r = check_bytes(text, err);
    if (r < 0)
        return r;
    struct url url = {.scheme = scheme_of(text)};
    struct str rest = str_skip(text, url.scheme.len + 1);
    if (!url.scheme.len || !str_starts(rest, STR("//")))
        return error_set(err, E_BAD_INPUT, "\"%s\" is not a URL", str_printable(text, shown, sizeof shown));
    url.tls = str_eq_nocase(url.scheme, STR("https"));
    if (!url.tls && !str_eq_nocase(url.scheme, STR("http")))
        return error_set(err, E_UNSUPPORTED, "\"%s\": the scheme is neither http nor https",
                         str_printable(url.scheme, shown, sizeof shown));
    rest = str_skip(rest, 2);
    struct str authority = {rest.ptr, find_any(rest, "/?#")};
    url.target = str_skip(rest, authority.len);
    url.target.len = str_find(url.target, '#');
    size_t at = str_find_last(authority, '@');
    struct str host_port = authority;
    if (at < authority.len) {
        url.userinfo = (struct str){authority.ptr, at};
        host_port = str_skip(authority, at + 1);
    }
    url.ipv6 = host_port.len && *host_port.ptr == '[';
    if (url_host_port(host_port, &url.host, &url.port) < 0)
        return error_set(err, E_BAD_INPUT, "\"%s\" is not a host with an optional port",
                         str_printable(host_port, shown, sizeof shown));
    if (!url.port)
        url.port = url.tls ? 443 : 80;
    *ret = url;
    return 0;
}

static void add_origin(struct buf *b, const struct url *url)
{
    buf_printf(b, "%s://%s%.*s%s", url->tls ? "https" : "http", url->ipv6 ? "[" : "", STR_ARG(url->host),
               url->ipv6 ? "]" : "");
    if (url->port != (url->tls ? 443 : 80))
        buf_printf(b, ":%u", url->port);
}

/* Appends the path without its "." and ".." segments. RFC 3986, 5.2.4. */
static void add_without_dots(struct buf *b, struct str path)
{
    size_t root = b->len;
    while (path.len) {
        path = str_skip(path, 1); /* each segment begins with '/' */
        bool last = str_find(path, '/') == path.len;
        struct str segment = {path.ptr, str_find(path, '/')};
        path = str_skip(path, segment.len);
        bool up = str_eq(segment, STR("..")), here = str_eq(segment, STR("."));
        if (up)
            while (b->len > root && b->ptr[--b->len] != '/')
                ;
        if (!up && !here) {
            buf_add_char(b, '/');
            buf_add(b, segment);
        } else if (last) {
            buf_add_char(b, '/');
        }
    }
}

int url_resolve(const struct url *base, struct str reference, struct buf *ret, struct error *err)
{
    int r = check_bytes(reference, err);
    if (r < 0)
        return r;
    reference.len = str_find(reference, '#');
    if (scheme_of(reference).len) {
        buf_add(ret, reference);
        return buf_finish(ret, "URL", err);
    }
    if (str_starts(reference, STR("//"))) {
        buf_printf(ret, "%s:", base->tls ? "https" : "http");
        buf_add(ret, reference);
        return buf_finish(ret, "URL", err);
    }
    add_origin(ret, base);
    struct str path = {base->target.ptr, str_find(base->target, '?')};
    size_t path_len = str_find(reference, '?');
    struct str query = reference.len ? str_skip(reference, path_len) : str_skip(base->target, path.len);
    struct buf merged = buf_make(2 * URL_MAX);
    if (!path_len) {
        buf_add(&merged, path);
    } else if (*reference.ptr == '/') {
        buf_add(&merged, (struct str){reference.ptr, path_len});
    } else {
        size_t slash = str_find_last(path, '/');
        buf_add(&merged, slash < path.len ? (struct str){path.ptr, slash + 1} : STR("/"));
        buf_add(&merged, (struct str){reference.ptr, path_len});
    }
    if (!merged.len)
        buf_add_char(&merged, '/');
    add_without_dots(ret, buf_str(&merged));
    buf_done(&merged);
    buf_add(ret, query);
    return buf_finish(ret, "URL", err);
}

bool url_same_origin(const struct url *a, const struct url *b)
{
    return a->tls == b->tls && a->port == b->port && str_eq_nocase(a->host, b->host);
}

/* Four numbers of which the first is 127. */
static bool loopback_v4(struct str host)
{
    uint64_t n = 0;
    for (int i = 0; i < 4; i++) {
        struct str part = str_cut(&host, '.');
        if (str_u64(part, 255, &n) < 0 || (i == 0 && n != 127))
            return false;
    }
    return host.len == 0;
}

bool url_host_loopback(struct str host)
{
    struct str suffix = host.len > 10 ? str_skip(host, host.len - 10) : host;
    return str_eq_nocase(host, STR("localhost")) || str_eq_nocase(suffix, STR(".localhost")) ||
           str_eq(host, STR("::1")) || loopback_v4(host);
}

bool url_host_listed(struct str host, uint16_t port, struct str list)
{
    while (list.len) {
        struct str entry = str_trim(str_cut(&list, ',')), entry_host;
        uint16_t entry_port = 0;
        if (str_eq(entry, STR("*")))
            return true;
        if (url_host_port(entry, &entry_host, &entry_port) == 0 && str_eq_nocase(entry_host, host) &&
            (!entry_port || entry_port == port))
            return true;
    }
    return false;
}

const char *url_printable(const struct url *url, char *dst, size_t size)
{
    struct buf b = buf_make(URL_MAX + 300);
    add_origin(&b, url);
    buf_add(&b, (struct str){url->target.ptr, str_find(url->target, '?')});
    str_printable(buf_str(&b), dst, size);
    buf_done(&b);
    return dst;
}

void url_escape(struct buf *b, struct str s)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        unsigned char byte = (unsigned char)c;
        if (letter(c) || digit(c) || (c && strchr("-._~", c)))
            buf_add_char(b, c);
        else
            buf_add(b, (struct str){(char[]){'%', hex[byte >> 4], hex[byte & 15]}, 3});
    }
}
