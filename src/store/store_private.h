/* What the files of store/ share. */
#pragma once
#include "store/db.h"
#include "store/store.h"

enum store_query {
    QUERY_ABOUT,
    QUERY_REPOSITORIES,
    QUERY_FEED_GET,
    QUERY_FEED_PUT,
    QUERY_ADVISORIES,
    QUERY_NAMESPACE_FEEDS,
    QUERY_INVENTORY_GET,
    QUERY_INVENTORY_PUT,
    QUERY_NAMESPACES_ADVISORIES,
    QUERY_VULNERABILITY_GET,
    QUERY_VULNERABILITY_ID,
    QUERY_VULNERABILITY_LIST,
    QUERY_VULNERABILITY_NAMED,
    QUERY_VULNERABILITY_INSERT,
    QUERY_VULNERABILITY_DELETE,
    QUERY_PERSON_ADVISORY_PUT,
    QUERY_PERSON_ADVISORY_DELETE,
    QUERY_NAMESPACE_PUT,
    QUERY_NAMESPACE_GET,
    QUERY_LAYER_GET,
    QUERY_LAYER_CHAIN,
    QUERY_LAYER_PUT,
    QUERY_SET_PUT,
    QUERY_SET_GET,
    QUERY_FEATURE_PUT,
    QUERY_FEATURE_INTRODUCED_PUT,
    QUERY_FEATURE_VERSIONS,
    QUERY_FEATURE_LAYERS,
    QUERY_NOTIFICATION_PUT,
    QUERY_NOTIFICATION_GET,
    QUERY_NOTIFICATION_NEXT,
    QUERY_NOTIFICATION_HOLD,
    QUERY_NOTIFICATION_MARK,
    QUERY_SETTING_GET,
    QUERY_SETTING_PUT,
    QUERY_PING,
    QUERY_VERSION,
    STORE_QUERIES,
};

struct load;

struct store {
    struct db *db;
    struct query *queries[STORE_QUERIES]; /* prepared at first use */
    struct load *load;                    /* between begin and end of a feed, else NULL */
};

/* The query, prepared and reset; NULL with *err set. */
struct query *store_query(struct store *s, enum store_query which, const char *sql, struct error *err);

struct store_vulnerability;

#define VULNERABILITY_COLUMNS \
    "namespace, name, feed, severity, link, description, metadata, fixes, created_at, deleted_at"
#define VULNERABILITY_COLUMN_COUNT 10

/* Within a transaction. */
void vulnerability_bind(struct query *q, const struct store_vulnerability *v);
int vulnerability_insert(struct store *s, const struct store_vulnerability *v, int64_t *ret_id,
                         struct error *err);
int vulnerability_mark_deleted(struct store *s, int64_t id, int64_t now, struct error *err);
int notification_add(struct store *s, int64_t old_vulnerability, int64_t new_vulnerability, int64_t now,
                     struct error *err);
