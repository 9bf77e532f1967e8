/* What rpm's databases are tested with: the files of tests/corpus, that scripts/make-corpus-rpm has written, and what is found
   in them. */
#pragma once
#include "archive.h"
#include "detect/rpm.h"

/* A file below tests/corpus. */
struct buf corpus_read(const char *path);
/* The notes about the bytes, "the/database" being their name; what the reading returned. */
int rpm_notes(int (*packages)(struct detection *d, struct str bytes), struct str bytes, struct notes *ret,
              struct error *err);
/* The notes, or "error: TEXT", are as wanted. */
void rpm_expect(int (*packages)(struct detection *d, struct str bytes), struct str bytes, const char *wanted);
/* However the bytes are cut, the packages are at most so many. */
void rpm_expect_truncations(int (*packages)(struct detection *d, struct str bytes), struct str bytes,
                            size_t most);

/* The packages of the corpus, as notes. */
#define NOTE_OPENSSL \
    "package openssl-libs 1:1.1.1k-9.el8_7 x86_64 from openssl 1:1.1.1k-9.el8_7 by Red Hat, Inc.\n"
#define NOTE_NODEJS                                                                                \
    "package nodejs 1:18.14.2-2.module+el8.7.0 aarch64 from nodejs 1:18.14.2-2.module+el8.7.0 in " \
    "nodejs:18:8070020230306170042:bd1311ed by Somebody\n"
#define NOTE_BASH "package bash 5.1.8-6.el9 x86_64 from bash 5.1.8-6.el9\n"
