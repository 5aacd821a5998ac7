#include "mail/fallback.h"

#include "base/limits.h"
#include "certs/index.h"
#include "cms/ber.h"
#include "mail/password.h"

#include <string.h>

/* bytes: one chance in 2^24, and one in 2^23 and less behind the byte of padding that there is */
enum { SURE_PADDING = 3, SURE_TEXT = 24 };

static enum cms_recipient_type type_of(const struct attempt *attempt, size_t number)
{
    return attempt->report->recipients[number].type;
}

static bool has_type(const struct cms_enveloped *message, enum cms_recipient_type type)
{
    for (size_t i = 0; i < cms_enveloped_recipient_count(message); i++) {
        if (cms_enveloped_recipient(message, i)->type == type) {
            return true;
        }
    }
    return false;
}

bool fallback_is_needed(const struct cms_enveloped *message)
{
    return has_type(message, CMS_KEK) || has_type(message, CMS_PASSWORD);
}

/* After one login that came to nothing no further dialog is raised for a token: the person has
 * decided, or does not know the PIN. */
static void quieten(struct attempt *attempt, word_set problems)
{
    if (words_has(problems, WORD_PIN_CANCELLED) || words_has(problems, WORD_TOKEN_LOCKED)) {
        attempt->interaction.allowed = false;
    }
}

static struct error *try_secret_keys(struct attempt *attempt, word_set *problems)
{
    size_t tries = 0;
    struct decryption_report *report = attempt->report;
    for (size_t i = 0; i < report->recipient_count && tries < LIMIT_KEK_RECIPIENTS; i++) {
        if (type_of(attempt, i) != CMS_KEK || report->decrypted) {
            continue;
        }
        tries++;
        quieten(attempt, *problems);
        TRY(task_check(attempt->interaction.task));
        TRY(attempt_secret_key(attempt, i, problems));
    }
    return NULL;
}

static bool may_open(enum cms_recipient_type type, const struct cert *cert)
{
    bool is_rsa = cert_key_type(cert) == CERT_KEY_RSA;
    return (type == CMS_KEY_TRANSPORT && is_rsa) || (type == CMS_KEY_AGREEMENT && !is_rsa);
}

static bool is_text(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool control = text.data[i] < ' ' && !strchr("\r\n\t", text.data[i]);
        if (control || text.data[i] == '\0' || text.data[i] > '~') {
            return false;
        }
    }
    return true;
}

static bool is_der(struct bytes content)
{
    struct ber_reader reader = ber_reader_of(content);
    struct ber_value value;
    CLEANUP(error_free) struct error *error = ber_expect(&reader, BER_SEQUENCE, &value);
    return !error && ber_at_end(&reader);
}

/* A wrong RSA key gives a random content key, by PKCS#1's implicit rejection, and one in 256 of
 * those gives a block that ends like a padded one. A guess is believed where that cannot be chance:
 * by a tag, by the check value of other wrappings, by the length of the padding, or because the
 * content begins as mail does or is DER. That asks nothing of the PKCS#1 block itself, so that the
 * answer tells nothing of it (RFC 3218). */
static bool is_believable(const struct attempt *attempt, size_t number)
{
    const struct cms_cipher_info *cipher = cms_enveloped_cipher(attempt->message);
    struct bytes plain = attempt->report->plain;
    if (cipher->authenticated ||
        strcmp(attempt->report->recipients[number].algorithm, "rsa") != 0) {
        return true;
    }
    return cipher->block - plain.len % cipher->block >= SURE_PADDING ||
           is_text(bytes_slice(plain, 0, SURE_TEXT)) || is_der(plain);
}

static void keep_or_drop(const struct attempt *attempt, size_t number, struct cert *cert)
{
    struct decryption_report *report = attempt->report;
    if (!report->decrypted) {
        return;
    }
    if (is_believable(attempt, number)) {
        report->recipients[number].cert = cert_ref(cert);
        report->recipients[number].mine = true;
        return;
    }
    mapping_unref(TAKE_PTR(report->owner));
    report->plain = BYTES_NONE;
    report->decrypted = false;
}

/* One recipient with all of the user's keys. That a guess is wrong says nothing about the message;
 * that a token could not be asked does. */
