#include "cli/worker.h"

#include <fcntl.h>

#include "client/answer.h"
#include "image/document.h"
#include "os/worker.h"
#include "os/worker_wire.h"
#include "scan/layer_job.h"
#include "stream/digest.h"
#include "update/feed_job.h"

enum { READERS_MAX = 16 };

_Noreturn void worker_main(void)
{
    struct worker_reader readers[READERS_MAX] = {{"layer", layer_job}, {"feed", feed_job}};
    struct error err;
    size_t n = 2;
    for (const struct worker_reader *d = document_jobs; d->name && n < READERS_MAX - 1; d++)
        readers[n++] = *d;
    for (const struct worker_reader *a = answer_jobs; a->name && n < READERS_MAX - 1; a++)
        readers[n++] = *a;
    if (fcntl(WORKER_SOCKET, F_GETFD) < 0) {
        fputs("limpid: worker is started by limpid itself\n", stderr);
        exit(2);
    }
    if (digest_prepare(&err) < 0)
        exit(1);
    worker_serve(WORKER_SOCKET, readers);
}
