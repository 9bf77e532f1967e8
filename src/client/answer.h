/* What a Clair server says of an image: of API 1, {"Layer": {"Features": […]}}, and of API 3, {"ancestry": {"layers":
   [{"detected_features": […]}]}}, with names in either spelling. Read by the worker, decoded here.
   https://github.com/quay/clair/blob/release-2.0/Documentation/api_v1.md */
#pragma once
#include "client/target.h"
#include "model/scan_result.h"
#include "os/worker.h"

struct reader;

struct answer_vulnerability {
    struct vulnerability about; /* its link is the server's */
    struct str fixed_by;
    enum severity severity;
};

struct answer_feature {
    struct str name, version, namespace, added_by;
    VEC(struct answer_vulnerability) vulnerabilities;
};

struct answer {
    struct str namespace;
    VEC(struct answer_feature) features;
};

/* Texts lie in the arena; E_LIMIT beyond it. What stands nowhere in the known shape is passed over. */
int answer_read(struct reader *in, struct arena *arena, struct answer *ret, struct error *err);
/* The wire form; decoding trusts nothing, its texts point into the bytes. */
void answer_encode(const struct answer *a, struct buf *b);
int answer_decode(struct str bytes, struct arena *arena, struct answer *ret, struct error *err);
/* The document as Python's json.dumps() writes it: ", " and ": ", ASCII only, numbers in their shortest form. */
int answer_reprint(struct reader *in, struct buf *out, struct error *err);
/* Why a server refuses: {"Error": {"Message": …}} or {"message": …}, in the arena; "" when it does not say. */
int answer_message(struct reader *in, struct arena *arena, struct str *ret, struct error *err);

/* As a result of which reports are written: findings worst first, then by package and id. Texts are those of the answer
   and of the target, which must live as long. */
int answer_result(const struct answer *a, const struct target *target, struct arena *arena,
                  struct scan_result *ret, struct error *err);

/* ---- the same by the worker, whose table must have answer_jobs ---- */

extern const struct worker_reader answer_jobs[];

/* The bytes of an answer. Texts of *ret lie in *reply. */
int answer_findings(struct worker *worker, struct str bytes, struct arena *arena, struct buf *reply,
                    struct answer *ret, struct error *err);
int answer_json(struct worker *worker, struct str bytes, struct buf *ret, struct error *err);
/* In ret, safe to print, or "". */
void answer_reason(struct worker *worker, struct str bytes, char *ret, size_t size);
