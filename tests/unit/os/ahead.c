#include "os/ahead.h"

#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "os/fd.h"
#include "os/file.h"
#include "test.h"

TEST(ahead_same_bytes)
{
    struct error err = {0}, upstream = {0};
    struct arena arena = arena_make(MIB(8));
    size_t size = MIB(3) + 17;
    char *bytes = arena_alloc(&arena, size, 1);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(i * 7 + i / 251);
    int fd = file_memory((struct str){bytes, size}, &err);
    struct fd_reader file;
    struct reader *ahead, *in = fd_reader_init(&file, fd, 0, UINT64_MAX, &upstream);
    assert_int_equal(ahead_open(&ahead, in, &err), 0);
    struct str all;
    assert_int_equal(reader_all(ahead, MIB(4), &arena, &all), 0);
    assert_true(str_eq(all, (struct str){bytes, size}));
    reader_close(ahead);
    reader_close(in);
    /* closed in the middle */
    in = fd_reader_init(&file, fd, 0, UINT64_MAX, &upstream);
    assert_int_equal(ahead_open(&ahead, in, &err), 0);
    assert_int_equal(reader_more(ahead), 1);
    reader_close(ahead);
    reader_close(in);
    close(fd);
    arena_done(&arena);
}

TEST(ahead_passes_errors)
{
    struct error err = {0}, upstream = {0};
    struct fd_reader file;
    struct reader *ahead, *in = fd_reader_init(&file, -1, 0, UINT64_MAX, &upstream);
    assert_int_equal(ahead_open(&ahead, in, &err), 0);
    assert_int_equal(reader_more(ahead), -E_SYSTEM);
    assert_string_equal(err.text, "read at offset 0: Bad file descriptor");
    assert_int_equal(reader_more(ahead), -E_SYSTEM);
    reader_close(ahead);
    reader_close(in);
}
