#include "cms/der.h"
#include "cms/recipient_pwri.h"
#include "enveloped_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>

TestSuite(recipient_pwri, .init = fixture_start, .fini = fixture_remove);

#define PBKDF2 "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c\x30\x06\x04\x01s\x02\x01\x01"
#define PWRI_KEK "\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x03\x09"
#define AES_128_CBC \
    "\x30\x1d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x02\x04\x10" \
    "0123456789abcdef"
#define AES_128_GCM \
    "\x30\x1d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x06\x30\x10\x04\x0e" \
    "0123456789abcd"

static struct error *read_info(struct bytes der, struct recipient_list *list)
{
    struct ber_reader reader = ber_reader_of(der);
    struct ber_value info;
    TRY(ber_next(&reader, &info));
    return recipient_pwri_read(&info, list);
}

static struct error *unwrap(struct bytes der, struct bytes password, enum cms_cipher which,
                            PK11SymKey **ret_cek)
{
    struct cipher cipher = fixture_cipher(which);
    struct recipient_list list = { 0 };
    TRY(read_info(der, &list));
    struct error *error = recipient_pwri_unwrap(&list.entries[0], password, &cipher, ret_cek);
    recipient_list_done(&list);
    return error;
}

static struct error *try_unwrap(struct bytes der, const char *password, enum cms_cipher which)
{
    CLEANUP(nss_sym_key_free) PK11SymKey *cek = NULL;
    return unwrap(der, bytes_of_string(password), which, &cek);
}

/* [3] with the parts given. */
static struct bytes info_of(struct buffer *out, struct bytes derivation, struct bytes wrapping,
                            struct bytes encrypted_key)
{
    out->len = 0;
    assert_ok(der_small_integer(out, 0));
    if (derivation.len > 0) {
        assert_ok(der_value(out, BER_CONTEXT_CONSTRUCTED, derivation));
    }
    assert_ok(der_value(out, BER_SEQUENCE, wrapping));
    assert_ok(der_value(out, BER_OCTET_STRING, encrypted_key));
    assert_ok(der_wrap(out, 0, BER_CONTEXT_CONSTRUCTED + 3));
    return buffer_view(out);
}

static void assert_listed(struct bytes der, const char *algorithm, enum error_code code)
{
    struct recipient_list list = { 0 };
    assert_ok(read_info(der, &list));
    cr_assert_eq(list.count, 1);
    cr_assert_eq(list.entries[0].recipient.type, CMS_PASSWORD);
    cr_assert_str_eq(list.entries[0].recipient.algorithm, algorithm);
    recipient_list_done(&list);
    assert_error(try_unwrap(der, "x", CMS_AES_128_CBC), code);
}

Test(recipient_pwri, lists_what_it_cannot_use_and_does_not_stop)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    struct bytes good = BYTES_LITERAL(PBKDF2);
    struct bytes wrapping = BYTES_LITERAL(PWRI_KEK AES_128_CBC);
    CLEANUP(mapping_unref) struct mapping *key = fixture_bytes(32);
    assert_listed(BYTES_LITERAL("\xa3\x00"), "unknown", ERR_CMS_MALFORMED);
    assert_listed(info_of(out, BYTES_NONE, wrapping, mapping_view(key)), "unknown",
                  ERR_CMS_UNSUPPORTED);
    assert_listed(info_of(out, BYTES_LITERAL("\x06\x01\x2a"), wrapping, mapping_view(key)),
                  "unknown", ERR_CMS_UNSUPPORTED);
    assert_listed(info_of(out, good, BYTES_LITERAL("\x06\x01\x2a"), mapping_view(key)), "unknown",
                  ERR_CMS_UNSUPPORTED);
    assert_listed(info_of(out, good, BYTES_LITERAL(PWRI_KEK), mapping_view(key)), "unknown",
                  ERR_CMS_MALFORMED);
    assert_listed(info_of(out, good, BYTES_LITERAL(PWRI_KEK AES_128_GCM), mapping_view(key)),
                  "unknown", ERR_CMS_UNSUPPORTED);
    assert_listed(
        info_of(out, good, BYTES_LITERAL(PWRI_KEK "\x30\x03\x06\x01\x2a"), mapping_view(key)),
        "unknown", ERR_CMS_UNSUPPORTED);
    /* and one that is whole, with a key that was never wrapped */
    assert_listed(info_of(out, good, wrapping, mapping_view(key)), "pbkdf2", ERR_DECRYPTION_FAILED);
}

