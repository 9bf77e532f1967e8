/* Fernet tokens (https://github.com/fernet/spec/blob/master/Spec.md): where a page begins, signed and encrypted, so that
   several servers with one key take each other's. */
#pragma once
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

enum { TOKEN_KEY_SIZE = 32, TOKEN_SECONDS = 3600 };

/* A key of 64 hexadecimal digits, or 32 bytes as base64 with either alphabet. -1: neither. */
int token_key_parse(struct str text, unsigned char ret[TOKEN_KEY_SIZE]);
/* `now`: seconds since 1970. */
int token_make(const unsigned char key[TOKEN_KEY_SIZE], int64_t now, struct str text, struct buf *ret,
               struct error *err);
/* What it was made of, appended to *ret. -1: not one of this key, or older than TOKEN_SECONDS. */
int token_read(const unsigned char key[TOKEN_KEY_SIZE], int64_t now, struct str token, struct buf *ret);
