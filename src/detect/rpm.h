/* rpm's databases in memory: each of them is a heap of package headers. What is damaged in them becomes a problem at its offset,
   and the rest goes on; < 0 and *d->err when nothing can be read, or the sink refuses. */
#pragma once
#include "detect/detector.h"

/* One package: its header as it lies in a database, which is without the magic number. "gpg-pubkey" is a key of a vendor that rpm
   keeps there too, and no package. */
int rpm_header_package(struct detection *d, uint64_t offset, struct str header);

/* "openssl-1.1.1k-9.el8_7.src.rpm": name, and version with release; both "" where the file's name is none of a source. */
void rpm_source_split(struct str file, struct str *ret_name, struct str *ret_version);

/* Packages: a hash table of Berkeley DB, of either byte order. */
int rpm_bdb_packages(struct detection *d, struct str bytes);
/* Packages.db: rpm's own format, which SUSE uses. */
int rpm_ndb_packages(struct detection *d, struct str bytes);
/* rpmdb.sqlite, as the write-ahead log leaves it ("": there is none). */
int rpm_sqlite_packages(struct detection *d, struct str bytes, struct str wal);
/* Whether the log has anything that is committed. */
bool rpm_sqlite_is_changed(struct str wal);
