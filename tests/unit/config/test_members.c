#include "base/limits.h"
#include "config/members.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define ID "abcdefghijklmnopabcdefghijklmnop"

static struct config *fresh(void)
{
    struct config *config = NULL;
    assert_ok(config_load(NULL, NULL, &config));
    return config;
}

/* Applies a text and forgets what it gave. */
static struct error *apply(const char *text, enum config_source source)
{
    CLEANUP(config_free) struct config *config = fresh();
    return members_apply(bytes_of_string(text), "some.json", source, config);
}

static void refused(const char *text)
{
    CLEANUP(error_free) struct error *error = apply(text, CONFIG_FROM_USER);
    cr_expect_not_null(error, "%s", text);
    cr_expect_eq(error_get_code(error), ERR_POLICY_FORBIDS, "%s", text);
    cr_expect_not_null(strstr(error_get_message(error), "some.json"), "%s", text);
}

Test(members_apply, refuses_what_is_no_json_object)
{
    refused("");
    refused("[]");
    refused("null");
    refused("{'network': true}");
    refused("{\"network\": true,}");
    refused("{\"network\": true} x");
    refused("{\"network\": true, \"network\": false}");
}

Test(members_apply, refuses_unknown_members)
{
    refused("{\"netwrok\": true}");
    refused("{\"Network\": true}");
    refused("{\"\": true}");
    refused("{\"policy\": {}}");
}

Test(members_apply, refuses_other_types)
{
    refused("{\"minRsaBits\": \"2048\"}");
    refused("{\"minRsaBits\": 2048.0}");
    refused("{\"minRsaBits\": null}");
    refused("{\"allowSha1\": 1}");
    refused("{\"network\": \"true\"}");
    refused("{\"revocation\": true}");
    refused("{\"allowedOrigins\": \"@sealpost\"}");
    refused("{\"allowedOrigins\": [1]}");
    refused("{\"pinentry\": [\"/usr/bin/pinentry\"]}");
}

Test(members_apply, refuses_values_out_of_range)
{
    refused("{\"minRsaBits\": 511}");
    refused("{\"minRsaBits\": 16385}");
    refused("{\"minDsaBits\": -2048}");
    refused("{\"minDsaBits\": 4294969344}");
    refused("{\"maxMessage\": 0}");
    refused("{\"maxMessage\": 268435457}");
    refused("{\"keepUnlocked\": -1}");
    refused("{\"keepUnlocked\": 86401}");
    refused("{\"revocation\": \"Hard\"}");
    refused("{\"revocation\": \"\"}");
    refused("{\"headerProtection\": \"Signed\"}");
    refused("{\"headerProtection\": true}");
}

Test(members_apply, refuses_paths_that_are_not_absolute)
{
    refused("{\"pinentry\": \"pinentry\"}");
    refused("{\"pinentry\": \"\"}");
    refused("{\"database\": \"../x\"}");
    char text[LIMIT_REMOTE_TEXT + 64] = "{\"pinentry\": \"/";
    memset(text + strlen(text), 'x', LIMIT_REMOTE_TEXT);
    strncat(text, "\"}", 3);
    refused(text);
}

Test(members_apply, refuses_callers_that_are_no_single_extension)
{
    refused("{\"allowedOrigins\": [\"\"]}");
    refused("{\"allowedOrigins\": [\"*\"]}");
    refused("{\"allowedOrigins\": [\"*@example.org\"]}");
    refused("{\"allowedOrigins\": [\"https://example.org/\"]}");
    refused("{\"allowedOrigins\": [\"chrome-extension://*/\"]}");
    refused("{\"allowedOrigins\": [\"chrome-extension://" ID "\"]}");
    refused("{\"allowedOrigins\": [\"chrome-extension://" ID "/x\"]}");
    refused("{\"allowedOrigins\": [\"chrome-extension://" ID "a/\"]}");
    refused("{\"allowedOrigins\": [\"chrome-extension://zbcdefghijklmnopabcdefghijklmnop/\"]}");
    refused("{\"allowedOrigins\": [\"a b@example.org\"]}");
    refused("{\"allowedOrigins\": [\"\\u00e4@example.org\"]}");
    refused("{\"allowedOrigins\": [\"{}\"]}");
}

Test(members_apply, refuses_a_caller_over_the_limit)
{
    char text[LIMIT_ORIGIN + 64] = "{\"allowedOrigins\": [\"@";
    memset(text + strlen(text), 'x', LIMIT_ORIGIN);
    strncat(text, "\"]}", 4);
    refused(text);
}

