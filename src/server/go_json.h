/* JSON as Go's encoding/json takes and gives it, where Clair's clients can tell the difference: keys in any case, only the
   first value counts, null changes nothing, maps come out by key and numbers in their shortest form. */
#pragma once
#include "base/arena.h"
#include "format/json.h"
#include "stream/memory.h"

struct go_reader {
    struct json j;
    struct memory_reader memory;
    struct str body;
    struct arena *arena;
    struct error *err;
    bool mismatch; /* a value had another type: reading goes on, and fails at the end */
};

/* Over a whole body; go_done() releases it. */
void go_open(struct go_reader *g, struct str body, struct arena *arena, struct error *err);
void go_done(struct go_reader *g);
/* The text that Go's decoder would give for what failed: "EOF", "unexpected EOF", or our own words. */
struct str go_message(const struct go_reader *g);

/* 1: an object whose members go_key() gives; 0: null, or a value of another type; < 0. */
int go_object(struct go_reader *g);
int go_array(struct go_reader *g);
int go_key(struct go_reader *g, struct str *ret); /* 1, 0 at the end, < 0 */
/* A text, of the arena; null leaves *ret. 0 or < 0. */
int go_string(struct go_reader *g, struct str *ret);
/* Any value, written again as Go writes it, of the arena; null gives "". 0 or < 0. */
int go_any(struct go_reader *g, struct str *ret);
/* The end of the first value: 0, or < 0 when something did not fit. */
int go_end(struct go_reader *g);
