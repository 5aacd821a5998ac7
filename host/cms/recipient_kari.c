#include "cms/recipient_kari.h"

#include "cms/cipher.h"
#include "cms/der.h"
#include "cms/recipient_agreement.h"
#include "cms/recipient_wrap.h"
#include "nss/item.h"
#include "nss/newer.h"
#include "nss/nss_error.h"
#include "nss/nss_scope.h"

static struct error *read_encrypted_key(struct ber_reader *reader, struct recipient_entry *entry)
{
    struct ber_value sequence;
    struct ber_value encrypted_key;
    TRY(ber_expect(reader, BER_SEQUENCE, &sequence));
    struct ber_reader inner = ber_reader_in(&sequence);
    TRY(recipient_list_read_ref(&inner, &entry->recipient.ref));
    TRY(ber_expect(&inner, BER_OCTET_STRING, &encrypted_key));
    TRY(ber_expect_end(&inner));
    entry->encrypted_key = encrypted_key.contents;
    return NULL;
}

struct error *recipient_kari_read(const struct ber_value *info, struct recipient_list *list)
{
    struct ber_reader reader = ber_reader_in(info);
    struct recipient_agreement agreement;
    struct ber_value keys;
    TRY(recipient_agreement_read(&reader, &agreement));
    TRY(ber_expect(&reader, BER_SEQUENCE, &keys));
    TRY(ber_expect_end(&reader));
    struct ber_reader each = ber_reader_in(&keys);
    while (!ber_at_end(&each)) {
        struct recipient_entry entry = {
            .recipient = { .type = CMS_KEY_AGREEMENT,
                           .algorithm = recipient_agreement_name(&agreement) },
            .info = info->whole,
        };
        TRY(read_encrypted_key(&each, &entry));
        TRY(recipient_list_append(list, &entry));
    }
    return NULL;
}

static bool key_agrees(KeyType type)
{
    return type == ecKey || (int)type == NEWER_KEY_MONTGOMERY;
}

/* The curve is the recipient's own; the message may repeat it, not choose it. */
static struct error *curve_for(const struct recipient_agreement *agreement,
                               const CERTCertificate *certificate, SECKEYPublicKey **ret_own)
{
    CLEANUP(nss_public_key_free)
    SECKEYPublicKey *own = SECKEY_ExtractPublicKey(&certificate->subjectPublicKeyInfo);
    if (!own || !key_agrees(own->keyType) ||
        !recipient_agreement_knows_curve(item_bytes(&own->u.ec.DEREncodedParams))) {
        return error_new(ERR_CMS_UNSUPPORTED, "the certificate's key is on no curve known here");
    }
    if (!recipient_agreement_fits(agreement, item_bytes(&own->u.ec.DEREncodedParams))) {
        return cipher_failed();
    }
    /* RFC 5480 2.1.1 wants no curve written out, but BouncyCastle does it: such a SEQUENCE is not
     * looked at, and the point must be one of the recipient's curve */
    if (agreement->key_parameters.len > 0 && agreement->key_parameters.data[0] != BER_SEQUENCE &&
        !bytes_equal(agreement->key_parameters, item_bytes(&own->u.ec.DEREncodedParams))) {
        return cipher_failed();
    }
    *ret_own = TAKE_PTR(own);
    return NULL;
}

/* `ret_cek` is NULL where the keys don't fit. */
static struct error *agree_and_unwrap(const struct recipient_agreement *agreement,
                                      SECKEYPrivateKey *key, SECKEYPublicKey *originator,
                                      struct bytes wrapped, const struct cipher *cipher,
                                      PK11SymKey **ret_cek)
{
    CLEANUP(nss_sym_key_free) PK11SymKey *wrapping_key = NULL;
    TRY(recipient_agreement_derive(agreement, key, originator, false, &wrapping_key));
    if (wrapping_key) {
        *ret_cek = recipient_wrap_open(agreement->wrapping, wrapping_key, wrapped, cipher);
    }
    return NULL;
}

