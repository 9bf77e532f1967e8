#include "server/metrics.h"

#include <dirent.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"

enum { BUCKETS_MAX = 12, CODES_MAX = 12 };

struct histogram {
    uint64_t buckets[BUCKETS_MAX], count;
    double sum;
};

struct metrics {
    pthread_mutex_t lock;
    uint64_t counts[METRIC_COUNT], removed[GARBAGE_KINDS];
    double update_seconds;
    struct histogram latency, database;
    struct {
        const char *name;
        struct {
            unsigned status;
            struct histogram time;
        } codes[CODES_MAX];
    } routes[METRIC_ROUTES_MAX];
};

/* Prometheus' defaults, and Clair's own for the API, in milliseconds. */
static const double latency_bounds[] = {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};
static const double api_bounds[] = {9.375, 18.75, 37.5, 75, 150, 300, 600, 1200, 2400, 4800};

struct metrics *metrics_new(void)
{
    struct metrics *m = memory_new(sizeof *m);
    pthread_mutex_init(&m->lock, NULL);
    return m;
}

void metrics_free(struct metrics *m)
{
    if (!m)
        return;
    pthread_mutex_destroy(&m->lock);
    free(m);
}

void metrics_count(struct metrics *m, enum metric which)
{
    pthread_mutex_lock(&m->lock);
    m->counts[which]++;
    pthread_mutex_unlock(&m->lock);
}

void metrics_removed(struct metrics *m, enum garbage kind, uint64_t rows)
{
    pthread_mutex_lock(&m->lock);
    m->removed[kind] += rows;
    pthread_mutex_unlock(&m->lock);
}

void metrics_updated(struct metrics *m, double seconds)
{
    pthread_mutex_lock(&m->lock);
    m->update_seconds = seconds;
    pthread_mutex_unlock(&m->lock);
}

static void observe(struct histogram *h, const double *bounds, size_t n, double value)
{
    for (size_t i = 0; i < n; i++)
        h->buckets[i] += value <= bounds[i];
    h->count++;
    h->sum += value;
}

void metrics_asked(struct metrics *m, double milliseconds)
{
    pthread_mutex_lock(&m->lock);
    observe(&m->database, latency_bounds, sizeof latency_bounds / sizeof *latency_bounds, milliseconds);
    pthread_mutex_unlock(&m->lock);
}

void metrics_notified(struct metrics *m, double milliseconds)
{
    pthread_mutex_lock(&m->lock);
    m->counts[METRIC_NOTIFICATIONS_SENT]++;
    observe(&m->latency, latency_bounds, sizeof latency_bounds / sizeof *latency_bounds, milliseconds);
    pthread_mutex_unlock(&m->lock);
}

/* Statuses beyond the first dozen of a route share the last place: there are not so many. */
void metrics_observe(struct metrics *m, size_t route, const char *name, unsigned status, uint64_t nanoseconds)
{
    size_t i = 0;
    pthread_mutex_lock(&m->lock);
    m->routes[route].name = name;
    while (i < CODES_MAX - 1 && m->routes[route].codes[i].status &&
           m->routes[route].codes[i].status != status)
        i++;
    m->routes[route].codes[i].status = status;
    observe(&m->routes[route].codes[i].time, api_bounds, sizeof api_bounds / sizeof *api_bounds,
            (double)nanoseconds / 1e6);
    pthread_mutex_unlock(&m->lock);
}

/* ---- text ---- */

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_counter(struct buf *out, const char *name, const char *help, uint64_t n)
{
    head(out, name, "counter", help);
    buf_printf(out, "%s %ju\n", name, (uintmax_t)n);
}

static void put_gauge(struct buf *out, const char *name, const char *help, double value)
{
    head(out, name, "gauge", help);
    buf_printf(out, "%s %.17g\n", name, value);
}

/* `labels` ends with a comma when there are any. */
static void put_histogram(struct buf *out, const char *name, const char *labels, const struct histogram *h,
                          const double *bounds, size_t n)
{
    int without_comma = *labels ? (int)strlen(labels) - 1 : 0;
    for (size_t i = 0; i < n; i++)
        buf_printf(out, "%s_bucket{%sle=\"%g\"} %ju\n", name, labels, bounds[i], (uintmax_t)h->buckets[i]);
    buf_printf(out, "%s_bucket{%sle=\"+Inf\"} %ju\n", name, labels, (uintmax_t)h->count);
    buf_printf(out, *labels ? "%s_sum{%.*s} %.17g\n" : "%s_sum%.*s %.17g\n", name, without_comma, labels,
               h->sum);
    buf_printf(out, *labels ? "%s_count{%.*s} %ju\n" : "%s_count%.*s %ju\n", name, without_comma, labels,
               (uintmax_t)h->count);
}

