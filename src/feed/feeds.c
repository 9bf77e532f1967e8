#include "feed/feed.h"
#include "feed/publishers.h"

const struct feed *const feeds[] = {
    &debian_feed,     &alpine_feed,
    &wolfi_feed,      &chainguard_feed,
    &minimos_feed,    &ubuntu_feed,
    &almalinux_feed,  &rocky_feed,
    &arch_feed,       &amazon_feed,
    &fedora_feed,     &photon_feed,
    &azure_feed,      &oracle_feed,
    &redhat_feed,     &suse_feed,
    &opensuse_feed,   &openeuler_feed,
    &debian_osv_feed, &redhat_oval_feed,
    &amazon1_feed,    &redhat_repositories_feed,
    &kev_feed,        &epss_feed,
    &nvd_feed,        NULL,
};

bool feed_covers(const struct feed *feed, struct str namespace)
{
    struct str distribution = str_cut(&namespace, ':');
    for (const char *const *d = feed->distributions; *d; d++)
        if (str_eq(distribution, str_of(*d)))
            return true;
    return false;
}

size_t feeds_count(void)
{
    size_t n = 0;
    while (feeds[n])
        n++;
    return n;
}

const struct feed *feed_find(struct str name)
{
    for (size_t i = 0; feeds[i]; i++)
        if (str_eq(name, str_of(feeds[i]->name)))
            return feeds[i];
    return NULL;
}