static struct error *read_again(const struct recipient_entry *entry,
                                struct recipient_agreement *ret_agreement)
{
    struct ber_reader reader = ber_reader_of(entry->info);
    struct ber_value info;
    TRY(ber_next(&reader, &info));
    struct ber_reader inner = ber_reader_in(&info);
    TRY(recipient_agreement_read(&inner, ret_agreement));
    if (!recipient_agreement_is_known(ret_agreement)) {
        return error_new(ERR_CMS_UNSUPPORTED, "an unknown way of key agreement");
    }
    return NULL;
}

struct error *recipient_kari_unwrap(const struct recipient_entry *entry,
                                    const struct CERTCertificateStr *certificate,
                                    struct SECKEYPrivateKeyStr *key, const struct cipher *cipher,
                                    struct PK11SymKeyStr **ret_cek)
{
    if (!key_agrees(SECKEY_GetPrivateKeyType(key))) {
        return cipher_failed();
    }
    struct recipient_agreement agreement;
    CLEANUP(nss_public_key_free) SECKEYPublicKey *own = NULL;
    TRY(read_again(entry, &agreement));
    TRY(curve_for(&agreement, certificate, &own));
    struct bytes curve = item_bytes(&own->u.ec.DEREncodedParams);
    if (!recipient_agreement_point_is_safe(key, curve, agreement.point)) {
        return recipient_list_failure(key);
    }
    /* the originator's key is a view, never to be destroyed */
    SECKEYPublicKey originator = { .keyType = own->keyType, .pkcs11ID = CK_INVALID_HANDLE };
    originator.u.ec.DEREncodedParams = own->u.ec.DEREncodedParams;
    originator.u.ec.encoding = own->keyType == ecKey ? ECPoint_Uncompressed : ECPoint_XOnly;
    (void)item_set(&originator.u.ec.publicValue, agreement.point);
    PK11SymKey *cek = NULL;
    TRY(agree_and_unwrap(&agreement, key, &originator, entry->encrypted_key, cipher, &cek));
    if (!cek) {
        return recipient_list_failure(key);
    }
    *ret_cek = cek;
    return NULL;
}

static struct error *write_encrypted_key(const CERTCertificate *certificate,
                                         PK11SymKey *wrapping_key, PK11SymKey *cek,
                                         struct buffer *out)
{
    size_t start = out->len;
    TRY(recipient_list_write_ref(certificate, out));
    TRY(recipient_wrap_make(wrapping_key, cek, out));
    TRY(der_wrap(out, start, BER_SEQUENCE));
    return der_wrap(out, start, BER_SEQUENCE); /* one key: the row of them */
}

struct error *recipient_kari_make(const struct CERTCertificateStr *certificate,
                                  struct SECKEYPublicKeyStr *public_key,
                                  const struct cms_recipient_way *way, struct PK11SymKeyStr *cek,
                                  struct buffer *out)
{
    struct bytes curve = item_bytes(&public_key->u.ec.DEREncodedParams);
    CLEANUP(buffer_free) struct buffer *algorithm = NULL;
    struct recipient_agreement agreement;
    TRY(buffer_new(0, &algorithm));
    TRY(recipient_agreement_choose(curve, PK11_GetKeyLength(cek), way, algorithm, &agreement));
    CLEANUP(nss_public_key_free) SECKEYPublicKey *ephemeral = NULL;
    CLEANUP(nss_private_key_free)
    SECKEYPrivateKey *private_key = recipient_agreement_new_key(curve, &ephemeral);
    if (!private_key) {
        return nss_error(ERR_INTERNAL, "no ephemeral key could be made");
    }
    CLEANUP(nss_sym_key_free) PK11SymKey *wrapping_key = NULL;
    TRY(recipient_agreement_derive(&agreement, private_key, public_key, true, &wrapping_key));
    if (!wrapping_key) {
        return recipient_list_unusable("the recipient's key agrees on nothing");
    }
    size_t start = out->len;
    TRY(recipient_agreement_write(&agreement, ephemeral, out));
    TRY(write_encrypted_key(certificate, wrapping_key, cek, out));
    return der_wrap(out, start, BER_CONTEXT_CONSTRUCTED + 1);
}
