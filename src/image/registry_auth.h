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
};

/* The value of Authorization that the challenge asks for, to be freed, in *ret: 1; 0 when it wants a password and there
   is none; < 0: E_DENIED when the token server refuses, and others. The token server's answer is read by the worker. */
int registry_authorize(struct http *http, struct worker *worker, const struct registry_challenge *challenge,
                       char **ret, struct error *err);
