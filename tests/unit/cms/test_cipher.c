#include "cms/cipher.h"
#include "cms/der.h"
#include "enveloped_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <nss.h>
#include <string.h>

TestSuite(cipher, .init = fixture_start);

#define OID_CBC "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2a"
#define OID_GCM "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2e"
#define OID_RC2 "\x06\x08\x2a\x86\x48\x86\xf7\x0d\x03\x02"
#define OID_3DES "\x06\x08\x2a\x86\x48\x86\xf7\x0d\x03\x07"
#define NONCE \
    "\x04\x0c" \
    "abcdefghijkl"
#define IV_16 \
    "\x04\x10" \
    "abcdefghijklmnop"
#define IV_8 \
    "\x04\x08" \
    "abcdefgh"

/* The contents of an AlgorithmIdentifier. */
static struct error *read_algorithm(struct bytes contents, struct cipher *ret_cipher)
{
    CLEANUP(buffer_free) struct buffer *der = NULL;
    TRY(buffer_new(0, &der));
    TRY(der_value(der, BER_SEQUENCE, contents));
    struct ber_reader reader = ber_reader_of(buffer_view(der));
    struct ber_value value;
    TRY(ber_next(&reader, &value));
    return cipher_read(&value, ret_cipher);
}

static void assert_malformed(struct bytes contents)
{
    struct cipher cipher;
    assert_error(read_algorithm(contents, &cipher), ERR_CMS_MALFORMED);
}

Test(cipher_read, refuses_parameters_that_do_not_fit)
{
    assert_malformed(BYTES_LITERAL(OID_CBC)); /* none */
    assert_malformed(BYTES_LITERAL(OID_CBC "\x05\x00"));
    assert_malformed(BYTES_LITERAL(OID_CBC IV_8));
    assert_malformed(BYTES_LITERAL(OID_3DES IV_16));
    assert_malformed(BYTES_LITERAL(OID_CBC IV_16 "\x05\x00")); /* something behind */
    assert_malformed(BYTES_LITERAL(OID_GCM NONCE)); /* not in a SEQUENCE */
    assert_malformed(BYTES_LITERAL(OID_GCM "\x30\x02\x04\x00")); /* no nonce */
    assert_malformed(BYTES_LITERAL(OID_RC2 IV_16));
    assert_malformed(BYTES_LITERAL("\x04\x01x")); /* no OID */
}

Test(cipher_read, refuses_tags_shorter_than_12_and_longer_than_16_bytes)
{
    assert_malformed(BYTES_LITERAL(OID_GCM "\x30\x11" NONCE "\x02\x01\x0b"));
    assert_malformed(BYTES_LITERAL(OID_GCM "\x30\x11" NONCE "\x02\x01\x11"));
    assert_malformed(BYTES_LITERAL(OID_GCM "\x30\x12" NONCE "\x02\x02\x01\x0c"));
}

Test(cipher_read, takes_a_tag_of_12_bytes_where_none_is_said)
{
    struct cipher cipher = { .info = NULL };
    assert_ok(read_algorithm(BYTES_LITERAL(OID_GCM "\x30\x0e" NONCE), &cipher));
    cr_assert_eq(cipher.tag_len, 12);
    assert_ok(read_algorithm(BYTES_LITERAL(OID_GCM "\x30\x11" NONCE "\x02\x01\x0d"), &cipher));
    cr_assert_eq(cipher.tag_len, 13);
    cr_assert_eq(cipher.iv.len, 12);
    cr_assert_eq(cipher.key_len, 32);
}

