#include "ops/verdict_json.h"

#include "certs/stored.h"
#include "policy/verdict.h"
#include "store/store.h"

struct error *verdict_json_words(struct json_object *object, const char *name, word_set words)
{
    struct json_object *array = NULL;
    TRY(json_add_array(object, name, &array));
    for (int word = 0; word < WORD_COUNT; word++) {
        if (words_has(words, (enum word)word)) {
            TRY(json_append_string(array, word_text((enum word)word)));
        }
    }
    return NULL;
}

struct error *verdict_json_judgement(struct json_object *object, const struct judgement *judgement)
{
    TRY(json_add_string(object, "status", signature_status_text(judgement->status)));
    TRY(verdict_json_words(object, "problems", judgement->problems));
    return verdict_json_words(object, "notices", judgement->notices);
}

static const char *revocation_status_text(enum revocation_status status)
{
    switch (status) {
    case REVOCATION_GOOD:
        return "good";
    case REVOCATION_REVOKED:
        return "revoked";
    case REVOCATION_UNKNOWN:
        return "unknown";
    case REVOCATION_NOT_CHECKED:
        return "not-checked";
    }
    return "unknown";
}

static const char *revocation_source_text(enum revocation_source source)
{
    switch (source) {
    case REVOCATION_FROM_NONE:
        return NULL;
    case REVOCATION_FROM_OCSP:
        return "ocsp";
    case REVOCATION_FROM_CRL:
        return "crl";
    case REVOCATION_FROM_MESSAGE:
        return "message";
    case REVOCATION_FROM_CACHE:
        return "cache";
    }
    return NULL;
}

static struct error *add_chain(struct json_object *object, const struct signer_report *signer,
                               struct cert_list *named)
{
    struct json_object *chain = NULL;
    struct json_object *revocation = NULL;
    TRY(json_add_array(object, "chain", &chain));
    for (size_t i = 0; i < signer->chain->chain.count; i++) {
        TRY(json_append_string(chain, cert_id(signer->chain->chain.items[i])));
        TRY(cert_list_add_once(named, signer->chain->chain.items[i]));
    }
    TRY(json_add_object(object, "revocation", &revocation));
    TRY(json_add_string(revocation, "status", revocation_status_text(signer->chain->revocation)));
    TRY(json_add_string(revocation, "source",
                        revocation_source_text(signer->chain->revocation_source)));
    if (signer->chain->revocation_produced_at != 0) {
        TRY(json_add_time(revocation, "producedAt", signer->chain->revocation_produced_at));
    }
    return NULL;
}

static struct error *add_signer(struct json_object *object, const struct signer_report *signer,
                                const char *claimed, struct cert_list *named)
{
    TRY(verdict_json_judgement(object, &signer->judgement));
    if (signer->cert) {
        TRY(json_add_string(object, "certificate", cert_id(signer->cert)));
        TRY(cert_list_add_once(named, signer->cert));
        TRY(add_chain(object, signer, named));
    }
    TRY(json_add_string(object, "digest", signer->digest));
    TRY(json_add_string(object, "signatureAlgorithm", signer->signature_algorithm));
    if (signer->has_signing_time) {
        TRY(json_add_time(object, "signingTime", signer->signing_time));
    }
    TRY(json_add_bool(object, "validAtSigningTime", signer->valid_at_signing_time));
    if (signer->countersignatures > 0) {
        TRY(json_add_size(object, "countersignatures", signer->countersignatures));
    }
    if (claimed) {
        struct json_object *address = NULL;
        TRY(json_add_object(object, "address", &address));
        TRY(json_add_string(address, "claimed", claimed));
        TRY(json_add_string(address, "match", address_match_text(signer->match)));
    }
    return NULL;
}

struct error *verdict_json_signers(struct json_object *object,
                                   const struct signature_report *report, const char *claimed,
                                   struct cert_list *named)
{
    struct json_object *array = NULL;
    TRY(json_add_array(object, "signers", &array));
    for (size_t i = 0; report && i < report->signer_count; i++) {
        struct json_object *item = NULL;
        TRY(json_append_object(array, &item));
        TRY(add_signer(item, &report->signers[i], claimed, named));
    }
    return NULL;
}

static const char *recipient_type_text(enum cms_recipient_type type)
{
    switch (type) {
    case CMS_KEY_TRANSPORT:
        return "key-transport";
    case CMS_KEY_AGREEMENT:
        return "key-agreement";
    case CMS_KEK:
        return "kek";
    case CMS_PASSWORD:
        return "password";
    case CMS_KEM:
        return "kem";
    case CMS_RECIPIENT_OTHER:
        return "other";
    }
    return "other";
}

