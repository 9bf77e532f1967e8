#include "os/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "base/limits.h"
#include "test.h"

static const struct timespec when = {.tv_sec = 1795563601, .tv_nsec = 123456789};

static void writes(bool json, enum log_level level, const char *event, const struct log_field *fields,
                   const char *expected)
{
    char line[LOG_LINE_MAX];
    const struct log_place place = {level, event, "../src/server/api.c", 42};
    size_t len = log_line(line, json, &place, fields, &when);
    assert_in_range(len, 1, sizeof line);
    assert_int_equal(line[len - 1], '\n');
    line[len - 1] = 0;
    assert_string_equal(line, expected);
}

#define FIELDS(...) ((const struct log_field[]){__VA_ARGS__, LOG_END})
#define TEXT        "2026-11-24T23:40:01.123Z info done"

TEST(log_text)
{
    writes(false, LOG_INFO, "Handled HTTP request",
           FIELDS(LOG_STR("method", STR("GET")), LOG_NUM("elapsed time", 7),
                  LOG_STR("remote addr", STR("127.0.0.1:5000")), LOG_NUM("cold", -3)),
           "2026-11-24T23:40:01.123Z info Handled HTTP request method=GET elapsed_time=7 "
           "remote_addr=127.0.0.1:5000 cold=-3");
    writes(false, LOG_ERROR, "done", &LOG_END, "2026-11-24T23:40:01.123Z error done");
    writes(false, LOG_INFO, "done",
           FIELDS(LOG_STR("a", STR("")), LOG_STR("b", STR("x y")), LOG_STR("c", STR("x=y")),
                  LOG_STR("d", STR("\"\\")), LOG_STR("e", STR("größe"))),
           TEXT " a=\"\" b=\"x y\" c=\"x=y\" d=\"\\\"\\\\\" e=\"größe\"");
}

/* Keys in byte order, ours among the fields', as Clair writes them. */
TEST(log_json)
{
    writes(
        true, LOG_WARNING, "Handled HTTP request",
        FIELDS(LOG_STR("status", STR("200")), LOG_NUM("elapsed time", 7), LOG_STR("Host", STR("\"a\\")),
               LOG_STR("method", STR("GET"))),
        "{\"Event\":\"Handled HTTP "
        "request\",\"Host\":\"\\\"a\\\\\",\"Level\":\"warning\",\"Location\":\"api.c:42\","
        "\"Time\":\"2026-11-24 23:40:01.123456\",\"elapsed time\":7,\"method\":\"GET\",\"status\":\"200\"}");
}

/* Line feeds, escapes of terminals, NUL, broken UTF-8, text that runs backwards: none of it arrives. */
TEST(log_hostile)
{
    static const char hostile[] = "a\nb\r\033[2J\0\x7f\xff\xe2\x80\xae\xf3\xa0\x80\x81!";
    const struct str s = {hostile, sizeof hostile - 1};
    static const char escaped[] = "a\\nb\\u000d\\u001b[2J\\u0000\\u007f\\ufffd\\u202e\\ufffd!";
    char expected[500];
    snprintf(expected, sizeof expected, TEXT " x=\"%s\"", escaped);
    writes(false, LOG_INFO, "done", FIELDS(LOG_STR("x", s)), expected);
    snprintf(expected, sizeof expected,
             "{\"Event\":\"done\",\"Level\":\"info\",\"Location\":\"api.c:42\",\"Time\":\"2026-11-24 "
             "23:40:01.123456\","
             "\"x\":\"%s\"}",
             escaped);
    writes(true, LOG_INFO, "done", FIELDS(LOG_STR("x", s)), expected);
    writes(false, LOG_INFO, "two\nlines", &LOG_END, "2026-11-24T23:40:01.123Z info two\\nlines");
    for (unsigned c = 0; c < 256; c++) {
        char line[LOG_LINE_MAX], two[] = {(char)c, (char)c};
        size_t len = log_line(line, c & 1, &(struct log_place){LOG_INFO, "e", "f", 1},
                              FIELDS(LOG_STR("x", ((struct str){two, 2}))), &when);
        for (size_t i = 0; i + 1 < len; i++)
            assert_true(line[i] >= ' ' && line[i] <= '~');
    }
}

