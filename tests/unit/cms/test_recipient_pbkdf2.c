#include "base/limits.h"
#include "cms/der.h"
#include "cms/recipient_pbkdf2.h"
#include "enveloped_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>

TestSuite(recipient_pbkdf2, .init = fixture_start);

#define PBKDF2 "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c"
#define HMAC(n) "\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02" n "\x05\x00"

static struct error *read_parameters(struct bytes input, struct recipient_pbkdf2 *ret_parameters)
{
    struct ber_reader reader = ber_reader_of(input);
    return recipient_pbkdf2_read(&reader, ret_parameters);
}

Test(recipient_pbkdf2, refuses_what_cannot_be_read)
{
    const struct bytes inputs[] = {
        BYTES_NONE,
        BYTES_LITERAL(PBKDF2),
        BYTES_LITERAL(PBKDF2 "\x05\x00"),
        BYTES_LITERAL(PBKDF2 "\x30\x00"),
        BYTES_LITERAL(PBKDF2 "\x30\x03\x04\x01s"),
        BYTES_LITERAL(PBKDF2 "\x30\x06\x02\x01\x01\x04\x01s"),
        BYTES_LITERAL(PBKDF2 "\x30\x06\x04\x01s\x02\x01\x80"), /* a negative count */
        BYTES_LITERAL(PBKDF2 "\x30\x08\x04\x01s\x02\x01\x01\x05\x00"),
        BYTES_LITERAL(PBKDF2 "\x30\x08\x04\x01s\x02\x01\x01\x30\x00"),
        BYTES_LITERAL(PBKDF2 "\x30\x06\x04\x01s\x02\x01\x01\x05\x00"),
    };
    for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
        struct recipient_pbkdf2 parameters;
        assert_error(read_parameters(inputs[i], &parameters), ERR_CMS_MALFORMED);
    }
}

Test(recipient_pbkdf2, refuses_what_it_does_not_know)
{
    const struct bytes inputs[] = {
        BYTES_LITERAL("\x06\x01\x2a\x30\x00"), /* another derivation */
        BYTES_LITERAL(PBKDF2 "\x30\x08\x30\x03\x06\x01\x2a\x02\x01\x01"), /* otherSource */
        BYTES_LITERAL(PBKDF2 "\x30\x0b\x04\x01s\x02\x01\x01\x30\x03\x06\x01\x2a"),
        BYTES_LITERAL(PBKDF2 "\x30\x14\x04\x01s\x02\x01\x01" HMAC("\x05")), /* HMAC with MD5 */
        BYTES_LITERAL(PBKDF2 "\x30\x05\x04\x00\x02\x01\x01"), /* no salt */
        BYTES_LITERAL(PBKDF2 "\x30\x06\x04\x01s\x02\x01\x00"), /* no iteration */
    };
    for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
        struct recipient_pbkdf2 parameters;
        assert_error(read_parameters(inputs[i], &parameters), ERR_CMS_UNSUPPORTED);
    }
}

static struct error *read_with(uint64_t iterations, size_t salt_len)
{
    static const uint8_t salt[LIMIT_PASSWORD_SALT + 1];
    CLEANUP(buffer_free) struct buffer *der = NULL;
    struct recipient_pbkdf2 parameters;
    TRY(buffer_new(0, &der));
    TRY(recipient_pbkdf2_write((struct bytes){ salt, salt_len }, iterations, der));
    TRY(read_parameters(buffer_view(der), &parameters));
    cr_assert_eq(parameters.iterations, iterations);
    cr_assert_eq(parameters.salt.len, salt_len);
    cr_assert_eq(parameters.key_len, 0);
    return NULL;
}

Test(recipient_pbkdf2, bounds_iterations_and_salt)
{
    assert_ok(read_with(LIMIT_PASSWORD_ITERATIONS, LIMIT_PASSWORD_SALT));
    assert_error(read_with(LIMIT_PASSWORD_ITERATIONS + 1, 8), ERR_CMS_UNSUPPORTED);
    assert_error(read_with(1, LIMIT_PASSWORD_SALT + 1), ERR_CMS_UNSUPPORTED);
}

