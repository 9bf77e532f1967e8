/* libpq, loaded when a PostgreSQL is named: linked, it would cost every start milliseconds for TLS, Kerberos and LDAP. The
   only door to <libpq-fe.h>. */
#pragma once
#include <libpq-fe.h>

#include "base/error.h"

struct libpq {
    PGconn *(*connectdbParams)(const char *const *names, const char *const *values, int expand_dbname);
    PQconninfoOption *(*conndefaults)(void);
    void (*conninfoFree)(PQconninfoOption *options);
    void (*reset)(PGconn *conn);
    void (*finish)(PGconn *conn);
    ConnStatusType (*status)(const PGconn *conn);
    char *(*errorMessage)(const PGconn *conn);
    int (*serverVersion)(const PGconn *conn);
    PGTransactionStatusType (*transactionStatus)(const PGconn *conn);
    void *(*setNoticeProcessor)(PGconn *conn, PQnoticeProcessor proc, void *arg);
    PGresult *(*exec)(PGconn *conn, const char *query);
    PGresult *(*prepare)(PGconn *conn, const char *name, const char *query, int count, const Oid *types);
    PGresult *(*execPrepared)(PGconn *conn, const char *name, int count, const char *const *values,
                              const int *lengths, const int *formats, int result_format);
    int (*sendQueryPrepared)(PGconn *conn, const char *name, int count, const char *const *values,
                             const int *lengths, const int *formats, int result_format);
    int (*sendQueryParams)(PGconn *conn, const char *query, int count, const Oid *types,
                           const char *const *values, const int *lengths, const int *formats,
                           int result_format);
    int (*enterPipelineMode)(PGconn *conn);
    int (*pipelineSync)(PGconn *conn);
    int (*exitPipelineMode)(PGconn *conn);
    int (*setSingleRowMode)(PGconn *conn);
    PGresult *(*getResult)(PGconn *conn);
    ExecStatusType (*resultStatus)(const PGresult *res);
    char *(*resultErrorField)(const PGresult *res, int field);
    int (*ntuples)(const PGresult *res);
    char *(*getvalue)(const PGresult *res, int row, int column);
    int (*getlength)(const PGresult *res, int row, int column);
    char *(*cmdTuples)(PGresult *res);
    void (*clear)(PGresult *res);
    int (*putCopyData)(PGconn *conn, const char *bytes, int count);
    int (*putCopyEnd)(PGconn *conn, const char *error);
};

/* The library, the same for all threads; NULL with *err set: E_SYSTEM, with the package to install. */
const struct libpq *libpq_load(struct error *err);
