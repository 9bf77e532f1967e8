/* Who the user is at a registry, as the configuration files of Docker and of Podman say: `auths`, `credHelpers`,
   `credsStore`. https://docs.docker.com/reference/cli/docker/login/ and containers-auth.json(5) */
#pragma once
#include "base/error.h"
#include "base/str.h"

struct credentials {
    char *username, *password;
    char *identity_token; /* a refresh token, instead of a password; NULL: none */
    /* Why something that the configuration names was of no use, or "": to be told when the registry refuses. */
    char note[200];
};

/* Looks for the credentials of "host[:port]" and the repository there: in auth_file when it is not NULL, else in
   $REGISTRY_AUTH_FILE, $DOCKER_CONFIG/config.json or else ~/.docker/config.json, and
   $XDG_RUNTIME_DIR/containers/auth.json: the first that has some. 1: found, 0: none, < 0: a file that cannot be read or
   is not what it should be. */
int credentials_find(const char *auth_file, const char *host, const char *repository, struct credentials *ret,
                     struct error *err);
void credentials_done(struct credentials *c);

/* ---- its parts, for tests ---- */

/* What one configuration says about a repository. */
struct credentials_config {
    struct credentials own; /* of the most specific entry of auths that holds something */
    bool found;             /* own is filled */
    char helper[64];        /* name of the helper to ask, "" for none */
    bool helper_must;       /* it stands in credHelpers for this very host, so that auths do not count */
};

int credentials_parse(struct str json, const char *host, const char *repository,
                      struct credentials_config *ret, struct error *err);
/* Asks docker-credential-NAME, for at most so many seconds. 1: found, 0: it knows none, < 0: it is missing, or of
   no use. */
int credentials_ask(const char *helper, const char *host, unsigned seconds, struct credentials *ret,
                    struct error *err);
/* How much of "host/repository" the key of an entry names, in bytes, as the most specific counts; 0: something else. */
size_t credentials_key_fits(struct str key, const char *host, const char *repository);
