#include "model/namespace.h"

/* Dates of Debian: https://wiki.debian.org/DebianReleases and https://wiki.debian.org/LTS, as the package
   distro-info-data has them. Of old releases the end of support is the day the archive's security updates
   stopped. */
static const struct namespace_release debian[] = {
    {"debian:1.1", "1.1", "buzz", "1997-06-05", ""},
    {"debian:1.2", "1.2", "rex", "1998-06-05", ""},
    {"debian:1.3", "1.3", "bo", "1999-03-09", ""},
    {"debian:2.0", "2.0", "hamm", "2000-03-09", ""},
    {"debian:2.1", "2.1", "slink", "2000-10-30", ""},
    {"debian:2.2", "2.2", "potato", "2003-06-30", ""},
    {"debian:3.0", "3.0", "woody", "2006-06-30", ""},
    {"debian:3.1", "3.1", "sarge", "2008-03-31", ""},
    {"debian:4", "4", "etch", "2010-02-15", ""},
    {"debian:5", "5", "lenny", "2012-02-06", ""},
    {"debian:6", "6", "squeeze", "2014-05-31", "2016-02-29"},
    {"debian:7", "7", "wheezy", "2016-04-25", "2018-05-31"},
    {"debian:8", "8", "jessie", "2018-06-17", "2020-06-30"},
    {"debian:9", "9", "stretch", "2020-07-18", "2022-06-30"},
    {"debian:10", "10", "buster", "2022-09-10", "2024-06-30"},
    {"debian:11", "11", "bullseye", "2024-08-14", "2026-08-31"},
    {"debian:12", "12", "bookworm", "2026-07-11", "2028-06-30"},
    {"debian:13", "13", "trixie", "2028-08-09", "2030-06-30"},
    {"debian:testing", "14", "forky", "", ""}, /* the release being made; it moves on when it is released */
    {"debian:sid", "", "sid", "", ""},
};

/* Dates of Ubuntu: https://wiki.ubuntu.com/Releases, standard support, the same package. */
static const struct namespace_release ubuntu[] = {
    {"ubuntu:4.10", "4.10", "warty", "2006-04-30", ""},
    {"ubuntu:5.04", "5.04", "hoary", "2006-10-31", ""},
    {"ubuntu:5.10", "5.10", "breezy", "2007-04-13", ""},
    {"ubuntu:6.06", "6.06", "dapper", "2009-07-14", ""},
    {"ubuntu:6.10", "6.10", "edgy", "2008-04-25", ""},
    {"ubuntu:7.04", "7.04", "feisty", "2008-10-19", ""},
    {"ubuntu:7.10", "7.10", "gutsy", "2009-04-18", ""},
    {"ubuntu:8.04", "8.04", "hardy", "2011-05-12", ""},
    {"ubuntu:8.10", "8.10", "intrepid", "2010-04-30", ""},
    {"ubuntu:9.04", "9.04", "jaunty", "2010-10-23", ""},
    {"ubuntu:9.10", "9.10", "karmic", "2011-04-30", ""},
    {"ubuntu:10.04", "10.04", "lucid", "2013-05-09", ""},
    {"ubuntu:10.10", "10.10", "maverick", "2012-04-10", ""},
    {"ubuntu:11.04", "11.04", "natty", "2012-10-28", ""},
    {"ubuntu:11.10", "11.10", "oneiric", "2013-05-09", ""},
    {"ubuntu:12.04", "12.04", "precise", "2017-04-28", ""},
    {"ubuntu:12.10", "12.10", "quantal", "2014-05-16", ""},
    {"ubuntu:13.04", "13.04", "raring", "2014-01-27", ""},
    {"ubuntu:13.10", "13.10", "saucy", "2014-07-17", ""},
    {"ubuntu:14.04", "14.04", "trusty", "2019-04-25", ""},
    {"ubuntu:14.10", "14.10", "utopic", "2015-07-23", ""},
    {"ubuntu:15.04", "15.04", "vivid", "2016-02-04", ""},
    {"ubuntu:15.10", "15.10", "wily", "2016-07-28", ""},
    {"ubuntu:16.04", "16.04", "xenial", "2021-04-30", ""},
    {"ubuntu:16.10", "16.10", "yakkety", "2017-07-20", ""},
    {"ubuntu:17.04", "17.04", "zesty", "2018-01-13", ""},
    {"ubuntu:17.10", "17.10", "artful", "2018-07-19", ""},
    {"ubuntu:18.04", "18.04", "bionic", "2023-05-31", ""},
    {"ubuntu:18.10", "18.10", "cosmic", "2019-07-18", ""},
    {"ubuntu:19.04", "19.04", "disco", "2020-01-23", ""},
    {"ubuntu:19.10", "19.10", "eoan", "2020-07-17", ""},
    {"ubuntu:20.04", "20.04", "focal", "2025-05-29", ""},
    {"ubuntu:20.10", "20.10", "groovy", "2021-07-22", ""},
    {"ubuntu:21.04", "21.04", "hirsute", "2022-01-20", ""},
    {"ubuntu:21.10", "21.10", "impish", "2022-07-14", ""},
    {"ubuntu:22.04", "22.04", "jammy", "2027-06-01", ""},
    {"ubuntu:22.10", "22.10", "kinetic", "2023-07-20", ""},
    {"ubuntu:23.04", "23.04", "lunar", "2024-01-25", ""},
    {"ubuntu:23.10", "23.10", "mantic", "2024-07-11", ""},
    {"ubuntu:24.04", "24.04", "noble", "2029-05-31", ""},
    {"ubuntu:24.10", "24.10", "oracular", "2025-07-10", ""},
    {"ubuntu:25.04", "25.04", "plucky", "2026-01-15", ""},
    {"ubuntu:25.10", "25.10", "questing", "2026-07-09", ""},
    {"ubuntu:26.04", "26.04", "resolute", "2031-05-29", ""},
    {"ubuntu:26.10", "26.10", "stonking", "2027-07-15", ""},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* By codename or number; what follows a number and a point does not matter ("12.5", "22.04.4"). */
static const struct namespace_release *find(const struct namespace_release *table, size_t count,
                                            struct str release)
{
    for (size_t i = 0; i < count; i++) {
        struct str number = str_of(table[i].number);
        if (str_eq_nocase(release, str_of(table[i].codename)))
            return &table[i];
        if (number.len && str_starts(release, number) &&
            (release.len == number.len || release.ptr[number.len] == '.'))
            return &table[i];
    }
    return NULL;
}

const struct namespace_release *namespace_debian(struct str release)
{
    if (str_eq_nocase(release, STR("unstable")))
        release = STR("sid");
    else if (str_eq_nocase(release, STR("testing")))
        release = STR("forky");
    return find(debian, COUNT(debian), release);
}

const struct namespace_release *namespace_ubuntu(struct str release)
{
    return find(ubuntu, COUNT(ubuntu), release);
}

static const struct namespace_release *by_name(const struct namespace_release *table, size_t count,
                                               struct str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(name, str_of(table[i].name)))
            return &table[i];
    return NULL;
}

const struct namespace_release *namespace_find(struct str name)
{
    const struct namespace_release *found = by_name(debian, COUNT(debian), name);
    return found ? found : by_name(ubuntu, COUNT(ubuntu), name);
}
