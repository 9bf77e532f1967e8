/* JSON that is written: commas, colons and indentation are put by the writer, strings are escaped as RFC 8259
   section 7 says, and what is not UTF-8 becomes U+FFFD, so that the result is always valid. Failures stick in
   the buffer: one buf_finish() at the end tells.

       struct json_writer w;
       json_writer_init(&w, &out, 2);
       json_write_object(&w);
       json_write_key(&w, STR("id"));
       json_write_string(&w, id);
       json_write_object_end(&w); */
#pragma once
#include "base/buf.h"
#include "base/limits.h"

struct json_writer {
    struct buf *out;
    unsigned indent; /* blanks a level; 0: all on one line */
    bool html; /* "<", ">" and "&" are escaped, too, as Go's encoder does: the result may stand in a page */
    bool after_key;
    unsigned depth;
    struct {
        bool array, any;
    } levels[JSON_WRITE_DEPTH_MAX];
};

/* Nothing is put behind the whole value, also no line feed. */
void json_writer_init(struct json_writer *w, struct buf *out, unsigned indent);
/* Deeper than JSON_WRITE_DEPTH_MAX, or ended in another order than begun, the buffer fails. */
void json_write_object(struct json_writer *w);
void json_write_object_end(struct json_writer *w);
void json_write_array(struct json_writer *w);
void json_write_array_end(struct json_writer *w);

void json_write_key(struct json_writer *w, struct str key);
void json_write_string(struct json_writer *w, struct str s);
void json_write_u64(struct json_writer *w, uint64_t n);
void json_write_i64(struct json_writer *w, int64_t n);
void json_write_bool(struct json_writer *w, bool value);
void json_write_null(struct json_writer *w);
/* A value that is JSON already. */
void json_write_raw(struct json_writer *w, struct str json);

/* A key and its string, the commonest member. */
static inline void json_write_member(struct json_writer *w, struct str key, struct str value)
{
    json_write_key(w, key);
    json_write_string(w, value);
}

/* The same with null where nothing is known: "". */
static inline void json_write_known(struct json_writer *w, struct str key, struct str value)
{
    json_write_key(w, key);
    if (value.len)
        json_write_string(w, value);
    else
        json_write_null(w);
}

static inline void json_write_count(struct json_writer *w, struct str key, uint64_t n)
{
    json_write_key(w, key);
    json_write_u64(w, n);
}
