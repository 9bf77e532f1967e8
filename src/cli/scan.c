#include "cli/scan.h"

#include "base/limits.h"
#include "cli/feeds.h"
#include "cli/filter.h"
#include "cli/terminal.h"

extern const struct command scan_command;

int scan_report(struct options *o, const struct reporter *const *table, struct error *err)
{
    CLEANUP(store_closep) struct store *store = NULL;
    CLEANUP(images_done) struct images im = {0};
    struct filter filter;
    const char *format = o->values[OPTION_FORMAT];
    if (format && !reporter_find(table, str_of(format)))
        return error_set(err, E_USAGE, "--format: no format \"%s\"; see --help", format);
    int rc = filter_make(o, &filter, err);
    if (rc == 0)
        rc = feeds_check(o, err);
    if (rc < 0)
        return rc;
    terminal_catch_signals();
    rc = images_open_store(o, &store, err);
    if (rc == 0)
        rc = images_scan(&im, o, store, false, err);
    for (size_t i = 0; i < im.count && rc == 0; i++)
        filter_apply(&filter, &im.results[i]);
    if (rc == 0 && (im.count || !im.failed))
        rc = images_write(&im, table, err);
    return rc < 0 ? rc : filter_status(&filter, &im);
}

static int scan_run(struct options *o, struct error *err)
{
    return scan_report(o, reporters, err);
}

static const struct command_example examples[] = {
    {"limpid scan nginx:1.27", "an image of Docker Hub, pulled layer by layer and never stored"},
    {"limpid scan registry.example.com:5000/team/app@sha256:1234…", "by digest, from a registry of your own"},
    {"limpid scan docker-archive:image.tar oci:layout:tag dir:/", "several sources in one run"},
    {"limpid scan --fail-on High --only-fixed app:latest",
     "in a pipeline: status 1 when something serious has a fix"},
    {"limpid scan --fail-on Critical,kev --min-epss 0.1 app:latest",
     "or when something is critical, known to be exploited, or likely to be"},
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
        "The feeds of an image's distribution are refreshed when they are older than their publisher's "
        "cadence; with --offline, or when the "
        "publisher cannot be reached, what is there is used and its age is told. What is known of "
        "exploitation "
        "(feeds kev and epss) comes along; NVD's scores do where limpid update nvd has fetched them.\n"
        "\n"
        "Exit status: 0 nothing found that counts; 1 (or --exit-code) found what --fail-on or --min-epss "
        "names; 2 "
        "usage; 3 something could not be judged; 4 no result.\n",
    .examples = examples,
    .run = scan_run,
};
