/* libcurl, loaded when the network is first needed: linked, it would cost every start 7 ms, also the ones
   that read a file. The only door to <curl/curl.h>. */
#pragma once
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "base/error.h"

struct curl_library {
    CURLcode (*global_init)(long flags);
    curl_version_info_data *(*version_info)(CURLversion age);
    CURL *(*easy_init)(void);
    void (*easy_cleanup)(CURL *handle);
    void (*easy_reset)(CURL *handle);
    CURLcode (*easy_setopt)(CURL *handle, CURLoption option, ...);
    CURLcode (*easy_perform)(CURL *handle);
    CURLcode (*easy_getinfo)(CURL *handle, CURLINFO info, ...);
    const char *(*easy_strerror)(CURLcode code);
    struct curl_slist *(*slist_append)(struct curl_slist *list, const char *text);
    void (*slist_free_all)(struct curl_slist *list);
};

/* The library, initialised, the same for all threads; NULL with *err set: E_SYSTEM, with the package to
   install. */
const struct curl_library *curl_load(struct error *err);
/* Loads it under another name into *ret, without initialising it: curl_load() for tests. */
int curl_load_named(const char *name, struct curl_library *ret, struct error *err);