Test(recipient_pbkdf2, gives_no_key_of_another_length_than_told)
{
    struct cipher cipher = fixture_cipher(CMS_AES_256_CBC);
    CLEANUP(nss_sym_key_free) PK11SymKey *key = NULL;
    struct recipient_pbkdf2 parameters;
    assert_ok(read_parameters(BYTES_LITERAL(PBKDF2 "\x30\x09\x04\x01s\x02\x01\x01\x02\x01\x10"),
                              &parameters));
    assert_error(recipient_pbkdf2_derive(&parameters, &cipher, BYTES_LITERAL("x"), &key),
                 ERR_DECRYPTION_FAILED);
    cipher = fixture_cipher(CMS_AES_128_CBC);
    assert_ok(recipient_pbkdf2_derive(&parameters, &cipher, BYTES_LITERAL("x"), &key));
}

/* Computed by Python's hashlib: 1000 iterations, salt "salt and more". */
Test(recipient_pbkdf2, derives_what_others_derive)
{
    static const struct {
        const char prf[2];
        const char key[33];
    } rows[] = {
        { "\x07",
          "\xf4\xc2\x5a\xf0\x3f\x25\x77\xec\xf1\xd6\x0b\x0e\x6e\x3e\x4f\xbb\xda\x5c\xaa\x1c\x58\x10\xb1\x19\x36\x2a\x99\x4a\xa0\xde\xdd\xb4" },
        { "\x08",
          "\xbf\x38\x88\xfc\x34\x08\x49\x16\x9b\x72\x37\x2a\x3b\x8b\x02\xeb\x54\xeb\x45\x59\x32\xfc\xf5\x8f\x2b\x51\x31\xc1\xcb\x30\xcd\x8d" },
        { "\x09",
          "\xb3\xb5\x77\x05\x77\xa5\xb7\x99\x42\x38\xcc\xb0\x8e\x78\x67\xd6\x47\xb8\x20\xdf\x46\xd5\x63\x0e\x8a\xa2\x37\x51\x5a\x22\x9c\x8b" },
        { "\x0a",
          "\xa9\x31\x9a\x0d\x07\x33\x2e\x89\x88\x4d\x04\x28\x0f\xa7\x81\x3e\xe8\x18\xa0\xe0\x6a\x4e\x49\x93\xbf\x42\xb4\xff\x31\xb6\xe2\xe1" },
        { "\x0b",
          "\x2e\x8e\x97\x9c\x14\xc8\xac\xeb\xab\xef\xaa\x5f\x8f\x01\x10\xc0\xfc\xd1\x99\x31\xdc\xc9\xcd\x9c\xb4\x92\xae\xe4\x8e\x8e\xf3\xe9" },
    };
    static const enum cms_cipher ciphers[] = { CMS_AES_256_CBC, CMS_AES_128_CBC, CMS_AES_192_CBC,
                                               CMS_3DES_CBC };
    for (size_t i = 0; i < ARRAY_SIZE(rows) * ARRAY_SIZE(ciphers); i++) {
        struct cipher cipher = fixture_cipher(ciphers[i / ARRAY_SIZE(rows)]);
        uint8_t prf[] = "\x2a\x86\x48\x86\xf7\x0d\x02?";
        prf[7] = (uint8_t)rows[i % ARRAY_SIZE(rows)].prf[0];
        const struct recipient_pbkdf2 parameters = { .salt = BYTES_LITERAL("salt and more"),
                                                     .iterations = 1000,
                                                     .prf = { prf, 8 } };
        CLEANUP(nss_sym_key_free) PK11SymKey *key = NULL;
        assert_ok(
            recipient_pbkdf2_derive(&parameters, &cipher, BYTES_LITERAL("passw\xc3\xb6rd"), &key));
        cr_assert_eq(PK11_ExtractKeyValue(key), SECSuccess);
        SECItem *value = PK11_GetKeyData(key);
        const uint8_t *wanted = (const uint8_t *)rows[i % ARRAY_SIZE(rows)].key;
        cr_assert_eq(value->len, cipher.key_len);
        for (size_t k = 0; k < value->len; k++) { /* DES keys have parity bits */
            unsigned mask = cipher.info->cipher == CMS_3DES_CBC ? 0xfe : 0xff;
            cr_assert_eq(value->data[k] & mask, wanted[k] & mask, "%zu", i);
        }
    }
}
