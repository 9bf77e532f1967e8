/* Package URLs. https://github.com/package-url/purl-spec */
#pragma once
#include "base/buf.h"
#include "model/package.h"

/* Adds "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12" for a package of a namespace
   such as "debian:12"; without namespace its part and the qualifier are left out. An
   rpm's epoch is a qualifier: "pkg:rpm/redhat/openssl-libs@1.1.1k-9.el8_7?arch=x86_64&distro=centos-8&epoch=1". */
void purl_put(struct buf *b, const struct package *p, struct str namespace);