Test(cipher_read, knows_rc2_key_sizes_by_their_version_numbers)
{
    const struct {
        struct bytes contents;
        unsigned bits;
    } cases[] = {
        { BYTES_LITERAL(OID_RC2 "\x30\x0e\x02\x02\x00\xa0" IV_8), 40 },
        { BYTES_LITERAL(OID_RC2 "\x30\x0d\x02\x01\x78" IV_8), 64 },
        { BYTES_LITERAL(OID_RC2 "\x30\x0d\x02\x01\x3a" IV_8), 128 },
        { BYTES_LITERAL(OID_RC2 "\x30\x0e\x02\x02\x01\x00" IV_8), 256 },
        { BYTES_LITERAL(OID_RC2 IV_8), 32 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct cipher cipher = { .info = NULL };
        assert_ok(read_algorithm(cases[i].contents, &cipher));
        cr_assert_not_null(cipher.info, "%zu", i);
        cr_assert_eq(cipher.rc2_bits, cases[i].bits);
        cr_assert_eq(cipher.key_len, cases[i].bits / 8);
    }
}

Test(cipher_read, gives_no_cipher_for_what_is_not_in_the_table)
{
    struct cipher cipher = { .info = NULL };
    assert_ok(read_algorithm(BYTES_LITERAL("\x06\x03\x2a\x03\x04\x05\x00"), &cipher));
    cr_assert_null(cipher.info);
    /* RC2 with a version nobody uses, and one above what RC2 can do */
    assert_ok(read_algorithm(BYTES_LITERAL(OID_RC2 "\x30\x0d\x02\x01\x05" IV_8), &cipher));
    cr_assert_null(cipher.info);
    assert_ok(read_algorithm(BYTES_LITERAL(OID_RC2 "\x30\x0e\x02\x02\x04\x01" IV_8), &cipher));
    cr_assert_null(cipher.info);
}

Test(cipher_read, reads_what_is_written)
{
    static const enum cms_cipher ciphers[] = { CMS_AES_128_CBC, CMS_AES_192_CBC, CMS_AES_256_CBC,
                                               CMS_AES_128_GCM, CMS_AES_192_GCM, CMS_AES_256_GCM };
    for (size_t i = 0; i < ARRAY_SIZE(ciphers); i++) {
        const struct cms_cipher_info *info = cms_cipher_info(ciphers[i]);
        struct cipher cipher = { .info = info,
                                 .iv = BYTES_LITERAL("abcdefghijklmnop"),
                                 .tag_len = info->authenticated ? 14 : 0 };
        CLEANUP(buffer_free) struct buffer *der = NULL;
        assert_ok(buffer_new(0, &der));
        assert_ok(cipher_write(&cipher, der));
        struct ber_reader reader = ber_reader_of(buffer_view(der));
        struct ber_value value;
        assert_ok(ber_next(&reader, &value));
        struct cipher seen;
        assert_ok(cipher_read(&value, &seen));
        cr_assert_eq(seen.info, info);
        cr_assert(bytes_equal(seen.iv, cipher.iv));
        cr_assert_eq(seen.tag_len, cipher.tag_len);
        cr_assert_eq(seen.key_len, info->key_bits / 8);
    }
}

/* The plaintext encrypted in a mapping of its own. */
static struct mapping *encrypted(const struct cipher_job *job, struct bytes plain)
{
    struct mapping *mapping = NULL;
    uint8_t *tail = NULL;
    size_t growth = cipher_growth(job->cipher, plain.len);
    assert_ok(mapping_new(plain.len + growth, &mapping));
    assert_ok(mapping_append(mapping, plain));
    assert_ok(mapping_extend(mapping, growth, &tail));
    assert_ok(cipher_encrypt(job, mapping_data(mapping), plain.len));
    return mapping;
}

static const enum cms_cipher all_ciphers[] = { CMS_AES_128_CBC, CMS_AES_192_CBC, CMS_AES_256_CBC,
                                               CMS_AES_128_GCM, CMS_AES_192_GCM, CMS_AES_256_GCM,
                                               CMS_3DES_CBC,    CMS_RC2_CBC };

static void round_trip(enum cms_cipher which, size_t len)
{
    struct cipher cipher = fixture_cipher(which);
    CLEANUP(nss_sym_key_free) PK11SymKey *key = NULL;
    assert_ok(cipher_new_key(&cipher, &key));
    cr_assert_eq(PK11_GetKeyLength(key), cipher.key_len);
    const struct cipher_job job = { .cipher = &cipher, .key = key };
    CLEANUP(mapping_unref) struct mapping *plain = fixture_bytes(len);
    CLEANUP(mapping_unref) struct mapping *data = encrypted(&job, mapping_view(plain));
    cr_assert_not(bytes_equal(mapping_view(plain), bytes_slice(mapping_view(data), 0, len)) &&
                  len > 0);
    size_t plain_len = 0;
    assert_ok(cipher_look(&job, mapping_view(data), &plain_len));
    cr_assert_eq(plain_len, len);
    assert_ok(cipher_decrypt(&job, mapping_data(data), mapping_len(data)));
    cr_assert(bytes_equal(bytes_slice(mapping_view(data), 0, plain_len), mapping_view(plain)),
              "%s, %zu bytes", cipher.info->name, len);
}

Test(cipher, decrypts_what_it_encrypts_at_every_size)
{
    static const size_t sizes[] = { 0, 1, 7, 8, 15, 16, 17, 127, 4096, 65537 };
    for (size_t i = 0; i < ARRAY_SIZE(all_ciphers); i++) {
        for (size_t k = 0; k < ARRAY_SIZE(sizes); k++) {
            round_trip(all_ciphers[i], sizes[k]);
        }
    }
}

/* What is done in chunks and in place must be what NSS does at once and out of place: freebl's
 * assembler reads several blocks ahead. */
static void compare_with_one_call(enum cms_cipher which, size_t len)
{
    struct cipher cipher = fixture_cipher(which);
    CLEANUP(nss_sym_key_free) PK11SymKey *key = NULL;
    assert_ok(cipher_new_key(&cipher, &key));
    const struct cipher_job job = { .cipher = &cipher, .key = key };
    CLEANUP(mapping_unref) struct mapping *plain = fixture_bytes(len);
    CLEANUP(mapping_unref) struct mapping *data = encrypted(&job, mapping_view(plain));
    CLEANUP(mapping_unref) struct mapping *other = fixture_bytes(mapping_len(data) + 64);
    uint8_t iv_bytes[] = "0123456789abcdef";
    SECItem iv = { siBuffer, iv_bytes, 16 };
    unsigned int done = 0;
    unsigned room = (unsigned)mapping_len(other);
    cr_assert_eq(PK11_Encrypt(key, CKM_AES_CBC_PAD, &iv, mapping_data(other), &done, room,
                              mapping_data(plain), (unsigned)len),
                 SECSuccess);
    cr_assert(bytes_equal(bytes_slice(mapping_view(other), 0, done), mapping_view(data)));
    cr_assert_eq(PK11_Decrypt(key, CKM_AES_CBC, &iv, mapping_data(other), &done, room,
                              mapping_data(data), (unsigned)mapping_len(data)),
                 SECSuccess);
    assert_ok(cipher_decrypt(&job, mapping_data(data), mapping_len(data)));
    cr_assert(bytes_equal(bytes_slice(mapping_view(other), 0, done), mapping_view(data)));
}

Test(cipher, does_in_place_what_nss_does_out_of_place)
{
    static const size_t sizes[] = {
        16, 32, 48, 112, 128, 129, 143, 240, 1000, 65553, 1048575, 1048592, 3 * 1048576 + 77
    };
    static const enum cms_cipher ciphers[] = { CMS_AES_128_CBC, CMS_AES_192_CBC, CMS_AES_256_CBC };
    for (size_t i = 0; i < ARRAY_SIZE(ciphers); i++) {
        for (size_t k = 0; k < ARRAY_SIZE(sizes); k++) {
            compare_with_one_call(ciphers[i], sizes[k]);
        }
    }
}

/* One raw CBC block chain with this last block, by encrypting it as whole blocks. */
static struct error *look_at_last_block(const uint8_t *last, size_t blocks)
{
    struct cipher cipher = fixture_cipher(CMS_AES_128_CBC);
    CLEANUP(nss_sym_key_free) PK11SymKey *key = NULL;
    TRY(cipher_new_key(&cipher, &key));
    const struct cipher_job job = { .cipher = &cipher, .key = key };
    uint8_t data[64] = { 0 };
    size_t len = 16 * blocks;
    memcpy(data + len - 16, last, 16);
    uint8_t iv_bytes[] = "0123456789abcdef";
    SECItem iv = { siBuffer, iv_bytes, 16 };
    uint8_t out[64];
    unsigned int done = 0;
    cr_assert_eq(PK11_Encrypt(key, CKM_AES_CBC, &iv, out, &done, sizeof(out), data, (unsigned)len),
                 SECSuccess);
    size_t plain_len = 0;
    TRY(cipher_look(&job, (struct bytes){ out, len }, &plain_len));
    cr_assert_eq(plain_len, len - last[15]);
    return NULL;
}

Test(cipher, checks_every_byte_of_the_padding)
{
    for (size_t blocks = 1; blocks <= 3; blocks++) {
        for (unsigned padding = 0; padding <= 18; padding++) {
            uint8_t last[16];
            memset(last, (int)padding, sizeof(last));
            bool right = padding >= 1 && padding <= 16;
            if (!right) {
                assert_error(look_at_last_block(last, blocks), ERR_DECRYPTION_FAILED);
                continue;
            }
            for (unsigned i = 0; i < 15; i++) {
                memset(last, (int)padding, sizeof(last));
                last[i] ^= 0x80;
                if (i >= 16 - padding) {
                    assert_error(look_at_last_block(last, blocks), ERR_DECRYPTION_FAILED);
                } else {
                    assert_ok(look_at_last_block(last, blocks));
                }
            }
        }
    }
}

Test(cipher, refuses_content_that_is_not_of_whole_blocks)
{
    struct cipher cipher = fixture_cipher(CMS_AES_128_CBC);
    CLEANUP(nss_sym_key_free) PK11SymKey *key = NULL;
    assert_ok(cipher_new_key(&cipher, &key));
    const struct cipher_job job = { .cipher = &cipher, .key = key };
    size_t plain_len = 0;
    struct bytes bytes = BYTES_LITERAL("0123456789abcdef0123456789abcdef");
    for (size_t len = 0; len < bytes.len; len++) {
        if (len != 16) {
            assert_error(cipher_look(&job, bytes_slice(bytes, 0, len), &plain_len),
                         ERR_DECRYPTION_FAILED);
        }
    }
}

Test(cipher, fails_for_every_flipped_bit_under_gcm_and_wipes)
{
    struct cipher cipher = fixture_cipher(CMS_AES_256_GCM);
    cipher.tag_len = 12;
    CLEANUP(nss_sym_key_free) PK11SymKey *key = NULL;
    assert_ok(cipher_new_key(&cipher, &key));
    const struct cipher_job job = { .cipher = &cipher,
                                    .key = key,
                                    .authenticated = BYTES_LITERAL("more") };
    static const uint8_t zero[64];
    CLEANUP(mapping_unref) struct mapping *plain = fixture_bytes(21);
    CLEANUP(mapping_unref) struct mapping *good = encrypted(&job, mapping_view(plain));
    cr_assert_eq(mapping_len(good), 33);
    for (size_t bit = 0; bit < 8 * mapping_len(good); bit++) {
        CLEANUP(mapping_unref) struct mapping *bad = fixture_mapping(mapping_view(good));
        mapping_data(bad)[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_error(cipher_decrypt(&job, mapping_data(bad), mapping_len(bad)),
                     ERR_DECRYPTION_FAILED);
        cr_assert(bytes_equal(mapping_view(bad), (struct bytes){ zero, 33 }));
    }
    struct cipher_job other = job;
    other.authenticated = BYTES_LITERAL("Xore");
    CLEANUP(mapping_unref) struct mapping *copy = fixture_mapping(mapping_view(good));
    assert_error(cipher_decrypt(&other, mapping_data(copy), mapping_len(copy)),
                 ERR_DECRYPTION_FAILED);
    assert_ok(cipher_decrypt(&job, mapping_data(good), mapping_len(good)));
}

Test(cipher, takes_gcm_nonces_of_any_length_and_tags_from_12_to_16)
{
    static const size_t nonces[] = { 1, 8, 12, 13, 16, 60 };
    CLEANUP(mapping_unref) struct mapping *plain = fixture_bytes(100);
    struct cipher cipher = fixture_cipher(CMS_AES_128_GCM);
    CLEANUP(nss_sym_key_free) PK11SymKey *key = NULL;
    assert_ok(cipher_new_key(&cipher, &key));
    const struct cipher_job job = { .cipher = &cipher, .key = key };
    for (size_t i = 0; i < ARRAY_SIZE(nonces); i++) {
        for (size_t tag_len = 12; tag_len <= 16; tag_len++) {
            cipher.iv = bytes_slice(mapping_view(plain), 0, nonces[i]);
            cipher.tag_len = tag_len;
            CLEANUP(mapping_unref) struct mapping *data = encrypted(&job, mapping_view(plain));
            assert_ok(cipher_decrypt(&job, mapping_data(data), mapping_len(data)));
            cr_assert(bytes_equal(bytes_slice(mapping_view(data), 0, 100), mapping_view(plain)));
        }
    }
}

Test(cipher, refuses_gcm_content_shorter_than_its_tag)
{
    struct cipher cipher = fixture_cipher(CMS_AES_128_GCM);
    const struct cipher_job job = { .cipher = &cipher };
    size_t plain_len = 0;
    assert_error(cipher_look(&job, BYTES_LITERAL("0123456789abcde"), &plain_len),
                 ERR_DECRYPTION_FAILED);
}

static void cancel_at_once(void *context, uint64_t done, uint64_t total)
{
    (void)done;
    (void)total;
    cr_assert(task_cancel(*(struct task **)context));
}

Test(cipher, stops_when_cancelled_and_wipes)
{
    struct task *task = NULL;
    assert_ok(task_new(cancel_at_once, &task, &task));
    struct cipher cipher = fixture_cipher(CMS_AES_256_CBC);
    CLEANUP(nss_sym_key_free) PK11SymKey *key = NULL;
    assert_ok(cipher_new_key(&cipher, &key));
    const struct cipher_job job = { .cipher = &cipher, .key = key, .task = task };
    CLEANUP(mapping_unref) struct mapping *data = fixture_bytes(2097152);
    assert_error(cipher_decrypt(&job, mapping_data(data), mapping_len(data)), ERR_CANCELLED);
    for (size_t i = 0; i < mapping_len(data); i++) {
        cr_assert_eq(mapping_data(data)[i], 0);
    }
    assert_error(cipher_encrypt(&job, mapping_data(data), 1048576), ERR_CANCELLED);
    struct cipher gcm = fixture_cipher(CMS_AES_256_GCM);
    const struct cipher_job gcm_job = { .cipher = &gcm, .key = key, .task = task };
    assert_error(cipher_encrypt(&gcm_job, mapping_data(data), 1048576), ERR_CANCELLED);
    assert_error(cipher_decrypt(&gcm_job, mapping_data(data), 1048576), ERR_CANCELLED);
    task_unref(task);
}

Test(cipher, makes_keys_that_cannot_be_read)
{
    for (size_t i = 0; i < ARRAY_SIZE(all_ciphers); i++) {
        struct cipher cipher = fixture_cipher(all_ciphers[i]);
        CLEANUP(nss_sym_key_free) PK11SymKey *key = NULL;
        assert_ok(cipher_new_key(&cipher, &key));
        cr_assert_eq(PK11_ExtractKeyValue(key), SECFailure, "%s", cipher.info->name);
    }
}

Test(cipher, makes_known_keys_that_do_what_others_do)
{
    static const enum cms_cipher ciphers[] = { CMS_AES_128_CBC, CMS_AES_192_GCM, CMS_AES_256_CBC };
    for (size_t i = 0; i < ARRAY_SIZE(ciphers); i++) {
        struct cipher cipher = fixture_cipher(ciphers[i]);
        uint8_t values[2][CIPHER_KEY_MAX];
        CLEANUP(nss_sym_key_free) PK11SymKey *one = NULL;
        CLEANUP(nss_sym_key_free) PK11SymKey *two = NULL;
        assert_ok(cipher_new_known_key(&cipher, values[0], &one));
        assert_ok(cipher_new_known_key(&cipher, values[1], &two));
        cr_assert_neq(memcmp(values[0], values[1], cipher.key_len), 0);
        CLEANUP(nss_sym_key_free)
        PK11SymKey *again = cipher_import_key(&cipher, (struct bytes){ values[0], cipher.key_len });
        cr_assert_not_null(again);
        uint8_t data[64] = "some text of forty-seven bytes, more or less ..";
        const struct cipher_job encrypt = { .cipher = &cipher, .key = one };
        const struct cipher_job decrypt = { .cipher = &cipher, .key = again };
        assert_ok(cipher_encrypt(&encrypt, data, 47));
        assert_ok(cipher_decrypt(&decrypt, data, 47 + cipher_growth(&cipher, 47)));
        cr_assert_eq(memcmp(data, "some text", 9), 0);
    }
}

Test(cipher, imports_no_key_of_another_size)
{
    struct cipher cipher = fixture_cipher(CMS_AES_256_CBC);
    CLEANUP(mapping_unref) struct mapping *bytes = fixture_bytes(40);
    for (size_t len = 0; len <= 40; len++) {
        CLEANUP(nss_sym_key_free)
        PK11SymKey *key = cipher_import_key(&cipher, bytes_slice(mapping_view(bytes), 0, len));
        cr_assert_eq(key != NULL, len == cipher.key_len, "%zu", len);
    }
}
