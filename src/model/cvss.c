#include "model/cvss.h"

enum { METRICS_MAX = 11 };

/* Places of the vector's values in a table of metrics, the mildest 0. -1: one is missing. */
static int values_of(struct str vector, const struct cvss_metric *metrics, int ret[METRICS_MAX])
{
    for (int i = 0; metrics[i].key; i++) {
        ret[i] = cvss_value_of(vector, &metrics[i]);
        if (ret[i] < 0)
            return -1;
    }
    return 0;
}

/* ---- version 2: section 3.2.1 ---- */

static int score2(struct str vector)
{
    enum { AV, AC, AU, C, I, A };
    static const double vectors[] = {0.395, 0.646, 1}, complexities[] = {0.35, 0.61, 0.71},
                        authentications[] = {0.45, 0.56, 0.704}, impacts[] = {0, 0.275, 0.66};
    int v[METRICS_MAX] = {0};
    if (values_of(vector, cvss2_metrics, v) < 0)
        return -1;
    double impact = 10.41 * (1 - (1 - impacts[v[C]]) * (1 - impacts[v[I]]) * (1 - impacts[v[A]]));
    double exploitability = 20 * vectors[v[AV]] * complexities[v[AC]] * authentications[v[AU]];
    if (v[C] + v[I] + v[A] == 0)
        return 0;
    return (int)((0.6 * impact + 0.4 * exploitability - 1.5) * 1.176 * 10 + 0.5);
}

/* ---- version 3: section 7.1 and appendix A ---- */

/* Up to the next tenth, in tenths; what is less than a hundred thousandth above one is the noise of floating point. */
static int round_up(double score)
{
    int fine = (int)(score * 100000 + 0.5);
    return (fine + 9999) / 10000;
}

static double power(double base, int exponent)
{
    double ret = 1;
    while (exponent-- > 0)
        ret *= base;
    return ret;
}

static int score3(struct str vector)
{
    enum { AV, AC, PR, UI, S, C, I, A };
    static const double vectors[] = {0.2, 0.55, 0.62, 0.85}, complexities[] = {0.44, 0.77},
                        privileges[2][3] = {{0.27, 0.62, 0.85}, {0.5, 0.68, 0.85}},
                        interactions[] = {0.62, 0.85}, impacts[] = {0, 0.22, 0.56};
    int v[METRICS_MAX] = {0};
    if (values_of(vector, cvss3_metrics, v) < 0)
        return -1;
    bool changed = v[S] == 1;
    double base = 1 - (1 - impacts[v[C]]) * (1 - impacts[v[I]]) * (1 - impacts[v[A]]);
    double impact = changed ? 7.52 * (base - 0.029) - 3.25 * power(base - 0.02, 15) : 6.42 * base;
    double exploitability =
        8.22 * vectors[v[AV]] * complexities[v[AC]] * privileges[changed][v[PR]] * interactions[v[UI]];
    double score = (impact + exploitability) * (changed ? 1.08 : 1);
    return impact <= 0 ? 0 : round_up(score < 10 ? score : 10);
}

/* ---- version 4: sections 8.2 and 8.3 ---- */

/* Vectors are grouped by equivalences: exploitability (EQ1), complexity (EQ2), impact on the vulnerable system (EQ3 with EQ6),
   on others (EQ4). Without threat and environment EQ5 is 0, and EQ6 follows from EQ3. */
enum { EQ1, EQ2, EQ3, EQ4, EQS };
enum { AV, AC, AT, PR, UI, VC, VI, VA, SC, SI, SA, METRICS4 };

/* Scores of the gravest vectors of the groups, in tenths, by EQ1, EQ2, EQ3 and EQ6, EQ4 less one. The pairs of EQ3 and EQ6
   are 0 0, 0 1, 1 0, 1 1, 2 1. */
static const int gravest_scores[3][2][5][2] = {
    {
        {{100, 93}, {96, 90}, {93, 88}, {92, 80}, {79, 69}},
        {{95, 92}, {91, 81}, {92, 84}, {82, 70}, {71, 63}},
    },
    {
        {{94, 87}, {89, 75}, {86, 72}, {76, 57}, {65, 53}},
        {{90, 77}, {77, 66}, {74, 61}, {59, 52}, {58, 23}},
    },
    {
        {{86, 70}, {74, 54}, {72, 53}, {57, 36}, {47, 24}},
        {{73, 54}, {55, 43}, {61, 46}, {51, 18}, {24, 10}},
    },
};

/* A vector's group by one equivalence, how many steps it is below that group's gravest vector, of how many that there are,
   and the score of the next milder group (-1: there is none). */
struct group {
    int at, distance, depth, milder;
};

