#include "cms/algorithms.h"
#include "support/support.h"

#include <criterion/criterion.h>
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

Test(cms_at, gives_each_row_once)
{
    size_t count = 0;
    while (cms_digest_at(count)) {
        cr_assert_eq(cms_digest_info(cms_digest_at(count)->digest), cms_digest_at(count));
        count++;
    }
    cr_assert_eq(count, CMS_SHA512);
    cr_assert_null(cms_digest_at(SIZE_MAX));
    for (count = 0; cms_cipher_at(count);) {
        cr_assert_eq(cms_cipher_info(cms_cipher_at(count)->cipher), cms_cipher_at(count));
        count++;
    }
    cr_assert_eq(count, CMS_RC2_CBC);
}