static struct error *add_recipient(struct json_object *object,
                                   const struct recipient_report *recipient,
                                   struct cert_list *named)
{
    TRY(json_add_string(object, "type", recipient_type_text(recipient->type)));
    TRY(json_add_string(object, "issuer", recipient->issuer));
    TRY(json_add_string(object, "serial", recipient->serial));
    TRY(json_add_string(object, "keyId", recipient->key_id));
    TRY(json_add_string(object, "algorithm", recipient->algorithm));
    if (recipient->cert) {
        TRY(json_add_string(object, "certificate", cert_id(recipient->cert)));
        TRY(cert_list_add_once(named, recipient->cert));
    }
    return json_add_bool(object, "mine", recipient->mine);
}

struct error *verdict_json_recipients(struct json_object *object,
                                      const struct decryption_report *report,
                                      struct cert_list *named)
{
    struct json_object *array = NULL;
    if (report->cipher) {
        TRY(json_add_string(object, "cipher", report->cipher->name));
        TRY(json_add_integer(object, "keyBits", report->cipher->key_bits));
    }
    TRY(json_add_array(object, "recipients", &array));
    for (size_t i = 0; i < report->recipient_count; i++) {
        struct json_object *item = NULL;
        TRY(json_append_object(array, &item));
        TRY(add_recipient(item, &report->recipients[i], named));
    }
    return NULL;
}

static struct error *add_usages(struct json_object *object, unsigned usages)
{
    static const struct {
        unsigned bit;
        const char *word;
    } words[] = {
        { CERT_USAGE_SIGN, "sign" },
        { CERT_USAGE_ENCRYPT, "encrypt" },
        { CERT_USAGE_CA, "ca" },
    };
    struct json_object *array = NULL;
    TRY(json_add_array(object, "usages", &array));
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (usages & words[i].bit) {
            TRY(json_append_string(array, words[i].word));
        }
    }
    return NULL;
}

static struct error *add_addresses(struct json_object *object, const struct cert *cert)
{
    struct json_object *array = NULL;
    TRY(json_add_array(object, "addresses", &array));
    for (size_t i = 0; i < cert_address_count(cert); i++) {
        TRY(json_append_string(array, cert_address(cert, i)));
    }
    return NULL;
}

static const char *trust_text(enum stored_trust trust)
{
    switch (trust) {
    case STORED_TRUST_NONE:
        return "none";
    case STORED_TRUST_PEER:
        return "peer";
    case STORED_TRUST_CA:
        return "ca";
    case STORED_TRUST_DISTRUST:
        return "distrust";
    }
    return "none";
}

/* What the databases say of the certificate. */
static struct error *add_stored(struct json_object *object, const struct mail_context *context,
                                const struct cert *cert)
{
    CLEANUP(string_free) char *token = NULL;
    struct json_object *databases = NULL;
    TRY(json_add_bool(object, "mine", store_has_key(context->store, cert_decoded(cert))));
    TRY(stored_token(cert, &token));
    TRY(json_add_string(object, "token", token));
    TRY(json_add_array(object, "databases", &databases));
    const char *path = store_database_of(context->store, cert_nss(cert));
    if (path) {
        TRY(json_append_string(databases, path));
    }
    TRY(json_add_string(object, "trust", trust_text(stored_trust_of(cert))));
    return verdict_json_words(object, "problems", stored_problems(cert, context->at));
}

struct error *verdict_json_certificate(const struct mail_context *context, const struct cert *cert,
                                       struct json_object **ret_object)
{
    CLEANUP(json_free) struct json_object *object = NULL;
    TRY(json_new_object(&object));
    TRY(json_add_string(object, "id", cert_id(cert)));
    TRY(json_add_string(object, "subject", cert_subject(cert)));
    TRY(json_add_string(object, "issuer", cert_issuer(cert)));
    TRY(json_add_string(object, "serial", cert_serial(cert)));
    TRY(json_add_time(object, "notBefore", cert_not_before(cert)));
    TRY(json_add_time(object, "notAfter", cert_not_after(cert)));
    TRY(add_addresses(object, cert));
    TRY(json_add_string(object, "keyType", cert_key_type_text(cert)));
    TRY(json_add_integer(object, "keyBits", cert_key_bits(cert)));
    TRY(add_usages(object, cert_usages(cert)));
    TRY(add_stored(object, context, cert));
    *ret_object = TAKE_PTR(object);
    return NULL;
}

struct error *verdict_json_certificates(struct json_object *object,
                                        const struct mail_context *context,
                                        const struct cert_list *named)
{
    struct json_object *all = NULL;
    TRY(json_add_object(object, "certificates", &all));
    for (size_t i = 0; i < named->count; i++) {
        struct json_object *certificate = NULL;
        TRY(verdict_json_certificate(context, named->items[i], &certificate));
        TRY(json_add_take(all, cert_id(named->items[i]), certificate));
    }
    return NULL;
}
