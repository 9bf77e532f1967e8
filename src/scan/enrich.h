/* What is known of the ids that were found: descriptions, scores, KEV, EPSS. */
#pragma once
#include "match/match.h"
#include "model/scan_result.h"

struct store;

/* Each finding learns what its own feed tells of its id, then what the others do; where its feed has no severity, that of a
   score counts. Ids that were taken back are left out and counted; feeds that told something join result->feeds. */
int enrich(struct matches *m, struct scan_result *result, struct store *store, struct error *err);
