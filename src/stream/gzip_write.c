#include "stream/gzip_write.h"

#include <zlib.h>

#include "base/limits.h"
#include "base/memory.h"
#ifdef HAVE_ISAL
#include <isa-l/igzip_lib.h>
#endif

/* How much is added to the output at once: what the rest of the input may become, within reason. */
static size_t room_for(size_t left, const struct buf *ret)
{
    size_t want = left / 4 < 512 ? 512 : left / 4 < MIB(1) ? left / 4 : MIB(1), have = ret->max - ret->len;
    return want < have ? want : have ? have : 1;
}

void gzip_write_zlib(struct str bytes, struct buf *ret)
{
    z_stream z = {0};
    int rc = deflateInit2(&z, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY); /* 16: gzip */
    if (rc != Z_OK)
        ret->failed = true;
    while (!ret->failed && rc == Z_OK) {
        size_t step = bytes.len < UNPACK_STEP_MAX ? bytes.len : UNPACK_STEP_MAX,
               room = room_for(bytes.len, ret);
        char *out = buf_room(ret, room);
        if (!out)
            break;
        z.next_in = (Bytef *)(uintptr_t)bytes.ptr;
        z.avail_in = (uInt)step;
        z.next_out = (Bytef *)out;
        z.avail_out = (uInt)room;
        rc = deflate(&z, step == bytes.len ? Z_FINISH : Z_NO_FLUSH);
        bytes = str_skip(bytes, step - z.avail_in);
        ret->len += room - z.avail_out;
    }
    deflateEnd(&z);
}

#ifdef HAVE_ISAL
struct work {
    struct isal_zstream z;
    uint8_t level_buffer[ISAL_DEF_LVL1_DEFAULT];
};

void gzip_write(struct str bytes, struct buf *ret)
{
    CLEANUP(free_p) struct work *w = memory_new(sizeof *w);
    struct isal_zstream *z = &w->z;
    isal_deflate_init(z);
    z->gzip_flag = IGZIP_GZIP;
    z->level = 1;
    z->level_buf = w->level_buffer;
    z->level_buf_size = sizeof w->level_buffer;
    while (!ret->failed && z->internal_state.state != ZSTATE_END) {
        size_t step = bytes.len < UNPACK_STEP_MAX ? bytes.len : UNPACK_STEP_MAX,
               room = room_for(bytes.len, ret);
        char *out = buf_room(ret, room);
        if (!out)
            break;
        z->next_in = (uint8_t *)(uintptr_t)bytes.ptr;
        z->avail_in = (uint32_t)step;
        z->end_of_stream = step == bytes.len;
        z->next_out = (uint8_t *)out;
        z->avail_out = (uint32_t)room;
        ret->failed = isal_deflate(z) != COMP_OK;
        bytes = str_skip(bytes, step - z->avail_in);
        ret->len += room - z->avail_out;
    }
}
#else
void gzip_write(struct str bytes, struct buf *ret)
{
    gzip_write_zlib(bytes, ret);
}
#endif
