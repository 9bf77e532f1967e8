/* Package URLs. https://github.com/package-url/purl-spec */
#pragma once
#include "base/buf.h"
#include "model/package.h"

/* Adds "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12" for a package of a namespace
   such as "debian:12"; without namespace its part and the qualifier are left out. */
void purl_put(struct buf *b, const struct package *p, struct str namespace);
