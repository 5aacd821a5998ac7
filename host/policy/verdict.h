/* From facts to verdicts, by the rules of PROTOCOL.md ("The summary word") and nothing else: pure
 * functions, no I/O, no clock, no allocation, tested by tables.
 *
 * A status follows from the words: a word marked wrong in words.def makes it bad, any other problem
 * unverified, none at all good. `problems` is empty exactly when the status is good or none. */
#ifndef SEALPOST_POLICY_VERDICT_H
#define SEALPOST_POLICY_VERDICT_H

#include "policy/facts.h"

/* One SignerInfo by itself. */
struct judgement verdict_signer(const struct signer_facts *signer);

/* A signed layer from its SignerInfos: good where for every signer (group) at least one SignerInfo
 * is right and none that could be checked is wrong; a right one beside a wrong one is
 * signers-disagree; no signer at all no-signers. `layer_problems` are the layer's own. Of several
 * SignerInfos of one signer the best counts, with its problems; wrong ones count always. */
struct judgement verdict_layer(const struct signer_facts *signers, size_t count,
                               word_set layer_problems);

/* The index of the layer that the summary word speaks of: the innermost signed layer that covers
 * the whole and is not around encryption; SIZE_MAX if there is none. */
size_t verdict_speaking_layer(const struct layer_facts *layers, size_t count);

/* The whole message. Besides the layer that speaks:
 * - a wrong signature on any other layer that covers the whole makes it bad;
 * - a good signature around encryption stands in the notices (signed-outside-encryption); where
 *   nothing else is signed it is the problem that makes the message unverified;
 * - where signatures lie on parts only, the status is partial, with content-not-covered and the
 *   parts' problems, however wrong those are;
 * - words of addresses and headers, and mime-ambiguous of any layer, lower good to unverified; on
 *   unsigned mail they stand in the notices.
 * Encryption: failed if any layer could not be opened, partial if only parts are encrypted;
 * `authenticated` only if every encrypted layer was opened with its tag checked. CBC and weak
 * ciphers are notices. */
struct message_verdict verdict_message(const struct message_facts *message);

const char *signature_status_text(enum signature_status status); /* wire words; static strings */
const char *encryption_status_text(enum encryption_status status);
const char *address_match_text(enum address_match match);

#endif
