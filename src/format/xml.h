/* An XML 1.0 document that is pulled, element by element: memory does not depend on its size. Elements, attributes,
   text, CDATA, comments, processing instructions, the five entities and characters by number; a document type
   declaration is refused, and with it entities of its own. UTF-8. Prefixes of names are left out.

       while ((rc = xml_next(&x)) > 0)
           if (rc == XML_OPEN && xml_is(&x, "reference"))
               … xml_attribute(&x, "ref_id") …
           else if (rc == XML_CLOSE && xml_is(&x, "severity"))
               … x.content …

   Errors name the byte: "xml: offset 1234: ". After one, every call repeats its code. */
#pragma once
#include "base/buf.h"
#include "base/limits.h"

struct reader;

enum xml_token { XML_END, XML_OPEN, XML_CLOSE };

struct xml {
    struct reader *in;
    struct error *err;
    struct str name;    /* of the element that opens or closes, without prefix; lent until the next call */
    struct str content; /* XML_CLOSE: its text since its last child ended */
    unsigned depth;     /* of the element: 1 is the root */
    int failed;
    bool empty, closing,
        over; /* the element has no content; is closed by the next call; the root is closed */
    struct buf tag, text, path;  /* path: names of the open elements */
    size_t names[XML_DEPTH_MAX]; /* where each begins in path */
    size_t attributes;
    struct {
        size_t name, value, end; /* in tag: the name goes up to the value */
    } attribute[XML_ATTRIBUTES_MAX];
};

/* Begins a document of in, which stays the caller's. *err must live as long as x. */
void xml_open(struct xml *x, struct reader *in, struct error *err);
void xml_close(struct xml *x);
/* XML_OPEN, XML_CLOSE, or XML_END behind the root, < 0: E_BAD_INPUT, E_UNSUPPORTED for a document type, E_LIMIT. */
int xml_next(struct xml *x);
/* Passes over the rest of the element that has just opened, up to and with its end. */
int xml_skip(struct xml *x);
/* Of the element that has just opened; "" when it has none of that name. */
struct str xml_attribute(const struct xml *x, const char *name);
static inline bool xml_is(const struct xml *x, const char *name)
{
    return str_eq(x->name, str_of(name));
}
