/* The sandboxed reader: this program executed again, without rights before its first byte (os/sandbox.h),
   which gets one descriptor and answers with messages. Whatever an image or a feed says is parsed there. A
   worker that crashes, hangs or breaks the protocol is killed, its job fails with E_WORKER, and the next job
   gets a fresh one. */
#pragma once
#include "base/buf.h"
#include "base/error.h"

struct worker;
struct reader;

struct worker_job {
    const char *reader; /* which entry of the worker's table: "layer", "oci", a feed's name */
    struct str args;    /* for that entry, see base/wire.h; at most WORKER_ARGS_MAX */
    int fd;             /* what it reads; borrowed */
    uint64_t offset;    /* where in fd, when that is a file */
    uint64_t length;    /* how much of it; 0: to its end */
    size_t reply_max;   /* most bytes that the whole answer may have */
    /* Takes a piece of the answer as it arrives; NULL: all of it is collected in the reply. */
    int (*data)(void *ctx, struct str piece, struct error *err);
    /* Called about ten times a second while the worker works; < 0 with *err set ends the job. NULL: not
       needed. */
    int (*tick)(void *ctx, struct error *err);
    void *ctx;
    uint64_t *progress; /* gets the bytes of fd read so far, now and then; NULL: nobody asks */
};

/* A worker for one thread at a time; its process starts with the first job. */
struct worker *worker_new(void);
void worker_free(struct worker *w);
/* What the sandbox of this machine lacks, as a sentence, or NULL. Known after the first job. */
const char *worker_weakness(const struct worker *w);
/* Seconds without a sign of life, with input waiting, after which a worker is killed (all workers; default
   WORKER_STALL_SECONDS). */
void worker_set_stall(unsigned seconds);
DEFINE_CLEANUP(struct worker, worker_free)

/* Runs the job and waits for its end. The reply is cleared first. < 0: what the reader found wrong, in its
   words, or E_WORKER when it died. Pieces that arrived before a failure stay in the reply. */
int worker_run(struct worker *w, const struct worker_job *job, struct buf *reply, struct error *err);

/* ---- the worker's own side ---- */
struct worker_call {
    struct str args;
    struct reader *in; /* the job's descriptor, from its offset on */
    int fd;
    uint64_t offset, length; /* the part of fd; length UINT64_MAX: to its end */
    int socket;
};
/* Sends a piece of the answer. */
int worker_reply(struct worker_call *call, struct str piece, struct error *err);

struct worker_reader {
    const char *name;
    int (*run)(struct worker_call *call, struct error *err);
};
/* Enters the sandbox, tests it, and serves jobs from the socket until it closes. Does not return. */
_Noreturn void worker_serve(int socket, const struct worker_reader *readers);
