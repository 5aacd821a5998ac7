/* Reads the configuration: the administrator's root-owned policy on top of the user's configuration
 * on top of the defaults. JSON by wire/json. What is wrong in a file is an error that names file
 * and member: a policy that can't be read must not be silently absent. */
#ifndef SEALPOST_CONFIG_LOAD_H
#define SEALPOST_CONFIG_LOAD_H

#include "base/error.h"
#include "policy/policy.h"

#include <stdbool.h>
#include <stddef.h>

#define CONFIG_POLICY_FILE "/etc/sealpost/policy.json"
#define CONFIG_DEFAULT_ADDON "@sealpost"

/* Owned strings; freed with config_free. */
struct config {
    struct policy policy;
    char **allowed_origins; /* "chrome-extension://ID/" and add-on ids that may start the host */
    size_t allowed_origin_count;
    char *pinentry; /* absolute path; NULL: found on the PATH */
    char *database; /* NSS directory in place of those found; NULL: find them */
    char *policy_path; /* the files that were read; NULL: none was there */
    char *user_path;
};

/* `policy_path` is root's file (absent is fine; one that is not root's or writable by others is
 * refused), `user_path` the user's (NULL or absent is fine). ERR_POLICY_FORBIDS with file, member
 * and reason. */
struct error *config_load(const char *policy_path, const char *user_path,
                          struct config **ret_config) MUST_USE;
void config_free(struct config *config); /* NULL is fine */
DEFINE_CLEANUP(struct config *, config_free);

/* Whether a caller (argv of a browser: "chrome-extension://ID/" or an add-on id) is on the list. */
bool config_origin_allowed(const struct config *config, const char *origin);

#endif
