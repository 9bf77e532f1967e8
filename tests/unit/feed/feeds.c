#include "feed/publishers.h"
#include "test.h"
#include "version/version.h"

TEST(feeds_are_complete)
{
    for (size_t i = 0; feeds[i]; i++) {
        const struct feed *f = feeds[i];
        assert_ptr_equal(feed_find(str_of(f->name)), f);
        assert_non_null(f->parse);
        assert_true(f->enriches ? !f->scheme[0] : version_scheme_find(str_of(f->scheme)) != NULL);
        assert_true(f->title[0] && f->version && f->every_seconds >= 60);
        assert_true(str_starts(str_of(f->url), STR("https://")) || f->alternative);
        const char *place = strstr(f->link, "%s");
        if (f == &redhat_repositories_feed)
            continue; /* it tells of no ids */
        assert_non_null(place);
        assert_null(strchr(place + 1, '%'));
    }
    assert_null(feed_find(STR("debia")));
    assert_null(feed_find(STR("")));
}

TEST(feeds_link)
{
    struct buf b = buf_make(1000);
    advisory_link(str_of(feed_find(STR("debian"))->link), STR("CVE-2024-6387"), &b);
    assert_true(str_eq(buf_str(&b), STR("https://security-tracker.debian.org/tracker/CVE-2024-6387")));
    buf_done(&b);
}
