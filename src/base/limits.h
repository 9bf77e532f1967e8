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

/* ---- model and detect: what one layer may say ---- */
/* Debian's whole archive as one status file has 64,000 packages. test: unit/detect/layer.c layer_too_many_packages */
#define LAYER_PACKAGES_MAX 200000
/* Records about files (wanted ones, links, whiteouts over them); distroless images have one a package. test:
   unit/detect/layer.c layer_too_many_files */
#define LAYER_FILES_MAX 250000
/* After so many complaints about one layer the rest is only counted. test: unit/detect/layer.c layer_too_many_problems */
#define LAYER_PROBLEMS_MAX 100
/* A layer's inventory on the wire: LAYER_PACKAGES_MAX ordinary packages. test: unit/model/inventory.c inventory_budget */
#define INVENTORY_MAX MIB(48)
/* Any name, version or path in an inventory; PATH_MAX is 4096. test: unit/model/inventory.c inventory_long_text */
#define INVENTORY_TEXT_MAX 4096
/* The status file of Debian's whole archive is 60 MB; the largest seen in an image has 9. test: unit/detect/dpkg.c
   dpkg_too_big */
#define DPKG_STATUS_MAX MIB(64)
/* One package's stanza. test: unit/detect/dpkg.c dpkg_too_big */
#define DPKG_STATUS_D_MAX MIB(1)
/* os-release and its kin have some hundred bytes. test: unit/detect/release.c release_too_big */
#define RELEASE_FILE_MAX KIB(64)
/* An uncompressed layer; the largest machine-learning layers are about 20 GB. test: e2e/test_hostile.py
   test_layer_size_limit */
#define LAYER_TAR_MAX GIB(64)
/* What a detector may keep while it reads one file. test: unit/detect/dpkg.c dpkg_too_big */
#define DETECTION_MEMORY_MAX MIB(16)

/* ---- scan ---- */
/* What merging an image's layers may keep: ten times the largest status file seen, in a hundred layers. test:
   unit/scan/merge.c merge_budget */
#define MERGE_MEMORY_MAX MIB(256)
/* Links followed for one path, as Linux does. test: unit/scan/merge.c merge_link_loop */
#define LINKS_MAX 40

/* ---- net: URLs, challenges, HTTP ---- */
/* Signed URLs of blob stores have 2 KB; servers refuse 8 KB. test: unit/net/url.c url_too_long */
#define URL_MAX KIB(8)
/* Registries send three; the array is per request. test: unit/net/challenge.c challenge_many_params */
#define CHALLENGE_PARAMS_MAX 32

/* ---- format: documents ---- */
/* Not a bound but a size: the window of a JSON reader. test: unit/format/json.c json_windows */
#define JSON_WINDOW KIB(64)
/* One string or number; the longest seen is an image's label of 300 KB. test: unit/format/json.c json_long_token */
#define JSON_TOKEN_MAX MIB(4)
/* Nested objects and arrays; manifests and feeds have ten. A multiple of 64. test: unit/format/json.c json_deep */
#define JSON_DEPTH_MAX 512
