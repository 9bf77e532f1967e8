/* PAClair's configuration file, which works here unchanged: section General for the server, section Plugins for what can
   be pushed to it. https://github.com/yebinama/paclair#configuration */
#pragma once
#include "format/yaml.h"
#include "image/registry_client.h"

/* `verify`: a truth value, or the path of certificates. */
struct config_verify {
    bool off;
    const char *ca_file; /* NULL: the system's */
};

struct config {
    struct arena arena;
    const char *clair_url; /* without a slash at its end */
    bool v3;               /* clair_api_version: 3 */
    struct config_verify verify;
    const char *html_template; /* NULL: none */
    VEC(struct str) cve_whitelist;
    const struct yaml_node *plugins;
};

/* E_BAD_INPUT: no YAML; E_NOT_FOUND: no section General; E_USAGE: something in it cannot be used. Freed by
   config_done(), also after a failure. */
int config_read(struct str text, struct config *ret, struct error *err);
void config_done(struct config *c);

struct config_registry {
    struct str domain; /* "registry.example.com:5000" */
    struct config_verify verify;
    struct registry_manner manner; /* prefix and token_url with their placeholders */
};

struct config_plugin {
    enum { PLUGIN_DOCKER, PLUGIN_HTTP, PLUGIN_ELASTICSEARCH } kind;
    VEC(struct config_registry) registries; /* of Docker */
    const char *clair_format, *base_url;    /* of Http */
    struct config_verify verify;            /* of Http */
};

/* The plugin of that name, in the configuration's arena. E_NOT_FOUND: there is none; E_USAGE: its class is none of
   those known; E_BAD_INPUT: its section lacks something or has something strange. */
int config_plugin(struct config *c, struct str name, struct config_plugin *ret, struct error *err);

/* How to speak to the registry of an image. */
struct config_place {
    struct reference reference; /* its host is the registry's domain */
    struct config_verify verify;
    struct registry_manner manner; /* with the placeholders filled in */
};

/* The registry configured for the host without its first label, which then is {image.repository}, else the one for the
   host, else none in particular. Texts lie in the arena. E_USAGE: an unknown placeholder. */
int config_place(const struct config_plugin *plugin, const struct reference *image, struct arena *arena,
                 struct config_place *ret, struct error *err);
