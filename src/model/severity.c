#include "model/severity.h"

static const char *const names[SEVERITY_COUNT] = {
    [SEVERITY_UNKNOWN] = "Unknown", [SEVERITY_NEGLIGIBLE] = "Negligible",
    [SEVERITY_LOW] = "Low",         [SEVERITY_MEDIUM] = "Medium",
    [SEVERITY_HIGH] = "High",       [SEVERITY_CRITICAL] = "Critical",
    [SEVERITY_DEFCON1] = "Defcon1",
};

const char *severity_name(enum severity severity)
{
    return names[(unsigned)severity < SEVERITY_COUNT ? severity : SEVERITY_UNKNOWN];
}

int severity_parse(struct str word, enum severity *ret)
{
    for (int i = 0; i < SEVERITY_COUNT; i++)
        if (str_eq_nocase(word, str_of(names[i]))) {
            *ret = (enum severity)i;
            return 0;
        }
    return -1;
}

enum severity severity_of(struct str word)
{
    static const struct {
        const char *word;
        enum severity severity;
    } others[] = {{"unimportant", SEVERITY_NEGLIGIBLE},
                  {"moderate", SEVERITY_MEDIUM},
                  {"important", SEVERITY_HIGH},
                  {"urgent", SEVERITY_CRITICAL}};
    enum severity s = SEVERITY_UNKNOWN;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (str_eq_nocase(word, str_of(others[i].word)))
            return others[i].severity;
    return severity_parse(word, &s) < 0 ? SEVERITY_UNKNOWN : s;
}
