#include "net/curl.h"

#include "test.h"

TEST(curl_loads_once)
{
    struct error err = {0};
    const struct curl_library *curl = curl_load(&err);
    assert_non_null(curl);
    assert_ptr_equal(curl_load(&err), curl);
    assert_string_equal(curl->easy_strerror(CURLE_OK), "No error");
}

TEST(curl_missing)
{
    struct error err = {0};
    struct curl_library curl;
    assert_int_equal(curl_load_named("libno-such.so.4", &curl, &err), -E_SYSTEM);
    assert_non_null(strstr(err.text, "libno-such.so.4 is not installed: apt install libcurl4 ("));
}

TEST(curl_foreign)
{
    struct error err = {0};
    struct curl_library curl;
    assert_int_equal(curl_load_named("libc.so.6", &curl, &err), -E_SYSTEM);
    assert_string_equal(err.text,
                        "libc.so.6 has no curl_global_init: it is not the libcurl that limpid needs");
}
