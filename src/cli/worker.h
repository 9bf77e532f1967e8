#pragma once

/* The hidden command "worker": what os/worker.h starts. */
_Noreturn void worker_main(void);
