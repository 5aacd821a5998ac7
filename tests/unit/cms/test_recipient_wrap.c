#include "cms/ber.h"
#include "cms/recipient_wrap.h"
#include "enveloped_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>

TestSuite(recipient_wrap, .init = fixture_start);

/* RFC 3394 4.1 and 4.6 */
#define KEK_128 "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"
#define KEK_256 KEK_128 "\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f"
#define KEY_128 "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff"
#define WRAPPED_128 \
    "\x1f\xa6\x8b\x0a\x81\x12\xb4\x47\xae\xf3\x4b\xd8\xfb\x5a\x7b\x82\x9d\x3e\x86\x23\x71\xd2\xcf\xe5"

static PK11SymKey *import(struct bytes value, CK_ATTRIBUTE_TYPE operation)
{
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalSlot();
    CLEANUP(mapping_unref) struct mapping *copy = fixture_mapping(value);
    SECItem item = { siBuffer, mapping_data(copy), (unsigned int)value.len };
    PK11SymKey *key =
        PK11_ImportSymKey(slot, CKM_AES_KEY_WRAP, PK11_OriginUnwrap, operation, &item, NULL);
    cr_assert_not_null(key);
    return key;
}

static void assert_value(PK11SymKey *key, struct bytes value)
{
    cr_assert_not_null(key);
    cr_assert_eq(PK11_ExtractKeyValue(key), SECSuccess);
    SECItem *data = PK11_GetKeyData(key);
    cr_assert(bytes_equal((struct bytes){ data->data, data->len }, value));
}

Test(recipient_wrap, knows_no_other_way)
{
    cr_assert_null(recipient_wrap_by_oid(BYTES_NONE));
    cr_assert_null(recipient_wrap_by_oid(BYTES_LITERAL("\x2a")));
    /* id-aes128-wrap-pad (RFC 5649) is another thing */
    cr_assert_null(recipient_wrap_by_oid(BYTES_LITERAL("\x60\x86\x48\x01\x65\x03\x04\x01\x08")));
    cr_assert_null(recipient_wrap_aes(0));
    cr_assert_null(recipient_wrap_aes(17));
}

Test(recipient_wrap, refuses_every_damaged_byte_and_other_lengths)
{
    const struct recipient_wrap *wrap = recipient_wrap_aes(16);
    struct cipher cipher = fixture_cipher(CMS_AES_128_CBC);
    CLEANUP(nss_sym_key_free) PK11SymKey *kek = import(BYTES_LITERAL(KEK_128), CKA_UNWRAP);
    CLEANUP(mapping_unref) struct mapping *wrapped = fixture_mapping(BYTES_LITERAL(WRAPPED_128));
    struct bytes view = mapping_view(wrapped);
    for (size_t i = 0; i < view.len; i++) {
        mapping_data(wrapped)[i] ^= 0x10;
        cr_assert_null(recipient_wrap_open(wrap, kek, view, &cipher), "%zu", i);
        mapping_data(wrapped)[i] ^= 0x10;
        cr_assert_null(recipient_wrap_open(wrap, kek, bytes_slice(view, 0, i), &cipher));
    }
    CLEANUP(mapping_unref) struct mapping *long_one = fixture_bytes(72);
    cr_assert_null(recipient_wrap_open(wrap, kek, mapping_view(long_one), &cipher));
    CLEANUP(nss_sym_key_free) PK11SymKey *whole = recipient_wrap_open(wrap, kek, view, &cipher);
    cr_assert_not_null(whole, "the bytes were right all along");
}

Test(recipient_wrap, refuses_a_key_of_another_size_than_the_ciphers)
{
    struct cipher cipher = fixture_cipher(CMS_AES_256_GCM);
    CLEANUP(nss_sym_key_free) PK11SymKey *kek = import(BYTES_LITERAL(KEK_128), CKA_UNWRAP);
    cr_assert_null(
        recipient_wrap_open(recipient_wrap_aes(16), kek, BYTES_LITERAL(WRAPPED_128), &cipher));
}

Test(recipient_wrap, unwraps_the_example_of_the_standard)
{
    const struct recipient_wrap *wrap =
        recipient_wrap_by_oid(BYTES_LITERAL("\x60\x86\x48\x01\x65\x03\x04\x01\x05"));
    cr_assert_eq(wrap, recipient_wrap_aes(16));
    struct cipher cipher = fixture_cipher(CMS_AES_128_GCM);
    CLEANUP(nss_sym_key_free) PK11SymKey *kek = import(BYTES_LITERAL(KEK_128), CKA_UNWRAP);
    CLEANUP(nss_sym_key_free)
    PK11SymKey *cek = recipient_wrap_open(wrap, kek, BYTES_LITERAL(WRAPPED_128), &cipher);
    assert_value(cek, BYTES_LITERAL(KEY_128));
}

Test(recipient_wrap, wraps_what_it_unwraps)
{
    static const enum cms_cipher ciphers[] = { CMS_AES_128_CBC, CMS_AES_192_GCM, CMS_AES_256_CBC };
    static const size_t sizes[] = { 16, 24, 32 };
    for (size_t i = 0; i < ARRAY_SIZE(ciphers) * ARRAY_SIZE(sizes); i++) {
        struct cipher cipher = fixture_cipher(ciphers[i / ARRAY_SIZE(sizes)]);
        size_t size = sizes[i % ARRAY_SIZE(sizes)];
        struct bytes value = bytes_slice(BYTES_LITERAL(KEK_256), 0, size);
        CLEANUP(nss_sym_key_free) PK11SymKey *wrapping = import(value, CKA_WRAP);
        CLEANUP(nss_sym_key_free) PK11SymKey *unwrapping = import(value, CKA_UNWRAP);
        CLEANUP(nss_sym_key_free) PK11SymKey *cek = NULL;
        CLEANUP(buffer_free) struct buffer *out = NULL;
        assert_ok(cipher_new_key(&cipher, &cek));
        assert_ok(buffer_new(0, &out));
        assert_ok(recipient_wrap_make(wrapping, cek, out));
        struct ber_reader reader = ber_reader_of(buffer_view(out));
        struct ber_value string;
        assert_ok(ber_expect(&reader, BER_OCTET_STRING, &string));
        cr_assert_eq(string.contents.len, cipher.key_len + 8);
        CLEANUP(nss_sym_key_free)
        PK11SymKey *again =
            recipient_wrap_open(recipient_wrap_aes(size), unwrapping, string.contents, &cipher);
        cr_assert_not_null(again);
    }
}
