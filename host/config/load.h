/* Reads the configuration: the administrator's root-owned policy on top of the user's configuration
 * on top of the defaults, member by member. JSON by wire/json. What is wrong in a file is an error
 * that names file, line and member: a policy that can't be read must not be silently absent. */
#ifndef SEALPOST_CONFIG_LOAD_H
#define SEALPOST_CONFIG_LOAD_H

#include "base/error.h"
#include "policy/policy.h"

#include <stdbool.h>
#include <stddef.h>

#define CONFIG_POLICY_FILE "/etc/sealpost/policy.json"
#define CONFIG_DEFAULT_ADDON "@sealpost"
/* The shipped extension; its id follows from extension/chromium-key.txt. */
#define CONFIG_DEFAULT_CHROMIUM_ORIGIN "chrome-extension://bddfgfgmmkjcoamgegjjdicbkamedijm/"

/* What a file can set; the names in the files are those of config_member_name(). */
enum config_member {
    CONFIG_MIN_RSA_BITS,
    CONFIG_MIN_DSA_BITS,
    CONFIG_ALLOW_SHA1,
    CONFIG_REVOCATION,
    CONFIG_NETWORK,
    CONFIG_COLLECT,
    CONFIG_MOZILLA_ROOTS,
    CONFIG_MAX_MESSAGE,
    CONFIG_HEADER_PROTECTION,
    CONFIG_KEEP_UNLOCKED,
    CONFIG_ALLOWED_ORIGINS,
    CONFIG_PINENTRY,
    CONFIG_DATABASE, /* in the user's file only */
    CONFIG_MEMBER_COUNT
};

enum config_source { CONFIG_FROM_DEFAULT, CONFIG_FROM_USER, CONFIG_FROM_POLICY };

/* Owned strings; freed with config_free. */
struct config {
    struct policy policy;
    char **allowed_origins; /* "chrome-extension://ID/" and add-on ids that may start the host */
    size_t allowed_origin_count;
    char *pinentry; /* absolute path; NULL: found on the PATH */
    char *database; /* NSS directory in place of those found; NULL: find them */
    char *policy_path; /* the files that were read; NULL: none was there */
    char *user_path;
    enum config_source sources[CONFIG_MEMBER_COUNT]; /* where each value comes from */
};

/* `policy_path` is root's file (NULL or absent is fine; one that is not root's or writable by
 * others, or a symbolic link, is refused), `user_path` the user's (NULL or absent is fine). Files
 * are at most LIMIT_CONFIG_FILE. ERR_POLICY_FORBIDS with file, member and reason; ERR_NO_MEMORY. */
struct error *config_load(const char *policy_path, const char *user_path,
                          struct config **ret_config) MUST_USE;
void config_free(struct config *config); /* NULL is fine */
DEFINE_CLEANUP(struct config *, config_free);

/* Whether a caller (argv of a browser: "chrome-extension://ID/" or an add-on id) is on the list. */
bool config_origin_allowed(const struct config *config, const char *origin);

const char *config_member_name(enum config_member member); /* "minRsaBits"; static */
const char *config_source_text(enum config_source source); /* "default", "user", "policy"; static */

#endif
