#include "cms/signed_message.h"
#include "cms/signed_signature.h"
#include "nss/item.h"
#include "nss/nss_scope.h"

#include <assert.h>
#include <cert.h>

/* What is compared with messageDigest, and, without signed attributes, signed. */
static struct bytes content_digest(const struct cms_signed *message,
                                   const struct cms_digest_info *digest)
{
    const struct signed_content_digest *of_content = &message->digests[digest->digest];
    return of_content->there ? (struct bytes){ of_content->value, digest->len } : BYTES_NONE;
}

static struct error *check_attributes(const struct cms_signed *message,
                                      const struct signed_signer *signer, struct bytes certificate,
                                      word_set *problems)
{
    const struct signed_attributes *attributes = &signer->attributes;
    bool named = true;
    if (!attributes->present) {
        /* RFC 5652 5.3: they may be left out for id-data alone */
        if (!cms_signed_content_is_data(message) || message->content_is_attributes) {
            *problems |= WORD_BIT(WORD_ATTRIBUTES_MALFORMED);
        }
        return NULL;
    }
    TRY(signed_attributes_name(attributes, certificate, &named));
    if (attributes->malformed || !named) {
        *problems |= WORD_BIT(WORD_ATTRIBUTES_MALFORMED);
    }
    return NULL;
}

/* The digest that was signed, and in `attributes` what it is of. */
static struct error *signed_digest_of(const struct signed_signer *signer, struct bytes content,
                                      uint8_t value[static SIGNED_DIGEST_MAX],
                                      struct buffer *attributes, struct signed_hash *hash)
{
    if (!signer->attributes.present) {
        hash->value = content;
        return NULL;
    }
    TRY(signed_attributes_hash(&signer->attributes, hash->digest->digest, value));
    TRY(signed_attributes_encode(&signer->attributes, attributes));
    hash->value = (struct bytes){ value, hash->digest->len };
    hash->message = buffer_view(attributes);
    return NULL;
}

static struct error *check_signature(const struct signed_signer *signer, struct bytes content,
                                     const struct cms_digest_info *digest,
                                     struct CERTCertificateStr *certificate,
                                     enum signed_outcome *ret_outcome)
{
    uint8_t value[SIGNED_DIGEST_MAX] = { 0 };
    struct signed_hash hash = { .digest = digest };
    CLEANUP(buffer_free) struct buffer *attributes = NULL;
    TRY(buffer_new(0, &attributes));
    TRY(signed_digest_of(signer, content, value, attributes, &hash));
    return signed_signature_verify(&signer->algorithm, certificate, &hash, signer->signature,
                                   ret_outcome);
}

static void add_outcome(enum signed_outcome outcome, word_set *problems, bool *checked)
{
    switch (outcome) {
    case SIGNED_RIGHT:
        *checked = true;
        break;
    case SIGNED_WRONG:
        *checked = true;
        *problems |= WORD_BIT(WORD_SIGNATURE_MISMATCH);
        break;
    case SIGNED_UNSUPPORTED:
        *checked = false;
        *problems |= WORD_BIT(WORD_ALGORITHM_UNSUPPORTED);
        break;
    }
}

/* What follows from the digest of the content and the signature, for a digest that is known. */
static struct error *check_mathematics(const struct cms_signed *message,
                                       const struct signed_signer *signer,
                                       struct CERTCertificateStr *certificate,
                                       enum signed_outcome *ret_outcome, word_set *problems)
{
    const struct cms_digest_info *digest = cms_digest_info(signer->view.digest);
    struct bytes content = content_digest(message, digest);
    *ret_outcome = SIGNED_UNSUPPORTED;
    if (message->content_given && content.len == 0) {
        return NULL; /* no token computes this digest */
    }
    if (!message->content_given ||
        (signer->attributes.present && !bytes_equal(signer->attributes.message_digest, content))) {
        *problems |= WORD_BIT(WORD_DIGEST_MISMATCH);
    }
    if (!message->content_given && !signer->attributes.present) {
        *ret_outcome = SIGNED_WRONG; /* it signs nothing that is here */
        return NULL;
    }
    return check_signature(signer, content, digest, certificate, ret_outcome);
}

struct error *cms_signed_check(const struct cms_signed *message, size_t number,
                               struct CERTCertificateStr *certificate, word_set *ret_problems,
                               bool *ret_checked)
{
    assert(number < message->signer_count && message->digested);
    const struct signed_signer *signer = &message->signers[number];
    const struct cms_digest_info *digest = cms_digest_info(signer->view.digest);
    enum signed_outcome outcome = SIGNED_UNSUPPORTED;
    word_set problems = WORDS_NONE;
    bool checked = false;
    TRY(check_attributes(message, signer, item_bytes(&certificate->derCert), &problems));
    if (digest) {
        problems |= digest->weak ? WORD_BIT(WORD_WEAK_DIGEST) : WORDS_NONE;
        TRY(check_mathematics(message, signer, certificate, &outcome, &problems));
    }
    add_outcome(outcome, &problems, &checked);
    *ret_problems = problems;
    *ret_checked = checked;
    return NULL;
}
