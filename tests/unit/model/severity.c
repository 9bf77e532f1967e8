#include "model/severity.h"

#include "test.h"

TEST(severity_names)
{
    static const char *const names[] = {"Unknown", "Negligible", "Low",    "Medium",
                                        "High",    "Critical",   "Defcon1"};
    for (int i = 0; i < SEVERITY_COUNT; i++) {
        enum severity s = SEVERITY_DEFCON1;
        assert_string_equal(severity_name((enum severity)i), names[i]);
        assert_int_equal(severity_parse(str_of(names[i]), &s), 0);
        assert_int_equal(s, i);
    }
    enum severity s = SEVERITY_LOW;
    assert_int_equal(severity_parse(STR("cRiTiCaL"), &s), 0);
    assert_int_equal(s, SEVERITY_CRITICAL);
    assert_int_equal(severity_parse(STR(""), &s), -1);
    assert_int_equal(severity_parse(STR("Moderate"), &s), -1);
    assert_int_equal(s, SEVERITY_CRITICAL); /* untouched */
    assert_string_equal(severity_name((enum severity)7), "Unknown");
}
