/* libmicrohttpd and GnuTLS, loaded when a server is first started: linked, they would cost every start of
   limpid, also the scans that never serve. The only door to <microhttpd.h> and <gnutls/gnutls.h>. */
#pragma once
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>

#include "base/error.h"

#define MICROHTTPD_FUNCTIONS(X)        \
    X(MHD_start_daemon)                \
    X(MHD_stop_daemon)                 \
    X(MHD_quiesce_daemon)              \
    X(MHD_run)                         \
    X(MHD_get_timeout)                 \
    X(MHD_get_daemon_info)             \
    X(MHD_get_connection_info)         \
    X(MHD_get_connection_values_n)     \
    X(MHD_suspend_connection)          \
    X(MHD_resume_connection)           \
    X(MHD_queue_response)              \
    X(MHD_create_response_from_buffer) \
    X(MHD_add_response_header)         \
    X(MHD_destroy_response)

#define GNUTLS_FUNCTIONS(X)                    \
    X(gnutls_strerror)                         \
    X(gnutls_certificate_allocate_credentials) \
    X(gnutls_certificate_free_credentials)     \
    X(gnutls_certificate_set_x509_key_mem)     \
    X(gnutls_certificate_set_x509_trust_mem)   \
    X(gnutls_credentials_set)                  \
    X(gnutls_certificate_server_set_request)   \
    X(gnutls_session_set_verify_cert2)

struct microhttpd {
#define DECLARE(name) __typeof__(name) *name;
    MICROHTTPD_FUNCTIONS(DECLARE)
    GNUTLS_FUNCTIONS(DECLARE)
#undef DECLARE
};

/* Both libraries, the same for all threads; NULL with *err set: E_SYSTEM, with the package to install. */
const struct microhttpd *microhttpd_load(struct error *err);
/* Loads them under other names into *ret: microhttpd_load() for tests. */
int microhttpd_load_named(const char *http, const char *tls, struct microhttpd *ret, struct error *err);
