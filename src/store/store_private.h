/* What the files of store/ share. */
#pragma once
#include "store/db.h"
#include "store/store.h"

enum store_query {
    QUERY_FEED_GET,
    QUERY_FEED_PUT,
    QUERY_ROW_PUT,
    QUERY_ADVISORIES,
    QUERY_NAMESPACE,
    QUERY_INVENTORY_GET,
    QUERY_INVENTORY_PUT,
    STORE_QUERIES,
};

struct store {
    struct db *db;
    struct query *queries[STORE_QUERIES]; /* prepared at first use */
    struct str loading;                   /* the feed between begin and end, else "" */
};

/* The query, prepared and reset; NULL with *err set. */
struct query *store_query(struct store *s, enum store_query which, const char *sql, struct error *err);
