#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/fd.h"

int file_open(const char *path, int flags, struct error *err)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    int code = error_sys(err, "%s", path);
    if (err->sys_errno == ENOENT || err->sys_errno == ENOTDIR)
        err->code = E_NOT_FOUND;
    else if (err->sys_errno == EACCES || err->sys_errno == EPERM)
        err->code = E_DENIED;
    else
        return code;
    return -(int)err->code;
}

int file_memory(struct str bytes, struct error *err)
{
    AUTO_CLOSE int fd = memfd_create("limpid", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return error_sys(err, "memfd");
    int rc = fd_write_all(fd, bytes, err);
    if (rc < 0)
        return rc;
    if (lseek(fd, 0, SEEK_SET) < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK) < 0)
        return error_sys(err, "memfd");
    return STEAL_FD(fd);
}

int file_nameless(const char *dir, struct error *err)
{
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    /* Some file systems have no O_TMPFILE: a name that is removed at once comes close. */
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/.limpid-XXXXXX", dir);
    if (n < 0 || (size_t)n >= sizeof path)
        return error_set(err, E_USAGE, "%s: path too long", dir);
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return error_sys(err, "%s: temporary file", dir);
    unlink(path);
    return fd;
}

int file_read(const char *path, struct buf *ret, struct error *err)
{
    AUTO_CLOSE int fd = file_open(path, O_RDONLY, err);
    if (fd < 0)
        return fd;
    for (;;) {
        size_t step = ret->max - ret->len < 65536 ? ret->max - ret->len + 1 : 65536;
        char piece[65536 + 1];
        ssize_t n = read(fd, piece, step);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_sys(err, "%s", path);
        if (n == 0)
            return buf_finish(ret, path, err);
        buf_add(ret, (struct str){piece, (size_t)n});
        if (ret->failed)
            return buf_finish(ret, path, err);
    }
}

/* /dev/stdout, /dev/null, a fifo: there is nothing to replace. */
static int write_to_special(const char *path, struct str bytes, struct error *err)
{
    AUTO_CLOSE int fd = file_open(path, O_WRONLY | O_NOCTTY, err);
    if (fd < 0)
        return fd;
    return fd_write_all(fd, bytes, err) < 0 ? error_in(err, "%s", path) : 0;
}

static int write_beside(const char *path, struct str bytes, struct error *err)
{
    char temp[4096];
    int n = snprintf(temp, sizeof temp, "%s.XXXXXX", path);
    if (n < 0 || (size_t)n >= sizeof temp)
        return error_set(err, E_USAGE, "%s: path too long", path);
    AUTO_CLOSE int fd = mkostemp(temp, O_CLOEXEC);
    if (fd < 0)
        return error_sys(err, "%s", temp);
    mode_t mask = umask(0);
    umask(mask);
    int rc = fd_write_all(fd, bytes, err);
    if (rc == 0 && (fchmod(fd, 0666 & ~mask) < 0 || rename(temp, path) < 0))
        rc = error_sys(err, "%s", path);
    if (rc < 0)
        unlink(temp);
    return rc;
}

int file_write(const char *path, struct str bytes, struct error *err)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return write_beside(path, bytes, err);
    if (!S_ISREG(st.st_mode))
        return write_to_special(path, bytes, err);
    CLEANUP(free_p) char *real = realpath(path, NULL);
    return real ? write_beside(real, bytes, err) : error_sys(err, "%s", path);
}

int file_make_folders(const char *path, struct error *err)
{
    char part[4096];
    if (str_copy(str_of(path), part, sizeof part) < 0)
        return error_set(err, E_USAGE, "%s: path too long", path);
    for (char *p = part + 1;; p++) {
        if (*p && *p != '/')
            continue;
        char saved = *p;
        *p = 0;
        if (mkdir(part, 0700) < 0 && errno != EEXIST)
            return error_sys(err, "%s", part);
        *p = saved;
        if (!saved)
            return 0;
    }
}

int file_home(const char *xdg, const char *fallback, char *ret, size_t size, struct error *err)
{
    const char *base = getenv(xdg), *home = getenv("HOME");
    int n;
    if (base && *base == '/')
        n = snprintf(ret, size, "%s/limpid", base);
    else if (home && *home == '/')
        n = snprintf(ret, size, "%s/%s/limpid", home, fallback);
    else
        return error_set(err, E_USAGE, "neither %s nor HOME is set: name the place with --cache-dir", xdg);
    return n < 0 || (size_t)n >= size ? error_set(err, E_USAGE, "%s: path too long", xdg) : 0;
}
