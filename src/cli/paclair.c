/* In PAClair's place: its command line, configuration, messages and exit statuses. A line that begins "limpid: " says more
   than PAClair does. */
#include "cli/paclair.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/limits.h"
#include "cli/command.h"
#include "cli/paclair_log.h"
#include "cli/paclair_report.h"
#include "cli/terminal.h"
#include "client/batch.h"
#include "net/url.h"
#include "os/file.h"

extern const struct command paclair_command;

enum { OK = 0, NO_CONFIGURATION = 1, NO_PLUGIN = 2, REFUSED = 3, NO_OUTPUT = 4 };

struct paclair {
    struct paclair_args args;
    struct paclair_log log;
    struct config config;
    struct config_plugin plugin;
    struct progress_line line;
    struct image_options image;
    struct paclair_report report;
    char insecure[REFERENCE_HOST_MAX + 8];
    int status;
};

__attribute__((format(printf, 2, 3))) static void complain(const struct paclair *p, const char *fmt, ...)
{
    char text[1000];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    paclair_log_say(&p->log, LOG_ERR, "%s", text);
}

/* ---- the configuration ---- */

static int no_file(const struct paclair *p, int rc, const struct error *err)
{
    const char *path = p->args.conf;
    if (rc == -E_NOT_FOUND)
        complain(p, "[Errno 2] No such file or directory: '%s'", path);
    else if (rc == -E_DENIED)
        complain(p, "[Errno 13] Permission denied: '%s'", path);
    else
        complain(p, "limpid: %s", err->text);
    return NO_CONFIGURATION;
}

static int read_config(struct paclair *p)
{
    CLEANUP(buf_done) struct buf text = buf_make(CONFIG_MAX);
    struct error err = {0};
    int rc = file_read(p->args.conf, &text, &err);
    if (rc < 0)
        return no_file(p, rc, &err);
    rc = config_read(buf_str(&text), &p->config, &err);
    if (rc == 0)
        return OK;
    if (rc == -E_BAD_INPUT)
        complain(p, "Incorrect configuration file");
    if (rc == -E_NOT_FOUND) {
        complain(p, "No section General in configuration file");
        complain(p, "Can't read Clair's configuration");
    } else {
        complain(p, "limpid: %s: %s", p->args.conf, err.text);
    }
    return NO_CONFIGURATION;
}

static int read_plugin(struct paclair *p)
{
    struct error err = {0};
    const char *name = p->args.plugin;
    int rc = config_plugin(&p->config, str_of(name), &p->plugin, &err);
    if (rc == -E_USAGE) {
        complain(p, "limpid: %s: %s", p->args.conf, err.text);
        return NO_CONFIGURATION;
    }
    if (rc == 0 && p->plugin.kind == PLUGIN_ELASTICSEARCH)
        rc = error_set(
            &err, E_UNSUPPORTED,
            "packages listed in Elasticsearch need the format Legacy of a Clair that was never published; "
            "no other server takes it");
    if (rc == 0)
        return OK;
    if (rc == -E_NOT_FOUND)
        complain(p, "Can't find plugin %s in configuration file.", name);
    else
        complain(p, "Can't read plugin %s", name);
    complain(p, "Plugin %s is unknown", name);
    if (rc != -E_NOT_FOUND)
        complain(p, "limpid: %s: %s", p->args.conf, err.text);
    return NO_PLUGIN;
}

/* ---- images ---- */

/* What refused, in PAClair's words; false: nobody did, and PAClair would have ended in a traceback. */
static bool put_refusal(const struct paclair *p, const struct batch_item *item)
{
    const struct trouble *t = &item->trouble;
    const char *reason = t->status == 404 ? "Resource not found" : t->reason;
    char more[400] = "";
    switch (t->what) {
    case TROUBLE_OTHER:
        return false;
    case TROUBLE_NAME:
        snprintf(more, sizeof more, "Incorrect image name: %.300s", item->host);
        break;
    case TROUBLE_TOKEN_URL:
        reason = "Can't find token url";
        break;
    case TROUBLE_BASE:
        complain(p, "Error treating %s", item->host);
        complain(p, "Error access to : %s ", t->url);
        complain(p, "Code Error : %d", t->status);
        return true;
    case TROUBLE_VERSION:
        reason = "Delete is not available for V3 api";
        break;
    case TROUBLE_MANIFEST:
        complain(p, "MANIFESTS:HTTPCODEERROR:%d", t->status);
        break;
    case TROUBLE_TOKEN:
        complain(p, "REQUEST_TOKEN:HTTPCODEERROR:%d", t->status);
        break;
    case TROUBLE_CLAIR:
        complain(p, "Bad http code %d requesting Clair", t->status);
        break;
    case TROUBLE_FILE:
        break;
    }
    complain(p, "Error treating %s", item->host);
    complain(p, "%s", *more ? more : reason);
    return true;
}

