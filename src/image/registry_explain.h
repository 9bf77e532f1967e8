/* What a registry's refusal means, and what to do next. */
#pragma once
#include "net/http.h"

struct worker;

struct registry_refusal {
    const char *host; /* as the user calls it */
    const char *repository;
    const char *what; /* "manifest latest", "blob sha256:…" */
    bool logged_in;   /* credentials were shown */
    const char *note; /* of the credentials: why there are none, or "" */
};

/* " (CODE: message)", as the answer says, safe to print, or "". Read by the worker. */
void registry_reason(struct worker *worker, const struct http_response *response, char *ret, size_t size);
/* Makes an error of an answer that is not 200. */
int registry_explain(struct worker *worker, const struct http_response *response,
                     const struct registry_refusal *about, struct error *err);
