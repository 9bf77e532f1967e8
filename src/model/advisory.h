/* What a feed says of a vulnerability in a package of a namespace, and the packed form in which all that it
   says of one package lies in the store as one row. */
#pragma once
#include "base/buf.h"
#include "base/error.h"
#include "base/wire.h"
#include "model/severity.h"

enum advisory_status {
    ADVISORY_AFFECTED,     /* every version, so far: nothing is fixed */
    ADVISORY_FIXED,        /* versions before fixed_version are affected */
    ADVISORY_NOT_AFFECTED, /* no version ever was: said outright, which silences less exact sources */
    ADVISORY_UNDETERMINED, /* the publisher does not know (yet) */
    ADVISORY_WILL_NOT_FIX, /* affected, and the publisher will leave it so */
    ADVISORY_FIX_DEFERRED, /* affected, to be fixed with something more important */
    ADVISORY_END_OF_LIFE,  /* affected, in a package that gets no more updates */
};
#define ADVISORY_STATUS_COUNT 7

enum {
    ADVISORY_NO_DSA = 1,       /* Debian: not worth an advisory of its own */
    ADVISORY_SUBSCRIPTION = 2, /* the fix is for subscribers of a paid service only: Ubuntu Pro */
    ADVISORY_OWN_NAME = 4,     /* not for packages that were merely built from a source of this name */
    /* One of several fixes of an id, for one minor release each: the tag of the package's release (el9_4) chooses. And what
       names no module is of no module. */
    ADVISORY_STREAMS = 8,
};

struct advisory {
    struct str id; /* "CVE-2024-6387"; also "TEMP-…", "DSA-…" where there is no CVE */
    enum advisory_status status;
    enum severity severity;
    struct str
        fixed_version; /* of ADVISORY_FIXED, as the namespace's scheme writes versions; otherwise empty */
    unsigned flags;    /* ADVISORY_NO_DSA and so on */
    /* Which versions, beside those from fixed_version on, are not concerned: before the first, after the second; "" no
       bound. The second only without fixed_version. */
    struct str introduced, last_affected;
    struct str arches; /* "aarch64 x86_64": only packages of these; "" all */
    struct str
        module; /* "httpd:2.4", or several with blanks between: only packages of these streams; "" all */
    /* "openshift:4.16::el9", or several with blanks between: only images with such a product of the publisher's, written
       as CPE writes it behind the vendor; "" the distribution itself. */
    struct str product;
};

/* "affected", "fixed", "not_affected", "undetermined", "will_not_fix", "fix_deferred", "end_of_life". */
const char *advisory_status_name(enum advisory_status status);
/* -1: no such word. */
int advisory_status_parse(struct str word, enum advisory_status *ret);

/* Whether it can stand in a record as an id, a name or a version: visible ASCII, 1 to ADVISORY_TEXT_MAX characters. */
bool advisory_word_valid(struct str word);

/* Appends one record; records one after the other are a row. Texts over ADVISORY_TEXT_MAX make the buffer
   fail. */
void advisory_pack(struct buf *row, const struct advisory *advisory);
/* The next record of a row: 1, its slices lie in the row; 0 at the end; < 0: E_BAD_INPUT, the row is damaged. */
int advisory_unpack(struct wire *row, struct advisory *ret, struct error *err);

/* Appends the address of the page about a vulnerability: a feed's template, whose "%s" stands for the id. Without one
   there is no page, and nothing is appended. */
void advisory_link(struct str template, struct str id, struct buf *b);

/* All advisories of one package, as a feed gives them away and as they cross the worker's pipe. */
struct advisory_row {
    struct str namespace; /* "debian:12" */
    struct str package;   /* the source package's name */
    uint32_t count;       /* records in packed */
    struct str packed;
};

void advisory_row_put(struct buf *b, const struct advisory_row *row);
/* 1: a row, with slices into what is read, each record checked and counted; 0 at the end; < 0: E_BAD_INPUT. */
int advisory_row_get(struct wire *w, struct advisory_row *ret, struct error *err);
