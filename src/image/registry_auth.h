/* Answers to a registry's challenges: Basic, and Bearer by way of a token server.
   https://distribution.github.io/distribution/spec/auth/ (token, oauth2) */
#pragma once
#include "image/credentials.h"
#include "net/http.h"
#include "net/url.h"

struct worker;

struct registry_challenge {
    struct str text;  /* the values of WWW-Authenticate */
    struct url url;   /* what was asked for */
    const char *host; /* of the registry, as the user calls it */
    const char *repository;
    const char *insecure;                  /* image_options.insecure */
    const struct credentials *credentials; /* empty when there are none */
    const char *token_url;  /* where tokens come from, whatever the challenge says; NULL: it says so itself */
    const char *token_type; /* the scheme under which they are shown; NULL: Bearer */
};

/* What comes of it. */
struct registry_grant {
    char *authorization; /* the value of Authorization, to be freed */
    uint64_t seconds;    /* for which it is good; UINT64_MAX: no end is known */
    int status;          /* with which the token server refused; 0: it did not */
    char reason[64];     /* its words for that */
    bool unclear;        /* the challenge itself is of no use */
};

/* What the challenge asks for, in *ret: 1; 0 when it wants a password and there is none; < 0: E_DENIED when the token
   server refuses, and others; then *ret tells how. The token server's answer is read by the worker. */
int registry_authorize(struct http *http, struct worker *worker, const struct registry_challenge *challenge,
                       struct registry_grant *ret, struct error *err);
