/* Runs a fuzz target over files and folders of files: how a corpus becomes an ordinary test. Each input also runs cut at
   every 1/16 of its length, since truncation is the commonest damage. */
#include <ftw.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long inputs;

static int run_file(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)where;
    if (type != FTW_F)
        return 0;
    size_t size = (size_t)st->st_size, got = 0;
    FILE *f = fopen(path, "rb");
    uint8_t *data = f ? malloc(size ? size : 1) : NULL;
    if (data)
        got = fread(data, 1, size, f);
    if (f)
        fclose(f);
    if (!data || got != size) {
        fprintf(stderr, "%s: cannot be read\n", path);
        free(data);
        return 1;
    }
    LLVMFuzzerTestOneInput(data, size);
    for (size_t part = 1; part < 16; part++) {
        size_t cut = size * part / 16;
        uint8_t *piece = malloc(cut ? cut : 1); /* its own block, so that ASan sees a read beyond its end */
        if (!piece)
            return 1;
        memcpy(piece, data, cut);
        LLVMFuzzerTestOneInput(piece, cut);
        free(piece);
    }
    free(data);
    inputs++;
    return 0;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (nftw(argv[i], run_file, 16, FTW_PHYS) != 0)
            return 1;
    printf("%lu inputs\n", inputs);
    return inputs == 0; /* a missing corpus is a failed test */
}
