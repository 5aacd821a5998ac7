#include "policy/verdict.h"

#include <criterion/criterion.h>

#define BIT WORD_BIT

/* --- every small combination --- */

#define SIGNED_KINDS 12 /* whole or not, around encryption or not, good unverified bad */
#define ENCRYPTED_KINDS 8 /* whole or not, opened or not, authenticated or not */
#define COMPRESSED_KINDS 4 /* whole or not, damaged or not */
#define LAYER_KINDS (SIGNED_KINDS + ENCRYPTED_KINDS + COMPRESSED_KINDS)

static struct layer_facts numbered_layer(size_t number)
{
    if (number < SIGNED_KINDS) {
        static const struct judgement judged[] = { { SIGNATURE_GOOD, 0, 0 },
                                                   { SIGNATURE_UNVERIFIED, BIT(WORD_WEAK_KEY), 0 },
                                                   { SIGNATURE_BAD, BIT(WORD_DIGEST_MISMATCH),
                                                     0 } };
        return (struct layer_facts){ .kind = LAYER_SIGNED,
                                     .covers_whole = number & 1,
                                     .around_encryption = number & 2,
                                     .signature = judged[number / 4] };
    }
    number -= SIGNED_KINDS;
    if (number < ENCRYPTED_KINDS) {
        return (struct layer_facts){ .kind = LAYER_ENCRYPTED,
                                     .covers_whole = number & 1,
                                     .decrypted = number & 2,
                                     .authenticated = number & 4 };
    }
    number -= ENCRYPTED_KINDS;
    return (struct layer_facts){ .kind = LAYER_COMPRESSED,
                                 .covers_whole = number & 1,
                                 .problems = number & 2 ? BIT(WORD_CMS_MALFORMED) : 0 };
}

/* The rules of PROTOCOL.md as a list of what forbids `good`. */
static bool good_is_forbidden(const struct message_facts *facts)
{
    bool spoken = false;
    bool speaker_good = false;
    bool forbidden = facts->headers || (facts->check_addresses && facts->addresses);
    for (size_t i = 0; i < facts->layer_count; i++) {
        const struct layer_facts *layer = &facts->layers[i];
        bool whole_signed = layer->kind == LAYER_SIGNED && layer->covers_whole;
        forbidden |= whole_signed && layer->signature.status == SIGNATURE_BAD;
        forbidden |= layer->kind == LAYER_COMPRESSED && layer->covers_whole && layer->problems;
        if (whole_signed && !layer->around_encryption) {
            spoken = true;
            speaker_good = layer->signature.status == SIGNATURE_GOOD; /* the innermost stays */
        }
    }
    return forbidden || !spoken || !speaker_good;
}

static void check_combination(const struct message_facts *facts, size_t number)
{
    struct message_verdict result = verdict_message(facts);
    bool is_good = result.signature.status == SIGNATURE_GOOD;
    bool quiet = is_good || result.signature.status == SIGNATURE_NONE;
    cr_assert_eq(is_good, !good_is_forbidden(facts), "combination %zu", number);
    cr_assert_eq(quiet, result.signature.problems == 0, "combination %zu", number);
    cr_assert_eq(result.signature.problems & result.signature.notices, 0, "combination %zu",
                 number);
    bool whole_wrong = false;
    bool any_signed = false;
    bool any_closed = false;
    for (size_t i = 0; i < facts->layer_count; i++) {
        const struct layer_facts *layer = &facts->layers[i];
        any_signed |= layer->kind == LAYER_SIGNED;
        any_closed |= layer->kind == LAYER_ENCRYPTED && !layer->decrypted;
        whole_wrong |= layer->kind == LAYER_SIGNED && layer->covers_whole &&
                       layer->signature.status == SIGNATURE_BAD;
    }
    cr_assert_eq(result.signature.status == SIGNATURE_BAD, whole_wrong, "combination %zu", number);
    cr_assert_eq(result.signature.status == SIGNATURE_NONE, !any_signed, "combination %zu", number);
    cr_assert_eq(result.encryption == ENCRYPTION_FAILED, any_closed, "combination %zu", number);
    cr_assert_not(any_closed && result.authenticated, "combination %zu", number);
}

Test(verdict_message, is_good_for_no_other_combination_of_three_layers)
{
    for (size_t number = 0; number < (size_t)LAYER_KINDS * LAYER_KINDS * LAYER_KINDS * 4;
         number++) {
        struct layer_facts layers[] = { numbered_layer(number % LAYER_KINDS),
                                        numbered_layer(number / LAYER_KINDS % LAYER_KINDS),
                                        numbered_layer(number / LAYER_KINDS / LAYER_KINDS %
                                                       LAYER_KINDS) };
        struct message_facts facts = { .layers = layers,
                                       .layer_count =
                                           number / LAYER_KINDS / LAYER_KINDS / LAYER_KINDS };
        for (unsigned around = 0; around < 8; around++) {
            facts.addresses = around & 1 ? BIT(WORD_ADDRESS_MISMATCH) : 0;
            facts.headers = around & 2 ? BIT(WORD_HEADER_MISMATCH) : 0;
            facts.check_addresses = around & 4;
            check_combination(&facts, number);
        }
    }
}
