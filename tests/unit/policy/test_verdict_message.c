#include "base/macros.h"
#include "policy/verdict.h"

#include <criterion/criterion.h>

#define BIT WORD_BIT
#define NOWHERE SIZE_MAX

/* --- the whole message --- */

#define LAYER_SIGNATURE(whole, outside, judged_status, words) \
    { \
        .kind = LAYER_SIGNED, .covers_whole = (whole), .around_encryption = (outside), \
        .signature = { \
            .status = (judged_status), \
            .problems = (words) \
        } \
    }
#define SIGNED_GOOD LAYER_SIGNATURE(true, false, SIGNATURE_GOOD, 0)
#define SIGNED_BAD LAYER_SIGNATURE(true, false, SIGNATURE_BAD, BIT(WORD_DIGEST_MISMATCH))
#define SIGNED_EXPIRED \
    LAYER_SIGNATURE(true, false, SIGNATURE_UNVERIFIED, BIT(WORD_CERTIFICATE_EXPIRED))
#define SIGNED_OUTSIDE_GOOD LAYER_SIGNATURE(true, true, SIGNATURE_GOOD, 0)
#define SIGNED_OUTSIDE_BAD LAYER_SIGNATURE(true, true, SIGNATURE_BAD, BIT(WORD_DIGEST_MISMATCH))
#define SIGNED_PART_GOOD LAYER_SIGNATURE(false, false, SIGNATURE_GOOD, 0)
#define SIGNED_PART_BAD LAYER_SIGNATURE(false, false, SIGNATURE_BAD, BIT(WORD_DIGEST_MISMATCH))
#define OPENED_GCM \
    { \
        .kind = LAYER_ENCRYPTED, .covers_whole = true, .decrypted = true, .authenticated = true \
    }
#define OPENED_CBC \
    { \
        .kind = LAYER_ENCRYPTED, .covers_whole = true, .decrypted = true \
    }
#define OPENED_PART \
    { \
        .kind = LAYER_ENCRYPTED, .decrypted = true, .authenticated = true \
    }
#define NO_KEY \
    { \
        .kind = LAYER_ENCRYPTED, .covers_whole = true, .problems = BIT(WORD_NO_MATCHING_KEY) \
    }
#define COMPRESSED \
    { \
        .kind = LAYER_COMPRESSED, .covers_whole = true \
    }

struct message_case {
    const char *name;
    struct layer_facts layers[3];
    size_t count;
    word_set addresses;
    word_set headers;
    enum signature_status status;
    word_set problems;
    word_set notices;
    size_t speaking;
};

