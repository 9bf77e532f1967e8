#include "os/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/limits.h"

#ifdef LIMPID_SANITIZED
enum { SANITIZED = 1 }; /* sanitizers reserve terabytes of addresses and look at /proc when they report */
#else
enum { SANITIZED = 0 };
#endif

static int limit_resources(struct error *err)
{
    const struct {
        __rlimit_resource_t resource;
        rlim_t limit;
        const char *name;
    } limits[] = {
        {RLIMIT_AS, SANITIZED ? RLIM_INFINITY : WORKER_MEMORY_MAX, "memory"},
        {RLIMIT_CPU, WORKER_CPU_SECONDS, "processor time"},
        {RLIMIT_FSIZE, 0, "file size"},
        {RLIMIT_CORE, 0, "core size"},
        {RLIMIT_NOFILE, 16, "descriptors"},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct rlimit now = {0};
        if (getrlimit(limits[i].resource, &now) < 0)
            return error_sys(err, "sandbox: limit of %s", limits[i].name);
        rlim_t most = limits[i].limit < now.rlim_max ? limits[i].limit : now.rlim_max;
        if (setrlimit(limits[i].resource, &(struct rlimit){most, most}) < 0)
            return error_sys(err, "sandbox: limit of %s", limits[i].name);
    }
    return 0;
}

/* Each ABI of Landlock knows more rights; all that this kernel knows are denied, everywhere. landlock(7) */
static int deny_files_and_network(struct sandbox_state *ret, struct error *err)
{
    struct {
        uint64_t fs, net, scoped;
    } denied = {(1U << 13) - 1, 0, 0};
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    size_t size = sizeof denied.fs;
    if (abi <= 0)
        return 0;
    ret->landlock_abi = (int)abi;
    if (abi >= 2)
        denied.fs |= 1U << 13; /* refer */
    if (abi >= 3)
        denied.fs |= 1U << 14; /* truncate */
    if (abi >= 4) {
        denied.net = 3; /* bind, connect */
        size = 2 * sizeof denied.fs;
    }
    if (abi >= 5)
        denied.fs |= 1U << 15; /* ioctl on devices */
    if (abi >= 6) {
        denied.scoped = 3; /* abstract sockets, signals */
        size = sizeof denied;
    }
    int rules = (int)syscall(SYS_landlock_create_ruleset, &denied, size, 0);
    if (rules < 0)
        return error_sys(err, "sandbox: landlock rules");
    long rc = syscall(SYS_landlock_restrict_self, rules, 0);
    int saved = errno;
    close(rules);
    errno = saved;
    return rc < 0 ? error_sys(err, "sandbox: landlock") : 0;
}

/* Everything else gets EPERM: an answer, so that sandbox_test() can look, and code of a library that asks for
   something harmless goes on without it. */
static const int allowed[] = {
    SCMP_SYS(read),          SCMP_SYS(pread64),         SCMP_SYS(lseek),

    SCMP_SYS(write),         SCMP_SYS(recvmsg),         SCMP_SYS(sendmsg),
    SCMP_SYS(sendto),        SCMP_SYS(recvfrom),        SCMP_SYS(close),
    SCMP_SYS(munmap),        SCMP_SYS(mremap),          SCMP_SYS(madvise),
    SCMP_SYS(brk),           SCMP_SYS(futex),           SCMP_SYS(exit),
    SCMP_SYS(exit_group),    SCMP_SYS(rt_sigreturn),    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rseq),          SCMP_SYS(set_robust_list), SCMP_SYS(getrandom),
    SCMP_SYS(clock_gettime), SCMP_SYS(sched_yield),     SCMP_SYS(restart_syscall),
    SCMP_SYS(gettid),        SCMP_SYS(getpid),          SCMP_SYS(tgkill),
    SCMP_SYS(rt_sigaction),  SCMP_SYS(clock_nanosleep),
};
static const int allowed_to_sanitizers[] = {
    SCMP_SYS(fstat),      SCMP_SYS(newfstatat),  SCMP_SYS(openat),
    SCMP_SYS(readlink),   SCMP_SYS(sigaltstack), SCMP_SYS(sched_getaffinity),
    SCMP_SYS(getrlimit),  SCMP_SYS(prlimit64),   SCMP_SYS(prctl),
    SCMP_SYS(mincore),    SCMP_SYS(getppid),     SCMP_SYS(ioctl),
    SCMP_SYS(readlinkat), SCMP_SYS(writev),
};

static int allow(scmp_filter_ctx filter, const int *calls, size_t n)
{
    int rc = 0;
    for (size_t i = 0; i < n && rc == 0; i++)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
    return rc;
}

/* Threads, but no processes; memory, but none that can be executed. clone3 hides its flags behind a pointer:
   ENOSYS makes libc use clone. */
static int allow_threads_and_memory(scmp_filter_ctx filter)
{
    const int executable = 4; /* PROT_EXEC */
    const unsigned long thread = CLONE_THREAD | CLONE_VM;
    int rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                              SCMP_A0(SCMP_CMP_MASKED_EQ, thread, thread));
    if (rc == 0)
        rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (rc == 0)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, executable, 0));
    if (rc == 0)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, executable, 0));
    return rc;
}

static int filter_system_calls(struct error *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (!filter)
        return error_set(err, E_SYSTEM, "sandbox: seccomp is not available");
    int rc = allow(filter, allowed, sizeof allowed / sizeof *allowed);
    if (rc == 0 && SANITIZED)
        rc = allow(filter, allowed_to_sanitizers,
                   sizeof allowed_to_sanitizers / sizeof *allowed_to_sanitizers);
    if (rc == 0)
        rc = allow_threads_and_memory(filter);
    if (rc == 0)
        rc = seccomp_load(filter);
    seccomp_release(filter);
    errno = -rc;
    return rc < 0 ? error_sys(err, "sandbox: seccomp") : 0;
}

int sandbox_enter(struct sandbox_state *ret, struct error *err)
{
    *ret = (struct sandbox_state){0};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return error_sys(err, "sandbox: no new privileges");
    int rc = limit_resources(err);
    if (rc == 0)
        rc = deny_files_and_network(ret, err);
    if (rc == 0)
        rc = filter_system_calls(err);
    return rc;
}

int sandbox_test(struct error *err)
{
    long fd = SANITIZED ? -1 : syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY | O_DIRECTORY);
    if (fd >= 0) {
        close((int)fd);
        return error_set(err, E_SYSTEM, "sandbox: a file could be opened");
    }
    struct stat st;
    if (!SANITIZED && stat("/", &st) == 0)
        return error_set(err, E_SYSTEM, "sandbox: a path could be looked at");
    int inet = socket(AF_INET, SOCK_STREAM, 0), local = socket(AF_UNIX, SOCK_STREAM, 0);
    if (inet >= 0)
        close(inet);
    if (local >= 0)
        close(local);
    if (inet >= 0 || local >= 0)
        return error_set(err, E_SYSTEM, "sandbox: a socket could be made");
    if (kill(1, 0) == 0)
        return error_set(err, E_SYSTEM, "sandbox: another process could be signalled");
    char *const no_arguments[] = {NULL};
    execve("/bin/true", no_arguments, no_arguments);
    if (errno != EPERM)
        return error_set(err, E_SYSTEM, "sandbox: execve answers errno %d", errno);
    long pid = syscall(SYS_clone, (unsigned long)SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        _exit(0);
    if (pid > 0)
        return error_set(err, E_SYSTEM, "sandbox: a process could be made");
    return 0;
}
