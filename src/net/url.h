/* http and https URLs, RFC 3986: taken apart, resolved, compared. Pure functions on slices. */
#pragma once
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

struct url {
    struct str scheme;   /* "http" or "https", as written */
    struct str userinfo; /* before '@', or empty */
    struct str host;     /* without the brackets of an IPv6 address */
    struct str target;   /* path and query, from the '/' or '?' on, without fragment; may be empty */
    uint16_t port;       /* the scheme's own when none is written */
    bool tls;
    bool ipv6;
};

/* The slices point into text. E_BAD_INPUT for what is no URL, E_UNSUPPORTED for another scheme, E_LIMIT
   beyond URL_MAX. */
int url_parse(struct str text, struct url *ret, struct error *err);
/* What `reference` (of a Location header: absolute or relative) means at base, appended to ret. RFC
   3986, 5.2. */
int url_resolve(const struct url *base, struct str reference, struct buf *ret, struct error *err);
/* Scheme, host and port are the same: credentials for one may go to the other. */
bool url_same_origin(const struct url *a, const struct url *b);
/* localhost, *.localhost, 127.0.0.0/8 and ::1. */
bool url_host_loopback(struct str host);
/* Splits "host", "host:port", "[::1]:port"; *ret_port is 0 when none is written. -1: neither. */
int url_host_port(struct str text, struct str *ret_host, uint16_t *ret_port);
/* Whether host and port are named by an entry of "host[:port],…"; an entry without port names all ports,
   "*" all hosts. */
bool url_host_listed(struct str host, uint16_t port, struct str list);
/* scheme://host[:port]/path for messages: without password and query, which may hold secrets. Returns dst. */
const char *url_printable(const struct url *url, char *dst, size_t size);
/* What may not stand in a query or a form as it is becomes %XX. */
void url_escape(struct buf *b, struct str s);
