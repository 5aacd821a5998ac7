#include "mail/cipher_choice.h"

/* Of a symmetric key with 128 bits (NIST SP 800-57 part 1, table 2). */
enum { RSA_BITS_AS_128 = 3072, EC_BITS_AS_128 = 256 };

#define BIT(cipher) (1U << (cipher))
#define GCM (BIT(CMS_AES_256_GCM) | BIT(CMS_AES_128_GCM))
#define CBC (BIT(CMS_AES_256_CBC) | BIT(CMS_AES_128_CBC))
#define AES (GCM | CBC | BIT(CMS_AES_192_CBC) | BIT(CMS_AES_192_GCM))

static bool has_announced_aes(const struct cipher_fact *fact)
{
    return fact->capabilities.known && (fact->capabilities.ciphers & AES) != 0;
}

static unsigned readable(const struct cipher_fact *fact)
{
    unsigned announced = fact->capabilities.ciphers;
    if (!has_announced_aes(fact)) {
        return fact->self && !fact->capabilities.known ? GCM | CBC : CBC;
    }
    if (announced & (GCM | BIT(CMS_AES_192_GCM))) {
        announced |= GCM;
    }
    if (announced & (CBC | BIT(CMS_AES_192_CBC))) {
        announced |= BIT(CMS_AES_128_CBC); /* RFC 5751 2.7: every program must read it */
    }
    return announced & (GCM | CBC);
}

static bool is_stronger_than_128(const struct cipher_fact *fact)
{
    return fact->key_type == CERT_KEY_RSA ? fact->key_bits > RSA_BITS_AS_128
                                          : fact->key_bits > EC_BITS_AS_128;
}

/* Whether this recipient is better served by AES-256 where it is CBC. */
static bool wants_long_key(const struct cipher_fact *fact)
{
    if (has_announced_aes(fact)) {
        return (fact->capabilities.ciphers & BIT(CMS_AES_256_CBC)) != 0;
    }
    return fact->self || is_stronger_than_128(fact);
}

static enum cms_cipher choose(const struct cipher_fact *facts, size_t count)
{
    unsigned common = GCM | CBC;
    bool long_for_all = true;
    bool long_for_a_key = false;
    for (size_t i = 0; i < count; i++) {
        common &= readable(&facts[i]);
        long_for_all = long_for_all && wants_long_key(&facts[i]);
        long_for_a_key = long_for_a_key || is_stronger_than_128(&facts[i]);
    }
    if (common & BIT(CMS_AES_256_GCM)) {
        return CMS_AES_256_GCM;
    }
    bool can_be_long = (common & BIT(CMS_AES_256_CBC)) != 0;
    bool must_be_long = (common & BIT(CMS_AES_128_CBC)) == 0;
    return can_be_long && (must_be_long || long_for_all || long_for_a_key) ? CMS_AES_256_CBC
                                                                           : CMS_AES_128_CBC;
}

/* Ciphers that are better than `cipher`. */
static unsigned better_than(enum cms_cipher cipher)
{
    switch (cipher) {
    case CMS_AES_256_GCM:
        return 0;
    case CMS_AES_128_GCM:
        return BIT(CMS_AES_256_GCM);
    case CMS_AES_256_CBC:
        return GCM;
    case CMS_AES_128_CBC:
        return GCM | BIT(CMS_AES_256_CBC);
    case CMS_CIPHER_UNKNOWN:
    case CMS_AES_192_CBC:
    case CMS_AES_192_GCM:
    case CMS_3DES_CBC:
    case CMS_RC2_CBC:
        break;
    }
    return 0;
}

struct cipher_choice cipher_choice_make(const struct cipher_fact *facts, size_t count,
                                        enum cms_cipher wish)
{
    bool wished = wish != CMS_CIPHER_UNKNOWN;
    struct cipher_choice choice = { .cipher = wished ? wish : choose(facts, count) };
    for (size_t i = 0; i < count; i++) {
        if (!facts[i].capabilities.known) {
            continue;
        }
        unsigned announced = has_announced_aes(&facts[i]) ? readable(&facts[i]) : 0;
        choice.limited = choice.limited || (!wished && (announced & better_than(choice.cipher)));
        choice.unannounced = choice.unannounced || !(announced & BIT(choice.cipher));
    }
    return choice;
}

enum cms_digest cipher_choice_oaep(const struct cipher_fact *fact)
{
    static const enum cms_digest digests[] = { CMS_SHA256, CMS_SHA384, CMS_SHA512 };
    for (size_t i = 0; fact->key_type == CERT_KEY_RSA && i < ARRAY_SIZE(digests); i++) {
        if (fact->capabilities.oaep & BIT(digests[i])) {
            return digests[i];
        }
    }
    return CMS_DIGEST_UNKNOWN;
}
