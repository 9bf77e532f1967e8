/* A whole server: the API and health faces, the updater, the notifier, and the signals that end and reload it. */
#pragma once
#include "scan/posted.h"
#include "server/notifier.h"
#include "server/updater.h"

struct service_options {        /* borrowed */
    const char *database;       /* see store_open() */
    const char *address;        /* NULL: all */
    unsigned port, health_port; /* 0: any free */
    unsigned timeout_seconds;   /* of a request */
    const char *certfile, *keyfile, *cafile;
    const char *pagination_key; /* see server/token.h; NULL: a random one */
    struct posted_options posted;
    bool update, notify;            /* whether these run at all */
    struct updater_options updater; /* database, metrics and changed are filled in */
    struct notifier_options notifier;
    /* SIGHUP: reads the configuration again. 0: there is another to run with; < 0: it makes no sense, and the present one
       goes on. */
    int (*reload)(void *ctx, struct error *err);
    void *ctx;
};

/* What a service leaves to the one after it: no connection is refused between them, and pages go on. Zeroed before the
   first. */
struct service_legacy {
    bool any;
    int sockets[2];
    unsigned port, health_port;
    char address[256];
    unsigned char token_key[32];
};

enum { SERVICE_RELOAD = 1 };
/* Runs until SIGTERM or SIGINT: 0; or until reload() has other options: SERVICE_RELOAD. < 0: it could not start. */
int service_run(const struct service_options *o, struct service_legacy *legacy, struct error *err);
void service_legacy_done(struct service_legacy *legacy);
