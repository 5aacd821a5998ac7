#include "cms/der.h"
#include "cms/recipient_kek.h"
#include "enveloped_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>

TestSuite(recipient_kek, .init = fixture_start);

#define AES_128_WRAP "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x05"

static struct error *read_info(struct bytes der, struct recipient_list *list)
{
    struct ber_reader reader = ber_reader_of(der);
    struct ber_value info;
    TRY(ber_next(&reader, &info));
    return recipient_kek_read(&info, list);
}

static struct error *unwrap(struct bytes der, PK11SymKey *kek, enum cms_cipher which)
{
    struct cipher cipher = fixture_cipher(which);
    struct recipient_list list = { 0 };
    CLEANUP(nss_sym_key_free) PK11SymKey *cek = NULL;
    TRY(read_info(der, &list));
    struct error *error = recipient_kek_unwrap(&list.entries[0], kek, &cipher, &cek);
    recipient_list_done(&list);
    cr_assert_eq(error == NULL, cek != NULL);
    return error;
}

Test(recipient_kek, lists_what_it_cannot_read_and_does_not_stop)
{
    const struct bytes inputs[] = {
        BYTES_LITERAL("\xa2\x00"),
        BYTES_LITERAL("\xa2\x03\x02\x01\x04"),
        BYTES_LITERAL("\xa2\x14\x02\x01\x04\x30\x00" AES_128_WRAP "\x04\x00"),
        BYTES_LITERAL("\xa2\x0b\x02\x01\x04\x30\x03\x04\x01k\x30\x00\x04\x00"),
    };
    CLEANUP(nss_sym_key_free)
    PK11SymKey *kek = fixture_secret_key(BYTES_LITERAL("0123456789abcdef"));
    for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
        struct recipient_list list = { 0 };
        assert_ok(read_info(inputs[i], &list));
        cr_assert_eq(list.count, 1);
        cr_assert_eq(list.entries[0].recipient.type, CMS_KEK);
        cr_assert_str_eq(list.entries[0].recipient.algorithm, "unknown");
        recipient_list_done(&list);
        assert_error(unwrap(inputs[i], kek, CMS_AES_128_CBC), ERR_CMS_MALFORMED);
    }
}

Test(recipient_kek, leaves_unknown_wrappings_alone)
{
    CLEANUP(nss_sym_key_free)
    PK11SymKey *kek = fixture_secret_key(BYTES_LITERAL("0123456789abcdef"));
    struct bytes der =
        BYTES_LITERAL("\xa2\x0f\x02\x01\x04\x30\x03\x04\x01k\x30\x03\x06\x01\x2a\x04\x00");
    struct recipient_list list = { 0 };
    assert_ok(read_info(der, &list));
    cr_assert_str_eq(list.entries[0].recipient.algorithm, "unknown");
    cr_assert(bytes_equal(list.entries[0].recipient.ref.key_id, BYTES_LITERAL("k")));
    recipient_list_done(&list);
    assert_error(unwrap(der, kek, CMS_AES_128_CBC), ERR_CMS_UNSUPPORTED);
}

static struct error *make(PK11SymKey *kek, enum cms_cipher which, struct buffer *out)
{
    struct cipher cipher = fixture_cipher(which);
    CLEANUP(nss_sym_key_free) PK11SymKey *cek = NULL;
    TRY(cipher_new_key(&cipher, &cek));
    return recipient_kek_make(kek, BYTES_LITERAL("the name"), cek, out);
}

