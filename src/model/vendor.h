/* Whose packages a distribution's are: what a package tells of its maker, and whether that is another than the distribution. */
#pragma once
#include "model/package.h"

/* Whether another than the distribution of the namespace built the package, so that its versions are its own: an rpm whose
   vendor is not one of the distribution's; a deb whose version or maintainer shows a repository of others. A package that does
   not tell is the distribution's, as is every one of distributions that are not known here. */
bool vendor_is_foreign(struct str namespace, const struct package *p);
/* What to call its maker: "Docker", "Fedora Project"; its name where it does not tell. */
struct str vendor_name(const struct package *p);
/* A product of Red Hat's as packages and advisories have it, "openshift:4.16::el9" of the CPE 2.2
   "cpe:/a:redhat:openshift:4.16::el9"; "": it is none. */
struct str vendor_redhat_product(struct str cpe);
