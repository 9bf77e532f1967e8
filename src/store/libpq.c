#include "store/libpq.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#define LIBPQ_LIBRARY "libpq.so.5"

static struct libpq library;
static struct error library_error;
static int library_state;

static int load(struct libpq *ret, struct error *err)
{
    void *handle = dlopen(LIBPQ_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        return error_set(err, E_SYSTEM, "PostgreSQL needs %s: apt install libpq5 (%s)", LIBPQ_LIBRARY,
                         dlerror());
    const struct {
        const char *name;
        void *place;
    } symbols[] = {
        {"PQconnectdbParams", &ret->connectdbParams},
        {"PQconndefaults", &ret->conndefaults},
        {"PQconninfoFree", &ret->conninfoFree},
        {"PQreset", &ret->reset},
        {"PQfinish", &ret->finish},
        {"PQstatus", &ret->status},
        {"PQerrorMessage", &ret->errorMessage},
        {"PQserverVersion", &ret->serverVersion},
        {"PQtransactionStatus", &ret->transactionStatus},
        {"PQsetNoticeProcessor", &ret->setNoticeProcessor},
        {"PQexec", &ret->exec},
        {"PQprepare", &ret->prepare},
        {"PQexecPrepared", &ret->execPrepared},
        {"PQsendQueryPrepared", &ret->sendQueryPrepared},
        {"PQsendQueryParams", &ret->sendQueryParams},
        {"PQenterPipelineMode", &ret->enterPipelineMode},
        {"PQpipelineSync", &ret->pipelineSync},
        {"PQexitPipelineMode", &ret->exitPipelineMode},
        {"PQsetSingleRowMode", &ret->setSingleRowMode},
        {"PQgetResult", &ret->getResult},
        {"PQresultStatus", &ret->resultStatus},
        {"PQresultErrorField", &ret->resultErrorField},
        {"PQntuples", &ret->ntuples},
        {"PQgetvalue", &ret->getvalue},
        {"PQgetlength", &ret->getlength},
        {"PQcmdTuples", &ret->cmdTuples},
        {"PQclear", &ret->clear},
        {"PQputCopyData", &ret->putCopyData},
        {"PQputCopyEnd", &ret->putCopyEnd},
    };
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        void *address = dlsym(handle, symbols[i].name);
        if (!address)
            return error_set(err, E_SYSTEM, "%s has no %s: it is older than the one that limpid needs",
                             LIBPQ_LIBRARY, symbols[i].name);
        memcpy(symbols[i].place, &address, sizeof address);
    }
    return 0;
}

static void load_once(void)
{
    library_state = load(&library, &library_error);
}

const struct libpq *libpq_load(struct error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load_once);
    if (library_state < 0) {
        *err = library_error;
        return NULL;
    }
    return &library;
}
