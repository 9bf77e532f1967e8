/* Packages of a known namespace become findings, by what the store has from the feeds. */
#pragma once
#include "model/scan_result.h"

struct store;

/* Fills findings, feeds, judged, unjudged and why, end of life of *ret, whose packages and namespace are
   there. */
int judge(struct scan_result *ret, struct store *store, struct arena *arena, struct error *err);
