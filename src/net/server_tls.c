#include "base/limits.h"
#include "base/memory.h"
#include "net/server_private.h"
#include "os/file.h"

/* A whole PEM file as GnuTLS takes it. */
static int read_pem(const char *path, struct buf *ret, gnutls_datum_t *ret_datum, struct error *err)
{
    *ret = buf_make(CA_BUNDLE_MAX);
    int r = file_read(path, ret, err);
    if (r < 0)
        return r;
    *ret_datum = (gnutls_datum_t){(unsigned char *)ret->ptr, (unsigned)ret->len};
    return 0;
}

static int load_key(struct server_tls *t, const struct server_face *f, struct error *err)
{
    CLEANUP(buf_done) struct buf certificate = {0};
    CLEANUP(buf_done) struct buf key = {0};
    gnutls_datum_t certificate_datum, key_datum;
    int r = read_pem(f->certfile, &certificate, &certificate_datum, err);
    if (r == 0)
        r = read_pem(f->keyfile, &key, &key_datum, err);
    if (r < 0)
        return r;
    int code = t->http->gnutls_certificate_set_x509_key_mem(t->credentials, &certificate_datum, &key_datum,
                                                            GNUTLS_X509_FMT_PEM);
    explicit_bzero(key.ptr, key.len);
    if (code < 0)
        return error_set(err, E_BAD_INPUT, "%s with key %s: %s", f->certfile, f->keyfile,
                         t->http->gnutls_strerror(code));
    return 0;
}

static int load_authorities(struct server_tls *t, const struct server_face *f, struct error *err)
{
    CLEANUP(buf_done) struct buf authorities = {0};
    gnutls_datum_t datum;
    int r = read_pem(f->cafile, &authorities, &datum, err);
    if (r < 0)
        return r;
    int count = t->http->gnutls_certificate_set_x509_trust_mem(t->credentials, &datum, GNUTLS_X509_FMT_PEM);
    if (count <= 0)
        return error_set(err, E_BAD_INPUT, "%s: %s", f->cafile,
                         count < 0 ? t->http->gnutls_strerror(count) : "no certificate in PEM form");
    t->clients = true;
    return 0;
}

int server_tls_load(struct server_tls **ret, const struct microhttpd *http, const struct server_face *face,
                    struct error *err)
{
    if (!face->keyfile)
        return error_set(err, E_USAGE, "%s: a certificate needs its key", face->certfile);
    CLEANUP(server_tls_unrefp) struct server_tls *t = memory_new(sizeof *t);
    t->http = http;
    atomic_init(&t->refs, 1);
    int code = http->gnutls_certificate_allocate_credentials(&t->credentials);
    if (code < 0)
        return error_set(err, E_SYSTEM, "TLS: %s", http->gnutls_strerror(code));
    int r = load_key(t, face, err);
    if (r == 0 && face->cafile)
        r = load_authorities(t, face, err);
    if (r < 0)
        return r;
    *ret = STEAL(t);
    return 0;
}

int server_check_tls(const struct server_face *face, struct error *err)
{
    CLEANUP(server_tls_unrefp) struct server_tls *t = NULL;
    const struct microhttpd *http = microhttpd_load(err);
    return http ? server_tls_load(&t, http, face, err) : -(int)err->code;
}

/* Its own certificate, which libmicrohttpd asks for, is never shown: server_tls_apply() puts ours over it. */
/* NOLINTNEXTLINE(readability-function-size): libmicrohttpd says what it takes. */
static int no_certificate(gnutls_session_t session, const gnutls_datum_t *names, int count,
                          const gnutls_pk_algorithm_t *algorithms, int algorithm_count, gnutls_pcert_st **ret,
                          unsigned *ret_length, gnutls_privkey_t *ret_key)
{
    (void)session, (void)names, (void)count, (void)algorithms, (void)algorithm_count;
    (void)ret, (void)ret_length, (void)ret_key;
    return -1;
}

static char priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE";
struct MHD_OptionItem server_tls_options[] = {
    {MHD_OPTION_HTTPS_PRIORITIES, 0, priorities},
    {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)no_certificate},
    {MHD_OPTION_END, 0, NULL},
};

void server_tls_apply(const struct server_tls *t, gnutls_session_t session)
{
    static gnutls_typed_vdata_st client = {.type = GNUTLS_DT_KEY_PURPOSE_OID,
                                           .data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT};
    t->http->gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, t->credentials);
    t->http->gnutls_certificate_server_set_request(session,
                                                   t->clients ? GNUTLS_CERT_REQUIRE : GNUTLS_CERT_IGNORE);
    if (t->clients)
        t->http->gnutls_session_set_verify_cert2(session, &client, 1, 0);
}

void server_tls_unref(struct server_tls *t)
{
    if (!t || atomic_fetch_sub(&t->refs, 1) != 1)
        return;
    if (t->credentials)
        t->http->gnutls_certificate_free_credentials(t->credentials);
    free(t);
}
