/* A feed is a publisher of advisories: data about where and how often, and one pure function from its bytes
   to advisories. To add one: a file with its `struct feed`, a line in feeds.c. This folder sees no kernel,
   network or database; update/ fetches, a worker runs the parser, store/ keeps the rows. */
#pragma once
#include "model/advisory.h"
#include "model/vulnerability.h"

struct reader;
struct feed_sink;

struct feed {
    const char *name;  /* "debian": in commands, reports and the store */
    const char *title; /* "Debian security tracker" */
    unsigned version;  /* of the parser: rows of another one are to be read anew */
    const char *url;   /* where it is published; with `documents`, the folder of these */
    const char *const
        *documents; /* "v3.20/main.json", …, ends with NULL; NULL: the URL is the only one. With a '?' before
                                     its name a document need not be there. */
    const char *const *
        distributions; /* whose namespaces it speaks of, "debian" of "debian:12"; ends with NULL; none: of all, which it enriches */
    const char *link; /* a page about one vulnerability: "%s" stands once, for the id (see advisory_link()) */
    unsigned every_seconds; /* how often it is worth to ask */
    const char *scheme;     /* how its fixed versions are ordered, see version/version.h */
    bool
        alternative; /* kept only where the user names it: another feed says the same, or it comes without TLS */
    const char *
        other_host; /* NULL, or "http://host/": its documents may be named, too, beside those of the URL's host */
    bool
        enriches; /* it tells of ids by the sink's `about` (NVD, KEV, EPSS), or of repositories; not of packages */
    bool large;   /* too much to fetch for one scan: limpid update and servers do */
    bool binary;  /* it names binary packages and their versions, not those of the source */
    bool sources; /* beside these, sources whose flaw is not fixed; only with `binary` */
    /* Documents that others name are read last named first, and the first that speaks of a vulnerability is heard
       (feed_sink.subject). A local folder with none of `documents` stands for all files in it. */
    bool revises;
    uint64_t unpacked_max; /* of one document; 0: FEED_DOCUMENT_MAX */
    /* Reads one document to its end and gives what it says to the sink. 0, or < 0: the document is broken, or
       the sink's own failure; what was given before then is not to be kept, since a part of a feed is a wrong
       feed. */
    int (*parse)(const struct feed *feed, struct reader *in, struct feed_sink *sink, struct error *err);
};

/* Takes what a feed says; filled by whoever runs the parser. All give 0, or < 0 with *err set, which ends
   the parsing. */
struct feed_sink {
    /* All that is known of one package in one namespace; borrowed. A broken feed may name a package twice:
       then both of its rows count. */
    int (*row)(struct feed_sink *sink, const struct advisory_row *row, struct error *err);
    /* What could not be used: `where` names the place ("bind9 CVE-2024-1 bookworm"), text says what is wrong.
       Called for each such record: who collects them counts. NULL: nobody wants to know. */
    int (*problem)(struct feed_sink *sink, struct str where, const char *text, struct error *err);
    /* What is known of a vulnerability whichever package it is in; borrowed, told again for each package that
       repeats it. NULL: nobody wants to know. */
    int (*about)(struct feed_sink *sink, const struct vulnerability *about, struct error *err);
    /* Another document belongs to the feed: a path beside or below the present one, "2021/a.xml", or an address of the same
       host. NULL: they are not fetched. */
    int (*more)(struct feed_sink *sink, struct str url, struct error *err);
    /* What follows is all that this document says of a vulnerability: of a feed that revises, it counts only if no document
       before spoke of it. NULL: nobody wants to know. */
    int (*subject)(struct feed_sink *sink, struct str id, struct error *err);
    /* Keeps a text, of at most FEED_REMEMBERED_MAX bytes, for the documents that follow. NULL: it is not kept. */
    int (*remember)(struct feed_sink *sink, struct str text, struct error *err);
    /* Of which products packages from a repository may be, with blanks between, as struct package has them. NULL: nobody wants
       to know. */
    int (*repository)(struct feed_sink *sink, struct str name, struct str products, struct error *err);
    struct str document;   /* what the publisher calls the document, "changes.csv"; "" unknown */
    struct str remembered; /* what was kept; "" nothing */
};

extern const struct feed *const feeds[]; /* ends with NULL */
/* Whether the feed speaks of the namespace's distribution. */
bool feed_covers(const struct feed *feed, struct str namespace);
size_t feeds_count(void);
/* NULL: no such feed. */
const struct feed *feed_find(struct str name);