TEST(log_urls)
{
    static const char *const cases[][2] = {
        {"https://user:secret@h:1/p/q?token=1#f", "https://h:1/p/q"},
        {"https://h?token", "https://h"},
        {"https://h#token", "https://h"},
        {"https://a@b@h/x@y", "https://h/x@y"},
        {"/v1/layers/x?token=1", "/v1/layers/x"},
        {"user@h/p", "h/p"},
        {"https://", "https://"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char expected[200];
        snprintf(expected, sizeof expected, TEXT " u=%s", cases[i][1]);
        writes(false, LOG_INFO, "done", FIELDS(LOG_URL("u", str_of(cases[i][0]))), expected);
    }
    writes(false, LOG_INFO, "done", FIELDS(LOG_URL("u", STR("https://h/a b=c?d"))),
           TEXT " u=\"https://h/a b=c\"");
    writes(false, LOG_INFO, "done", FIELDS(LOG_URL("u", STR(""))), TEXT " u=\"\"");
}

TEST(log_long_values)
{
    static char much[LOG_VALUE_MAX + 1];
    char line[LOG_LINE_MAX];
    const struct log_place place = {LOG_INFO, "done", "f.c", 1};
    memset(much, 'x', sizeof much);
    size_t len =
        log_line(line, false, &place, FIELDS(LOG_STR("a", ((struct str){much, LOG_VALUE_MAX}))), &when);
    assert_int_equal(len, strlen(TEXT " a=") + LOG_VALUE_MAX + 1);
    len = log_line(line, false, &place, FIELDS(LOG_STR("a", ((struct str){much, sizeof much}))), &when);
    assert_true(str_ends((struct str){line, len}, STR("x…\n")));
    /* a field that does not fit is left out, what fits is there, and JSON stays whole */
    const struct str full = {much, LOG_VALUE_MAX};
    for (int json = 0; json < 2; json++) {
        len = log_line(line, json, &place,
                       FIELDS(LOG_STR("a", full), LOG_STR("b", full), LOG_STR("c", full), LOG_STR("d", full),
                              LOG_NUM("e", 5)),
                       &when);
        assert_in_range(len, 3 * LOG_VALUE_MAX, LOG_LINE_MAX);
        struct str whole = {line, len};
        assert_true(str_ends(whole, json ? STR(",\"e\":5}\n") : STR(" e=5\n")));
        assert_null(memmem(line, len, json ? "\"d\"" : " d=", 3));
    }
    /* the longest line ends within the bound whatever is in it: control bytes become six each */
    for (size_t n = LOG_VALUE_MAX - 700; n < LOG_VALUE_MAX; n++) {
        memset(much, 1, sizeof much);
        len = log_line(line, true, &place, FIELDS(LOG_STR("a", ((struct str){much, n}))), &when);
        assert_true(len <= LOG_LINE_MAX && str_ends((struct str){line, len}, STR("}\n")));
    }
    struct log_field many[100];
    for (size_t i = 0; i < 99; i++)
        many[i] = LOG_NUM("n", i);
    many[99] = LOG_END;
    len = log_line(line, true, &place, many, &when);
    assert_true(str_ends((struct str){line, len}, STR("\"n\":27}\n")));
}

/* Not within a character. */
TEST(log_cuts_whole_characters)
{
    static char much[LOG_VALUE_MAX + 8];
    for (size_t shift = 0; shift < 3; shift++) {
        char line[LOG_LINE_MAX];
        memset(much, 'x', shift);
        for (size_t i = shift; i + 3 <= sizeof much; i += 3)
            memcpy(much + i, "€", 3);
        size_t len = log_line(line, true, &(struct log_place){LOG_INFO, "done", "f.c", 1},
                              FIELDS(LOG_STR("a", ((struct str){much, LOG_VALUE_MAX + 4}))), &when);
        assert_true(str_ends((struct str){line, len}, STR("€…\"}\n")));
        assert_null(memmem(line, len, "\\ufffd", 6));
    }
}

/* ---- writing ---- */

static void *write_many(void *arg)
{
    char text[600];
    memset(text, 'x', sizeof text);
    for (int i = 0; i < 200; i++)
        log_event(LOG_INFO, "many", LOG_STR("thread", str_of(arg)),
                  LOG_STR("text", ((struct str){text, sizeof text})), LOG_END);
    return NULL;
}

TEST(log_many_threads)
{
    int ends[2];
    static char all[1 << 20];
    pthread_t threads[3];
    static char names[][2] = {"a", "b", "c"};
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_true(fcntl(ends[1], F_SETPIPE_SZ, 1 << 20) >= 1 << 20);
    log_set(&(struct log_options){.fd = ends[1], .level = LOG_INFO});
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, names[i]), 0);
    for (size_t i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    log_event(LOG_DEBUG, "not wanted", LOG_END);
    log_set(&(struct log_options){.fd = STDERR_FILENO, .level = LOG_INFO});
    close(ends[1]);
    struct str left = {all, 0}, line;
    for (ssize_t n; (n = read(ends[0], all + left.len, sizeof all - left.len)) > 0;)
        left.len += (size_t)n;
    close(ends[0]);
    size_t lines = 0;
    for (; str_line(&left, &line); lines++)
        assert_true(line.len == strlen("2026-11-24T23:40:01.123Z info many thread=a text=") + 600 &&
                    str_eq((struct str){line.ptr + 24, 10}, STR(" info many")));
    assert_int_equal(lines, 600);
}

TEST(log_levels)
{
    static const char *const names[] = {"fatal", "error", "warning", "info", "debug"};
    enum log_level level = LOG_FATAL;
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(log_level_of(str_of(names[i]), &level), 0);
        assert_int_equal(level, i);
    }
    assert_int_equal(log_level_of(STR("trace"), &level), -1);
    assert_true(log_wants(LOG_INFO) && !log_wants(LOG_DEBUG));
}
