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

TEST(severity_words_of_distributions)
{
    assert_int_equal(severity_of(STR("Moderate")), SEVERITY_MEDIUM);
    assert_int_equal(severity_of(STR("IMPORTANT")), SEVERITY_HIGH);
    assert_int_equal(severity_of(STR("unimportant")), SEVERITY_NEGLIGIBLE);
    assert_int_equal(severity_of(STR("urgent")), SEVERITY_CRITICAL);
    assert_int_equal(severity_of(STR("low")), SEVERITY_LOW);
    assert_int_equal(severity_of(STR("")), SEVERITY_UNKNOWN);
    assert_int_equal(severity_of(STR("very bad")), SEVERITY_UNKNOWN);
}
