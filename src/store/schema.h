/* The schema as steps that only go forward: step n brings version n to n + 1. A released step is never
   changed. */
#pragma once

struct db;
struct error;

/* Marks the file as limpid's ("lmpd" in SQLite's header). */
#define STORE_APPLICATION_ID 0x6c6d7064

/* Brings the schema to this program's version, each step in a transaction. E_USAGE when the file is newer or
   not ours. */
int schema_migrate(struct db *db, const char *path, struct error *err);
/* Runs the steps up to `version` only: for the tests of later ones. */
int schema_migrate_to(struct db *db, const char *path, int version, struct error *err);
