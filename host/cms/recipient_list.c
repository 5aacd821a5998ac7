#include "cms/recipient_list.h"

#include "base/limits.h"
#include "cms/cipher.h"
#include "cms/der.h"
#include "nss/item.h"
#include "nss/nss_error.h"
#include "nss/nss_scope.h"

#include <stdlib.h>

enum { FIRST_CAPACITY = 8 };

static struct error *grow(struct recipient_list *list)
{
    size_t capacity = list->capacity ? 2 * list->capacity : FIRST_CAPACITY;
    struct recipient_entry *entries = reallocarray(list->entries, capacity, sizeof(*list->entries));
    if (!entries) {
        return error_no_memory();
    }
    list->entries = entries;
    list->capacity = capacity;
    return NULL;
}

struct error *recipient_list_append(struct recipient_list *list,
                                    const struct recipient_entry *entry)
{
    if (list->count == LIMIT_RECIPIENTS) {
        return error_new(ERR_CMS_MALFORMED, "more than %d recipients", LIMIT_RECIPIENTS);
    }
    if (list->count == list->capacity) {
        TRY(grow(list));
    }
    list->entries[list->count++] = *entry;
    return NULL;
}

void recipient_list_done(struct recipient_list *list)
{
    free(list->entries);
    *list = (struct recipient_list){ 0 };
}

static struct error *read_issuer_and_serial(const struct ber_value *value,
                                            struct cms_cert_ref *ret_ref)
{
    struct ber_reader reader = ber_reader_in(value);
    struct ber_value issuer;
    struct cms_cert_ref ref = { .key_id = BYTES_NONE };
    TRY(ber_expect(&reader, BER_SEQUENCE, &issuer));
    TRY(ber_integer(&reader, &ref.serial));
    TRY(ber_expect_end(&reader));
    ref.issuer = issuer.whole;
    *ret_ref = ref;
    return NULL;
}

struct error *recipient_list_read_ref(struct ber_reader *reader, struct cms_cert_ref *ret_ref)
{
    struct ber_value value;
    TRY(ber_next(reader, &value));
    struct bytes key_id = value.contents;
    switch (value.tag) {
    case BER_SEQUENCE:
        return read_issuer_and_serial(&value, ret_ref);
    case BER_CONTEXT: /* 6.2.1: [0] SubjectKeyIdentifier */
        break;
    case BER_CONTEXT_CONSTRUCTED: { /* 6.2.2: [0] RecipientKeyIdentifier, a date and more behind */
        struct ber_reader inner = ber_reader_in(&value);
        struct ber_value string;
        TRY(ber_expect(&inner, BER_OCTET_STRING, &string));
        key_id = string.contents;
        break;
    }
    default:
        return error_new(ERR_CMS_MALFORMED, "a recipient is named in an unknown way");
    }
    *ret_ref = (struct cms_cert_ref){ .key_id = key_id };
    return NULL;
}

struct error *recipient_list_write_ref(const struct CERTCertificateStr *certificate,
                                       struct buffer *out)
{
    size_t start = out->len;
    TRY(buffer_append(out, item_bytes(&certificate->derIssuer)));
    TRY(der_value(out, BER_INTEGER, item_bytes(&certificate->serialNumber)));
    return der_wrap(out, start, BER_SEQUENCE);
}

struct error *recipient_list_failure(struct SECKEYPrivateKeyStr *key)
{
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetSlotFromPrivateKey(key);
    if (!slot || !PK11_IsPresent(slot)) {
        return error_new(ERR_TOKEN_ABSENT, "the token with the private key is not there");
    }
    if (PK11_NeedLogin(slot) && !PK11_IsLoggedIn(slot, key->wincx)) {
        return error_new(ERR_TOKEN_LOCKED, "the token with the private key is locked");
    }
    return cipher_failed();
}

struct error *recipient_list_unusable(const char *text)
{
    int number = nss_error_number();
    struct error *error = error_new(ERR_RECIPIENT_UNUSABLE, "%s", text);
    error_set_foreign(error, number, nss_error_name(number));
    return error;
}
