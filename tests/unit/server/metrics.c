#include "server/metrics.h"

#include "base/limits.h"
#include "test.h"

TEST(metrics_text)
{
    struct metrics *m = metrics_new();
    CLEANUP(buf_done) struct buf text = buf_make(MIB(1));
    metrics_count(m, METRIC_UPDATER_ERRORS);
    metrics_count(m, METRIC_DATABASE_ERRORS);
    metrics_updated(m, 1.5);
    metrics_notified(m, 3);
    metrics_removed(m, GARBAGE_FEATURE_SETS, 3);
    metrics_removed(m, GARBAGE_FEATURE_SETS, 4);
    metrics_observe(m, 1, "v1/getLayer", 200, 20000000); /* 20 ms */
    metrics_observe(m, 1, "v1/getLayer", 404, 1000000);
    metrics_write(m, &text);
    buf_add_char(&text, 0);
    static const char *const wanted[] = {
        "# TYPE clair_updater_errors_total counter\nclair_updater_errors_total 1\n",
        "clair_updater_duration_seconds 1.5\n",
        "clair_notifier_latency_milliseconds_bucket{le=\"2.5\"} 0\n",
        "clair_notifier_latency_milliseconds_bucket{le=\"5\"} 1\n",
        "clair_notifier_latency_milliseconds_sum 3\nclair_notifier_latency_milliseconds_count 1\n",
        "clair_api_response_duration_milliseconds_bucket{code=\"200\",route=\"v1/getLayer\",le=\"18.75\"} ",
        "clair_api_response_duration_milliseconds_bucket{code=\"200\",route=\"v1/getLayer\",le=\"37.5\"} 1\n",
        "clair_api_response_duration_milliseconds_count{code=\"404\",route=\"v1/getLayer\"} 1\n",
        "clair_pgsql_errors_total{request=\"any\"} 1\n",
        "limpid_garbage_removed_total{what=\"notifications\"} 0\n",
        "limpid_garbage_removed_total{what=\"feature_sets\"} 7\n",
        "process_resident_memory_bytes ",
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!strstr(text.ptr, wanted[i]))
            fail_msg("%s in\n%s", wanted[i], text.ptr);
    metrics_free(m);
}