Test(recipient_pwri, fails_for_wrapped_keys_of_every_odd_length)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    CLEANUP(mapping_unref) struct mapping *bytes = fixture_bytes(400);
    assert_ok(buffer_new(0, &out));
    for (size_t len = 0; len <= 400; len++) {
        struct bytes der = info_of(out, BYTES_LITERAL(PBKDF2), BYTES_LITERAL(PWRI_KEK AES_128_CBC),
                                   bytes_slice(mapping_view(bytes), 0, len));
        assert_error(try_unwrap(der, "password", CMS_AES_128_CBC), ERR_DECRYPTION_FAILED);
    }
}

static void make(struct bytes cek, struct buffer *out)
{
    assert_ok(recipient_pwri_make(BYTES_LITERAL("right"), 100, cek, out));
}

Test(recipient_pwri, fails_for_a_wrong_password_and_every_damaged_byte)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    CLEANUP(mapping_unref) struct mapping *cek = fixture_bytes(16);
    assert_ok(buffer_new(0, &out));
    make(mapping_view(cek), out);
    assert_ok(try_unwrap(buffer_view(out), "right", CMS_AES_128_GCM));
    assert_error(try_unwrap(buffer_view(out), "wrong", CMS_AES_128_GCM), ERR_DECRYPTION_FAILED);
    assert_error(try_unwrap(buffer_view(out), "", CMS_AES_128_GCM), ERR_DECRYPTION_FAILED);
    /* a key of another size than the cipher's */
    assert_error(try_unwrap(buffer_view(out), "right", CMS_AES_256_GCM), ERR_DECRYPTION_FAILED);
    for (size_t i = out->len - 32; i < out->len; i++) { /* the two blocks of the wrapped key */
        CLEANUP(nss_sym_key_free) PK11SymKey *damaged = NULL;
        out->data[i] ^= 0x20;
        assert_error(unwrap(buffer_view(out), BYTES_LITERAL("right"), CMS_AES_128_GCM, &damaged),
                     ERR_DECRYPTION_FAILED);
        out->data[i] ^= 0x20;
    }
}

Test(recipient_pwri, opens_what_it_makes)
{
    static const enum cms_cipher ciphers[] = { CMS_AES_128_CBC, CMS_AES_192_CBC, CMS_AES_256_GCM };
    static const size_t sizes[] = { 16, 24, 32 };
    for (size_t i = 0; i < ARRAY_SIZE(ciphers); i++) {
        CLEANUP(buffer_free) struct buffer *out = NULL;
        CLEANUP(buffer_free) struct buffer *again = NULL;
        CLEANUP(nss_sym_key_free) PK11SymKey *cek = NULL;
        CLEANUP(mapping_unref) struct mapping *value = fixture_bytes(sizes[i]);
        assert_ok(buffer_new(0, &out));
        assert_ok(buffer_new(0, &again));
        make(mapping_view(value), out);
        make(mapping_view(value), again);
        cr_assert_not(bytes_equal(buffer_view(out), buffer_view(again)), "salt and IV are new");
        assert_ok(unwrap(buffer_view(out), BYTES_LITERAL("right"), ciphers[i], &cek));
        cr_assert_eq(PK11_ExtractKeyValue(cek), SECSuccess);
        SECItem *data = PK11_GetKeyData(cek);
        cr_assert(bytes_equal((struct bytes){ data->data, data->len }, mapping_view(value)));
    }
}
