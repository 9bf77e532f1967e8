/* What hashing alone costs: SHA-256 of a file, in buffers of 256 KiB.
       hash_only FILE */
#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

static unsigned char buffer[256 << 10];

int main(int argc, char **argv)
{
    int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) {
        fprintf(stderr, "usage: hash_only FILE\n");
        return 2;
    }
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    ssize_t n;
    if (!ctx || !EVP_DigestInit_ex(ctx, EVP_sha256(), NULL))
        return 1;
    while ((n = read(fd, buffer, sizeof buffer)) > 0)
        if (!EVP_DigestUpdate(ctx, buffer, (size_t)n))
            return 1;
    if (n < 0 || !EVP_DigestFinal_ex(ctx, digest, &len))
        return 1;
    for (unsigned i = 0; i < len; i++)
        printf("%02x", digest[i]);
    printf("\n");
    EVP_MD_CTX_free(ctx);
    return 0;
}
