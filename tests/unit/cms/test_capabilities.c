#include "cms/capabilities.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <nss.h>
#include <stdio.h>
#include <string.h>

struct found {
    char text[2048];
};

static struct error *add(void *context, const char *group, const char *name)
{
    struct found *found = context;
    size_t used = strlen(found->text);
    (void)snprintf(found->text + used, sizeof(found->text) - used, "%s:%s,", group, name);
    return NULL;
}

static struct error *refuse(void *context, const char *group, const char *name)
{
    (void)context;
    return strcmp(group, "sign") == 0 && strcmp(name, "rsa") == 0 ? error_no_memory() : NULL;
}

Test(capabilities, are_those_of_the_tokens)
{
    struct found found = { "" };
    cr_assert_eq(NSS_NoDB_Init(NULL), SECSuccess);
    assert_ok(capabilities_list(add, &found));
    static const char *const expected[] = {
        "digest:sha256,",    "sign:rsa,",          "sign:ecdsa,",
        "verify:dsa,",       "verify:rsa-pss,",    "encrypt:aes-256-gcm,",
        "decrypt:3des-cbc,", "keyAgreement:ecdh,", "keyAgreement:ecdh-cofactor,",
        "kek:aes-wrap,",     "kek:3des-wrap,",     "password:pbkdf2,"
    };
    for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
        cr_assert_not_null(strstr(found.text, expected[i]), "%s", expected[i]);
    }
    cr_assert_null(strstr(found.text, "encrypt:3des-cbc"));
}

Test(capabilities, hands_the_callers_error_on)
{
    cr_assert_eq(NSS_NoDB_Init(NULL), SECSuccess);
    assert_error(capabilities_list(refuse, NULL), ERR_NO_MEMORY);
}

/* 3.87 has neither; NSS 3.99 and later have both. */
Test(capabilities, of_rfc_8410_are_those_of_the_nss_in_use)
{
    struct found found = { "" };
    cr_assert_eq(NSS_NoDB_Init(NULL), SECSuccess);
    assert_ok(capabilities_list(add, &found));
    bool expected = NSS_VersionCheck("3.110") == PR_TRUE;
    cr_assert_eq(capabilities_ed25519(), expected);
    cr_assert_eq(capabilities_x25519(), expected);
    cr_assert_eq(strstr(found.text, "sign:ed25519,") != NULL, expected);
    cr_assert_eq(strstr(found.text, "verify:ed25519,") != NULL, expected);
    cr_assert_eq(strstr(found.text, "keyAgreement:x25519,") != NULL, expected);
}
