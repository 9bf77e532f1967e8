/* Text of strangers in a page of ours. Whatever comes from an image, a feed or a server goes through one of
   these: what HTML would take for markup becomes a character reference, and what would reorder, hide or
   break text is shown by its number, "U+202E". https://html.spec.whatwg.org/multipage/syntax.html */
#pragma once
#include "base/buf.h"

/* As the text of an element. Control characters are shown too. */
void html_text(struct buf *out, struct str s);
/* As a text of several lines: tabs and line feeds stay. Cut after `max` bytes, which an ellipsis tells. */
void html_prose(struct buf *out, struct str s, size_t max);
/* As the value of an attribute in double quotes, or the text of a title, where no element may stand. */
void html_attribute(struct buf *out, struct str s);
/* As either, with tabs and line feeds as they are: for pages whose markup is not ours. */
void html_quoted(struct buf *out, struct str s);
/* Whether a link may lead there: http or https, printable ASCII without blanks and quotes. */
bool html_is_link(struct str url);
/* An anchor around the text, or only the text when html_is_link() says no. */
void html_link(struct buf *out, struct str url, struct str text);
/* The name of an image, which may break at its slashes and before its digest. */
void html_reference(struct buf *out, struct str name);
/* "1,234" */
void html_number(struct buf *out, uint64_t n);
