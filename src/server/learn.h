/* What Clair's API tells of a vulnerability beside a feed's advisories: as its updater did, NVD's scores as Metadata, and a severity
   where the feed has none. */
#pragma once
#include "server/api.h"

/* Of one namespace's vulnerabilities. A person's stay as they were posted. Texts are of the call's arena. ret_rejected (NULL: of
   no interest) has a place for each. 0, or < 0: c->err. */
int api_learn(struct call *c, struct str namespace, struct store_vulnerability *const *list, size_t count,
              bool *ret_rejected);