static void put_failure(struct paclair *p, const struct batch_item *item)
{
    bool refused = put_refusal(p, item);
    p->status = refused ? REFUSED : NO_CONFIGURATION;
    if (item->trouble.what != TROUBLE_VERSION)
        complain(p, "limpid: %s: %s", item->host, item->err.text);
}

static void put_debug(const struct paclair *p, const struct batch_item *item)
{
    if (!item->target)
        return;
    vec_each (&item->target->layers, l)
        paclair_log_say(&p->log, LOG_DEBUG, "%s: layer %.*s", item->host, STR_ARG(l->name));
}

static int put_done(struct paclair *p, const struct batch_item *item)
{
    enum paclair_verb verb = p->args.verb;
    if (verb == PACLAIR_PUSH)
        paclair_log_say(&p->log, LOG_INFO, "Pushed %s to Clair.", item->host);
    if (verb == PACLAIR_DELETE || p->args.then_delete)
        paclair_log_say(&p->log, LOG_INFO, "%s was deleted from Clair.", item->host);
    return 0;
}

static int take_item(void *ctx, struct batch_item *item, struct error *err)
{
    struct paclair *p = ctx;
    progress_line_clear(&p->line);
    put_debug(p, item);
    int rc = item->analysed ? paclair_report_put(&p->report, item, err) : 0;
    if (rc == 0 && item->state == ITEM_BAD)
        put_failure(p, item);
    return rc < 0 || item->state == ITEM_BAD ? rc : put_done(p, item);
}

static int show_progress(void *ctx, const struct batch_progress *b, struct error *err)
{
    struct paclair *p = ctx;
    if (terminal_interrupted())
        return error_set(err, E_CANCELLED, "interrupted");
    if (progress_line_due(&p->line))
        progress_line_show(&p->line, "image %zu of %zu, layer %zu of %zu", b->images_done + 1,
                           b->images_total, b->layers_done, b->layers_total);
    return 0;
}

static void fill_clair(struct paclair *p, struct clair_options *c)
{
    struct url url = {0};
    struct error ignored;
    *c = (struct clair_options){.url = p->config.clair_url,
                                .v3 = p->config.v3,
                                .ca_file = p->config.verify.ca_file,
                                .interrupted = &terminal_interruption};
    if (!p->config.verify.off || url_parse(str_of(c->url), &url, &ignored) < 0)
        return;
    snprintf(p->insecure, sizeof p->insecure, "%.*s:%u", STR_ARG(url.host), url.port);
    c->insecure = p->insecure;
}

static int run(struct paclair *p)
{
    static const enum batch_verb verbs[] = {
        [PACLAIR_PUSH] = BATCH_PUSH, [PACLAIR_DELETE] = BATCH_DELETE, [PACLAIR_ANALYSE] = BATCH_ANALYSE};
    struct batch batch;
    struct error err = {0};
    p->image.interrupted = &terminal_interruption;
    struct batch_options o = {.verb = verbs[p->args.verb],
                              .target = {.image = &p->image, .plugin = &p->plugin},
                              .as_json = p->report.format == PACLAIR_JSON,
                              .as_result = p->report.format != PACLAIR_JSON,
                              .then_delete = p->args.then_delete,
                              .stop_at_first = true};
    o.target.commands = p->report.format == PACLAIR_HTML && !p->config.html_template;
    fill_clair(p, &o.clair);
    batch_init(&batch, &o, p->args.hosts, p->args.hosts_count);
    batch.done = take_item;
    batch.tick = show_progress;
    batch.ctx = p;
    int rc = batch_run(&batch, &err);
    batch_done(&batch);
    progress_line_clear(&p->line);
    if (rc < 0 && p->report.unwritable)
        return NO_OUTPUT; /* which it has said */
    if (rc < 0)
        complain(p, "limpid: %s", err.text);
    return rc < 0 ? NO_CONFIGURATION : p->status;
}

