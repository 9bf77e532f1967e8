/* A process that may do nothing but get memory unpacks and hashes: nothing here opens a file, once prepared. */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "pack.h"
#include "stream/decompress.h"
#include "stream/digest.h"
#include "stream/memory.h"
#include "test.h"

static int forbid_all_but_memory(void)
{
#define ALLOW(nr) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (nr), 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW(SYS_brk),
        ALLOW(SYS_mmap),
        ALLOW(SYS_munmap),
        ALLOW(SYS_mremap),
        ALLOW(SYS_madvise),
        ALLOW(SYS_mprotect),
        ALLOW(SYS_exit_group),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static int hash_and_unpack(struct str packed, struct str expected)
{
    struct error err;
    struct memory_reader m;
    struct digest_stage blob, content;
    struct reader *r;
    uint8_t raw[DIGEST_BYTES_MAX], known[32];
    size_t len;
    if (digest_stage_init(&blob, memory_reader_init(&m, packed, 4000, &err), true, &err) < 0 ||
        decompress_open(&r, &blob.r, UINT64_MAX, &err) < 0)
        return 1;
    if (digest_stage_init(&content, r, false, &err) < 0 || reader_drain(&content.r) < 0 ||
        digest_stage_final(&content, raw, &len, &err) < 0)
        return 1;
    sha256_of(expected, known);
    reader_close(&content.r);
    reader_close(r);
    reader_close(&blob.r);
    return memcmp(raw, known, 32) != 0;
}

TEST(stream_needs_only_memory)
{
#ifdef LIMPID_SANITIZED
    TEST_SKIP("sanitizers call the kernel for themselves");
#endif
    struct error err;
    struct str bytes = sample_text(600000);
    for (size_t c = 0; c < PACKERS; c++) {
        struct buf packed = buf_make(MIB(2));
        packers[c].pack(bytes, &packed);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            if (digest_prepare(&err) < 0 || forbid_all_but_memory())
                _exit(2);
            _exit(hash_and_unpack(buf_str(&packed), bytes));
        }
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        buf_done(&packed);
    }
    free((char *)(uintptr_t)bytes.ptr);
}