/* How many steps each value is below the gravest of its metric. */
static int steps_of(struct str vector, int ret[METRICS4])
{
    for (int i = 0; i < METRICS4; i++) {
        int gravest = 0, at = cvss_value_of(vector, &cvss4_metrics[i]);
        while (cvss4_metrics[i].values[gravest + 1].letter)
            gravest++;
        if (at < 0)
            return -1;
        ret[i] = gravest - at;
    }
    return 0;
}

/* AV, PR, UI: none of them below the gravest, some, or all (AV:P counts as all). */
static int exploitability_of(const int s[METRICS4])
{
    int below = !!s[AV] + !!s[PR] + !!s[UI];
    return s[AV] == 3 || below == 3 ? 2 : below ? 1 : 0;
}

/* VC, VI, VA: the first two high, some high, none. */
static int impact_of(const int s[METRICS4])
{
    return s[VC] && s[VI] && s[VA] ? 2 : s[VC] || s[VI] ? 1 : 0;
}

static void find_groups(const int s[METRICS4], struct group g[EQS])
{
    static const int depth1[] = {1, 4, 5}, depth2[] = {1, 2}, depth3[] = {7, 8, 10}, depth4[] = {5, 4},
                     skipped[] = {0, 1, 3};
    int e1 = exploitability_of(s), e2 = s[AC] || s[AT], e3 = impact_of(s), e4 = s[SC] && s[SI] && s[SA];
    g[EQ1] = (struct group){e1, s[AV] + s[PR] + s[UI] - skipped[e1], depth1[e1], -1};
    g[EQ2] = (struct group){e2, s[AC] + s[AT] - e2, depth2[e2], -1};
    g[EQ3] = (struct group){e3, s[VC] + s[VI] + s[VA] - skipped[e3], depth3[e3], -1};
    g[EQ4] = (struct group){e4, s[SC] + s[SI] + s[SA] - (e4 ? 3 : 0), depth4[e4], -1};
}

/* The score of the vector's own groups; fills in the milder ones. */
static int look_up(struct group g[EQS])
{
    int e1 = g[EQ1].at, e2 = g[EQ2].at, e3 = 2 * g[EQ3].at, e4 = g[EQ4].at;
    const int(*here)[2] = gravest_scores[e1][e2];
    g[EQ1].milder = e1 < 2 ? gravest_scores[e1 + 1][e2][e3][e4] : -1;
    g[EQ2].milder = e2 < 1 ? gravest_scores[e1][e2 + 1][e3][e4] : -1;
    g[EQ3].milder = e3 == 4 ? -1 : here[e3 + 1][e4];
    if (e3 == 0 && here[2][e4] > g[EQ3].milder)
        g[EQ3].milder = here[2][e4];
    g[EQ4].milder = e4 < 1 ? here[e3][e4 + 1] : -1;
    return here[e3][e4];
}

static int score4(struct str vector)
{
    int steps[METRICS4] = {0}, milder = 1; /* that of EQ5, at a distance of 0 */
    struct group groups[EQS];
    double below = 0;
    if (steps_of(vector, steps) < 0)
        return -1;
    if (steps[VC] + steps[VI] + steps[VA] + steps[SC] + steps[SI] + steps[SA] == 12)
        return 0; /* none at all */
    find_groups(steps, groups);
    int score = look_up(groups);
    for (int i = 0; i < EQS; i++) {
        if (groups[i].milder < 0)
            continue;
        milder++;
        below += (double)((score - groups[i].milder) * groups[i].distance) / groups[i].depth;
    }
    return (int)(score - below / milder + 0.5 + 1e-9);
}

/* ---- all versions ---- */

int cvss_version(struct str vector)
{
    static const struct {
        const char *prefix;
        int version;
    } prefixes[] = {{"CVSS:4.0/", 4}, {"CVSS:3.1/", 3}, {"CVSS:3.0/", 3}, {"AV:", 2}};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (str_starts(vector, str_of(prefixes[i].prefix)))
            return prefixes[i].version;
    return 0;
}

int cvss_score(struct str vector)
{
    int version = cvss_version(vector);
    return version == 4 ? score4(vector) : version == 3 ? score3(vector) : version == 2 ? score2(vector) : -1;
}

const char *cvss_rating(int score)
{
    return score < 0    ? ""
           : score == 0 ? "None"
           : score < 40 ? "Low"
           : score < 70 ? "Medium"
           : score < 90 ? "High"
                        : "Critical";
}

enum severity cvss_severity(int version, int score)
{
    return score < 0                    ? SEVERITY_UNKNOWN
           : score == 0                 ? SEVERITY_NEGLIGIBLE
           : score < 40                 ? SEVERITY_LOW
           : score < 70                 ? SEVERITY_MEDIUM
           : score < 90 || version == 2 ? SEVERITY_HIGH
                                        : SEVERITY_CRITICAL;
}
