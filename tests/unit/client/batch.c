#include "client/batch.h"

#include "base/limits.h"
#include "client/answer.h"
#include "net/stand_in.h"
#include "test.h"

#define STATUS(status)                                                          \
    {                                                                           \
        "HTTP/1.1 " status "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n" \
    }
#define JSON(text)                                          \
    {                                                       \
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" text \
    }

/* Archives on the stand-in, which is the server, too; with one lane its answers are taken in their order. */
struct play {
    struct stand_in *server;
    struct batch batch;
    struct batch_options options;
    struct image_options image;
    char url[100], names[4][120], *hosts[4];
    struct buf told;
    enum error_code stop;
    struct error err;
};

static int done(void *ctx, struct batch_item *item, struct error *err)
{
    struct play *p = ctx;
    buf_printf(&p->told, "%s%s %s", p->told.len ? "; " : "", strrchr(item->host, '/') + 1,
               item->state == ITEM_GOOD ? "good" : item->err.text);
    if (item->analysed)
        buf_printf(&p->told, " %.*s %zu", STR_ARG(buf_str(&item->json)), item->result.findings.len);
    return p->stop ? error_set(err, p->stop, "enough") : 0;
}

static struct play *play(const struct stand_in_answer *answers, struct batch_options options)
{
    struct play *p = calloc(1, sizeof *p);
    assert_non_null(p);
    p->server = stand_in_start(answers, NULL);
    p->told = buf_make(4096);
    snprintf(p->url, sizeof p->url, "%s", stand_in_url(p->server, ""));
    for (int i = 0; i < 4; i++) {
        snprintf(p->names[i], sizeof p->names[i], "%s/%c.tgz", p->url, 'a' + i);
        p->hosts[i] = p->names[i];
    }
    p->image.timeout_seconds = 20;
    options.target.image = &p->image;
    options.clair.url = p->url;
    options.clair.timeout_seconds = 20;
    options.lanes = options.lanes ? options.lanes : 1;
    p->options = options;
    return p;
}

static void run(struct play *p, size_t count, int rc, const char *told)
{
    batch_init(&p->batch, &p->options, p->hosts, count);
    p->batch.done = done;
    p->batch.ctx = p;
    assert_int_equal(batch_run(&p->batch, &p->err), rc);
    batch_done(&p->batch);
    buf_add_char(&p->told, 0);
    assert_string_equal(p->told.ptr, told);
}

static void end(struct play *p)
{
    stand_in_stop(p->server);
    buf_done(&p->told);
    free(p);
}

TEST(batch_push)
{
    struct play *p = play((struct stand_in_answer[]){STATUS("200 OK"),
                                                     STATUS("404 Not Found"),
                                                     STATUS("201 Created"),
                                                     STATUS("200 OK"),
                                                     JSON("{}"),
                                                     STATUS("404 Not Found"),
                                                     {0}},
                          (struct batch_options){.verb = BATCH_PUSH});
    char expected[400];
    snprintf(expected, sizeof expected, "a.tgz good; b.tgz good; c.tgz %s/c.tgz: the web server answers 404",
             p->url);
    run(p, 3, 0, expected);
    assert_int_equal(stand_in_requests(p->server), 6); /* b is known: it is not sent */
    assert_true(strstr(stand_in_request(p->server, 2), "POST /v1/layers "));
    end(p);
}

TEST(batch_push_all)
{
    struct play *p = play((struct stand_in_answer[]){STATUS("200 OK"), STATUS("201 Created"), {0}},
                          (struct batch_options){.verb = BATCH_PUSH, .all_layers = true});
    run(p, 1, 0, "a.tgz good");
    assert_int_equal(stand_in_requests(p->server), 2);
    end(p);
}

TEST(batch_stops)
{
    struct play *p = play((struct stand_in_answer[]){STATUS("404 Not Found"), {0}},
                          (struct batch_options){.verb = BATCH_PUSH, .stop_at_first = true});
    char expected[400];
    snprintf(expected, sizeof expected, "a.tgz %s/a.tgz: the web server answers 404", p->url);
    run(p, 3, 0, expected);
    assert_int_equal(stand_in_requests(p->server), 1);
    end(p);
    p = play((struct stand_in_answer[]){STATUS("404 Not Found"), {0}},
             (struct batch_options){.verb = BATCH_PUSH});
    p->stop = E_SYSTEM;
    snprintf(expected, sizeof expected, "a.tgz %s/a.tgz: the web server answers 404", p->url);
    run(p, 1, -E_SYSTEM, expected);
    assert_string_equal(p->err.text, "enough");
    end(p);
}

TEST(batch_analyse)
{
    struct play *p =
        play((struct stand_in_answer[]){STATUS("200 OK"), JSON("{\"Layer\":{\"Features\":[]}}"), {0}},
             (struct batch_options){.verb = BATCH_ANALYSE, .as_json = true});
    run(p, 1, 0, "a.tgz good {\"Layer\": {\"Features\": []}} 0");
    end(p);
    p = play((struct stand_in_answer[]){STATUS("200 OK"), JSON("nonsense"), {0}},
             (struct batch_options){.verb = BATCH_ANALYSE, .as_result = true});
    run(p, 1, 0, "a.tgz json: offset 0: expected a value, found 'n'");
    end(p);
    /* what was analysed is told, although it could not be deleted */
    p = play((struct stand_in_answer[]){STATUS("200 OK"), JSON("{\"Layer\":{}}"), STATUS("500 Oh"), {0}},
             (struct batch_options){.verb = BATCH_ANALYSE, .as_json = true, .then_delete = true});
    run(p, 1, 0, "a.tgz the server answers 500 {\"Layer\": {}} 0");
    end(p);
}

TEST(batch_delete)
{
    struct play *p = play((struct stand_in_answer[]){STATUS("200 OK"), STATUS("200 OK"), {0}},
                          (struct batch_options){.verb = BATCH_DELETE, .lanes = 4});
    run(p, 2, 0, "a.tgz good; b.tgz good");
    assert_true(strstr(stand_in_request(p->server, 1), "DELETE /v1/layers/a "));
    assert_true(strstr(stand_in_request(p->server, 3), "DELETE /v1/layers/b "));
    end(p);
}

/* Told in the order in which they were named, whoever is done first. */
TEST(batch_lanes)
{
    struct play *p = play((struct stand_in_answer[]){JSON("{}"), {0}},
                          (struct batch_options){.verb = BATCH_PUSH, .lanes = BATCH_LANES_MAX + 1});
    assert_true(BATCH_LANES <= BATCH_LANES_MAX);
    run(p, 4, 0, "a.tgz good; b.tgz good; c.tgz good; d.tgz good");
    end(p);
}

TEST(batch_of_nothing)
{
    struct play *p =
        play((struct stand_in_answer[]){JSON("{}"), {0}}, (struct batch_options){.verb = BATCH_PUSH});
    run(p, 0, 0, "");
    end(p);
}