static const struct message_case message_cases[] = {
    { "plain", { { 0 } }, 0, 0, 0, SIGNATURE_NONE, 0, 0, NOWHERE },
    { "plain and ambiguous",
      { { 0 } },
      0,
      0,
      BIT(WORD_MIME_AMBIGUOUS),
      SIGNATURE_NONE,
      0,
      BIT(WORD_MIME_AMBIGUOUS),
      NOWHERE },
    { "signed", { SIGNED_GOOD }, 1, 0, 0, SIGNATURE_GOOD, 0, 0, 0 },
    { "altered", { SIGNED_BAD }, 1, 0, 0, SIGNATURE_BAD, BIT(WORD_DIGEST_MISMATCH), 0, 0 },
    { "expired",
      { SIGNED_EXPIRED },
      1,
      0,
      0,
      SIGNATURE_UNVERIFIED,
      BIT(WORD_CERTIFICATE_EXPIRED),
      0,
      0 },
    { "another's From",
      { SIGNED_GOOD },
      1,
      BIT(WORD_ADDRESS_MISMATCH),
      0,
      SIGNATURE_UNVERIFIED,
      BIT(WORD_ADDRESS_MISMATCH),
      0,
      0 },
    { "bare entity",
      { SIGNED_GOOD },
      1,
      BIT(WORD_ADDRESS_MISSING),
      0,
      SIGNATURE_UNVERIFIED,
      BIT(WORD_ADDRESS_MISSING),
      0,
      0 },
    { "header mismatch",
      { SIGNED_GOOD },
      1,
      0,
      BIT(WORD_HEADER_MISMATCH),
      SIGNATURE_UNVERIFIED,
      BIT(WORD_HEADER_MISMATCH),
      0,
      0 },
    { "altered and another's From",
      { SIGNED_BAD },
      1,
      BIT(WORD_ADDRESS_MISMATCH),
      0,
      SIGNATURE_BAD,
      BIT(WORD_DIGEST_MISMATCH) | BIT(WORD_ADDRESS_MISMATCH),
      0,
      0 },
    { "header words never make bad",
      { SIGNED_GOOD },
      1,
      0,
      BIT(WORD_CMS_MALFORMED),
      SIGNATURE_UNVERIFIED,
      BIT(WORD_CMS_MALFORMED),
      0,
      0 },
    { "signed in encrypted", { OPENED_CBC, SIGNED_GOOD }, 2, 0, 0, SIGNATURE_GOOD, 0, 0, 1 },
    { "signed around encrypted",
      { SIGNED_OUTSIDE_GOOD, OPENED_GCM },
      2,
      0,
      0,
      SIGNATURE_UNVERIFIED,
      BIT(WORD_SIGNED_OUTSIDE),
      0,
      NOWHERE },
    { "signed around unopened",
      { SIGNED_OUTSIDE_GOOD, NO_KEY },
      2,
      0,
      0,
      SIGNATURE_UNVERIFIED,
      BIT(WORD_SIGNED_OUTSIDE),
      0,
      NOWHERE },
    { "wrong around encrypted",
      { SIGNED_OUTSIDE_BAD, OPENED_GCM },
      2,
      0,
      0,
      SIGNATURE_BAD,
      BIT(WORD_SIGNED_OUTSIDE) | BIT(WORD_DIGEST_MISMATCH),
      0,
      NOWHERE },
    { "triple wrapped",
      { SIGNED_OUTSIDE_GOOD, OPENED_GCM, SIGNED_GOOD },
      3,
      0,
      0,
      SIGNATURE_GOOD,
      0,
      BIT(WORD_SIGNED_OUTSIDE),
      2 },
    { "triple wrapped, outer wrong",
      { SIGNED_OUTSIDE_BAD, OPENED_GCM, SIGNED_GOOD },
      3,
      0,
      0,
      SIGNATURE_BAD,
      BIT(WORD_DIGEST_MISMATCH),
      BIT(WORD_SIGNED_OUTSIDE),
      2 },
    { "twice signed, inner speaks",
      { SIGNED_EXPIRED, SIGNED_GOOD },
      2,
      0,
      0,
      SIGNATURE_GOOD,
      0,
      0,
      1 },
    { "twice signed, outer wrong",
      { SIGNED_BAD, SIGNED_GOOD },
      2,
      0,
      0,
      SIGNATURE_BAD,
      BIT(WORD_DIGEST_MISMATCH),
      0,
      1 },
    { "twice signed, inner wrong",
      { SIGNED_GOOD, SIGNED_BAD },
      2,
      0,
      0,
      SIGNATURE_BAD,
      BIT(WORD_DIGEST_MISMATCH),
      0,
      1 },
    { "compressed in signed", { SIGNED_GOOD, COMPRESSED }, 2, 0, 0, SIGNATURE_GOOD, 0, 0, 0 },
    { "signed in compressed", { COMPRESSED, SIGNED_GOOD }, 2, 0, 0, SIGNATURE_GOOD, 0, 0, 1 },
    { "damaged compression in signed",
      { SIGNED_GOOD,
        { .kind = LAYER_COMPRESSED, .covers_whole = true, .problems = BIT(WORD_CMS_MALFORMED) } },
      2,
      0,
      0,
      SIGNATURE_UNVERIFIED,
      BIT(WORD_CMS_MALFORMED),
      0,
      0 },
    { "signed part",
      { SIGNED_PART_GOOD },
      1,
      0,
      0,
      SIGNATURE_PARTIAL,
      BIT(WORD_CONTENT_NOT_COVERED),
      0,
      NOWHERE },
    { "wrong part",
      { SIGNED_PART_BAD },
      1,
      0,
      0,
      SIGNATURE_PARTIAL,
      BIT(WORD_CONTENT_NOT_COVERED) | BIT(WORD_DIGEST_MISMATCH),
      0,
      NOWHERE },
    { "signed part in signed", { SIGNED_GOOD, SIGNED_PART_BAD }, 2, 0, 0, SIGNATURE_GOOD, 0, 0, 0 },
    { "signed part in encrypted",
      { OPENED_GCM, SIGNED_PART_GOOD },
      2,
      0,
      0,
      SIGNATURE_PARTIAL,
      BIT(WORD_CONTENT_NOT_COVERED),
      0,
      NOWHERE },
    { "wrong outside, signed part inside",
      { SIGNED_OUTSIDE_BAD, OPENED_GCM, SIGNED_PART_GOOD },
      3,
      0,
      0,
      SIGNATURE_BAD,
      BIT(WORD_CONTENT_NOT_COVERED) | BIT(WORD_SIGNED_OUTSIDE) | BIT(WORD_DIGEST_MISMATCH),
      0,
      NOWHERE },
    { "ambiguous encryption around signed",
      { { .kind = LAYER_ENCRYPTED,
          .covers_whole = true,
          .decrypted = true,
          .authenticated = true,
          .problems = BIT(WORD_MIME_AMBIGUOUS) },
        SIGNED_GOOD },
      2,
      0,
      0,
      SIGNATURE_UNVERIFIED,
      BIT(WORD_MIME_AMBIGUOUS),
      0,
      1 },
    { "nobody judged the layer",
      { { .kind = LAYER_SIGNED, .covers_whole = true } },
      1,
      0,
      0,
      SIGNATURE_UNVERIFIED,
      BIT(WORD_NO_SIGNERS),
      0,
      0 },
};

