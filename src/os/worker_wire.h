/* The messages between worker.c and worker_serve.c: SOCK_SEQPACKET, first byte the kind, then base/wire.h. */
#pragma once

enum worker_message {
    MESSAGE_JOB = 'J',      /* parent: reader, offset, length, args; with the descriptor */
    MESSAGE_HELLO = 'H',    /* worker: Landlock's ABI; it is inside its sandbox */
    MESSAGE_PIECE = 'P',    /* worker: bytes of the answer */
    MESSAGE_PROGRESS = 'G', /* worker: bytes read so far */
    MESSAGE_END = 'E',      /* worker: error code, text */
};

enum { WORKER_SOCKET = 3 }; /* where the worker finds its end */
