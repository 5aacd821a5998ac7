/* What was found out about a message, as plain data: the input of verdict.h. Filled in by mail,
 * cms and certs; judged only in policy. */
#ifndef SEALPOST_POLICY_FACTS_H
#define SEALPOST_POLICY_FACTS_H

#include "policy/words.h"

#include <stddef.h>
#include <stdint.h>

enum signature_status {
    SIGNATURE_NONE,
    SIGNATURE_GOOD,
    SIGNATURE_UNVERIFIED,
    SIGNATURE_BAD,
    SIGNATURE_PARTIAL,
};

enum encryption_status {
    ENCRYPTION_NONE,
    ENCRYPTION_ENCRYPTED,
    ENCRYPTION_PARTIAL,
    ENCRYPTION_FAILED,
};

enum address_match { ADDRESS_MATCH_NONE, ADDRESS_MATCH_FROM, ADDRESS_MATCH_SENDER };

/* A signer or layer after judgement. */
struct judgement {
    enum signature_status status;
    word_set problems;
    word_set notices;
};

/* One SignerInfo. */
struct signer_facts {
    word_set signature; /* of the mathematics: digest, signature, attributes, algorithm, weakness */
    word_set chain; /* of the path to an anchor, validity, purpose, revocation */
    word_set notices;
    bool checked; /* false: the signature could not be checked (no certificate, algorithm) */
    size_t signer_group; /* SignerInfos with the same number are of one signer (RFC 5652 5.1) */
};

enum layer_kind {
    LAYER_SIGNED,
    LAYER_ENCRYPTED,
    LAYER_COMPRESSED,
    LAYER_CERTIFICATES /* SignedData without signers and content: it protects nothing */
};

/* One layer, outermost first. */
struct layer_facts {
    enum layer_kind kind;
    bool covers_whole; /* nothing of what a person sees lies outside it */
    bool around_encryption; /* signed: what it covers is ciphertext (signed-outside-encryption) */
    word_set problems; /* of the layer itself (mime-ambiguous, no-signers, cipher-weak, …) */
    bool decrypted; /* encrypted: it could be opened */
    bool authenticated; /* encrypted: AEAD with its tag checked */
    struct judgement signature; /* signed: out of verdict_layer() */
};

/* The message around the layers. */
struct message_facts {
    const struct layer_facts *layers;
    size_t layer_count;
    word_set addresses; /* of From against the signers of the layer that speaks (certs/match.h) */
    word_set headers; /* header-mismatch, mime-ambiguous: of the whole message */
    word_set notices;
    bool check_addresses; /* false in cms.verify */
};

struct message_verdict {
    struct judgement signature;
    size_t speaking_layer; /* index of the layer that the word speaks of; SIZE_MAX if none */
    enum encryption_status encryption;
    bool authenticated;
    word_set encryption_problems;
    word_set encryption_notices;
};

#endif
