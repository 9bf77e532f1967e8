/* Package URLs. https://github.com/package-url/purl-spec */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "model/package.h"

/* Adds "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12" for a package of a namespace
   such as "debian:12"; without namespace its part and the qualifier are left out. An
   rpm's epoch is a qualifier: "pkg:rpm/redhat/openssl-libs@1.1.1k-9.el8_7?arch=x86_64&distro=centos-8&epoch=1". */
void purl_put(struct buf *b, const struct package *p, struct str namespace);

/* The parts of a package URL, as they are written: slices of it, still encoded; "" where one is missing. */
struct purl {
    struct str type, namespace, name, version, qualifiers;
};

/* -1: it is none. A subpath is left out. */
int purl_split(struct str text, struct purl *ret);
/* The value of a qualifier, still encoded; "" where there is none. */
struct str purl_qualifier(const struct purl *p, struct str key);
/* A part without its percent escapes: itself where it has none, else a copy of the arena. -1: over the arena's limit. */
int purl_decode(struct str part, struct arena *arena, struct str *ret);
