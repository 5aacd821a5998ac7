#include "mail/cipher_choice.h"

#include <criterion/criterion.h>

#define BIT(cipher) (1U << (cipher))
#define UNKNOWN \
    { \
        false, 0, 0 \
    }
#define ANNOUNCED(set) \
    { \
        true, (set), 0 \
    }
#define GCM256 BIT(CMS_AES_256_GCM)
#define GCM128 BIT(CMS_AES_128_GCM)
#define CBC256 BIT(CMS_AES_256_CBC)
#define CBC128 BIT(CMS_AES_128_CBC)
#define OLD (BIT(CMS_3DES_CBC) | BIT(CMS_RC2_CBC))
#define RSA2048(capabilities) \
    { \
        CERT_KEY_RSA, 2048, capabilities, false \
    }

enum { MOST = 4 };

struct row {
    const char *name;
    struct cipher_fact facts[MOST];
    size_t count;
    enum cms_cipher wish;
    struct cipher_choice expected;
};

#define STRANGER \
    { \
        CERT_KEY_RSA, 2048, UNKNOWN, false \
    }
#define STRANGER_4096 \
    { \
        CERT_KEY_RSA, 4096, UNKNOWN, false \
    }
#define STRANGER_P256 \
    { \
        CERT_KEY_EC, 256, UNKNOWN, false \
    }
#define STRANGER_P384 \
    { \
        CERT_KEY_EC, 384, UNKNOWN, false \
    }
#define SELF \
    { \
        CERT_KEY_RSA, 2048, UNKNOWN, true \
    }
#define SELF_CBC \
    { \
        CERT_KEY_RSA, 2048, ANNOUNCED(CBC256 | CBC128), true \
    }
#define MODERN \
    { \
        CERT_KEY_RSA, 2048, ANNOUNCED(GCM256 | GCM128 | CBC256 | CBC128), false \
    }
#define SHORT_GCM \
    { \
        CERT_KEY_RSA, 2048, ANNOUNCED(GCM128 | CBC128), false \
    }
#define CLASSIC \
    { \
        CERT_KEY_RSA, 2048, ANNOUNCED(CBC256 | CBC128 | OLD), false \
    }
#define ONLY_256 \
    { \
        CERT_KEY_RSA, 2048, ANNOUNCED(CBC256), false \
    }
#define ONLY_GCM \
    { \
        CERT_KEY_RSA, 2048, ANNOUNCED(GCM256), false \
    }
#define ONLY_192 \
    { \
        CERT_KEY_RSA, 2048, ANNOUNCED(BIT(CMS_AES_192_CBC)), false \
    }
#define ANCIENT \
    { \
        CERT_KEY_RSA, 2048, ANNOUNCED(OLD), false \
    }
#define SILENT \
    { \
        CERT_KEY_RSA, 2048, ANNOUNCED(0), false \
    } /* a list of nothing that is known */

