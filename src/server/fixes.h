/* The fixes of a vulnerability as a person gives them: checked as Clair checks them, merged into those that are stored. */
#pragma once
#include "server/clair1.h"

/* NULL, or Clair's word for what is wrong with the fix. */
const char *fix_refusal(const struct clair_fix *f, struct str namespace);
/* What the list and the stored fixes make together, packed by package; `severity` goes with each. Of fixes of one package
   the last counts; version "#MINV#" takes the package out. < 0: c->err. */
int fixes_merge(struct call *c, struct str stored, const struct clair_vulnerability *v,
                enum severity severity, struct buf *ret);
