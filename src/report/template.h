/* PAClair's html_template: a page by the user, in the part of bottle's SimpleTemplate that reports use.
   https://bottlepy.org/docs/dev/stpl.html

       % for item in info:
         <tr class="{{item['SEVERITY'].lower()}}"><td>{{item['CVE']}}</td>
         % if item['FIXED']:
           <td>{{item['FIXED']}}</td>
         % end
       % end

   The variable `info` is a list of dicts with ID, CVE, SEVERITY, PACKAGE, CURRENT, FIXED, INTRODUCED,
   DESCRIPTION, LINK (texts, "" where nothing is known), SCORE (a number, or None) and VECTORS, a dict with
   "Access Vector", "Access Complexity", "Authentication", "Confidentiality impact", "Integrity impact",
   "Availability impact".

   There are {{expression}}, escaped, and {{!expression}}, not; lines that begin with % and blocks in <% %>,
   with for, if, elif, else, end, break, continue, pass, assignments (=, +=, -=), setdefault(); literals of
   text, number, list, dict; comprehensions; and, or, not, comparisons, in, is, + - * / // %, x if y else z;
   indexes and slices; the functions and methods of report/template_calls.c. Everything else is refused with
   its line. None prints as nothing. */
#pragma once
#include "base/buf.h"
#include "model/scan_result.h"

enum { TEMPLATE_VECTORS = 6 };

struct template_row {
    struct str id, cve, severity, package, current, fixed, introduced, description, link;
    struct str vectors[TEMPLATE_VECTORS]; /* "Network", "Low", … in the order above; "" unknown */
    int score;                            /* in tenths; < 0 unknown */
};

/* A row for each finding of a result, in its order; texts are those of the result or of the arena. NULL: over
   the arena's limit. */
struct template_row *template_rows(const struct scan_result *r, struct arena *arena);

/* Adds the page to out. E_BAD_INPUT and E_UNSUPPORTED say in which line of the source, E_LIMIT which bound of
   base/limits.h. */
int template_render(struct str source, const struct template_row *rows, size_t count, struct buf *out,
                    struct error *err);