static void put_api(const struct metrics *m, struct buf *out)
{
    static const char name[] = "clair_api_response_duration_milliseconds";
    char labels[128];
    bool any = false;
    for (size_t r = 0; r < METRIC_ROUTES_MAX; r++)
        for (size_t i = 0; m->routes[r].name && i < CODES_MAX && m->routes[r].codes[i].status; i++) {
            if (!any)
                head(out, name, "histogram",
                     "The duration of time it takes to receive and write a response to an API request");
            any = true;
            snprintf(labels, sizeof labels, "code=\"%u\",route=\"%s\",", m->routes[r].codes[i].status,
                     m->routes[r].name);
            put_histogram(out, name, labels, &m->routes[r].codes[i].time, api_bounds,
                          sizeof api_bounds / sizeof *api_bounds);
        }
}

static void put_process(struct buf *out)
{
    struct rusage usage;
    char text[128] = "", *rest = text;
    FILE *statm = fopen("/proc/self/statm", "re"); /* all pages, and those in memory */
    if (statm && !fgets(text, sizeof text, statm))
        text[0] = 0;
    if (statm)
        fclose(statm);
    (void)strtoul(text, &rest, 10);
    unsigned long pages = strtoul(rest, NULL, 10);
    getrusage(RUSAGE_SELF, &usage);
    head(out, "process_cpu_seconds_total", "counter", "Total user and system CPU time spent in seconds.");
    buf_printf(out, "process_cpu_seconds_total %.6f\n",
               (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                   (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
    put_gauge(out, "process_resident_memory_bytes", "Resident memory size in bytes.",
              (double)pages * (double)sysconf(_SC_PAGESIZE));
}

static void put_removed(const struct metrics *m, struct buf *out)
{
    head(out, "limpid_garbage_removed_total", "counter", "Rows that nothing referred to any more.");
    for (int i = 0; i < GARBAGE_KINDS; i++)
        buf_printf(out, "limpid_garbage_removed_total{what=\"%s\"} %ju\n", garbage_kinds[i].name,
                   (uintmax_t)m->removed[i]);
}

void metrics_write(struct metrics *m, struct buf *out)
{
    pthread_mutex_lock(&m->lock);
    head(out, "clair_notifier_latency_milliseconds", "histogram",
         "Time it takes to send a notification after it's been created.");
    put_histogram(out, "clair_notifier_latency_milliseconds", "", &m->latency, latency_bounds,
                  sizeof latency_bounds / sizeof *latency_bounds);
    put_api(m, out);
    head(out, "clair_notifier_backend_errors_total", "counter",
         "Number of errors that notifier backends generated.");
    if (m->counts[METRIC_NOTIFIER_ERRORS])
        buf_printf(out, "clair_notifier_backend_errors_total{backend=\"webhook\"} %ju\n",
                   (uintmax_t)m->counts[METRIC_NOTIFIER_ERRORS]);
    head(out, "clair_pgsql_errors_total", "counter", "Number of errors that PostgreSQL requests generated.");
    if (m->counts[METRIC_DATABASE_ERRORS])
        buf_printf(out, "clair_pgsql_errors_total{request=\"any\"} %ju\n",
                   (uintmax_t)m->counts[METRIC_DATABASE_ERRORS]);
    put_gauge(
        out, "clair_pgsql_concurrent_lock_vafv_total",
        "Number of transactions trying to hold the exclusive Vulnerability_Affects_FeatureVersion lock.", 0);
    head(out, "clair_pgsql_query_duration_milliseconds", "histogram",
         "Time it takes to execute the database query.");
    put_histogram(out, "clair_pgsql_query_duration_milliseconds", "query=\"health\",subquery=\"all\",",
                  &m->database, latency_bounds, sizeof latency_bounds / sizeof *latency_bounds);
    put_gauge(out, "clair_updater_duration_seconds", "The time it took to update the vulnerability database.",
              m->update_seconds);
    put_counter(out, "clair_updater_errors_total", "Numbers of errors that the updater generated.",
                m->counts[METRIC_UPDATER_ERRORS]);
    put_gauge(out, "clair_updater_notes_total", "Number of notes that the vulnerability fetchers generated.",
              (double)m->counts[METRIC_UPDATER_NOTES]);
    put_counter(out, "limpid_layers_read_total", "Layers that were fetched and read.",
                m->counts[METRIC_LAYERS_READ]);
    put_counter(out, "limpid_layers_refused_total", "Posted layers that could not be taken.",
                m->counts[METRIC_LAYERS_REFUSED]);
    put_counter(out, "limpid_notifications_sent_total", "Notifications that their receiver took.",
                m->counts[METRIC_NOTIFICATIONS_SENT]);
    put_removed(m, out);
    pthread_mutex_unlock(&m->lock);
    put_process(out);
}
