/* What went wrong, as a value that the caller owns: it needs no release and crosses a pipe by memcpy.
   A function that can fail takes `struct error *err` last and returns a negative number exactly when it set
   it. The text is lower case, names the thing, the place and what was found; error_in() puts the context
   before it on the way up. Only what a caller acts on has a code of its own. */
#pragma once
#include <stdarg.h>

enum error_code {
    E_OK,
    E_BAD_INPUT,   /* the bytes break their format */
    E_LIMIT,       /* more than base/limits.h allows */
    E_UNSUPPORTED, /* well-formed, but nothing that limpid reads */
    E_NOT_FOUND,   /* what was named does not exist */
    E_DENIED,      /* authentication or permission */
    E_NETWORK,     /* the other side cannot be reached or breaks its protocol */
    E_TIMEOUT,     /* no progress for too long */
    E_CANCELLED,   /* the user asked to stop */
    E_USAGE,       /* the command line or configuration makes no sense */
    E_SYSTEM,      /* the kernel refused; sys_errno says why */
    E_WORKER,      /* the sandboxed reader died */
};

struct error {
    enum error_code code;
    int sys_errno;
    char text[500];
};

/* Fills e with a printf text and gives -code. A macro, so that compilers and analyzers see a negative
   constant. */
#define error_set(e, code, ...) (error_fill((e), (code), __VA_ARGS__), -(int)(code))
/* The same with ": " and the text of errno behind it. */
#define error_sys(e, ...) (error_fill_errno((e), __VA_ARGS__), -(int)E_SYSTEM)

void error_fill(struct error *e, enum error_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void error_fill_errno(struct error *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Puts "layer 3 of nginx:1.25: " before the text and returns the negative code again. */
int error_in(struct error *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The name of a code as it stands in JSON: "bad-input". */
const char *error_code_name(enum error_code code);
