#include "net/microhttpd.h"

#include <dlfcn.h>
#include <pthread.h>

#define HTTP_LIBRARY "libmicrohttpd.so.12"
#define TLS_LIBRARY  "libgnutls.so.30"

struct symbol {
    const char *name;
    size_t place; /* in struct microhttpd */
};

#define SYMBOL(name) {#name, offsetof(struct microhttpd, name)},
static const struct symbol http_symbols[] = {MICROHTTPD_FUNCTIONS(SYMBOL){0}};
static const struct symbol tls_symbols[] = {GNUTLS_FUNCTIONS(SYMBOL){0}};

static struct microhttpd library;
static struct error library_error;
static int library_state;

static int load(const char *name, const char *package, const struct symbol *symbols, struct microhttpd *ret,
                struct error *err)
{
    void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        return error_set(err, E_SYSTEM, "%s is not installed: apt install %s (%s)", name, package, dlerror());
    for (const struct symbol *s = symbols; s->name; s++) {
        void *address = dlsym(handle, s->name);
        if (!address) {
            dlclose(handle);
            return error_set(err, E_SYSTEM, "%s has no %s: it is not what %s brings", name, s->name, package);
        }
        memcpy((char *)ret + s->place, &address, sizeof address);
    }
    return 0;
}

int microhttpd_load_named(const char *http, const char *tls, struct microhttpd *ret, struct error *err)
{
    int r = load(http, "libmicrohttpd12", http_symbols, ret, err);
    return r < 0 ? r : load(tls, "libgnutls30", tls_symbols, ret, err);
}

static void load_once(void)
{
    library_state = microhttpd_load_named(HTTP_LIBRARY, TLS_LIBRARY, &library, &library_error);
}

const struct microhttpd *microhttpd_load(struct error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load_once);
    if (library_state < 0) {
        *err = library_error;
        return NULL;
    }
    return &library;
}
