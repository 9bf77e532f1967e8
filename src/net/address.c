#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

static int parse_one(struct str text, struct address_network *ret)
{
    char host[INET6_ADDRSTRLEN + 1];
    uint64_t bits = 128;
    struct str address = str_cut(&text, '/');
    if (str_copy(address, host, sizeof host) < 0)
        return -1;
    bool is_ipv4 = inet_pton(AF_INET, host, ret->bytes + 12) == 1;
    if (is_ipv4)
        memcpy(ret->bytes, mapped, sizeof mapped);
    else if (inet_pton(AF_INET6, host, ret->bytes) != 1)
        return -1;
    if (text.len && str_u64(text, is_ipv4 ? 32 : 128, &bits) < 0)
        return -1;
    ret->bits = (unsigned)bits + (is_ipv4 && text.len ? 96 : 0);
    return 0;
}

int address_list_add(struct address_list *list, struct str text, struct error *err)
{
    char shown[80];
    while (text.len) {
        struct str piece = str_cut(&text, ',');
        while (piece.len) {
            struct str word = str_trim(str_cut(&piece, ' '));
            if (!word.len)
                continue;
            if (list->count == ADDRESS_NETWORKS_MAX)
                return error_set(err, E_LIMIT, "more than %d networks in one list", ADDRESS_NETWORKS_MAX);
            if (parse_one(word, &list->networks[list->count]) < 0)
                return error_set(err, E_USAGE, "\"%s\" is no network; write 10.0.0.0/8 or fd00::/8",
                                 str_printable(word, shown, sizeof shown));
            list->count++;
        }
    }
    return 0;
}

static bool is_in(const unsigned char address[16], const struct address_network *n)
{
    unsigned whole = n->bits / 8, rest = n->bits % 8;
    if (memcmp(address, n->bytes, whole) != 0)
        return false;
    return !rest || !((address[whole] ^ n->bytes[whole]) >> (8 - rest));
}

bool address_list_has(const struct address_list *list, const struct sockaddr *address)
{
    unsigned char bytes[16];
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        memcpy(bytes, mapped, sizeof mapped);
        memcpy(bytes + 12, &in.sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, address, sizeof in);
        memcpy(bytes, &in.sin6_addr, 16);
    } else {
        return false;
    }
    for (unsigned i = 0; i < list->count; i++)
        if (is_in(bytes, &list->networks[i]))
            return true;
    return false;
}
