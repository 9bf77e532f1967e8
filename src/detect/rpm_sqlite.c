/* rpmdb.sqlite: the table Packages has a number and a header a row. */
#include "detect/rpm.h"
#include "detect/sqlite.h"

enum { PACKAGES_BLOB = 1 };

/* The next row; what is damaged is told on the way. */
static int next_row(struct detection *d, struct sqlite_rows *rows)
{
    int rc;
    while ((rc = sqlite_rows_next(rows)) < 0) {
        const struct error why = *d->err;
        rc = detection_problem(d, rows->offset, why.text);
        if (rc < 0)
            return rc;
    }
    return rc;
}

static int take_row(struct detection *d, const struct sqlite_rows *rows)
{
    struct str header;
    int64_t ignored;
    return sqlite_column(rows->record, PACKAGES_BLOB, &header, &ignored)
               ? rpm_header_package(d, rows->offset, header)
               : detection_problem(d, rows->offset, "a row is damaged");
}

int rpm_sqlite_packages(struct detection *d, struct str bytes, struct str wal)
{
    struct sqlite s;
    uint32_t root = 0;
    int rc = sqlite_open(&s, bytes, wal, d->arena, d->err);
    if (rc == 0 && s.cut)
        rc = detection_problem(d, bytes.len, "the database ends early: packages may be missing");
    if (rc == 0)
        rc = sqlite_table(&s, STR("Packages"), &root);
    if (rc <= 0)
        return rc < 0 ? rc : error_set(d->err, E_BAD_INPUT, "rpm: the database has no table Packages");
    struct sqlite_rows rows = sqlite_rows_open(&s, root);
    while ((rc = next_row(d, &rows)) > 0 && (rc = take_row(d, &rows)) >= 0)
        ;
    sqlite_rows_close(&rows);
    return rc;
}

bool rpm_sqlite_is_changed(struct str wal)
{
    return sqlite_wal_has_commit(wal);
}
