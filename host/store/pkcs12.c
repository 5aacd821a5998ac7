#include "store/pkcs12.h"

#include "base/task.h"
#include "nss/item.h"
#include "nss/nss_error.h"
#include "nss/nss_scope.h"
#include "store/pkcs12_frame.h"
#include "store/pkcs12_password.h"
#include "store/store.h"

#include <ciferfam.h>
#include <nss.h>
#include <p12.h>
#include <p12plcy.h>
#include <pkcs12.h>
#include <secerr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

NSS_SCOPE(decoder_free, SEC_PKCS12DecoderContext *, SEC_PKCS12DecoderFinish(owned));

/* What one try at decoding needs. */
struct attempt {
    PK11SlotInfo *slot;
    struct bytes file;
    struct bytes password;
    enum pkcs12_password_form form;
    bool wide_kdf; /* PBES2 fed with UTF-16 as well, as NSS itself did before 3.31 */
    struct buffer *encoded; /* owned; the decoder borrows it to its end, through `item` */
    SECItem item;
};

/* Old exports are encrypted with old ciphers; to read one's own key from them is no danger. */
static void enable_ciphers(void)
{
    static const long ciphers[] = {
        PKCS12_RC4_40,      PKCS12_RC4_128,     PKCS12_RC2_CBC_40,
        PKCS12_RC2_CBC_128, PKCS12_DES_56,      PKCS12_DES_EDE3_168,
        PKCS12_AES_CBC_128, PKCS12_AES_CBC_192, PKCS12_AES_CBC_256,
    };
    for (size_t i = 0; i < ARRAY_SIZE(ciphers); i++) {
        (void)SEC_PKCS12EnableCipher(ciphers[i], 1);
    }
}

static bool is_wrong_password(int number)
{
    return number == SEC_ERROR_BAD_PASSWORD || number == SEC_ERROR_PKCS12_INVALID_MAC ||
           number == SEC_ERROR_PKCS12_PRIVACY_PASSWORD_INCORRECT;
}

static struct error *decoding_error(void)
{
    if (is_wrong_password(nss_error_number())) {
        return nss_error(ERR_IMPORT_PASSWORD, "the password does not fit the file");
    }
    return nss_error(ERR_IMPORT_MALFORMED, "the file is no PKCS#12, or damaged");
}

static struct error *encode_password(struct attempt *attempt)
{
    buffer_free(attempt->encoded);
    attempt->encoded = NULL;
    TRY(pkcs12_password_encode(attempt->password, attempt->form, &attempt->encoded));
    (void)item_set(&attempt->item, buffer_view(attempt->encoded)); /* some hundred bytes: fits */
    return NULL;
}

static struct error *decode(struct attempt *attempt, SEC_PKCS12DecoderContext **ret_decoder)
{
    TRY(encode_password(attempt));
    (void)NSS_OptionSet(__NSS_PKCS12_DECODE_FORCE_UNICODE, attempt->wide_kdf);
    PORT_SetError(0); /* some of the decoder's failures set none */

    CLEANUP(decoder_free)
    SEC_PKCS12DecoderContext *decoder =
        SEC_PKCS12DecoderStart(&attempt->item, attempt->slot, NULL, NULL, NULL, NULL, NULL, NULL);
    if (!decoder) {
        return nss_error(ERR_IMPORT_MALFORMED, "the decoder cannot be started");
    }
    if (SEC_PKCS12DecoderUpdate(decoder, item_pointer(attempt->file), attempt->file.len) !=
            SECSuccess ||
        SEC_PKCS12DecoderVerify(decoder) != SECSuccess) {
        return decoding_error();
    }
    *ret_decoder = TAKE_PTR(decoder);
    return NULL;
}

/* The certificate's common name or address, else a word. Bounded: it becomes a nickname. */
static void base_name(CERTCertificate *certificate, char *text, size_t size)
{
    char *name = certificate ? CERT_GetCommonName(&certificate->subject) : NULL;
    if (!name && certificate) {
        name = CERT_GetCertEmailAddress(&certificate->subject);
    }
    (void)snprintf(text, size, "%.80s", name ? name : "Imported");
    PORT_Free(name);
}

/* Called where a certificate has no friendly name, or where another one of another subject bears it
 * already; `argument` is the certificate. */
static SECItem *choose_nickname(SECItem *old, PRBool *cancel, void *argument)
{
    (void)old;
    char base[96];
    char nickname[128];
    uint8_t number[4];
    base_name(argument, base, sizeof(base));
    if (PK11_GenerateRandom(number, sizeof(number)) != SECSuccess) {
        *cancel = PR_TRUE;
        return NULL;
    }
    int length = snprintf(nickname, sizeof(nickname), "%s %02x%02x%02x%02x", base, number[0],
                          number[1], number[2], number[3]);
    SECItem *item = SECITEM_AllocItem(NULL, NULL, (unsigned)length + 1);
    if (!item) {
        *cancel = PR_TRUE;
        return NULL;
    }
    item->type = siAsciiString;
    memcpy(item->data, nickname, item->len);
    return item;
}

static struct error *count_keys(SEC_PKCS12DecoderContext *decoder, size_t *ret_count)
{
    const SEC_PKCS12DecoderItem *item = NULL;
    if (SEC_PKCS12DecoderIterateInit(decoder) != SECSuccess) {
        return nss_error(ERR_IMPORT_MALFORMED, "the contents of the file cannot be listed");
    }
    *ret_count = 0;
    while (SEC_PKCS12DecoderIterateNext(decoder, &item) == SECSuccess && item) {
        bool is_key = item->type == SEC_OID_PKCS12_V1_KEY_BAG_ID ||
                      item->type == SEC_OID_PKCS12_V1_PKCS8_SHROUDED_KEY_BAG_ID;
        *ret_count += is_key ? 1 : 0;
    }
    return NULL;
}

