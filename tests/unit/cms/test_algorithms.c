#include "cms/algorithms.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <nss.h>
#include <stdio.h>
#include <string.h>

Test(cms_digest, does_not_find_what_is_not_there)
{
    cr_assert_null(cms_digest_info(CMS_DIGEST_UNKNOWN));
    cr_assert_null(cms_digest_by_name("md4"));
    cr_assert_null(cms_digest_by_oid(BYTES_LITERAL("\x2a\x86\x48\x86\xf7\x0d\x02\x04")));
    cr_assert_null(cms_cipher_info(CMS_CIPHER_UNKNOWN));
    cr_assert_null(cms_cipher_by_name("des"));
    cr_assert_null(cms_cipher_by_oid(BYTES_NONE));
}

Test(cms_digest, finds_each_row_by_each_key)
{
    for (unsigned digest = CMS_MD5; digest <= CMS_SHA512; digest++) {
        const struct cms_digest_info *info = cms_digest_info((enum cms_digest)digest);
        cr_assert_not_null(info);
        cr_assert_eq(info->digest, digest);
        cr_assert_eq(cms_digest_by_oid(info->oid), info);
        cr_assert_eq(cms_digest_by_name(info->name), info);
        cr_assert_eq(info->weak, digest <= CMS_SHA1);
    }
}

Test(cms_cipher, finds_each_row_by_each_key)
{
    for (unsigned cipher = CMS_AES_128_CBC; cipher <= CMS_RC2_CBC; cipher++) {
        const struct cms_cipher_info *info = cms_cipher_info((enum cms_cipher)cipher);
        cr_assert_not_null(info);
        cr_assert_eq(info->cipher, cipher);
        cr_assert_eq(cms_cipher_by_oid(info->oid), info);
        cr_assert_eq(cms_cipher_by_name(info->name), info);
        cr_assert_eq(info->weak, cipher >= CMS_3DES_CBC);
        cr_assert_eq(info->authenticated, strstr(info->name, "gcm") != NULL);
    }
}

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

Test(cms_capabilities, are_those_of_the_tokens)
{
    struct found found = { "" };
    cr_assert_eq(NSS_NoDB_Init(NULL), SECSuccess);
    assert_ok(cms_capabilities(add, &found));
    static const char *const expected[] = { "digest:sha256,",    "sign:rsa,",
                                            "sign:ecdsa,",       "verify:dsa,",
                                            "verify:rsa-pss,",   "encrypt:aes-256-gcm,",
                                            "decrypt:3des-cbc,", "keyAgreement:ecdh," };
    for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
        cr_assert_not_null(strstr(found.text, expected[i]), "%s", expected[i]);
    }
    cr_assert_null(strstr(found.text, "encrypt:3des-cbc"));
}

Test(cms_capabilities, hands_the_callers_error_on)
{
    cr_assert_eq(NSS_NoDB_Init(NULL), SECSuccess);
    assert_error(cms_capabilities(refuse, NULL), ERR_NO_MEMORY);
}
