/* Which documents make a feed: the publisher's, or those of another address that the user names. */
#pragma once
#include "base/arena.h"
#include "feed/feed.h"

struct documents {
    VEC(struct str) urls; /* of the arena; each ends in a NUL that it does not count */
    struct str root;      /* the address they come from, as it is shown and compared */
    bool local;           /* files; then `mark` tells this state of all of them from any other */
    bool folder;          /* all files of a folder: whatever one of them names beside it is among them */
    char mark[65];
    int64_t changed; /* local: the newest file's date in seconds since 1970 */
};

/* Adds what the document at `from` names: an address of the same host or of the feed's other one, or a path from where it is downwards, in a local folder
   of a file that is there. 0: it is neither, and left out; 1; < 0. */
int documents_add(struct documents *d, const struct feed *feed, size_t from, struct str url,
                  struct arena *arena, struct error *err);
/* Turns round the order of those from `first` on. */
void documents_reverse(struct documents *d, size_t first);
/* `url` (NULL: the publisher's) is a folder when the feed has several documents and it is a local folder or ends in a
   slash: documents keep their names in it, a local one may be packed (.xz, .gz, .zst, .bz2). A local folder of a feed
   with one document, or of one that revises and with none of those names, stands for all files in it and below, by name.
   E_LIMIT beyond FEED_FILES_MAX. */
int documents_find(struct documents *ret, const struct feed *feed, const char *url, struct arena *arena,
                   struct error *err);
