#include "policy/verdict.h"

/* What a status follows from. PARTIAL and NONE are said of messages, never of words. */
static enum signature_status status_of(word_set problems)
{
    if (words_wrong(problems)) {
        return SIGNATURE_BAD;
    }
    return problems ? SIGNATURE_UNVERIFIED : SIGNATURE_GOOD;
}

static word_set signer_problems(const struct signer_facts *signer)
{
    word_set problems = signer->signature | signer->chain;
    if (!signer->checked && !problems) {
        /* what was not checked is never good, even if nobody said why */
        problems = WORD_BIT(WORD_SIGNER_UNKNOWN);
    }
    return problems;
}

struct judgement verdict_signer(const struct signer_facts *signer)
{
    word_set problems = signer_problems(signer);
    return (struct judgement){ status_of(problems), problems, signer->notices & ~problems };
}

/* How far a SignerInfo is from good: of two of one signer the nearer one counts. */
static unsigned distance(const struct signer_facts *signer)
{
    word_set problems = signer_problems(signer);
    switch (status_of(problems)) {
    case SIGNATURE_GOOD:
        return 0;
    case SIGNATURE_UNVERIFIED:
        return signer->checked ? 1 : 2;
    case SIGNATURE_BAD:
    case SIGNATURE_NONE:
    case SIGNATURE_PARTIAL:
        break;
    }
    return 3;
}

/* Whether no other SignerInfo of the same signer is nearer to good; the first of equals wins. */
static bool best_of_group(const struct signer_facts *signers, size_t count, size_t candidate)
{
    unsigned own = distance(&signers[candidate]);
    for (size_t i = 0; i < count; i++) {
        if (i == candidate || signers[i].signer_group != signers[candidate].signer_group) {
            continue;
        }
        unsigned other = distance(&signers[i]);
        if (other < own || (other == own && i < candidate)) {
            return false;
        }
    }
    return true;
}

struct judgement verdict_layer(const struct signer_facts *signers, size_t count,
                               word_set layer_problems)
{
    word_set problems = layer_problems;
    word_set notices = WORDS_NONE;
    bool right = false;
    bool wrong = false;
    if (count == 0) {
        problems |= WORD_BIT(WORD_NO_SIGNERS);
    }
    for (size_t i = 0; i < count; i++) {
        word_set of_signer = signer_problems(&signers[i]);
        bool signer_wrong = words_wrong(of_signer) != 0;
        if (signer_wrong || best_of_group(signers, count, i)) {
            problems |= of_signer;
        }
        notices |= signers[i].notices;
        wrong = wrong || signer_wrong;
        right = right || (!signer_wrong && signers[i].checked);
    }
    if (right && wrong) {
        problems |= WORD_BIT(WORD_SIGNERS_DISAGREE);
    }
    return (struct judgement){ status_of(problems), problems, notices & ~problems };
}

size_t verdict_speaking_layer(const struct layer_facts *layers, size_t count)
{
    for (size_t i = count; i > 0; i--) {
        const struct layer_facts *layer = &layers[i - 1];
        if (layer->kind == LAYER_SIGNED && layer->covers_whole && !layer->around_encryption) {
            return i - 1;
        }
    }
    return SIZE_MAX;
}

/* All that is against a signed layer. One that nobody judged, or whose status and words do not fit
 * together, is not good. */
static word_set signed_problems(const struct layer_facts *layer)
{
    word_set problems = layer->problems | layer->signature.problems;
    if (!problems && layer->signature.status != SIGNATURE_GOOD) {
        problems = WORD_BIT(WORD_NO_SIGNERS);
    }
    return problems;
}

static bool signed_wrong(const struct layer_facts *layer)
{
    return layer->signature.status == SIGNATURE_BAD || words_wrong(signed_problems(layer));
}

/* The words that only lower good to unverified: of addresses, headers, a compression that covers
 * the whole, and a doubtful structure wherever it was seen. */
static word_set lowering_words(const struct message_facts *message)
{
    word_set words = message->headers;
    if (message->check_addresses) {
        words |= message->addresses;
    }
    for (size_t i = 0; i < message->layer_count; i++) {
        const struct layer_facts *layer = &message->layers[i];
        if (layer->kind == LAYER_COMPRESSED && layer->covers_whole) {
            words |= layer->problems;
        }
        words |= layer->problems & WORD_BIT(WORD_MIME_AMBIGUOUS);
    }
    return words;
}

/* The signed layers that do not speak but count: a wrong one around the speaking layer, or around
 * the encryption, makes the message bad; a signature around encryption is reported. */
struct silent_layers {
    word_set wrong_problems; /* of wrong ones that cover the whole */
    word_set part_problems; /* of those on a part only */
    word_set outside_problems; /* of those around encryption */
    bool any_wrong;
    bool any_part;
    bool any_outside;
};

static struct silent_layers silent_layers(const struct message_facts *message, size_t speaking)
{
    struct silent_layers found = { 0 };
    for (size_t i = 0; i < message->layer_count; i++) {
        const struct layer_facts *layer = &message->layers[i];
        if (layer->kind != LAYER_SIGNED || i == speaking) {
            continue;
        }
        word_set problems = signed_problems(layer);
        if (!layer->covers_whole) {
            found.any_part = true;
            found.part_problems |= problems;
            continue;
        }
        if (signed_wrong(layer)) {
            found.any_wrong = true;
            found.wrong_problems |= problems;
        }
        if (layer->around_encryption) {
            found.any_outside = true;
            found.outside_problems |= problems | WORD_BIT(WORD_SIGNED_OUTSIDE);
        }
    }
    return found;
}

