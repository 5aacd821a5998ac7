/* The one table of algorithms: OID, NSS tag, PKCS#11 mechanism, strength, names. What can be done
 * at run time: capabilities.h. Borrowed static strings throughout. */
#ifndef SEALPOST_CMS_ALGORITHMS_H
#define SEALPOST_CMS_ALGORITHMS_H

#include "base/bytes.h"

enum cms_digest {
    CMS_DIGEST_UNKNOWN,
    CMS_MD5,
    CMS_SHA1,
    CMS_SHA224,
    CMS_SHA256,
    CMS_SHA384,
    CMS_SHA512
};
enum cms_cipher {
    CMS_CIPHER_UNKNOWN,
    CMS_AES_128_CBC,
    CMS_AES_192_CBC,
    CMS_AES_256_CBC,
    CMS_AES_128_GCM,
    CMS_AES_192_GCM,
    CMS_AES_256_GCM,
    CMS_3DES_CBC,
    CMS_RC2_CBC
};

struct cms_digest_info {
    enum cms_digest digest;
    const char *name; /* wire: "sha256" */
    const char *micalg; /* RFC 8551 3.5.3.2: "sha-256" */
    size_t len; /* bytes */
    struct bytes oid; /* contents octets */
    unsigned long mechanism; /* CK_MECHANISM_TYPE */
    unsigned nss_tag; /* SECOidTag */
    bool weak; /* MD5 and SHA-1 */
};

struct cms_cipher_info {
    enum cms_cipher cipher;
    const char *name; /* wire: "aes-256-gcm" */
    unsigned key_bits; /* octets of the key times eight: 192 for 3DES, parity and all */
    bool authenticated;
    bool weak; /* 3DES, RC2 */
    size_t block; /* bytes; of IV and padding for CBC */
    struct bytes oid;
    unsigned long mechanism;
};

/* NULL for one that is not in the table. */
const struct cms_digest_info *cms_digest_info(enum cms_digest digest);
const struct cms_digest_info *cms_digest_by_oid(struct bytes oid);
const struct cms_digest_info *cms_digest_by_name(const char *name);
const struct cms_cipher_info *cms_cipher_info(enum cms_cipher cipher);
const struct cms_cipher_info *cms_cipher_by_oid(struct bytes oid);
const struct cms_cipher_info *cms_cipher_by_name(const char *name);

/* The table's rows in order; NULL behind the last. */
const struct cms_digest_info *cms_digest_at(size_t i);
const struct cms_cipher_info *cms_cipher_at(size_t i);

#endif
