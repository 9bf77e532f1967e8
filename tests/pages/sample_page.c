/* Writes the report's page of images that are made up, for the tests with a browser and
   for whoever works on its looks:

       sample-page rich|hostile|empty|dead|several|many [FINDINGS]

   It tells on standard error how long the writing took. */
#include <time.h>

#include "base/limits.h"
#include "report/report.h"

static struct str text(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static struct str text(struct arena *a, const char *fmt, ...)
{
    char line[1024];
    struct str ret = {0};
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    if (arena_str(a, str_of(line), &ret) < 0)
        abort();
    return ret;
}

static const char *const descriptions[] = {
    "A signal handler race condition was found in sshd: where a client does not authenticate within the "
    "grace time, the "
    "handler is called asynchronously and calls functions that are not safe there. An attacker who is not "
    "authenticated may "
    "be able to run code as root.",
    "An out-of-bounds read in the parser of certificates may crash a program that verifies names of its "
    "peers.\n\nOnly "
    "programs that turn on the checking of names are concerned.",
    "A heap overflow in the handling of very long lines lets a crafted archive overwrite memory.",
    "Bytes of earlier messages may be sent in padding.",
};
static const char *const cvss3[] = {
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:N/I:N/A:H",
    "CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"};
static const int scores[] = {98, 59, 61, 20};

static struct vulnerability *about(struct arena *a, size_t i, struct str id)
{
    struct vulnerability *v = arena_new(a, struct vulnerability);
    *v = vulnerability_make(id);
    v->description = str_of(descriptions[i % 4]);
    v->link = text(a, "https://nvd.nist.gov/vuln/detail/%.*s", STR_ARG(id));
    v->cvss3 = str_of(cvss3[i % 4]);
    v->score3 = scores[i % 4];
    if (i % 5 == 0) {
        v->cvss2 = STR("AV:N/AC:M/Au:N/C:P/I:P/A:P");
        v->score2 = 68;
    }
    if (i % 7 == 0) {
        v->cvss4 = STR("CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:L/VA:N/SC:L/SI:N/SA:N");
        v->score4 = 77;
    }
    v->cwe = i % 3 ? STR("CWE-787") : STR("");
    v->epss = (double)(i % 97) / 100;
    v->kev = i % 23 == 0 ? STR("2024-07-01") : STR("");
    return v;
}

static const char *const sources[] = {"openssl", "glibc",   "zlib",       "curl",   "expat",   "nghttp2",
                                      "systemd", "perl",    "util-linux", "pam",    "libxml2", "pcre2",
                                      "krb5",    "sqlite3", "gnutls28",   "brotli", "nginx",   "tiff"};
static const char *const binaries[] = {
    "libssl3",     "libc6",        "zlib1g",      "libcurl4",       "libexpat1",  "libnghttp2-14",
    "libsystemd0", "perl-base",    "mount",       "libpam-modules", "libxml2",    "libpcre2-8-0",
    "libkrb5-3",   "libsqlite3-0", "libgnutls30", "libbrotli1",     "nginx-core", "libtiff6"};
enum { SOURCES = sizeof sources / sizeof *sources };

static void add_layers(struct arena *a, struct scan_result *r)
{
    static const char *const commands[] = {
        "/bin/sh -c #(nop) ADD file:4b1be1de1a1e5aa608c688cad2824587262081866180d7368feb79d33ca05953 in / ",
        "RUN /bin/sh -c set -x && groupadd --system --gid 101 nginx && apt-get update && apt-get install "
        "--no-install-recommends "
        "--no-install-suggests -y nginx-core curl ca-certificates && rm -rf /var/lib/apt/lists/* # buildkit",
        "COPY docker-entrypoint.sh / # buildkit"};
    for (size_t i = 0; i < 3; i++) {
        struct result_layer *l = vec_push(&r->layers, a);
        l->created_by = str_of(commands[i]);
        l->size = i == 0 ? 39789581 : i == 1 ? 7149568 : 1620;
        uint8_t bytes[32];
        memset(bytes, (int)(0x3e + 0x21 * i), sizeof bytes);
        l->digest = digest_of_bytes(bytes, sizeof bytes);
    }
    r->digest = r->layers.ptr[1].digest;
}

static int worst_first(const void *x, const void *y)
{
    const struct finding *a = x, *b = y;
    if (a->severity != b->severity)
        return a->severity > b->severity ? -1 : 1;
    int r = str_cmp(a->package->name, b->package->name);
    return r ? r : str_cmp(a->id, b->id);
}

static struct scan_result image(struct arena *a, const char *reference, size_t findings)
{
    static const enum severity severities[] = {
        SEVERITY_MEDIUM, SEVERITY_LOW,     SEVERITY_HIGH,   SEVERITY_MEDIUM, SEVERITY_CRITICAL,
        SEVERITY_LOW,    SEVERITY_UNKNOWN, SEVERITY_MEDIUM, SEVERITY_HIGH,   SEVERITY_NEGLIGIBLE};
    struct scan_result r = {.reference = str_of(reference),
                            .platform = STR("linux/amd64"),
                            .namespace = STR("debian:12"),
                            .distribution = STR("Debian GNU/Linux 12 (bookworm)"),
                            .judged = 124,
                            .undetermined = 3};
    add_layers(a, &r);
    for (size_t i = 0; i < 124; i++) {
        struct package *p = vec_push(&r.packages, a);
        *p = (struct package){.name = str_of(binaries[i % SOURCES]),
                              .version = text(a, "%zu.0.%zu-1~deb12u2", 1 + i % 4, i % 19),
                              .arch = STR("amd64"),
                              .source_name = str_of(sources[i % SOURCES]),
                              .path = STR("var/lib/dpkg/status"),
                              .introduced = i % 5 < 2 ? 1 : 0,
                              .changed = i % 11 ? 0 : 1};
        p->source_version = p->version;
        if (p->changed < p->introduced)
            p->changed = p->introduced;
    }
    for (size_t i = 0; i < findings; i++) {
        struct finding *f = vec_push(&r.findings, a);
        struct package *p = &r.packages.ptr[i * 7 % SOURCES];
        f->package = p;
        f->id = text(a, "CVE-20%zu-%zu", 14 + i % 12, 1000 + i * 7919 % 90000);
        f->severity = severities[i * i % 37 % 10];
        f->status = i % 3   ? ADVISORY_FIXED
                    : i % 2 ? ADVISORY_AFFECTED
                    : i % 4 ? ADVISORY_WILL_NOT_FIX
                            : ADVISORY_FIX_DEFERRED;
        f->fixed_version = i % 3 ? text(a, "%.*s+deb12u%zu", STR_ARG(p->version), 1 + i % 12) : STR("");
        f->feed = STR("debian");
        f->link = text(a, "https://security-tracker.debian.org/tracker/%.*s", STR_ARG(f->id));
        f->about = about(a, i, f->id);
    }
    if (findings)
        qsort(r.findings.ptr, r.findings.len, sizeof *r.findings.ptr, worst_first);
    struct result_feed *feed = vec_push(&r.feeds, a);
    *feed = (struct result_feed){.name = STR("debian"),
                                 .title = STR("Debian security tracker"),
                                 .fetched = 1732400000,
                                 .published = 1732390000,
                                 .packages = 124};
    return r;
}

/* Every text is an attack. */
static struct scan_result hostile(struct arena *a)
{
    static const struct str evil[] = {STR_INIT("<script>document.title='owned'</script>"),
                                      STR_INIT("\"><img src=x onerror=\"document.title='owned'\">"),
                                      STR_INIT("abc\xe2\x80\xae"
                                               "gnp.exe\xe2\x80\xac"),
                                      STR_INIT("a\xe2\x80\x8b"
                                               "b\0c\x1b[31m\xff"),
                                      STR_INIT("</table></section></main></body></html>"),
                                      STR_INIT("'--></style><style>*{display:none}"),
                                      STR_INIT("&lt;b&gt; &amp; {{7*7}} ${7*7}")};
    struct scan_result r = image(a, "", 40);
    size_t n = 0;
    r.reference = evil[0];
    r.platform = r.namespace = r.distribution = r.unjudged_why = r.end_of_life = evil[1];
    r.unjudged = 1;
    r.weakness = "<script>document.title='owned'</script>";
    struct problem *p = vec_push(&r.problems, a);
    *p = (struct problem){.where = evil[2], .text = evil[4]};
    r.feeds.ptr->title = evil[5];
    vec_each (&r.layers, l)
        l->created_by = evil[n++ % 7];
    vec_each (&r.packages, k) {
        k->name = evil[n++ % 7];
        k->version = k->arch = k->source_version = k->path = evil[n % 7];
        k->source_name = evil[n++ % 7];
    }
    vec_each (&r.findings, f) {
        struct vulnerability *v = arena_new(a, struct vulnerability);
        *v = *f->about;
        v->description = v->cvss2 = v->cvss3 = v->cvss4 = v->cwe = v->kev = evil[n++ % 7];
        v->link = n % 2 ? STR("javascript:document.title='owned'")
                        : STR("https://x/\" onmouseover=\"document.title='owned'");
        f->about = v;
        f->id = f->fixed_version = f->feed = evil[n++ % 7];
        f->link = n % 3 ? STR("data:text/html,<script>document.title='owned'</script>")
                        : STR("https://good.example/CVE-1");
    }
    return r;
}

int main(int argc, char **argv)
{
    const char *kind = argc > 1 ? argv[1] : "rich";
    uint64_t findings = 160;
    if (argc > 2 && str_u64(str_of(argv[2]), 1000000, &findings) < 0)
        return 2;
    struct arena a = arena_make(GIB(4));
    struct scan_result images[4] = {image(&a, "docker.io/library/nginx:1.27", findings)};
    size_t count = 1;
    if (strcmp(kind, "hostile") == 0)
        images[0] = hostile(&a);
    if (strcmp(kind, "empty") == 0)
        images[0] = image(&a, "gcr.io/distroless/static-debian12:latest", 0);
    if (strcmp(kind, "dead") == 0 || strcmp(kind, "several") == 0) {
        struct scan_result *r = &images[strcmp(kind, "dead") == 0 ? 0 : 1];
        *r = image(&a, "docker.io/library/debian:8", 31);
        r->distribution = STR("Debian GNU/Linux 8 (jessie)");
        r->end_of_life = STR("2020-06-30");
        r->unjudged = 7;
        r->unjudged_why = STR("no feed has advisories about debian:8");
        r->feeds.ptr->stale = true;
        r->weakness = "this kernel has no Landlock: readers are confined by seccomp alone";
        struct problem *p = vec_push(&r->problems, &a);
        *p = (struct problem){.code = E_BAD_INPUT,
                              .where = STR("layer sha256:3e3e3e3e: var/lib/dpkg/status"),
                              .text = STR("no Package field in the stanza at line 812")};
    }
    if (strcmp(kind, "several") == 0) {
        images[2] =
            image(&a,
                  "registry.example.com:5000/team/a-rather-long-name/"
                  "application@sha256:5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f",
                  12);
        images[3] = (struct scan_result){.reference = STR("scratch"), .unjudged_why = STR("")};
        count = 4;
    }
    struct buf out = buf_make(REPORT_MAX);
    struct timespec before, after;
    const struct report_options o = {.now = 1732491700};
    clock_gettime(CLOCK_MONOTONIC, &before);
    reporter_find(reporters, STR("html"))->write(&out, images, count, &o);
    clock_gettime(CLOCK_MONOTONIC, &after);
    fprintf(stderr, "%zu bytes in %.1f ms\n", out.len,
            (double)(after.tv_sec - before.tv_sec) * 1e3 + (double)(after.tv_nsec - before.tv_nsec) / 1e6);
    bool written = !out.failed && fwrite(out.ptr, 1, out.len, stdout) == out.len;
    buf_done(&out);
    arena_done(&a);
    return written ? 0 : 1;
}
