/* Red Hat mends one flaw in several minor releases, each in a build of its own. The tag of a release tells for which: el9_4,
   module+el9.4.0; what has no minor number is of the newest. */
#pragma once
#include "match/match.h"

struct stream_tag {
    unsigned release; /* 9; 0: no tag */
    int minor;        /* 4; -1 none */
};

struct stream_tag stream_tag_of(struct str version);
/* The order of two builds. CentOS built the same sources under tags of its own (el7.centos, module_el8.3.0): where `installed`
   is such a build, tags are left out of it. */
int stream_compare(const struct version_scheme *scheme, struct str installed, struct str fixed);
/* Whether an image with a product has what an advisory is limited to: in a list of products as CPE writes them behind the
   vendor, one begins with a word of the advisory's, up to the end of a number. */
bool stream_has_product(struct str products, struct str wanted);

/* The fix of one id that counts for a package, among those that come one after the other. */
struct stream_choice {
    const struct package *package;
    struct str version;
    struct stream_tag tag; /* of the package */
    int newest;            /* the minor release that its products go up to; -1: to the last */
    struct advisory best;  /* without id: none */
    struct str id;         /* that is being decided */
    bool has_fix;          /* a build for another product of its own minor release mended it */
};

struct stream_choice stream_begin(const struct package *p, struct str version);
/* Takes one of the fixes, which concerns the package's architecture and module. */
void stream_add(struct stream_choice *c, const struct version_scheme *scheme, const struct advisory *a);
/* 1: *ret is the advisory that applies, 0: none does; then the next id may come. */
int stream_end(struct stream_choice *c, const struct version_scheme *scheme, struct advisory *ret);
