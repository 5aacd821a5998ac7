#include "cms/algorithms.h"

#include "nss/nss_scope.h"

#include <pk11pub.h>
#include <pkcs11t.h>
#include <secoidt.h>
#include <string.h>

/* A table row's OID, as contents octets. */
#define OID(octets) \
    { \
        (const uint8_t *)(octets), sizeof(octets) - 1 \
    }

static const struct cms_digest_info digests[] = {
    { CMS_MD5, "md5", "md5", 16, OID("\x2a\x86\x48\x86\xf7\x0d\x02\x05"), CKM_MD5, SEC_OID_MD5,
      true },
    { CMS_SHA1, "sha1", "sha-1", 20, OID("\x2b\x0e\x03\x02\x1a"), CKM_SHA_1, SEC_OID_SHA1, true },
    { CMS_SHA224, "sha224", "sha-224", 28, OID("\x60\x86\x48\x01\x65\x03\x04\x02\x04"), CKM_SHA224,
      SEC_OID_SHA224, false },
    { CMS_SHA256, "sha256", "sha-256", 32, OID("\x60\x86\x48\x01\x65\x03\x04\x02\x01"), CKM_SHA256,
      SEC_OID_SHA256, false },
    { CMS_SHA384, "sha384", "sha-384", 48, OID("\x60\x86\x48\x01\x65\x03\x04\x02\x02"), CKM_SHA384,
      SEC_OID_SHA384, false },
    { CMS_SHA512, "sha512", "sha-512", 64, OID("\x60\x86\x48\x01\x65\x03\x04\x02\x03"), CKM_SHA512,
      SEC_OID_SHA512, false },
};

enum { AES_BLOCK = 16, DES_BLOCK = 8 };

static const struct cms_cipher_info ciphers[] = {
    { CMS_AES_128_CBC, "aes-128-cbc", 128, false, false, AES_BLOCK,
      OID("\x60\x86\x48\x01\x65\x03\x04\x01\x02"), CKM_AES_CBC },
    { CMS_AES_192_CBC, "aes-192-cbc", 192, false, false, AES_BLOCK,
      OID("\x60\x86\x48\x01\x65\x03\x04\x01\x16"), CKM_AES_CBC },
    { CMS_AES_256_CBC, "aes-256-cbc", 256, false, false, AES_BLOCK,
      OID("\x60\x86\x48\x01\x65\x03\x04\x01\x2a"), CKM_AES_CBC },
    { CMS_AES_128_GCM, "aes-128-gcm", 128, true, false, AES_BLOCK,
      OID("\x60\x86\x48\x01\x65\x03\x04\x01\x06"), CKM_AES_GCM },
    { CMS_AES_192_GCM, "aes-192-gcm", 192, true, false, AES_BLOCK,
      OID("\x60\x86\x48\x01\x65\x03\x04\x01\x1a"), CKM_AES_GCM },
    { CMS_AES_256_GCM, "aes-256-gcm", 256, true, false, AES_BLOCK,
      OID("\x60\x86\x48\x01\x65\x03\x04\x01\x2e"), CKM_AES_GCM },
    { CMS_3DES_CBC, "3des-cbc", 192, false, true, DES_BLOCK,
      OID("\x2a\x86\x48\x86\xf7\x0d\x03\x07"), CKM_DES3_CBC },
    { CMS_RC2_CBC, "rc2-cbc", 128, false, true, DES_BLOCK, OID("\x2a\x86\x48\x86\xf7\x0d\x03\x02"),
      CKM_RC2_CBC },
};

const struct cms_digest_info *cms_digest_info(enum cms_digest digest)
{
    for (size_t i = 0; i < ARRAY_SIZE(digests); i++) {
        if (digests[i].digest == digest) {
            return &digests[i];
        }
    }
    return NULL;
}

const struct cms_digest_info *cms_digest_by_oid(struct bytes oid)
{
    for (size_t i = 0; i < ARRAY_SIZE(digests); i++) {
        if (bytes_equal(digests[i].oid, oid)) {
            return &digests[i];
        }
    }
    return NULL;
}

const struct cms_digest_info *cms_digest_by_name(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(digests); i++) {
        if (strcmp(digests[i].name, name) == 0) {
            return &digests[i];
        }
    }
    return NULL;
}

const struct cms_cipher_info *cms_cipher_info(enum cms_cipher cipher)
{
    for (size_t i = 0; i < ARRAY_SIZE(ciphers); i++) {
        if (ciphers[i].cipher == cipher) {
            return &ciphers[i];
        }
    }
    return NULL;
}

const struct cms_cipher_info *cms_cipher_by_oid(struct bytes oid)
{
    for (size_t i = 0; i < ARRAY_SIZE(ciphers); i++) {
        if (bytes_equal(ciphers[i].oid, oid)) {
            return &ciphers[i];
        }
    }
    return NULL;
}

const struct cms_cipher_info *cms_cipher_by_name(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(ciphers); i++) {
        if (strcmp(ciphers[i].name, name) == 0) {
            return &ciphers[i];
        }
    }
    return NULL;
}

const struct cms_digest_info *cms_digest_at(size_t i)
{
    return i < ARRAY_SIZE(digests) ? &digests[i] : NULL;
}

const struct cms_cipher_info *cms_cipher_at(size_t i)
{
    return i < ARRAY_SIZE(ciphers) ? &ciphers[i] : NULL;
}
