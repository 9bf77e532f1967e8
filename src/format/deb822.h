/* Stanzas of fields that are pulled, as dpkg's status file and apt's *.sources have them: deb822(5). One
   pass; only the fields that are wanted are kept, others may be of any length at no cost in memory.

   As dpkg reads it: names in any case, a line that begins with a blank continues the field before (also one
   of blanks only), an empty line ends the stanza. Where dpkg would give up, this goes on and counts: a line
   that is no field, and a field that occurs twice in a stanza (the first counts). */
#pragma once
#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/str.h"

struct reader;

struct deb822 {
    bool comments;       /* to be set by the caller: lines that begin with '#' are skipped, as in *.sources */
    uint64_t offset;     /* of the stanza's first field */
    uint64_t bad_lines;  /* lines that were passed over so far */
    uint64_t bad_offset; /* where the first of them begins */
    bool unterminated;   /* the last line has no LF: the file may have been cut there */
    /* The wanted fields of the stanza, in the order of their names: without white space at both ends, lines
       joined by LF without their first blank; ptr is NULL where the stanza has none. Lent until the next
       call. */
    struct str values[DEB822_FIELDS_MAX];

    /* what follows is private */
    struct reader *in;
    struct error *err;
    const struct str *names;
    size_t count;
    struct buf text; /* of the wanted fields */
    struct deb822_span {
        size_t at, len;
        bool present;
    } spans[DEB822_FIELDS_MAX];
    char name[DEB822_NAME_MAX]; /* the part of a name that the window before held */
    size_t name_len;
    int state, field, failed;
    uint64_t line; /* where the present line begins */
    bool any;
};

/* Begins reading `in`, borrowed like names, of which there are at most DEB822_FIELDS_MAX. */
void deb822_open(struct deb822 *d, struct reader *in, const struct str *names, size_t count,
                 struct error *err);
void deb822_close(struct deb822 *d);
/* 1: a stanza with at least one field, wanted or not; 0 at the end; < 0: the reader's error, or E_LIMIT when
   the wanted fields of a stanza have more than DEB822_STANZA_MAX bytes. */
int deb822_next(struct deb822 *d);
