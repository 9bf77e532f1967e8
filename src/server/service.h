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
    /* SIGHUP: reads the configuration again; NULL: nothing to read. */
    void (*reload)(void *ctx);
    void *ctx;
};

/* Runs until SIGTERM or SIGINT. < 0: it could not start. */
int service_run(const struct service_options *o, struct error *err);
