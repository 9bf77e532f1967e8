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

/* Dates of the others, which have numbers only: https://alpinelinux.org/releases, the maintenance phase of
   https://access.redhat.com/support/policy/updates/errata, premier support of Oracle Linux,
   https://wiki.rockylinux.org/rocky/version, https://wiki.almalinux.org/release-notes, https://aws.amazon.com/linux,
   https://docs.fedoraproject.org/en-US/releases/eol, https://en.opensuse.org/Lifetime, general support of
   https://www.suse.com/lifecycle, https://learn.microsoft.com/azure/azure-linux, https://www.openeuler.org/en/other/lifecycle.
   What is paid for beyond these does not count. docs/distributions.md says how each was checked. */
static const struct namespace_release others[] = {
    {"alpine:v3.0", "", "", "2016-05-01", ""},
    {"alpine:v3.1", "", "", "2016-11-01", ""},
    {"alpine:v3.2", "", "", "2017-05-01", ""},
    {"alpine:v3.3", "", "", "2017-11-01", ""},
    {"alpine:v3.4", "", "", "2018-05-01", ""},
    {"alpine:v3.5", "", "", "2018-11-01", ""},
    {"alpine:v3.6", "", "", "2019-05-01", ""},
    {"alpine:v3.7", "", "", "2019-11-01", ""},
    {"alpine:v3.8", "", "", "2020-05-01", ""},
    {"alpine:v3.9", "", "", "2020-11-01", ""},
    {"alpine:v3.10", "", "", "2021-05-01", ""},
    {"alpine:v3.11", "", "", "2021-11-01", ""},
    {"alpine:v3.12", "", "", "2022-05-01", ""},
    {"alpine:v3.13", "", "", "2022-11-01", ""},
    {"alpine:v3.14", "", "", "2023-05-01", ""},
    {"alpine:v3.15", "", "", "2023-11-01", ""},
    {"alpine:v3.16", "", "", "2024-05-23", ""},
    {"alpine:v3.17", "", "", "2024-11-22", ""},
    {"alpine:v3.18", "", "", "2025-05-09", ""},
    {"alpine:v3.19", "", "", "2025-11-01", ""},
    {"alpine:v3.20", "", "", "2026-04-01", ""},
    {"alpine:v3.21", "", "", "2026-11-01", ""},
    {"alpine:v3.22", "", "", "2027-05-01", ""},
    {"alpine:v3.23", "", "", "2027-11-01", ""},
    {"centos:4", "", "", "2012-02-29", ""},
    {"centos:5", "", "", "2017-03-31", ""},
    {"centos:6", "", "", "2020-11-30", ""},
    {"centos:7", "", "", "2024-06-30", ""},
    {"centos:8", "", "", "2029-05-31", ""},
    {"centos:9", "", "", "2032-05-31", ""},
    {"centos:10", "", "", "2035-05-31", ""},
    {"oracle:5", "", "", "2017-06-30", ""},
    {"oracle:6", "", "", "2021-03-31", ""},
    {"oracle:7", "", "", "2024-12-31", ""},
    {"oracle:8", "", "", "2029-07-31", ""},
    {"oracle:9", "", "", "2032-06-30", ""},
    {"oracle:10", "", "", "2035-06-30", ""},
    {"rocky:8", "", "", "2029-05-31", ""},
    {"rocky:9", "", "", "2032-05-31", ""},
    {"rocky:10", "", "", "2035-05-31", ""},
    {"almalinux:8", "", "", "2029-03-01", ""},
    {"almalinux:9", "", "", "2032-05-31", ""},
    {"almalinux:10", "", "", "2035-05-31", ""},
    {"amzn:2018.03", "", "", "2023-12-31", ""},
    {"amzn:2", "", "", "2026-06-30", ""},
    {"amzn:2023", "", "", "2029-06-30", ""},
    {"fedora:20", "", "", "2015-06-23", ""},
    {"fedora:21", "", "", "2015-12-01", ""},
    {"fedora:22", "", "", "2016-07-19", ""},
    {"fedora:23", "", "", "2016-12-20", ""},
    {"fedora:24", "", "", "2017-08-08", ""},
    {"fedora:25", "", "", "2017-12-12", ""},
    {"fedora:26", "", "", "2018-05-29", ""},
    {"fedora:27", "", "", "2018-11-30", ""},
    {"fedora:28", "", "", "2019-05-28", ""},
    {"fedora:29", "", "", "2019-11-26", ""},
    {"fedora:30", "", "", "2020-05-26", ""},
    {"fedora:31", "", "", "2020-11-24", ""},
    {"fedora:32", "", "", "2021-05-25", ""},
    {"fedora:33", "", "", "2021-11-30", ""},
    {"fedora:34", "", "", "2022-06-07", ""},
    {"fedora:35", "", "", "2022-12-13", ""},
    {"fedora:36", "", "", "2023-05-16", ""},
    {"fedora:37", "", "", "2023-12-05", ""},
    {"fedora:38", "", "", "2024-05-21", ""},
    {"fedora:39", "", "", "2024-11-26", ""},
    {"fedora:40", "", "", "2025-05-13", ""},
    {"fedora:41", "", "", "2025-12-15", ""},
    {"fedora:42", "", "", "2026-05-13", ""},
    {"fedora:43", "", "", "2026-12-09", ""},
    {"opensuse:13.2", "", "", "2017-01-17", ""},
    {"opensuse-leap:42.1", "", "", "2017-05-17", ""},
    {"opensuse-leap:42.2", "", "", "2018-01-26", ""},
    {"opensuse-leap:42.3", "", "", "2019-07-01", ""},
    {"opensuse-leap:15.0", "", "", "2019-12-03", ""},
    {"opensuse-leap:15.1", "", "", "2021-02-02", ""},
    {"opensuse-leap:15.2", "", "", "2022-01-04", ""},
    {"opensuse-leap:15.3", "", "", "2022-12-31", ""},
    {"opensuse-leap:15.4", "", "", "2023-12-07", ""},
    {"opensuse-leap:15.5", "", "", "2024-12-31", ""},
    {"opensuse-leap:15.6", "", "", "2026-04-30", ""},
    {"opensuse-leap:16.0", "", "", "2027-10-31", ""},
    {"sles:11.4", "", "", "2019-03-31", ""},
    {"sles:12", "", "", "2016-06-30", ""},
    {"sles:12.1", "", "", "2017-05-31", ""},
    {"sles:12.2", "", "", "2018-03-31", ""},
    {"sles:12.3", "", "", "2019-06-30", ""},
    {"sles:12.4", "", "", "2020-06-30", ""},
    {"sles:12.5", "", "", "2024-10-31", ""},
    {"sles:15", "", "", "2019-12-31", ""},
    {"sles:15.1", "", "", "2021-01-31", ""},
    {"sles:15.2", "", "", "2021-12-31", ""},
    {"sles:15.3", "", "", "2022-12-31", ""},
    {"sles:15.4", "", "", "2023-12-31", ""},
    {"sles:15.5", "", "", "2024-12-31", ""},
    {"sles:15.6", "", "", "2025-12-31", ""},
    {"openeuler:20.03-LTS", "", "", "2021-03-31", ""},
    {"openeuler:20.03-LTS-SP1", "", "", "2022-12-31", ""},
    {"openeuler:20.03-LTS-SP2", "", "", "2022-04-30", ""},
    {"openeuler:20.03-LTS-SP3", "", "", "2023-12-31", ""},
    {"openeuler:20.03-LTS-SP4", "", "", "2025-11-30", ""},
    {"openeuler:22.03-LTS", "", "", "2024-03-31", ""},
    {"openeuler:22.03-LTS-SP1", "", "", "2024-12-31", ""},
    {"openeuler:22.03-LTS-SP2", "", "", "2024-03-31", ""},
    {"openeuler:22.03-LTS-SP3", "", "", "2025-12-31", ""},
    {"openeuler:22.03-LTS-SP4", "", "", "2026-06-30", ""},
    {"openeuler:24.03-LTS", "", "", "2026-05-31", ""},
    {"openeuler:24.03-LTS-SP1", "", "", "2026-12-31", ""},
    {"openeuler:24.03-LTS-SP2", "", "", "2026-03-31", ""},
    {"openeuler:24.03-LTS-SP3", "", "", "2027-12-31", ""},
    {"openeuler:24.03-LTS-SP4", "", "", "2027-03-31", ""},
    {"photon:1.0", "", "", "2022-02-28", ""},
    {"photon:2.0", "", "", "2022-12-31", ""},
    {"photon:3.0", "", "", "2024-03-01", ""},
    {"mariner:1.0", "", "", "2023-08-31", ""},
    {"mariner:2.0", "", "", "2025-07-31", ""},
    {"azurelinux:3.0", "", "", "2027-08-31", ""},
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
    if (!found)
        found = by_name(ubuntu, COUNT(ubuntu), name);
    return found ? found : by_name(others, COUNT(others), name);
}
