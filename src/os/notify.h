/* What systemd asks of a service: sd_notify(3) and sd_listen_fds(3), without its library. Elsewhere all of this does
   nothing. */
#pragma once
#include <stdbool.h>

#include "base/error.h"

enum notify_state { NOTIFY_READY, NOTIFY_RELOADING, NOTIFY_STOPPING, NOTIFY_WATCHDOG };

/* Tells the state, and a status for `systemctl status` unless it is NULL. After a reload NOTIFY_READY follows. */
int notify_send(enum notify_state state, const char *status, struct error *err);
/* How often NOTIFY_WATCHDOG must come, twice as often as systemd insists, in ms; 0: never. */
unsigned notify_watchdog_ms(void);

/* How many listening sockets this process was given: NOTIFY_FIRST_SOCKET and those after it. They are made close-on-exec.
   Before the first thread. */
#define NOTIFY_FIRST_SOCKET 3
unsigned notify_sockets(void);
/* The one of that name (FileDescriptorName=), or -1. */
int notify_socket(const char *name);
