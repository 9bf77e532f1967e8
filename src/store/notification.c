#include "store/notification.h"

#include "base/arena.h"
#include "os/random.h"
#include "store/store_private.h"

/* A random UUID, RFC 9562, version 4. */
static int make_uuid(char ret[37], struct error *err)
{
    unsigned char b[16];
    int rc = random_bytes(b, sizeof b, err);
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    for (size_t i = 0, at = 0; i < sizeof b && rc == 0; i++, at += 2) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            ret[at++] = '-';
        snprintf(ret + at, 3, "%02x", b[i]);
    }
    return rc;
}

int notification_add(struct store *s, int64_t old_vulnerability, int64_t new_vulnerability, int64_t now,
                     struct error *err)
{
    char name[37];
    int rc = make_uuid(name, err);
    if (rc < 0)
        return rc;
    struct query *q =
        store_query(s, QUERY_NOTIFICATION_PUT,
                    "INSERT INTO notification (name, created_at, notified_at, deleted_at, locked_until,"
                    " old_vulnerability_id, new_vulnerability_id) VALUES ($1, $2, 0, 0, 0, $3, $4)",
                    err);
    if (!q)
        return -(int)err->code;
    query_bind_text(q, 1, str_of(name));
    query_bind_number(q, 2, now);
    query_bind_number(q, 3, old_vulnerability);
    query_bind_number(q, 4, new_vulnerability);
    return query_send(q, err);
}

int store_notification_get(struct store *s, struct str name, struct arena *arena,
                           struct store_notification *ret, struct error *err)
{
    struct query *q =
        store_query(s, QUERY_NOTIFICATION_GET,
                    "SELECT created_at, notified_at, deleted_at, old_vulnerability_id, new_vulnerability_id "
                    "FROM notification WHERE name = $1",
                    err);
    if (!q)
        return -(int)err->code;
    query_bind_text(q, 1, name);
    int rc = query_step(q, err);
    if (rc > 0) {
        *ret = (struct store_notification){.created = query_number(q, 0),
                                           .notified = query_number(q, 1),
                                           .deleted = query_number(q, 2),
                                           .old_vulnerability = query_number(q, 3),
                                           .new_vulnerability = query_number(q, 4)};
        if (arena_str(arena, name, &ret->name) < 0)
            rc = error_set(err, E_LIMIT, "store: no room for a notification");
    }
    query_reset(q);
    return rc;
}

int store_notification_delete(struct store *s, struct str name, int64_t now, struct error *err)
{
    CLEANUP(query_closep) struct query *q = NULL;
    int rc = query_open(&q, s->db, "UPDATE notification SET deleted_at = $2 WHERE name = $1", err);
    if (rc < 0)
        return rc;
    query_bind_text(q, 1, name);
    query_bind_number(q, 2, now);
    rc = query_step(q, err);
    return rc < 0 ? rc : query_changes(q) > 0;
}

int store_notification_next(struct store *s, int64_t now, int64_t before, int64_t until, struct arena *arena,
                            struct str *ret, struct error *err)
{
    struct query *q = store_query(s, QUERY_NOTIFICATION_NEXT,
                                  "UPDATE notification SET locked_until = $3 WHERE id = (SELECT id FROM "
                                  "notification WHERE deleted_at = 0 "
                                  "AND notified_at < $2 AND locked_until <= $1 ORDER BY notified_at, id "
                                  "LIMIT 1 FOR UPDATE SKIP LOCKED) "
                                  "RETURNING name",
                                  err);
    if (!q)
        return -(int)err->code;
    query_bind_number(q, 1, now);
    query_bind_number(q, 2, before);
    query_bind_number(q, 3, until);
    int rc = query_step(q, err);
    if (rc > 0 && arena_str(arena, query_bytes(q, 0), ret) < 0)
        rc = error_set(err, E_LIMIT, "store: no room for a notification");
    int done = rc < 0 ? rc : query_finish(q, err); /* SQLite writes when the statement ends */
    query_reset(q);
    return done < 0 ? done : rc;
}

int store_notification_hold(struct store *s, struct str name, int64_t held, int64_t until, struct error *err)
{
    struct query *q = store_query(s, QUERY_NOTIFICATION_HOLD,
                                  "UPDATE notification SET locked_until = $3 WHERE name = $1 AND "
                                  "locked_until = $2 AND deleted_at = 0",
                                  err);
    if (!q)
        return -(int)err->code;
    query_bind_text(q, 1, name);
    query_bind_number(q, 2, held);
    query_bind_number(q, 3, until);
    int rc = query_finish(q, err);
    return rc < 0 ? rc : query_changes(q) > 0;
}

int store_notification_release(struct store *s, struct str name, int64_t notified, int64_t until,
                               struct error *err)
{
    struct query *q = store_query(s, QUERY_NOTIFICATION_MARK,
                                  "UPDATE notification SET notified_at = CASE WHEN $2 > 0 THEN $2 ELSE "
                                  "notified_at END, locked_until = $3 WHERE name = $1",
                                  err);
    if (!q)
        return -(int)err->code;
    query_bind_text(q, 1, name);
    query_bind_number(q, 2, notified);
    query_bind_number(q, 3, until);
    return query_finish(q, err);
}
