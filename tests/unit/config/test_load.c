#include "config/chromium_key.h"
#include "config/config_folder.h"
#include "config/load.h"
#include "support/support.h"

#include <base64.h>
#include <criterion/criterion.h>
#include <nss.h>
#include <sechash.h>
#include <unistd.h>

Test(config_load, allows_only_the_shipped_extensions_without_configuration)
{
    CLEANUP(config_free) struct config *config = NULL;
    assert_ok(config_load("/nonexistent/policy.json", "/nonexistent/config.json", &config));
    cr_assert_not(config_origin_allowed(config, ""));
    cr_assert_not(config_origin_allowed(config, "@sealpos"));
    cr_assert_not(config_origin_allowed(config, "@sealpost2"));
    cr_assert_not(
        config_origin_allowed(config, "chrome-extension://bddfgfgmmkjcoamgegjjdicbkamedijm"));
    cr_assert(config_origin_allowed(config, "@sealpost"));
    cr_assert(config_origin_allowed(config, CONFIG_DEFAULT_CHROMIUM_ORIGIN));
    cr_assert_null(config->policy_path);
    cr_assert_null(config->user_path);
    cr_assert_null(config->pinentry);
    cr_assert_null(config->database);
}

/* Chromium: the first 32 hexadecimal digits of SHA-256 over the key, written with a to p. */
Test(config_load, knows_the_chromium_id_of_the_shipped_key)
{
    cr_assert_eq(NSS_NoDB_Init(NULL), SECSuccess);
    unsigned int len = 0;
    unsigned char *key = ATOB_AsciiToData(CHROMIUM_KEY, &len);
    cr_assert_not_null(key);
    unsigned char digest[SHA256_LENGTH];
    cr_assert_eq(HASH_HashBuf(HASH_AlgSHA256, digest, key, len), SECSuccess);
    PORT_Free(key);
    char origin[] = "chrome-extension://................................/";
    for (size_t i = 0; i < 16; i++) {
        origin[19 + 2 * i] = (char)('a' + (digest[i] >> 4));
        origin[20 + 2 * i] = (char)('a' + (digest[i] & 15));
    }
    cr_assert_str_eq(origin, CONFIG_DEFAULT_CHROMIUM_ORIGIN);
    cr_assert_eq(NSS_Shutdown(), SECSuccess);
}

Test(config_load, refuses_a_broken_user_file)
{
    struct config_folder folder;
    config_folder_make(&folder);
    config_folder_write_text(folder.user, "{\"network\": tru}");
    struct config *config = NULL;
    assert_error(config_load(NULL, folder.user, &config), ERR_POLICY_FORBIDS);
    cr_assert_null(config);
    config_folder_remove(&folder);
}

Test(config_load, refuses_an_unreadable_policy)
{
    struct config *config = NULL;
    assert_error(config_load("/dev/null", NULL, &config), ERR_POLICY_FORBIDS);
    cr_assert_null(config);
}

Test(config_load, reads_the_users_file)
{
    struct config_folder folder;
    config_folder_make(&folder);
    config_folder_write_text(folder.user, "{\"allowedOrigins\": [\"a@b\"], \"network\": true}");
    CLEANUP(config_free) struct config *config = NULL;
    assert_ok(config_load(folder.policy, folder.user, &config));
    cr_assert_str_eq(config->user_path, folder.user);
    cr_assert_null(config->policy_path);
    cr_assert(config->policy.network);
    cr_assert(config_origin_allowed(config, "a@b"));
    cr_assert_not(config_origin_allowed(config, "@sealpost"), "the list is replaced");
    config_folder_remove(&folder);
}

Test(config_load, takes_a_policy_from_root_alone)
{
    struct config_folder folder;
    config_folder_make(&folder);
    config_folder_write_text(folder.user, "{\"network\": true}");
    config_folder_write_text(folder.policy, "{\"network\": false, \"pinentry\": \"/bin/p\"}");
    CLEANUP(config_free) struct config *config = NULL;
    struct error *error = config_load(folder.policy, folder.user, &config);
    if (geteuid() != 0) {
        assert_error(error, ERR_POLICY_FORBIDS);
    } else {
        assert_ok(error);
        cr_assert_not(config->policy.network);
        cr_assert_str_eq(config->policy_path, folder.policy);
        config_free(config);
        config = NULL;
        cr_assert_eq(chown(folder.policy, 65534, 0), 0);
        assert_error(config_load(folder.policy, folder.user, &config), ERR_POLICY_FORBIDS);
    }
    config_folder_remove(&folder);
}

Test(config_free, takes_null)
{
    config_free(NULL);
}

Test(config_texts, name_members_and_sources)
{
    cr_assert_str_eq(config_member_name(CONFIG_MIN_RSA_BITS), "minRsaBits");
    cr_assert_str_eq(config_member_name(CONFIG_DATABASE), "database");
    cr_assert_str_eq(config_source_text(CONFIG_FROM_DEFAULT), "default");
    cr_assert_str_eq(config_source_text(CONFIG_FROM_USER), "user");
    cr_assert_str_eq(config_source_text(CONFIG_FROM_POLICY), "policy");
}