/* A list of `count` callers. */
static struct error *apply_callers(size_t count)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    assert_ok(buffer_append_string(text, "{\"allowedOrigins\": ["));
    for (size_t i = 0; i < count; i++) {
        assert_ok(buffer_printf(text, "%s\"@%zu\"", i ? "," : "", i));
    }
    assert_ok(buffer_append(text, (struct bytes){ (const uint8_t *)"]}", 3 }));
    return apply((const char *)text->data, CONFIG_FROM_USER);
}

Test(members_apply, refuses_too_many_callers)
{
    assert_error(apply_callers(LIMIT_ORIGINS + 1), ERR_POLICY_FORBIDS);
    assert_ok(apply_callers(LIMIT_ORIGINS));
}

Test(members_apply, refuses_a_database_in_the_policy)
{
    assert_error(apply("{\"database\": \"/srv/nss\"}", CONFIG_FROM_POLICY), ERR_POLICY_FORBIDS);
    assert_ok(apply("{\"database\": \"/srv/nss\"}", CONFIG_FROM_USER));
}

Test(members_apply, names_file_line_and_member)
{
    CLEANUP(error_free)
    struct error *error = apply("{\n  \"collect\": true,\n  \"network\": 3\n}", CONFIG_FROM_USER);
    cr_assert_str_eq(error_get_message(error),
                     "some.json, line 3: \"network\" is not true or false");
}

Test(members_apply, takes_every_member)
{
    CLEANUP(config_free) struct config *config = fresh();
    static const char text[] =
        "{\"minRsaBits\": 3072, \"minDsaBits\": 1024, \"allowSha1\": true, \"revocation\": "
        "\"hard\", \"network\": true, \"collect\": true, \"mozillaRoots\": false, \"maxMessage\": "
        "1048576, \"headerProtection\": \"confidential\", \"keepUnlocked\": 0, \"allowedOrigins\": [\"{ec8030f7-c20a}\", \"a@b\", "
        "\"chrome-extension://" ID "/\"], \"pinentry\": \"/bin/p\", \"database\": \"/srv/nss\"}";
    assert_ok(members_apply(bytes_of_string(text), "some.json", CONFIG_FROM_USER, config));
    cr_expect_eq(config->policy.min_rsa_bits, 3072);
    cr_expect_eq(config->policy.min_dsa_bits, 1024);
    cr_expect(config->policy.allow_sha1);
    cr_expect_eq(config->policy.revocation, REVOCATION_HARD);
    cr_expect(config->policy.network);
    cr_expect(config->policy.collect);
    cr_expect_not(config->policy.mozilla_roots);
    cr_expect_eq(config->policy.max_message, MIB);
    cr_expect_eq(config->policy.headers, HEADERS_CONFIDENTIAL);
    cr_expect_eq(config->policy.keep_unlocked, 0);
    cr_expect_eq(config->allowed_origin_count, 3);
    cr_expect_str_eq(config->pinentry, "/bin/p");
    cr_expect_str_eq(config->database, "/srv/nss");
    for (enum config_member member = 0; member < CONFIG_MEMBER_COUNT; member++) {
        cr_expect_eq(config->sources[member], CONFIG_FROM_USER, "%s", config_member_name(member));
    }
}

Test(members_apply, lets_the_policy_have_the_last_word)
{
    CLEANUP(config_free) struct config *config = fresh();
    assert_ok(members_apply(BYTES_LITERAL("{\"network\": true, \"collect\": true, "
                                          "\"allowedOrigins\": [\"a@b\", \"c@d\"]}"),
                            "user.json", CONFIG_FROM_USER, config));
    assert_ok(members_apply(BYTES_LITERAL("{\"network\": false, \"allowedOrigins\": []}"),
                            "policy.json", CONFIG_FROM_POLICY, config));
    cr_expect_not(config->policy.network);
    cr_expect(config->policy.collect);
    cr_expect_eq(config->allowed_origin_count, 0);
    cr_expect_eq(config->sources[CONFIG_NETWORK], CONFIG_FROM_POLICY);
    cr_expect_eq(config->sources[CONFIG_COLLECT], CONFIG_FROM_USER);
    cr_expect_eq(config->sources[CONFIG_ALLOW_SHA1], CONFIG_FROM_DEFAULT);
}
