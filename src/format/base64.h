/* Base64 with the standard alphabet, RFC 4648, 4. */
#pragma once
#include "base/buf.h"

void base64_encode(struct buf *b, struct str bytes);
/* Appends what the text stands for to b; padding may be missing, and the bits that stand for no byte
   are ignored. -1: not base64 (b then holds part of it). */
int base64_decode(struct buf *b, struct str text);
