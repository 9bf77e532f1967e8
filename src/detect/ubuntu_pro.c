/* Which services of Ubuntu Pro a machine, and an image made of it, is subscribed to, as its client writes it down:
   {"attached": true, "services": [{"name": "esm-infra", "status": "enabled", …}, …], …}. */
#include "base/limits.h"
#include "detect/detector.h"
#include "format/json.h"

extern const struct detector ubuntu_pro_detector;

/* Those whose repositories have fixes of the release itself; others (FIPS, Realtime) have packages of their own. */
enum { SERVICES = 2 };
static const struct str services[SERVICES] = {STR_INIT("esm-infra"), STR_INIT("esm-apps")};

struct status {
    bool attached;
    bool enabled[SERVICES];
};

static int service_read(struct json *j, struct status *s)
{
    struct str key, text;
    size_t which = SERVICES;
    bool enabled = false;
    int rc = json_object(j);
    while (rc > 0 && (rc = json_key(j, &key)) > 0) {
        bool is_name = str_eq(key, STR("name"));
        if (!is_name && !str_eq(key, STR("status")))
            continue;
        rc = json_string(j, &text);
        for (size_t i = 0; i < SERVICES && rc > 0 && is_name; i++)
            which = str_eq(text, services[i]) ? i : which;
        if (rc > 0 && !is_name)
            enabled = str_eq(text, STR("enabled"));
        rc = rc < 0 ? rc : 1;
    }
    if (rc == 0 && which < SERVICES)
        s->enabled[which] = enabled;
    return rc;
}

static int services_read(struct json *j, struct status *s)
{
    int rc = json_array(j);
    while (rc > 0 && (rc = json_item(j)) > 0) {
        rc = service_read(j, s);
        rc = rc < 0 ? rc : 1;
    }
    return rc;
}

static int status_read(struct json *j, struct status *s)
{
    struct str key;
    int rc = json_object(j);
    if (rc == 0)
        return json_fail(j, "no object");
    while (rc > 0 && (rc = json_key(j, &key)) > 0) {
        if (str_eq(key, STR("attached")))
            rc = json_bool(j, &s->attached);
        else if (str_eq(key, STR("services")))
            rc = services_read(j, s);
        rc = rc < 0 ? rc : 1;
    }
    return rc < 0 ? rc : json_end(j);
}

static int ubuntu_pro_file(struct detection *d, struct reader *body)
{
    struct status s = {0};
    struct json j;
    json_open(&j, body, d->err);
    int rc = status_read(&j, &s);
    json_close(&j);
    if (rc < 0)
        return error_in(d->err, "Ubuntu Pro's status: it counts as not subscribed");
    for (size_t i = 0; i < SERVICES && rc == 0; i++)
        if (s.attached && s.enabled[i])
            rc = detection_repository(d, services[i]);
    return rc;
}

const struct detector ubuntu_pro_detector = {
    .name = "ubuntu-pro",
    .version = 1,
    .wants =
        (const struct want[]){{WANT_PATH, STR_INIT("var/lib/ubuntu-advantage/status.json"), UBUNTU_PRO_MAX},
                              {.how = WANT_NONE}},
    .file = ubuntu_pro_file,
};