static struct judgement judge_spoken(const struct layer_facts *speaking,
                                     const struct silent_layers *silent, word_set lowering)
{
    word_set problems = signed_problems(speaking) | lowering | silent->wrong_problems;
    enum signature_status status = problems ? SIGNATURE_UNVERIFIED : SIGNATURE_GOOD;
    if (signed_wrong(speaking) || silent->any_wrong) {
        status = SIGNATURE_BAD;
    }
    word_set notices = speaking->signature.notices;
    if (silent->any_outside) {
        notices |= WORD_BIT(WORD_SIGNED_OUTSIDE);
    }
    return (struct judgement){ status, problems, notices };
}

/* No layer speaks for the whole. */
static struct judgement judge_unspoken(const struct silent_layers *silent, word_set lowering)
{
    word_set problems = silent->outside_problems | silent->wrong_problems;
    if (silent->any_part) {
        problems |= silent->part_problems | WORD_BIT(WORD_CONTENT_NOT_COVERED);
    }
    if (!silent->any_part && !silent->any_outside) {
        /* unsigned: problems stay empty, what was seen stands in notices */
        return (struct judgement){ SIGNATURE_NONE, WORDS_NONE, lowering };
    }
    enum signature_status status = SIGNATURE_UNVERIFIED;
    if (silent->any_wrong) {
        status = SIGNATURE_BAD;
    } else if (silent->any_part) {
        status = SIGNATURE_PARTIAL;
    }
    return (struct judgement){ status, problems | lowering, WORDS_NONE };
}

static struct judgement judge_signature(const struct message_facts *message, size_t speaking)
{
    struct silent_layers silent = silent_layers(message, speaking);
    word_set lowering = lowering_words(message);
    struct judgement result = speaking == SIZE_MAX
                                  ? judge_unspoken(&silent, lowering)
                                  : judge_spoken(&message->layers[speaking], &silent, lowering);
    result.notices = (result.notices | message->notices) & ~result.problems;
    return result;
}

/* Of a cipher, worth knowing, and no reason why something could not be opened. */
#define CIPHER_NOTICES (WORD_BIT(WORD_CIPHER_WEAK) | WORD_BIT(WORD_NOT_AUTHENTICATED))

struct encrypted_layers {
    word_set words;
    bool any;
    bool whole; /* one of them covers the whole */
    bool failed; /* one of them could not be opened */
    bool authenticated; /* all of them */
};

static struct encrypted_layers encrypted_layers(const struct message_facts *message)
{
    struct encrypted_layers found = { .authenticated = true };
    for (size_t i = 0; i < message->layer_count; i++) {
        const struct layer_facts *layer = &message->layers[i];
        if (layer->kind != LAYER_ENCRYPTED) {
            continue;
        }
        found.any = true;
        found.whole = found.whole || layer->covers_whole;
        found.failed = found.failed || !layer->decrypted;
        found.authenticated = found.authenticated && layer->decrypted && layer->authenticated;
        found.words |= layer->problems;
        if (layer->decrypted && !layer->authenticated) {
            found.words |= WORD_BIT(WORD_NOT_AUTHENTICATED);
        }
    }
    return found;
}

static enum encryption_status encryption_status_of(const struct encrypted_layers *found)
{
    if (!found->any) {
        return ENCRYPTION_NONE;
    }
    if (found->failed) {
        return ENCRYPTION_FAILED;
    }
    return found->whole ? ENCRYPTION_ENCRYPTED : ENCRYPTION_PARTIAL;
}

static void judge_encryption(const struct message_facts *message, struct message_verdict *verdict)
{
    struct encrypted_layers found = encrypted_layers(message);
    verdict->encryption = encryption_status_of(&found);
    verdict->authenticated = found.any && found.authenticated;
    verdict->encryption_problems = found.words & ~CIPHER_NOTICES;
    verdict->encryption_notices = found.words & CIPHER_NOTICES;
    if (found.failed && !verdict->encryption_problems) {
        verdict->encryption_problems = WORD_BIT(WORD_DECRYPTION_FAILED);
    }
}

struct message_verdict verdict_message(const struct message_facts *message)
{
    struct message_verdict verdict = { 0 };
    verdict.speaking_layer = verdict_speaking_layer(message->layers, message->layer_count);
    verdict.signature = judge_signature(message, verdict.speaking_layer);
    judge_encryption(message, &verdict);
    return verdict;
}

const char *signature_status_text(enum signature_status status)
{
    static const char *const texts[] = {
        [SIGNATURE_NONE] = "none",
        [SIGNATURE_GOOD] = "good",
        [SIGNATURE_UNVERIFIED] = "unverified",
        [SIGNATURE_BAD] = "bad",
        [SIGNATURE_PARTIAL] = "partial",
    };
    return texts[status];
}

const char *encryption_status_text(enum encryption_status status)
{
    static const char *const texts[] = {
        [ENCRYPTION_NONE] = "none",
        [ENCRYPTION_ENCRYPTED] = "encrypted",
        [ENCRYPTION_PARTIAL] = "partial",
        [ENCRYPTION_FAILED] = "failed",
    };
    return texts[status];
}

const char *address_match_text(enum address_match match)
{
    static const char *const texts[] = {
        [ADDRESS_MATCH_NONE] = "none",
        [ADDRESS_MATCH_FROM] = "from",
        [ADDRESS_MATCH_SENDER] = "sender",
    };
    return texts[match];
}
