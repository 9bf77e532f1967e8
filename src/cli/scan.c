#include "base/limits.h"
#include "cli/feeds.h"
#include "cli/images.h"
#include "cli/terminal.h"
#include "report/report.h"

extern const struct command scan_command;

struct filter {
    bool shown[SEVERITY_COUNT];
    bool only_fixed;
};

static int add_severity(struct filter *f, struct str word, struct error *err)
{
    enum severity s;
    bool above = str_ends(word, STR("+"));
    word.len -= above;
    if (severity_parse(word, &s) < 0)
        return error_set(err, E_USAGE, "--severity: no severity \"%.*s\"; see --help", STR_ARG(word));
    for (int i = (int)s; i < SEVERITY_COUNT && (above || i == (int)s); i++)
        f->shown[i] = true;
    return 0;
}

static int filter_make(const struct options *o, struct filter *ret, struct error *err)
{
    struct str list = str_of(o->values[OPTION_SEVERITY]);
    *ret = (struct filter){.only_fixed = option_on(o, OPTION_ONLY_FIXED)};
    for (int i = 0; i < SEVERITY_COUNT && !list.len; i++)
        ret->shown[i] = true;
    while (list.len) {
        int rc = add_severity(ret, str_trim(str_cut(&list, ',')), err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static void filter_apply(const struct filter *f, struct scan_result *r)
{
    size_t kept = 0;
    vec_each (&r->findings, it)
        if (f->shown[it->severity] && (!f->only_fixed || it->fixed_version.len))
            r->findings.ptr[kept++] = *it;
    r->hidden = r->findings.len - kept;
    r->findings.len = kept;
}

/* What the exit status is about. */
struct gate {
    uint64_t status; /* 0: findings do not count */
    enum severity from;
};

static int gate_make(const struct options *o, struct gate *ret, struct error *err)
{
    const char *from = o->values[OPTION_FAIL_ON];
    *ret = (struct gate){0};
    if (from && severity_parse(str_of(from), &ret->from) < 0)
        return error_set(err, E_USAGE, "--fail-on: no severity \"%s\"; see --help", from);
    return option_number(o, OPTION_EXIT_CODE, 0, 125, from ? EXIT_FOUND : 0, &ret->status, err);
}

static int status_of(const struct gate *gate, const struct images *im)
{
    bool found = false, unjudged = false;
    for (size_t i = 0; i < im->count; i++) {
        const struct scan_result *r = &im->results[i];
        vec_each (&r->findings, f)
            found |= f->severity >= gate->from;
        unjudged |= r->unjudged > 0 || r->problems.len > 0;
    }
    if (found && gate->status)
        return (int)gate->status;
    return im->failed ? images_failure(im) : unjudged ? EXIT_UNJUDGED : EXIT_NOTHING;
}

static int scan_run(struct options *o, struct error *err)
{
    CLEANUP(store_closep) struct store *store = NULL;
    CLEANUP(images_done) struct images im = {0};
    struct filter filter;
    struct gate gate;
    const char *format = o->values[OPTION_FORMAT];
    if (format && !reporter_find(reporters, str_of(format)))
        return error_set(err, E_USAGE, "--format: no format \"%s\"; see --help", format);
    int rc = filter_make(o, &filter, err);
    if (rc == 0)
        rc = gate_make(o, &gate, err);
    if (rc < 0)
        return rc;
    terminal_catch_signals();
    rc = images_open_store(o, &store, err);
    if (rc == 0 && o->operands_count)
        rc = feeds_refresh(o, store, err);
    if (rc == 0)
        rc = images_scan(&im, o, store, false, err);
    for (size_t i = 0; i < im.count && rc == 0; i++)
        filter_apply(&filter, &im.results[i]);
    if (rc == 0 && (im.count || !im.failed))
        rc = images_write(&im, false, err);
    return rc < 0 ? rc : status_of(&gate, &im);
}

static const struct command_example examples[] = {
    {"limpid scan nginx:1.27", "an image of Docker Hub, pulled layer by layer and never stored"},
    {"limpid scan registry.example.com:5000/team/app@sha256:1234…", "by digest, from a registry of your own"},
    {"limpid scan docker-archive:image.tar oci:layout:tag dir:/", "several sources in one run"},
    {"limpid scan --fail-on High --only-fixed app:latest",
     "in a pipeline: status 1 when something serious has a fix"},
    {"limpid scan --format json --output report.json app:latest", "for programs: docs/report.schema.json"},
    {NULL, NULL},
};

const struct command scan_command = {
    .name = "scan",
    .options = FOR_SCAN,
    .operands = "SOURCE…",
    .summary = "tell which known vulnerabilities images have",
    .about =
        "Finds the packages in an image and tells which known vulnerabilities they have.\n"
        "\n"
        "A SOURCE is NAME[:TAG][@DIGEST] of a registry (the default), docker-archive:FILE as docker save "
        "writes "
        "it, oci:DIR[:REFERENCE] or oci-archive:FILE[:REFERENCE] as skopeo writes them, docker-daemon:NAME "
        "or "
        "podman:NAME of a local engine, or dir:PATH, a root file system. The path of an existing file or "
        "directory is recognised without a prefix.\n"
        "\n"
        "Feeds are refreshed when they are older than their publisher's cadence; with --offline, or when the "
        "publisher cannot be reached, what is there is used and its age is told.\n"
        "\n"
        "Exit status: 0 nothing found that counts; 1 (or --exit-code) found at or above --fail-on; 2 usage; "
        "3 "
        "something could not be judged; 4 no result.\n",
    .examples = examples,
    .run = scan_run,
};
