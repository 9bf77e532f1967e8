/* The schema as steps that only go forward: step n brings version n to n + 1. A released step is never
   changed. */
#pragma once

struct db;
struct error;

/* Marks an SQLite file as limpid's ("lmpd" in its header); the key of the lock under which a PostgreSQL is migrated. */
#define STORE_APPLICATION_ID 0x6c6d7064

/* Brings the schema to this program's version, each step in a transaction. E_USAGE when it is newer, or not ours. The
   tables of a Clair 2 in the same PostgreSQL are kept, in a schema named clair2. */
int schema_migrate(struct db *db, const char *source, struct error *err);
/* Runs the steps up to `version` only: for the tests of later ones. */
int schema_migrate_to(struct db *db, const char *source, int version, struct error *err);