Test(recipient_kek, fails_with_one_word_for_a_wrong_key_and_a_damaged_one)
{
    CLEANUP(nss_sym_key_free)
    PK11SymKey *kek = fixture_secret_key(BYTES_LITERAL("0123456789abcdef"));
    CLEANUP(nss_sym_key_free)
    PK11SymKey *other = fixture_secret_key(BYTES_LITERAL("0123456789abcdeF"));
    CLEANUP(nss_sym_key_free)
    PK11SymKey *long_one = fixture_secret_key(BYTES_LITERAL("0123456789abcdef0123456789abcdef"));
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    assert_ok(make(kek, CMS_AES_256_GCM, out));
    assert_error(unwrap(buffer_view(out), other, CMS_AES_256_GCM), ERR_DECRYPTION_FAILED);
    assert_error(unwrap(buffer_view(out), long_one, CMS_AES_256_GCM), ERR_DECRYPTION_FAILED);
    assert_error(unwrap(buffer_view(out), kek, CMS_AES_128_GCM), ERR_DECRYPTION_FAILED);
    out->data[out->len - 1] ^= 1;
    assert_error(unwrap(buffer_view(out), kek, CMS_AES_256_GCM), ERR_DECRYPTION_FAILED);
    out->data[out->len - 1] ^= 1;
    assert_ok(unwrap(buffer_view(out), kek, CMS_AES_256_GCM));
}

Test(recipient_kek, refuses_to_make_with_a_key_that_is_no_aes_key)
{
    struct cipher des3 = fixture_cipher(CMS_3DES_CBC);
    CLEANUP(nss_sym_key_free) PK11SymKey *kek = NULL;
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(cipher_new_key(&des3, &kek));
    assert_ok(buffer_new(0, &out));
    assert_error(make(kek, CMS_AES_256_GCM, out), ERR_RECIPIENT_UNUSABLE);
}

Test(recipient_kek, opens_what_it_makes)
{
    struct bytes value = BYTES_LITERAL("0123456789abcdef0123456789abcdef");
    static const size_t sizes[] = { 16, 24, 32 };
    static const enum cms_cipher ciphers[] = { CMS_AES_128_CBC, CMS_AES_192_GCM, CMS_AES_256_GCM };
    for (size_t i = 0; i < ARRAY_SIZE(sizes) * ARRAY_SIZE(ciphers); i++) {
        CLEANUP(nss_sym_key_free)
        PK11SymKey *kek = fixture_secret_key(bytes_slice(value, 0, sizes[i % ARRAY_SIZE(sizes)]));
        CLEANUP(buffer_free) struct buffer *out = NULL;
        struct recipient_list list = { 0 };
        assert_ok(buffer_new(0, &out));
        assert_ok(make(kek, ciphers[i / ARRAY_SIZE(sizes)], out));
        assert_ok(unwrap(buffer_view(out), kek, ciphers[i / ARRAY_SIZE(sizes)]));
        assert_ok(read_info(buffer_view(out), &list));
        cr_assert_str_eq(list.entries[0].recipient.algorithm, "aes-wrap");
        cr_assert(bytes_equal(list.entries[0].recipient.ref.key_id, BYTES_LITERAL("the name")));
        recipient_list_done(&list);
    }
}

/* RFC 3217 3.4: the example's wrapping key and wrapped key. */
Test(recipient_kek, opens_3des_of_old_mail)
{
    struct cipher des3 = fixture_cipher(CMS_3DES_CBC);
    CLEANUP(nss_sym_key_free)
    PK11SymKey *kek = cipher_import_key(
        &des3, BYTES_LITERAL("\x25\x5e\x0d\x1c\x07\xb6\x46\xdf\xb3\x13\x4c\xc8\x43\xba\x8a\xa7"
                             "\x1f\x02\x5b\x7c\x08\x38\x25\x1f"));
    cr_assert_not_null(kek);
    struct bytes der = BYTES_LITERAL(
        "\xa2\x41\x02\x01\x04\x30\x03\x04\x01k\x30\x0d\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10"
        "\x03\x06\x04\x28"
        "\x69\x01\x07\x61\x8e\xf0\x92\xb3\xb4\x8c\xa1\x79\x6b\x23\x4a\xe9\xfa\x33\xeb\xb4\x15\x96"
        "\x04\x03\x7d\xb5\xd6\xa8\x4e\xb3\xaa\xc2\x76\x8c\x63\x27\x75\xa4\x67\xd4");
    assert_ok(unwrap(der, kek, CMS_3DES_CBC));
}
