#include "net/curl.h"

#include <dlfcn.h>
#include <pthread.h>

#define CURL_LIBRARY "libcurl.so.4"

static struct curl_library library;
static struct error library_error;
static int library_state;

int curl_load_named(const char *name, struct curl_library *ret, struct error *err)
{
    void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        return error_set(err, E_SYSTEM, "%s is not installed: apt install libcurl4 (%s)", name, dlerror());
    const struct {
        const char *name;
        void *place;
    } symbols[] = {
        {"curl_global_init", &ret->global_init},       {"curl_version_info", &ret->version_info},
        {"curl_easy_init", &ret->easy_init},           {"curl_easy_cleanup", &ret->easy_cleanup},
        {"curl_easy_reset", &ret->easy_reset},         {"curl_easy_setopt", &ret->easy_setopt},
        {"curl_easy_perform", &ret->easy_perform},     {"curl_easy_getinfo", &ret->easy_getinfo},
        {"curl_easy_strerror", &ret->easy_strerror},   {"curl_slist_append", &ret->slist_append},
        {"curl_slist_free_all", &ret->slist_free_all},
    };
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        void *address = dlsym(handle, symbols[i].name);
        if (!address) {
            dlclose(handle);
            return error_set(err, E_SYSTEM, "%s has no %s: it is not the libcurl that limpid needs", name,
                             symbols[i].name);
        }
        memcpy(symbols[i].place, &address, sizeof address);
    }
    return 0;
}

static void load_once(void)
{
    library_state = curl_load_named(CURL_LIBRARY, &library, &library_error);
    if (library_state < 0)
        return;
    CURLcode code = library.global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK)
        library_state = error_set(&library_error, E_SYSTEM, "%s does not start: %s", CURL_LIBRARY,
                                  library.easy_strerror(code));
}

const struct curl_library *curl_load(struct error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load_once);
    if (library_state < 0) {
        *err = library_error;
        return NULL;
    }
    return &library;
}
