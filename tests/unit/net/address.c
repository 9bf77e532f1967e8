#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "test.h"

static bool has(const struct address_list *list, const char *text)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
        return address_list_has(list, (struct sockaddr *)&in);
    assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    return address_list_has(list, (struct sockaddr *)&in6);
}

TEST(address_in_networks)
{
    struct address_list list = {0};
    struct error err;
    assert_int_equal(address_list_add(&list, STR("169.254.0.0/16, fe80::/10 192.0.2.7,10.20.0.0/15"), &err),
                     0);
    assert_int_equal(list.count, 4);
    assert_true(has(&list, "169.254.169.254"));
    assert_true(has(&list, "::ffff:169.254.169.254")); /* the same address in another form */
    assert_true(has(&list, "febf::1"));
    assert_true(has(&list, "192.0.2.7"));
    assert_true(has(&list, "10.21.255.255"));
    assert_false(has(&list, "10.22.0.0"));
    assert_false(has(&list, "192.0.2.8"));
    assert_false(has(&list, "fec0::1"));
    assert_false(has(&list, "169.253.255.255"));
    struct sockaddr_un other = {.sun_family = AF_UNIX};
    assert_false(address_list_has(&list, (struct sockaddr *)&other));
    assert_int_equal(address_list_add(&list, STR("0.0.0.0/0"), &err), 0);
    assert_true(has(&list, "192.0.2.8"));
    assert_false(has(&list, "2001:db8::1"));
}

TEST(address_refusals)
{
    struct error err;
    static const char *const bad[] = {"host", "1.2.3", "1.2.3.4/33", "::1/129", "::1/x", "1.2.3.4/-1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct address_list list = {0};
        assert_int_equal(address_list_add(&list, str_of(bad[i]), &err), -E_USAGE);
    }
    assert_string_equal(err.text, "\"1.2.3.4/-1\" is no network; write 10.0.0.0/8 or fd00::/8");
    struct address_list list = {0};
    for (int i = 0; i < ADDRESS_NETWORKS_MAX; i++)
        assert_int_equal(address_list_add(&list, STR("::1"), &err), 0);
    assert_int_equal(address_list_add(&list, STR("::1"), &err), -E_LIMIT);
}