static const struct row rows[] = {
    /* never below the floor, whatever is announced */
    { "3DES announced", { ANCIENT }, 1, 0, { CMS_AES_128_CBC, false, true } },
    { "3DES and a modern one", { ANCIENT, MODERN }, 2, 0, { CMS_AES_128_CBC, true, true } },
    { "nothing that is known announced", { SILENT }, 1, 0, { CMS_AES_128_CBC, false, true } },
    { "nothing in common", { ONLY_GCM, CLASSIC }, 2, 0, { CMS_AES_128_CBC, true, true } },
    /* GCM only where everybody is known to read it */
    { "one modern", { MODERN }, 1, 0, { CMS_AES_256_GCM, false, false } },
    { "modern and self", { MODERN, SELF }, 2, 0, { CMS_AES_256_GCM, false, false } },
    { "self has announced CBC", { MODERN, SELF_CBC }, 2, 0, { CMS_AES_256_CBC, true, false } },
    { "one is not known", { MODERN, STRANGER }, 2, 0, { CMS_AES_128_CBC, true, false } },
    { "one reads CBC", { MODERN, CLASSIC }, 2, 0, { CMS_AES_256_CBC, true, false } },
    { "who reads one GCM reads both", { SHORT_GCM }, 1, 0, { CMS_AES_256_GCM, false, false } },
    { "GCM alone", { ONLY_GCM }, 1, 0, { CMS_AES_256_GCM, false, false } },
    /* CBC */
    { "a stranger", { STRANGER }, 1, 0, { CMS_AES_128_CBC, false, false } },
    { "a stranger and self", { STRANGER, SELF }, 2, 0, { CMS_AES_128_CBC, false, false } },
    { "a stranger on P-256", { STRANGER_P256 }, 1, 0, { CMS_AES_128_CBC, false, false } },
    { "a stranger's longer RSA key", { STRANGER_4096 }, 1, 0, { CMS_AES_256_CBC, false, false } },
    { "a stranger on P-384", { STRANGER_P384 }, 1, 0, { CMS_AES_256_CBC, false, false } },
    { "one long key of two", { STRANGER, STRANGER_P384 }, 2, 0, { CMS_AES_256_CBC, false, false } },
    { "classic", { CLASSIC }, 1, 0, { CMS_AES_256_CBC, false, false } },
    { "256 implies 128", { ONLY_256, STRANGER }, 2, 0, { CMS_AES_128_CBC, true, false } },
    { "192 implies 128", { ONLY_192 }, 1, 0, { CMS_AES_128_CBC, false, false } },
    { "self alone", { SELF }, 1, 0, { CMS_AES_256_GCM, false, false } },
    /* wishes are taken, and told where they pass what was announced */
    { "a wish", { STRANGER }, 1, CMS_AES_256_GCM, { CMS_AES_256_GCM, false, false } },
    { "a wish too far", { CLASSIC }, 1, CMS_AES_256_GCM, { CMS_AES_256_GCM, false, true } },
    { "a wish for less", { MODERN }, 1, CMS_AES_128_CBC, { CMS_AES_128_CBC, false, false } },
    { "nobody", { STRANGER }, 0, 0, { CMS_AES_256_GCM, false, false } },
};

Test(cipher_choice_make, follows_the_table)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct row *row = &rows[i];
        struct cipher_choice seen = cipher_choice_make(row->facts, row->count, row->wish);
        cr_expect_eq(seen.cipher, row->expected.cipher, "%s: %s", row->name,
                     cms_cipher_info(seen.cipher)->name);
        cr_expect_eq(seen.limited, row->expected.limited, "%s: limited", row->name);
        cr_expect_eq(seen.unannounced, row->expected.unannounced, "%s: unannounced", row->name);
    }
}

Test(cipher_choice_make, is_never_weak_and_does_not_depend_on_the_order)
{
    enum { SETS = 1 << 9 };
    for (unsigned one = 0; one < SETS; one++) {
        for (unsigned other = 0; other < SETS; other += 7) {
            const struct cipher_fact a = RSA2048(ANNOUNCED(one));
            const struct cipher_fact b = RSA2048(ANNOUNCED(other));
            const struct cipher_fact there[] = { a, b };
            const struct cipher_fact back[] = { b, a };
            struct cipher_choice seen = cipher_choice_make(there, 2, CMS_CIPHER_UNKNOWN);
            cr_assert_eq(seen.cipher, cipher_choice_make(back, 2, CMS_CIPHER_UNKNOWN).cipher);
            const struct cms_cipher_info *info = cms_cipher_info(seen.cipher);
            cr_assert(!info->weak && info->key_bits >= 128);
        }
    }
}

Test(cipher_choice_oaep, is_used_where_it_was_announced_without_sha1)
{
    struct cipher_fact fact = STRANGER;
    cr_assert_eq(cipher_choice_oaep(&fact), CMS_DIGEST_UNKNOWN);
    fact.capabilities = (struct smime_capabilities){ true, 0, BIT(CMS_SHA1) };
    cr_assert_eq(cipher_choice_oaep(&fact), CMS_DIGEST_UNKNOWN);
    fact.capabilities.oaep |= BIT(CMS_SHA512) | BIT(CMS_SHA256);
    cr_assert_eq(cipher_choice_oaep(&fact), CMS_SHA256);
    fact.key_type = CERT_KEY_EC;
    cr_assert_eq(cipher_choice_oaep(&fact), CMS_DIGEST_UNKNOWN);
}
