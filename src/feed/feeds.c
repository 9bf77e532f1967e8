#include "feed/feed.h"
#include "feed/publishers.h"

const struct feed *const feeds[] = {&debian_feed, NULL};

const struct feed *feed_find(struct str name)
{
    for (size_t i = 0; feeds[i]; i++)
        if (str_eq(name, str_of(feeds[i]->name)))
            return feeds[i];
    return NULL;
}
