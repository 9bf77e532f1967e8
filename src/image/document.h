/* Documents and archives of images: read by the worker, decoded here. The worker's table must have
   document_jobs. */
#pragma once
#include "oci/archive_index.h"
#include "oci/document.h"
#include "os/worker.h"

/* The worker's half: "document", "archive-index" and "unpack"; ends with a NULL name. */
extern const struct worker_reader document_jobs[];

/* What oci_read() makes of these bytes, done by the worker. */
int document_read(struct worker *worker, struct str bytes, enum oci_kind expected, struct arena *arena,
                  struct oci_document *ret, struct error *err);

/* The digest of the bytes, of the algorithm that `like` has (sha256 when like is ""). */
struct digest document_digest(struct str bytes, const struct digest *like);
/* Compares size and digest with what the descriptor says (as far as it says it); the text of the error names
   both. */
int document_verify(struct str bytes, const struct oci_descriptor *expected, struct error *err);
