#include "os/random.h"

#include <errno.h>
#include <sys/random.h>

#include "base/error.h"

int random_bytes(void *ret, size_t size, struct error *err)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = getrandom((char *)ret + done, size - done, 0);
        if (n < 0 && errno != EINTR)
            return error_sys(err, "getrandom");
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}
