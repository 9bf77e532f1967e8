/* Lists of networks ("10.0.0.0/8, fe80::/10, 192.0.2.1"), and whether an address is in one: a server that fetches what
   clients name must not become their way into its own network. */
#pragma once
#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"

enum { ADDRESS_NETWORKS_MAX = 64 };

struct address_list {
    struct address_network {
        unsigned char bytes[16]; /* IPv4 as IPv6 maps it */
        unsigned bits;
    } networks[ADDRESS_NETWORKS_MAX];
    unsigned count;
};

/* Networks and addresses, separated by commas or blanks; they are added to the list. */
int address_list_add(struct address_list *list, struct str text, struct error *err);
/* Whether a socket's address is in one of the networks; what is no IP address is in none. */
struct sockaddr;
bool address_list_has(const struct address_list *list, const struct sockaddr *address);