static struct message_facts facts_of(const struct message_case *c)
{
    return (struct message_facts){ .layers = c->layers,
                                   .layer_count = c->count,
                                   .addresses = c->addresses,
                                   .headers = c->headers,
                                   .check_addresses = true };
}

Test(verdict_message, says_the_summary_word)
{
    for (size_t i = 0; i < ARRAY_SIZE(message_cases); i++) {
        const struct message_case *c = &message_cases[i];
        struct message_facts facts = facts_of(c);
        struct message_verdict result = verdict_message(&facts);
        cr_expect_eq(result.signature.status, c->status, "%s: %s", c->name,
                     signature_status_text(result.signature.status));
        cr_expect_eq(result.signature.problems, c->problems, "%s: %#lx", c->name,
                     result.signature.problems);
        cr_expect_eq(result.signature.notices, c->notices, "%s: %#lx", c->name,
                     result.signature.notices);
        cr_expect_eq(result.speaking_layer, c->speaking, "%s", c->name);
    }
}

Test(verdict_message, leaves_addresses_alone_in_bare_cms)
{
    struct layer_facts layer = SIGNED_GOOD;
    struct message_facts facts = { .layers = &layer,
                                   .layer_count = 1,
                                   .addresses = BIT(WORD_ADDRESS_MISSING) };
    cr_assert_eq(verdict_message(&facts).signature.status, SIGNATURE_GOOD);
}

/* --- encryption --- */

struct encryption_case {
    const char *name;
    struct layer_facts layers[2];
    size_t count;
    enum encryption_status status;
    bool authenticated;
    word_set problems;
    word_set notices;
};

static const struct encryption_case encryption_cases[] = {
    { "none", { SIGNED_GOOD }, 1, ENCRYPTION_NONE, false, 0, 0 },
    { "gcm", { OPENED_GCM }, 1, ENCRYPTION_ENCRYPTED, true, 0, 0 },
    { "cbc", { OPENED_CBC }, 1, ENCRYPTION_ENCRYPTED, false, 0, BIT(WORD_NOT_AUTHENTICATED) },
    { "cbc in gcm",
      { OPENED_GCM, OPENED_CBC },
      2,
      ENCRYPTION_ENCRYPTED,
      false,
      0,
      BIT(WORD_NOT_AUTHENTICATED) },
    { "triple des",
      { { .kind = LAYER_ENCRYPTED,
          .covers_whole = true,
          .decrypted = true,
          .problems = BIT(WORD_CIPHER_WEAK) } },
      1,
      ENCRYPTION_ENCRYPTED,
      false,
      0,
      BIT(WORD_NOT_AUTHENTICATED) | BIT(WORD_CIPHER_WEAK) },
    { "part", { OPENED_PART }, 1, ENCRYPTION_PARTIAL, true, 0, 0 },
    { "not for me", { NO_KEY }, 1, ENCRYPTION_FAILED, false, BIT(WORD_NO_MATCHING_KEY), 0 },
    { "inner one not for me",
      { OPENED_GCM, NO_KEY },
      2,
      ENCRYPTION_FAILED,
      false,
      BIT(WORD_NO_MATCHING_KEY),
      0 },
    { "failed without a word",
      { { .kind = LAYER_ENCRYPTED, .covers_whole = true } },
      1,
      ENCRYPTION_FAILED,
      false,
      BIT(WORD_DECRYPTION_FAILED),
      0 },
    { "failed claims a tag",
      { { .kind = LAYER_ENCRYPTED, .authenticated = true } },
      1,
      ENCRYPTION_FAILED,
      false,
      BIT(WORD_DECRYPTION_FAILED),
      0 },
};

Test(verdict_message, tells_how_it_was_encrypted)
{
    for (size_t i = 0; i < ARRAY_SIZE(encryption_cases); i++) {
        const struct encryption_case *c = &encryption_cases[i];
        struct message_facts facts = { .layers = c->layers, .layer_count = c->count };
        struct message_verdict result = verdict_message(&facts);
        cr_expect_eq(result.encryption, c->status, "%s: %s", c->name,
                     encryption_status_text(result.encryption));
        cr_expect_eq(result.authenticated, c->authenticated, "%s", c->name);
        cr_expect_eq(result.encryption_problems, c->problems, "%s: %#lx", c->name,
                     result.encryption_problems);
        cr_expect_eq(result.encryption_notices, c->notices, "%s: %#lx", c->name,
                     result.encryption_notices);
    }
}
