/* Every bound on what comes from outside: number, reason, and the test that reaches it ("test: file name").
   scripts/check-limits fails when one has no test, or names one that does not exist. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define KIB(n) ((size_t)(n) << 10)
#define MIB(n) ((size_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)

/* Not a bound but a size: what an arena asks malloc for at once. test: unit/base/arena.c arena_blocks */
#define ARENA_BLOCK KIB(64)

/* ---- os: the worker and its sandbox ---- */
/* One message between parent and worker; the kernel queues a few of them. test: unit/os/worker.c
 * worker_long_answer */
#define WORKER_FRAME_MAX KIB(64)
/* Arguments of a job travel in one message with its name. test: unit/os/worker.c worker_long_args */
#define WORKER_ARGS_MAX KIB(48)
/* Address space of a worker: zstd's largest window (128 MiB), xz's dictionary (96 MiB), one unit of work, its
   threads' stacks. test: unit/os/worker.c worker_eats_memory */
#define WORKER_MEMORY_MAX GIB(1)
/* Processor time of one worker; bzip2 at 33 MB/s takes 17 minutes for LAYER_TAR_MAX. test: unit/os/worker.c
 * worker_sandbox */
#define WORKER_CPU_SECONDS 3600
/* A worker that reports nothing for so long, with input waiting, hangs. test: unit/os/worker.c worker_hangs
 */
#define WORKER_STALL_SECONDS 60
/* A worker is replaced after so many jobs, which bounds what one job can leave behind. test: unit/os/worker.c
 * worker_many_jobs */
#define WORKER_JOBS_MAX 64
