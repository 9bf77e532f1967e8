#include "version/version.h"

const struct version_scheme *const version_schemes[] = {&version_dpkg, &version_rpm,    &version_rpm_bare,
                                                        &version_apk,  &version_pacman, NULL};

const struct version_scheme *version_scheme_find(struct str name)
{
    if (str_eq(name, STR("deb")))
        name = STR("dpkg");
    else if (str_eq(name, STR("alpm")))
        name = STR("pacman");
    for (size_t i = 0; version_schemes[i]; i++)
        if (str_eq(name, str_of(version_schemes[i]->name)))
            return version_schemes[i];
    return NULL;
}
