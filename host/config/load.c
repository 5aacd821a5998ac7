#include "config/load.h"

#include "config/members.h"
#include "config/owned_file.h"

#include <stdlib.h>
#include <string.h>

#define ROOT ((uid_t)0)

void config_free(struct config *config)
{
    if (!config) {
        return;
    }
    members_clear_origins(config);
    free(config->pinentry);
    free(config->database);
    free(config->policy_path);
    free(config->user_path);
    free(config);
}

static struct error *new_default(struct config **ret_config)
{
    static const char *const origins[] = { CONFIG_DEFAULT_ADDON, CONFIG_DEFAULT_CHROMIUM_ORIGIN };
    CLEANUP(config_free) struct config *config = calloc(1, sizeof(*config));
    if (!config) {
        return error_no_memory();
    }
    config->policy = policy_default();
    TRY(members_set_origins(config, origins, ARRAY_SIZE(origins)));
    *ret_config = TAKE_PTR(config);
    return NULL;
}

/* Puts one file on top; `ret_path` is its name if it is there. */
static struct error *apply_file(struct config *config, const char *path, enum config_source source,
                                char **ret_path)
{
    if (!path) {
        return NULL;
    }
    CLEANUP(buffer_free) struct buffer *text = NULL;
    TRY(owned_file_read(path, source == CONFIG_FROM_POLICY ? ROOT : OWNED_FILE_ANY, &text));
    if (!text) {
        return NULL;
    }
    TRY(bytes_to_string(bytes_of_string(path), ret_path));
    return members_apply(buffer_view(text), path, source, config);
}

struct error *config_load(const char *policy_path, const char *user_path,
                          struct config **ret_config)
{
    CLEANUP(config_free) struct config *config = NULL;
    TRY(new_default(&config));
    TRY(apply_file(config, user_path, CONFIG_FROM_USER, &config->user_path));
    TRY(apply_file(config, policy_path, CONFIG_FROM_POLICY, &config->policy_path));
    *ret_config = TAKE_PTR(config);
    return NULL;
}

bool config_origin_allowed(const struct config *config, const char *origin)
{
    for (size_t i = 0; i < config->allowed_origin_count; i++) {
        if (strcmp(config->allowed_origins[i], origin) == 0) {
            return true;
        }
    }
    return false;
}

const char *config_source_text(enum config_source source)
{
    static const char *const texts[] = {
        [CONFIG_FROM_DEFAULT] = "default",
        [CONFIG_FROM_USER] = "user",
        [CONFIG_FROM_POLICY] = "policy",
    };
    return texts[source];
}
