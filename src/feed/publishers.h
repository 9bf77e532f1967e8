/* The feeds that feeds.c lists, one a file. */
#pragma once
#include "feed/feed.h"

extern const struct feed debian_feed; /* https://security-tracker.debian.org/tracker/data/json */
/* secdb.c: https://secdb.alpinelinux.org/ and what is published in the same form. */
extern const struct feed alpine_feed, wolfi_feed, chainguard_feed, minimos_feed;
/* osv_feeds.c: https://osv.dev/ */
extern const struct feed almalinux_feed, debian_osv_feed, rocky_feed, ubuntu_feed;
extern const struct feed arch_feed;                              /* https://security.archlinux.org/ */
extern const struct feed azure_feed, oracle_feed;                /* oval_feeds.c */
extern const struct feed amazon_feed, amazon1_feed, fedora_feed; /* updateinfo.c */
extern const struct feed photon_feed;                            /* https://packages.broadcom.com/photon/ */
extern const struct feed openeuler_feed;                         /* https://www.openeuler.org/en/security/ */
extern const struct feed suse_feed, opensuse_feed; /* https://www.suse.com/support/security/oval */
extern const struct feed redhat_feed;              /* https://security.access.redhat.com/data/csaf/v2/vex/ */
extern const struct feed redhat_oval_feed;         /* https://security.access.redhat.com/data/oval/v2/ */
extern const struct feed redhat_repositories_feed; /* https://security.access.redhat.com/data/metrics/ */
/* What is known of ids. */
extern const struct feed nvd_feed;  /* https://nvd.nist.gov/ */
extern const struct feed kev_feed;  /* https://www.cisa.gov/known-exploited-vulnerabilities-catalog */
extern const struct feed epss_feed; /* https://www.first.org/epss/ */
