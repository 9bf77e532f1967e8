/* A server's answer: what is understood survives its wire form and becomes a result; reprinted, it is JSON that is
   reprinted as itself. And the bytes as a wire form. */
#include "base/wire.h"
#include "client/answer.h"
#include "client/stats.h"
#include "stream/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_findings(struct str bytes)
{
    struct arena arena = arena_make(16 << 20), other = arena_make(64 << 20);
    struct buf wire = buf_make(32 << 20), again = buf_make(32 << 20), stats = buf_make(4096);
    struct memory_reader in;
    struct target_layer layer = {.name = STR("a")};
    const struct target target = {.layers = {&layer, 1, 1}};
    struct answer a, b;
    struct scan_result r;
    struct error err = {0};
    int rc = answer_read(memory_reader_init(&in, bytes, 0, &err), &arena, &a, &err);
    if ((rc < 0) != (err.text[0] != 0))
        abort();
    if (rc == 0) {
        answer_encode(&a, &wire);
        if (wire.failed || answer_decode(buf_str(&wire), &other, &b, &err) < 0)
            abort();
        answer_encode(&b, &again);
        if (!str_eq(buf_str(&wire), buf_str(&again)))
            abort();
        if (answer_result(&b, &target, &other, &r, &err) == 0)
            stats_put(&stats, &r, true);
    }
    buf_done(&wire);
    buf_done(&again);
    buf_done(&stats);
    arena_done(&arena);
    arena_done(&other);
}

static void reprint(struct str bytes)
{
    struct buf once = buf_make(32 << 20), twice = buf_make(32 << 20);
    struct memory_reader in;
    struct error err = {0};
    if (answer_reprint(memory_reader_init(&in, bytes, 0, &err), &once, &err) == 0 &&
        (answer_reprint(memory_reader_init(&in, buf_str(&once), 0, &err), &twice, &err) < 0 ||
         !str_eq(buf_str(&once), buf_str(&twice))))
        abort();
    buf_done(&once);
    buf_done(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct str bytes = {(const char *)data, size};
    struct arena arena = arena_make(16 << 20);
    struct memory_reader in;
    struct answer a;
    struct str text;
    struct error err = {0};
    read_findings(bytes);
    reprint(bytes);
    (void)answer_message(memory_reader_init(&in, bytes, 0, &err), &arena, &text, &err);
    (void)answer_decode(bytes, &arena, &a, &err);
    arena_done(&arena);
    return 0;
}