static struct error *add_certificate(struct pkcs12_result *result, struct bytes der)
{
    struct buffer **grown =
        reallocarray(result->certificates, result->certificate_count + 1, sizeof(struct buffer *));
    if (!grown) {
        return error_no_memory();
    }
    result->certificates = grown;
    CLEANUP(buffer_free) struct buffer *copy = NULL;
    TRY(buffer_new(0, &copy));
    TRY(buffer_append(copy, der));
    grown[result->certificate_count++] = TAKE_PTR(copy);
    return NULL;
}

static struct error *list_certificates(SEC_PKCS12DecoderContext *decoder,
                                       struct pkcs12_result *result)
{
    CLEANUP(nss_cert_list_free) CERTCertList *list = SEC_PKCS12DecoderGetCerts(decoder);
    if (!list) {
        return NULL; /* keys alone */
    }
    for (CERTCertListNode *node = CERT_LIST_HEAD(list); !CERT_LIST_END(node, list);
         node = CERT_LIST_NEXT(node)) {
        TRY(add_certificate(result, item_bytes(&node->cert->derCert)));
    }
    return NULL;
}

static struct error *describe(SEC_PKCS12DecoderContext *decoder, struct pkcs12_result **ret_result)
{
    CLEANUP(pkcs12_result_free) struct pkcs12_result *result = calloc(1, sizeof(*result));
    if (!result) {
        return error_no_memory();
    }
    TRY(count_keys(decoder, &result->key_count));
    TRY(list_certificates(decoder, result));
    *ret_result = TAKE_PTR(result);
    return NULL;
}

static struct error *install(SEC_PKCS12DecoderContext *decoder)
{
    if (SEC_PKCS12DecoderValidateBags(decoder, choose_nickname) != SECSuccess) {
        return nss_error(ERR_IMPORT_MALFORMED, "the file's keys and certificates don't fit");
    }
    if (SEC_PKCS12DecoderImportBags(decoder) != SECSuccess) {
        return nss_error(ERR_IMPORT_MALFORMED,
                         "a key or certificate of the file is not known to NSS");
    }
    return NULL;
}

static struct error *import_once(struct attempt *attempt, struct task *task,
                                 struct pkcs12_result **ret_result)
{
    CLEANUP(decoder_free) SEC_PKCS12DecoderContext *decoder = NULL;
    CLEANUP(pkcs12_result_free) struct pkcs12_result *result = NULL;
    TRY(decode(attempt, &decoder));
    TRY(describe(decoder, &result));
    TRY(task_begin_change(task));
    TRY(install(decoder));
    *ret_result = TAKE_PTR(result);
    return NULL;
}

/* A password in the wrong form shows at the MAC, or, where only the keys were encrypted with
 * another form, at the keys (files of old NSS): NSS installs keys first, so nothing is left behind.
 */
static bool may_be_the_form(const struct error *error)
{
    const char *foreign = error_get_foreign(error);
    return error_get_code(error) == ERR_IMPORT_PASSWORD ||
           (foreign && strcmp(foreign, nss_error_name(SEC_ERROR_PKCS12_UNABLE_TO_IMPORT_KEY)) == 0);
}

/* Of two failures the one that came further is told: past the MAC the password was right. */
static struct error *better(struct error *first, struct error *second)
{
    bool keep = first && error_get_code(first) != ERR_IMPORT_PASSWORD;
    error_free(keep ? second : first);
    return keep ? first : second;
}

/* Tries the forms of the password until one opens the file. */
static struct error *import_file(struct attempt *attempt, struct task *task,
                                 struct pkcs12_result **ret_result)
{
    struct error *failure = NULL;
    for (unsigned number = 0; number < 2 * PKCS12_PASSWORD_FORMS; number++) {
        attempt->form = (enum pkcs12_password_form)(number / 2);
        attempt->wide_kdf = number % 2 == 1;
        if (!pkcs12_password_applies(attempt->password, attempt->form)) {
            continue;
        }
        struct error *error = import_once(attempt, task, ret_result);
        if (!error) {
            error_free(failure);
            return NULL;
        }
        bool again = may_be_the_form(error);
        failure = better(failure, error);
        if (!again) {
            break;
        }
    }
    return failure;
}

struct error *pkcs12_import(struct store *store, struct bytes file, struct bytes password,
                            const struct interaction *interaction,
                            struct pkcs12_result **ret_result)
{
    TRY(pkcs12_frame_check(file));
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = NULL;
    TRY(store_key_slot(store, interaction, &slot));
    struct attempt attempt = { .slot = slot, .file = file, .password = password };
    store_change_begin(store); /* NSS's option for the password's form is one for the process */
    enable_ciphers();
    struct error *error = import_file(&attempt, interaction ? interaction->task : NULL, ret_result);
    (void)NSS_OptionSet(__NSS_PKCS12_DECODE_FORCE_UNICODE, PR_FALSE);
    store_change_end(store);
    buffer_free(attempt.encoded);
    return error;
}

void pkcs12_result_free(struct pkcs12_result *result)
{
    if (!result) {
        return;
    }
    for (size_t i = 0; i < result->certificate_count; i++) {
        buffer_free(result->certificates[i]);
    }
    free(result->certificates);
    free(result);
}
