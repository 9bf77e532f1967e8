/* What inflating alone costs: ISA-L over a gzip file, in buffers of 256 KiB, the bytes thrown away.
       inflate_only FILE.gz */
#include <fcntl.h>
#include <isa-l/igzip_lib.h>
#include <unistd.h>

#define BUFFER (256 << 10)

static struct inflate_state state;
static uint8_t in[BUFFER], out[BUFFER];

static void begin_member(void)
{
    isal_inflate_reset(&state);
    state.crc_flag = ISAL_GZIP;
}

int main(int argc, char **argv)
{
    int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) {
        fprintf(stderr, "usage: inflate_only FILE.gz\n");
        return 2;
    }
    unsigned long long total = 0;
    ssize_t n;
    isal_inflate_init(&state);
    begin_member();
    while ((n = read(fd, in, sizeof in)) > 0) {
        state.next_in = in;
        state.avail_in = (uint32_t)n;
        do {
            if (state.block_state == ISAL_BLOCK_FINISH)
                begin_member();
            state.next_out = out;
            state.avail_out = sizeof out;
            if (isal_inflate(&state) < 0) {
                fprintf(stderr, "%s: damaged\n", argv[1]);
                return 1;
            }
            total += (unsigned long long)(state.next_out - out);
        } while (state.avail_in || state.avail_out == 0);
    }
    printf("%llu bytes\n", total);
    return 0;
}
