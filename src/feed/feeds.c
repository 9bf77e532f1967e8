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

void feed_link(const struct feed *feed, struct str id, struct buf *b)
{
    const char *place = strstr(feed->link, "%s");
    buf_add(b, (struct str){feed->link, (size_t)(place - feed->link)});
    buf_add(b, id);
    buf_add(b, str_of(place + 2));
}