static struct error *guess_for(struct attempt *attempt, size_t number, const struct cert_list *mine,
                               size_t *tries, word_set *problems)
{
    for (size_t i = 0; i < mine->count && *tries < LIMIT_GUESSES; i++) {
        if (attempt->report->decrypted || !may_open(type_of(attempt, number), mine->items[i])) {
            continue;
        }
        (*tries)++;
        word_set here = WORDS_NONE;
        quieten(attempt, *problems);
        TRY(task_check(attempt->interaction.task));
        TRY(attempt_certificate(attempt, number, mine->items[i], &here));
        *problems |= here & (WORD_BIT(WORD_TOKEN_LOCKED) | WORD_BIT(WORD_PIN_CANCELLED));
        keep_or_drop(attempt, number, mine->items[i]);
    }
    return NULL;
}

static bool is_mine(const struct decryption_report *report)
{
    for (size_t i = 0; i < report->recipient_count; i++) {
        if (report->recipients[i].mine) {
            return true;
        }
    }
    return false;
}

/* RFC 5652 6.2: a certificate may be named in a way that does not find it, after a renewal for the
 * same key above all. */
static struct error *guess(struct attempt *attempt, word_set *problems)
{
    struct decryption_report *report = attempt->report;
    struct cert_list mine = { 0 };
    if (report->decrypted || is_mine(report)) {
        return NULL;
    }
    struct error *error = cert_index_mine(attempt->context->index, &mine);
    size_t tries = 0;
    for (size_t i = 0; !error && i < report->recipient_count && tries < LIMIT_GUESSES; i++) {
        /* a certificate that is known is somebody else's */
        if (!report->recipients[i].cert) {
            error = guess_for(attempt, i, &mine, &tries, problems);
        }
    }
    cert_list_done(&mine);
    return error;
}

static bool takes_password(const struct attempt *attempt, size_t number)
{
    return type_of(attempt, number) == CMS_PASSWORD &&
           strcmp(attempt->report->recipients[number].algorithm, "unknown") != 0;
}

static bool any_takes_password(const struct attempt *attempt)
{
    for (size_t i = 0; i < attempt->report->recipient_count; i++) {
        if (takes_password(attempt, i)) {
            return true;
        }
    }
    return false;
}

static struct error *try_password(const struct attempt *attempt, struct bytes password,
                                  word_set *problems)
{
    size_t tries = 0;
    struct decryption_report *report = attempt->report;
    for (size_t i = 0; i < report->recipient_count && tries < LIMIT_PASSWORD_RECIPIENTS; i++) {
        if (takes_password(attempt, i) && !report->decrypted) {
            tries++;
            TRY(task_check(attempt->interaction.task));
            TRY(attempt_password(attempt, i, password, problems));
            report->recipients[i].mine = report->decrypted;
        }
    }
    return NULL;
}

static struct error *ask_and_try(const struct attempt *attempt, const char *complaint,
                                 word_set *problems)
{
    CLEANUP(buffer_free) struct buffer *password = NULL;
    TRY(password_ask(attempt->context, "Password of the encrypted message", complaint, &password));
    return try_password(attempt, buffer_view(password), problems);
}

static struct error *try_passwords(const struct attempt *attempt, word_set *problems)
{
    if (attempt->report->decrypted || !any_takes_password(attempt)) {
        return NULL;
    }
    const char *complaint = NULL;
    word_set here = WORDS_NONE;
    *problems &= ~WORD_BIT(WORD_NO_MATCHING_KEY); /* whoever knows the password has it */
    for (int i = 0; i < LIMIT_PASSWORD_TRIES && !attempt->report->decrypted; i++) {
        here = WORDS_NONE;
        TRY(attempt_settle(ask_and_try(attempt, complaint, &here), &here));
        if (here != WORD_BIT(WORD_DECRYPTION_FAILED) || password_is_given(attempt->context)) {
            break;
        }
        complaint = "This password does not open the message.";
    }
    *problems |= here;
    return NULL;
}

struct error *fallback_open(const struct attempt *attempt, word_set *problems)
{
    struct attempt quiet = *attempt;
    if (!cms_enveloped_cipher(attempt->message)) {
        return NULL; /* nothing can be decrypted, whatever key there is */
    }
    TRY(try_secret_keys(&quiet, problems));
    TRY(guess(&quiet, problems));
    return try_passwords(attempt, problems);
}
