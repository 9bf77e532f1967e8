/* The feeds that feeds.c lists, one a file. */
#pragma once
#include "feed/feed.h"

extern const struct feed debian_feed; /* https://security-tracker.debian.org/tracker/data/json */
