/* A JSON document that is pulled, token by token, through a window: memory does not depend on its size.
   Strict RFC 8259: grammar, UTF-8, number syntax, paired surrogates, nothing behind the value. Names that
   occur twice in an object are told twice.

   The caller keeps its loop and takes what it knows; what it does not take is skipped, and still checked:

       if (json_object(&j) > 0)
           while ((rc = json_key(&j, &key)) > 0)
               if (str_eq(key, STR("id")) && (rc = json_string(&j, &id)) > 0)
                   ...

   Errors name the byte: "json: offset 1234: expected ':', found '}'". After one, every call repeats its code. */
#pragma once
#include "base/error.h"
#include "base/limits.h"
#include "base/str.h"

struct reader;

enum json_kind {
    JSON_END, /* behind the document's value there is nothing more */
    JSON_OBJECT,
    JSON_OBJECT_END,
    JSON_ARRAY,
    JSON_ARRAY_END,
    JSON_KEY,
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
};

struct json {
    struct reader *in;
    struct error *err;
    char *buf, *ptr, *end; /* the window, and its part that is still to be read */
    size_t cap;
    uint64_t base;   /* position of buf in the document */
    struct str text; /* of a key, a string (unescaped) or a number (as written); lent until the next call */
    int expect;      /* what the grammar allows next */
    int failed;
    bool ended; /* its last byte was looked at: after a failure, that more was needed */
    unsigned depth;
    uint64_t arrays[JSON_DEPTH_MAX / 64]; /* a bit a level: it is an array */
};

/* Begins a document of in, which stays the caller's. *err must live as long as j. */
void json_open(struct json *j, struct reader *in, struct error *err);
void json_close(struct json *j);

/* The next token: an enum json_kind, < 0: error. E_BAD_INPUT, or E_LIMIT beyond JSON_DEPTH_MAX and
   JSON_TOKEN_MAX. */
int json_next(struct json *j);
/* Passes over the value that follows. 0, < 0: error. */
int json_skip(struct json *j);
/* Passes over the rest of a value whose first token json_next() has just given as `kind`; so also that token's error. */
int json_skip_rest(struct json *j, int kind);
/* Position of the next byte, for messages. */
static inline uint64_t json_offset(const struct json *j)
{
    return j->base + (uint64_t)(j->ptr - j->buf);
}
/* Makes the reader fail with E_BAD_INPUT at the current place: "json: offset 12: " and the text. */
int json_fail(struct json *j, const char *text);

/* ---- for documents of a known shape: each takes one whole value ----
   1: the value has that type; 0: it has another one and has been passed over; < 0: error. */
int json_object(struct json *j); /* then json_key() until it gives 0 */
int json_array(struct json *j);  /* then json_item() until it gives 0 */
int json_string(struct json *j, struct str *ret);
int json_bool(struct json *j, bool *ret);
/* A number without sign, fraction and exponent, of at most max; others count as another type. */
int json_u64(struct json *j, uint64_t max, uint64_t *ret);
/* Any number, as it is written. */
int json_number(struct json *j, struct str *ret);

/* The next name of the object that json_object() began: 1, 0 at the object's end, < 0. The value of the name
   before is skipped when it was not taken. */
int json_key(struct json *j, struct str *ret);
/* 1: another item of the array follows, to be taken by one of the calls above, or else skipped; 0 at the end;
   < 0. */
int json_item(struct json *j);
/* 0: the document ends here; < 0: error. */
int json_end(struct json *j);
