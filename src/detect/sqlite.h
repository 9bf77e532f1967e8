/* SQLite's file format, read-only and in memory: rows of a table, in their order. https://www.sqlite.org/fileformat2.html
   Each page is visited once at most, so that reading is linear in the size of the file whatever its pages say. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"

struct sqlite {
    struct str file, wal;
    uint32_t page_size, usable; /* bytes of a page, and those of it that are the tree's */
    uint32_t pages;
    bool cut; /* the file has fewer pages than it says */
    uint32_t *
        frames; /* of each page, where its content stands in the log; 0: in the file. NULL: there is no log */
    uint8_t *used; /* a byte a page: it has been visited */
    struct error *err;
};

/* The database as its write-ahead log leaves it; "" where there is none. A log that belongs to other contents is passed
   over, as SQLite does. Both are borrowed; memory is of the arena. */
int sqlite_open(struct sqlite *s, struct str file, struct str wal, struct arena *arena, struct error *err);
/* Whether the log has a transaction that was committed. */
bool sqlite_wal_has_commit(struct str wal);

/* Rows of one tree. */
struct sqlite_rows {
    uint64_t offset;   /* of the row, or of what is damaged */
    int64_t id;        /* of the row, which also is the value of a column INTEGER PRIMARY KEY */
    struct str record; /* lent until the next call */

    /* what follows is private */
    struct sqlite *s;
    struct {
        uint32_t page, cell;
    } stack[SQLITE_DEPTH_MAX];
    unsigned depth;
    bool below; /* a page is to be opened, `next` */
    uint32_t next;
    uint64_t taken; /* bytes of rows in leaves so far */
    struct buf joined;
};

struct sqlite_rows sqlite_rows_open(struct sqlite *s, uint32_t root);
void sqlite_rows_close(struct sqlite_rows *r);
/* 1: a row, 0: the end. < 0: something is damaged, and what hangs by it is lost; the next call goes on behind it. */
int sqlite_rows_next(struct sqlite_rows *r);

/* The first page of a table: 1, or 0: there is none of that name. < 0: damage stood before it. */
int sqlite_table(struct sqlite *s, struct str name, uint32_t *ret_root);

/* The value of a column, from 0: texts and blobs are slices of the record, numbers are in *ret_number. False: there is no
   such column, or the record is damaged. */
bool sqlite_column(struct str record, unsigned column, struct str *ret, int64_t *ret_number);
