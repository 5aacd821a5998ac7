#include "cms/recipient_kek.h"

#include "cms/cipher.h"
#include "cms/der.h"
#include "cms/recipient_wrap.h"
#include "nss/nss_scope.h"

enum { KEKRI_VERSION = 4 };

/* KEKRecipientInfo ::= SEQUENCE { version, kekid, keyEncryptionAlgorithm, encryptedKey } */
struct fields {
    struct bytes id;
    const struct recipient_wrap *wrap; /* NULL: not known */
    struct bytes encrypted_key;
};

static struct error *read_fields(const struct ber_value *info, struct fields *fields)
{
    struct ber_reader reader = ber_reader_in(info);
    uint64_t version = 0;
    struct ber_value kek_id;
    struct ber_value algorithm;
    struct ber_value encrypted_key;
    TRY(ber_small_integer(&reader, &version));
    TRY(ber_expect(&reader, BER_SEQUENCE, &kek_id));
    TRY(ber_expect(&reader, BER_SEQUENCE, &algorithm));
    TRY(ber_expect(&reader, BER_OCTET_STRING, &encrypted_key));
    TRY(ber_expect_end(&reader));

    /* KEKIdentifier ::= SEQUENCE { keyIdentifier, date OPTIONAL, other OPTIONAL } */
    struct ber_reader inner = ber_reader_in(&kek_id);
    struct ber_value id;
    TRY(ber_expect(&inner, BER_OCTET_STRING, &id));
    struct ber_reader algorithm_reader = ber_reader_in(&algorithm);
    struct bytes oid;
    TRY(ber_oid(&algorithm_reader, &oid));
    *fields = (struct fields){ id.contents, recipient_wrap_by_oid(oid), encrypted_key.contents };
    return NULL;
}

static const char *name_of(const struct recipient_wrap *wrap)
{
    if (!wrap) {
        return "unknown";
    }
    return wrap->mechanism == CKM_AES_KEY_WRAP ? "aes-wrap" : "3des-wrap";
}

struct error *recipient_kek_read(const struct ber_value *info, struct recipient_list *list)
{
    struct fields fields = { .wrap = NULL };
    error_free(read_fields(info, &fields)); /* what is damaged stays empty */
    const struct recipient_entry entry = {
        .recipient = { .type = CMS_KEK,
                       .ref = { .key_id = fields.id },
                       .algorithm = name_of(fields.wrap) },
        .info = info->whole,
        .encrypted_key = fields.encrypted_key,
    };
    return recipient_list_append(list, &entry);
}

struct error *recipient_kek_unwrap(const struct recipient_entry *entry, struct PK11SymKeyStr *kek,
                                   const struct cipher *cipher, struct PK11SymKeyStr **ret_cek)
{
    struct ber_reader reader = ber_reader_of(entry->info);
    struct ber_value info;
    struct fields fields;
    TRY(ber_next(&reader, &info));
    TRY(read_fields(&info, &fields));
    if (!fields.wrap) {
        return error_new(ERR_CMS_UNSUPPORTED, "an unknown way of key wrapping");
    }
    if (PK11_GetKeyLength(kek) != fields.wrap->key_len) {
        return cipher_failed();
    }
    PK11SymKey *cek = recipient_wrap_open(fields.wrap, kek, fields.encrypted_key, cipher);
    if (!cek) {
        return cipher_failed();
    }
    *ret_cek = cek;
    return NULL;
}

struct error *recipient_kek_make(struct PK11SymKeyStr *kek, struct bytes id,
                                 struct PK11SymKeyStr *cek, struct buffer *out)
{
    const struct recipient_wrap *wrap = recipient_wrap_aes(PK11_GetKeyLength(kek));
    if (!wrap || PK11_GetSymKeyType(kek) != CKK_AES) {
        return error_new(ERR_RECIPIENT_UNUSABLE, "the key-encryption key is no AES key");
    }
    size_t start = out->len;
    TRY(der_small_integer(out, KEKRI_VERSION));
    size_t kek_id = out->len;
    TRY(der_value(out, BER_OCTET_STRING, id));
    TRY(der_wrap(out, kek_id, BER_SEQUENCE));
    size_t algorithm = out->len;
    TRY(der_value(out, BER_OID, wrap->oid)); /* RFC 3565 2.3.2: no parameters */
    TRY(der_wrap(out, algorithm, BER_SEQUENCE));
    TRY_WRAP(recipient_wrap_make(kek, cek, out), ERR_RECIPIENT_UNUSABLE,
             "the key-encryption key does not wrap");
    return der_wrap(out, start, BER_CONTEXT_CONSTRUCTED + 2);
}
