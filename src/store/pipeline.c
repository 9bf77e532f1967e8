#include "store/pipeline.h"

#include <stddef.h>

static bool begin(struct pipeline *p)
{
    return p->queued || p->pq->enterPipelineMode(p->conn);
}

bool pipeline_add(struct pipeline *p, const char *name, int count, const char *const *values,
                  const int *lengths, const int *formats)
{
    if (!begin(p) || !p->pq->sendQueryPrepared(p->conn, name, count, values, lengths, formats, 1))
        return false;
    p->queued++;
    return true;
}

bool pipeline_add_text(struct pipeline *p, const char *sql)
{
    if (!begin(p) || !p->pq->sendQueryParams(p->conn, sql, 0, NULL, NULL, NULL, NULL, 1))
        return false;
    p->queued++;
    return true;
}

/* The answer to the next statement: its only result, behind which there is none. */
static PGresult *take(struct pipeline *p)
{
    PGresult *answer = p->pq->getResult(p->conn);
    for (PGresult *more = answer; more;) {
        more = p->pq->getResult(p->conn);
        p->pq->clear(more);
    }
    return answer;
}

bool pipeline_settle(struct pipeline *p, PGresult **ret_last, PGresult **ret_refused)
{
    bool well = p->pq->pipelineSync(p->conn) == 1;
    *ret_last = *ret_refused = NULL;
    for (; p->queued; p->queued--) {
        PGresult *answer = take(p);
        ExecStatusType status = p->pq->resultStatus(answer);
        bool refused = status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK;
        if (well && refused)
            *ret_refused = answer;
        else if (well && p->queued == 1)
            *ret_last = answer;
        else
            p->pq->clear(answer);
        well &= !refused;
    }
    p->pq->clear(p->pq->getResult(p->conn)); /* that of the synchronization */
    if (!p->pq->exitPipelineMode(p->conn) && well) {
        p->pq->clear(*ret_last);
        *ret_last = NULL;
        well = false;
    }
    return well;
}
