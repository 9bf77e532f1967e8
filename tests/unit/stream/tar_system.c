/* Archives that the system's tar makes, in each of its formats: the same names as it lists, the same bytes as
   it extracts. */
#include <unistd.h>

#include "base/limits.h"
#include "stream/memory.h"
#include "stream/tar.h"
#include "test.h"

static char folder[] = "/tmp/limpid-tar-XXXXXX";

static void shell(const char *command, struct buf *out)
{
    char text[2000];
    snprintf(text, sizeof text, "cd %s && { %s; }", folder, command);
    FILE *f = popen(text, "r");
    assert_non_null(f);
    buf_clear(out);
    size_t n;
    do {
        char *room = buf_room(out, KIB(64));
        assert_non_null(room);
        n = fread(room, 1, KIB(64), f);
        out->len += n;
    } while (n);
    if (pclose(f) != 0)
        fail_msg("%s: %.*s", command, STR_ARG(buf_str(out)));
}

static void make_tree(struct buf *out)
{
    shell("mkdir -p tree/etc tree/empty && cd tree && echo hello > etc/file && ln -s ../etc/file link && "
          "ln etc/file hard && : > none && n=$(printf '%090d' 0) && mkdir $n && echo deep > $n/leaf && "
          "ln -s $n/leaf near && truncate -s 3000000 holes && for i in 1 400000 900000 2400000; do "
          "printf data | dd of=holes bs=1 seek=$i conv=notrunc 2>/dev/null; done && "
          "i=0; while [ $i -lt 40 ]; do printf x | dd of=many bs=1 seek=$((i * 16384)) conv=notrunc "
          "2>/dev/null; "
          "i=$((i + 1)); done",
          out);
}

static void make_long_names(struct buf *out)
{
    shell("cd tree && n=$(printf '%0200d' 1) && mkdir -p $n/$n && echo far > $n/$n/leaf && ln -s $n/$n/leaf "
          "far && "
          "ln $n/$n/leaf again && echo caf\303\251 > caf\303\251",
          out);
}

/* Names as `tar -t` prints them, and the bytes of all files. */
static void read_archive(struct str archive, struct buf *names, struct buf *bytes)
{
    struct error err;
    struct memory_reader m;
    struct tar t;
    struct tar_entry e;
    int rc = tar_init(&t, memory_reader_init(&m, archive, 10000, &err), &err);
    while (rc >= 0 && (rc = tar_next(&t, &e)) > 0) {
        buf_add(names, e.path);
        buf_add(names, e.type == TAR_DIRECTORY ? STR("/\n") : STR("\n"));
        struct reader *body = tar_body(&t);
        for (; reader_more(body) > 0; body->ptr = body->end)
            buf_add(bytes, reader_window(body));
    }
    if (rc < 0)
        fail_msg("%s", err.text);
    tar_done(&t);
}

static void compare(const char *options)
{
    struct buf archive = buf_make(MIB(16)), listed = buf_make(MIB(1)), extracted = buf_make(MIB(16)),
               names = buf_make(MIB(1)), bytes = buf_make(MIB(16));
    char command[500];
    snprintf(command, sizeof command, "tar -cf a.tar %s tree", options);
    shell(command, &archive);
    shell("cat a.tar", &archive);
    shell("tar --quoting-style=literal -tf a.tar", &listed);
    shell("tar -xOf a.tar", &extracted);
    read_archive(buf_str(&archive), &names, &bytes);
    if (!str_eq(buf_str(&listed), buf_str(&names)))
        fail_msg("%s: listed %.*s but read %.*s", options, STR_ARG(buf_str(&listed)),
                 STR_ARG(buf_str(&names)));
    if (!str_eq(buf_str(&extracted), buf_str(&bytes)))
        fail_msg("%s: %zu bytes extracted, %zu read, or different ones", options, extracted.len, bytes.len);
    assert_true(bytes.len > 3000000);
    buf_done(&archive);
    buf_done(&listed);
    buf_done(&extracted);
    buf_done(&names);
    buf_done(&bytes);
}

TEST(tar_of_the_system)
{
    static const char *const formats[] = {"--format=gnu",
                                          "--format=oldgnu",
                                          "--format=posix",
                                          "--format=gnu --sparse",
                                          "--format=oldgnu --sparse",
                                          "--format=posix --sparse",
                                          "--format=posix --sparse --sparse-version=0.0",
                                          "--format=posix --sparse --sparse-version=0.1",
                                          "--format=gnu --label=name",
                                          "--format=posix --pax-option=globexthdr.name=g,comment=all"};
    struct buf out = buf_make(MIB(1));
    assert_non_null(mkdtemp(folder));
    make_tree(&out);
    compare("--format=v7");
    compare("--format=ustar");
    make_long_names(&out);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        compare(formats[i]);
    shell("chmod -R u+rwx . && rm -rf tree a.tar", &out);
    assert_int_equal(rmdir(folder), 0);
    buf_done(&out);
}