static int start(struct paclair *p)
{
    int status = read_config(p);
    if (status == OK && p->args.verb == PACLAIR_NONE) {
        CLEANUP(buf_done) struct buf help = buf_make(KIB(16));
        struct error ignored;
        paclair_help(&help);
        return terminal_print(buf_str(&help), &ignored) < 0 ? NO_OUTPUT : OK;
    }
    if (status == OK)
        status = read_plugin(p);
    if (status == OK && paclair_report_open(&p->report, &p->args, &p->config, &p->log) < 0)
        status = p->report.unwritable ? NO_OUTPUT : NO_CONFIGURATION;
    return status == OK ? run(p) : status;
}

int paclair_main(int argc, char **argv)
{
    static const struct options none; /* progress is shown wherever it can be */
    CLEANUP(buf_done) struct buf out = buf_make(KIB(16));
    struct paclair p = {.status = OK};
    struct error ignored;
    int rc = paclair_args_read(argc, argv, &p.args, &out);
    if (rc > 0)
        return terminal_print(buf_str(&out), &ignored) < 0 ? NO_OUTPUT : OK;
    if (rc < 0) {
        fwrite(out.ptr, 1, out.len, stderr);
        return EXIT_USAGE;
    }
    p.log = paclair_log_open(p.args.debug, p.args.syslog);
    p.line = progress_line_make(&none);
    p.line.on &= !p.args.syslog;
    terminal_catch_signals();
    int status = start(&p);
    paclair_report_done(&p.report);
    config_done(&p.config);
    return status;
}

static const struct command_example examples[] = {
    {"paclair --conf conf.yml Docker registry.example.com/team/app:1 push", "let the server read an image"},
    {"paclair --conf conf.yml Docker nginx redis analyse --output-format stats",
     "count what has a fix, by severity, worst first"},
    {"paclair Docker nginx analyse --output-format html --output-report file --output-dir reports",
     "a page in reports/nginx.html"},
    {NULL, NULL},
};

const struct command paclair_command = {
    .name = "paclair",
    .operands = "[-h] [--debug] [--syslog] [--conf CONF] PLUGIN HOST… push|delete|analyse",
    .summary = "PAClair's command line and configuration; also a program of its own",
    .about =
        "Takes PAClair's place: the same command line, configuration file, layer names, messages and exit "
        "statuses, with "
        "limpid's server or any Clair. The program paclair is a link to limpid that does this.\n"
        "\n"
        "The configuration (default: /etc/paclair.conf) is PAClair's: General with clair_url, "
        "clair_api_version, verify, "
        "html_template and cve_whitelist; Plugins with a class, known by its last part (DockerPlugin, "
        "HttpPlugin), and "
        "its arguments. Beyond PAClair it reads OCI images, indexes and digests, speaks to registries "
        "without "
        "authentication, with Basic authentication and on localhost, finds credentials in "
        "~/.docker/config.json, renews "
        "tokens, does not send layers again that the server has, and pushes and analyses four images at "
        "once. "
        "Packages listed in Elasticsearch (EsPlugin) are not supported.\n"
        "\n"
        "analyse takes --output-format stats, html or json, --output-report file or term, --output-dir DIR, "
        "--delete, and "
        "--all to count in stats also what has no fix. Statistics of several images have a heading each.\n"
        "\n"
        "Exit status: 0; 1 the configuration cannot be used, or nobody answers; 2 the command line makes no "
        "sense or the "
        "plugin is unknown; 3 the server or the registry refused; 4 a report could not be written. Lines "
        "that begin with "
        "\"limpid: \" say more than PAClair does.\n",
    .examples = examples,
    .main = paclair_main,
};
