#include "mail/attempt.h"

#include "store/store.h"

/* What a failure with one key means for the verdict; none where it is an error of the whole
 * request. */
static word_set word_for(enum error_code code)
{
    switch ((int)code) {
    case ERR_DECRYPTION_FAILED:
    case ERR_KEY_ABSENT:
        return WORD_BIT(WORD_DECRYPTION_FAILED);
    case ERR_CMS_UNSUPPORTED:
        return WORD_BIT(WORD_ALGORITHM_UNSUPPORTED);
    case ERR_TOKEN_LOCKED:
    case ERR_TOKEN_ABSENT:
    case ERR_INTERACTION_FORBIDDEN:
    case ERR_PROMPT_UNAVAILABLE:
    case ERR_PIN_LOCKED:
    case ERR_PIN_INCORRECT:
        return WORD_BIT(WORD_TOKEN_LOCKED);
    case ERR_PIN_CANCELLED:
        return WORD_BIT(WORD_PIN_CANCELLED);
    default:
        return WORDS_NONE;
    }
}

struct error *attempt_settle(struct error *error, word_set *problems)
{
    word_set word = error ? word_for(error_get_code(error)) : WORDS_NONE;
    if (word == WORDS_NONE) {
        return error;
    }
    *problems |= word;
    error_free(error);
    return NULL;
}

static struct error *decrypt(const struct attempt *attempt, struct cms_cek *cek)
{
    struct decryption_report *report = attempt->report;
    TRY(cms_enveloped_decrypt(attempt->message, cek, attempt->writable, attempt->interaction.task,
                              &report->owner, &report->plain));
    report->decrypted = true;
    return NULL;
}

static struct error *open_certificate(const struct attempt *attempt, size_t number,
                                      struct cert *cert)
{
    CLEANUP(store_key_free) struct SECKEYPrivateKeyStr *key = NULL;
    CLEANUP(cms_cek_free) struct cms_cek *cek = NULL;
    TRY(store_key(attempt->context->store, cert_nss(cert), &attempt->interaction, &key));
    TRY(cms_enveloped_unwrap(attempt->message, number, cert_nss(cert), key, &cek));
    return decrypt(attempt, cek);
}

struct error *attempt_certificate(const struct attempt *attempt, size_t number, struct cert *cert,
                                  word_set *problems)
{
    return attempt_settle(open_certificate(attempt, number, cert), problems);
}

static struct error *open_secret_key(const struct attempt *attempt, size_t number)
{
    struct bytes name = cms_enveloped_recipient(attempt->message, number)->ref.key_id;
    CLEANUP(store_secret_key_free) struct PK11SymKeyStr *kek = NULL;
    CLEANUP(cms_cek_free) struct cms_cek *cek = NULL;
    TRY(store_secret_key(attempt->context->store, name, &attempt->interaction, &kek));
    attempt->report->recipients[number].mine = true;
    TRY(cms_enveloped_unwrap_kek(attempt->message, number, kek, &cek));
    return decrypt(attempt, cek);
}

struct error *attempt_secret_key(const struct attempt *attempt, size_t number, word_set *problems)
{
    struct error *error = open_secret_key(attempt, number);
    if (error && error_get_code(error) == ERR_KEY_ABSENT) {
        error_free(error);
        return NULL;
    }
    return attempt_settle(error, problems);
}

static struct error *open_password(const struct attempt *attempt, size_t number,
                                   struct bytes password)
{
    CLEANUP(cms_cek_free) struct cms_cek *cek = NULL;
    TRY(cms_enveloped_unwrap_password(attempt->message, number, password, &cek));
    return decrypt(attempt, cek);
}

struct error *attempt_password(const struct attempt *attempt, size_t number, struct bytes password,
                               word_set *problems)
{
    return attempt_settle(open_password(attempt, number, password), problems);
}
