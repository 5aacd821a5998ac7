#include "cms/recipient_pbkdf2.h"

#include "base/limits.h"
#include "cms/cipher.h"
#include "cms/der.h"
#include "nss/item.h"
#include "nss/nss_scope.h"

#define OID_PKCS5(n) "\x2a\x86\x48\x86\xf7\x0d\x01\x05" n
#define OID_DIGEST(n) "\x2a\x86\x48\x86\xf7\x0d\x02" n

/* RFC 8018 B.1: HMAC with SHA-1, -224, -256, -384, -512 */
static const char prfs[][9] = { OID_DIGEST("\x07"), OID_DIGEST("\x08"), OID_DIGEST("\x09"),
                                OID_DIGEST("\x0a"), OID_DIGEST("\x0b") };
enum { PRF_LEN = 8, PRF_SHA1 = 0, PRF_SHA256 = 2 };

static struct bytes prf_oid(size_t number)
{
    return (struct bytes){ (const uint8_t *)prfs[number], PRF_LEN };
}

static struct error *unsupported(const char *what)
{
    return error_new(ERR_CMS_UNSUPPORTED, "a password with an unknown %s", what);
}

static struct error *read_prf(struct ber_reader *reader, struct bytes *ret_prf)
{
    struct ber_value algorithm;
    struct bytes oid;
    TRY(ber_expect(reader, BER_SEQUENCE, &algorithm));
    struct ber_reader inner = ber_reader_in(&algorithm);
    TRY(ber_oid(&inner, &oid));
    for (size_t i = 0; i < ARRAY_SIZE(prfs); i++) {
        if (bytes_equal(prf_oid(i), oid)) {
            *ret_prf = oid;
            return NULL;
        }
    }
    return unsupported("pseudorandom function");
}

/* PBKDF2-params ::= SEQUENCE { salt, iterationCount, keyLength OPTIONAL, prf DEFAULT } */
static struct error *read_parameters(struct ber_reader *reader, struct recipient_pbkdf2 *parameters)
{
    struct ber_value salt;
    if (ber_peek(reader) == BER_SEQUENCE) {
        return unsupported("source of salt");
    }
    TRY(ber_expect(reader, BER_OCTET_STRING, &salt));
    TRY(ber_small_integer(reader, &parameters->iterations));
    if (ber_peek(reader) == BER_INTEGER) {
        TRY(ber_small_integer(reader, &parameters->key_len));
    }
    if (!ber_at_end(reader)) {
        TRY(read_prf(reader, &parameters->prf));
    }
    parameters->salt = salt.contents;
    return ber_expect_end(reader);
}

struct error *recipient_pbkdf2_read(struct ber_reader *reader,
                                    struct recipient_pbkdf2 *ret_parameters)
{
    struct recipient_pbkdf2 parameters = { .prf = BYTES_NONE };
    struct ber_value sequence;
    struct bytes oid;
    TRY(ber_oid(reader, &oid));
    if (!bytes_equal(oid, BYTES_LITERAL(OID_PKCS5("\x0c")))) {
        return unsupported("derivation");
    }
    TRY(ber_expect(reader, BER_SEQUENCE, &sequence));
    TRY(ber_expect_end(reader));
    struct ber_reader inner = ber_reader_in(&sequence);
    TRY(read_parameters(&inner, &parameters));
    if (parameters.iterations == 0 || parameters.iterations > LIMIT_PASSWORD_ITERATIONS) {
        return error_new(ERR_CMS_UNSUPPORTED, "a password with other than 1 to %d iterations",
                         LIMIT_PASSWORD_ITERATIONS);
    }
    if (parameters.salt.len == 0 || parameters.salt.len > LIMIT_PASSWORD_SALT) {
        return error_new(ERR_CMS_UNSUPPORTED, "a password with %zu bytes of salt",
                         parameters.salt.len);
    }
    *ret_parameters = parameters;
    return NULL;
}

static struct error *write(const struct recipient_pbkdf2 *parameters, struct buffer *out)
{
    TRY(der_value(out, BER_OID, BYTES_LITERAL(OID_PKCS5("\x0c"))));
    size_t start = out->len;
    TRY(der_value(out, BER_OCTET_STRING, parameters->salt));
    TRY(der_small_integer(out, parameters->iterations));
    if (parameters->prf.len > 0) { /* DER: the default is not written */
        size_t prf = out->len;
        TRY(der_value(out, BER_OID, parameters->prf));
        TRY(der_value(out, BER_NULL, BYTES_NONE));
        TRY(der_wrap(out, prf, BER_SEQUENCE));
    }
    return der_wrap(out, start, BER_SEQUENCE);
}

struct error *recipient_pbkdf2_write(struct bytes salt, uint64_t iterations, struct buffer *out)
{
    const struct recipient_pbkdf2 parameters = { .salt = salt,
                                                 .iterations = iterations,
                                                 .prf = prf_oid(PRF_SHA256) };
    return write(&parameters, out);
}

/* PBES2-params (RFC 8018 A.4): NSS derives a key of a cipher's own type only where both are put
 * together like this. */
static struct error *write_pbes2(const struct recipient_pbkdf2 *parameters,
                                 const struct cipher *cipher, struct buffer *out)
{
    TRY(write(parameters, out));
    TRY(der_wrap(out, 0, BER_SEQUENCE));
    TRY(cipher_write(cipher, out));
    return der_wrap(out, 0, BER_SEQUENCE);
}

struct error *recipient_pbkdf2_derive(const struct recipient_pbkdf2 *parameters,
                                      const struct cipher *cipher, struct bytes password,
                                      struct PK11SymKeyStr **ret_key)
{
    struct recipient_pbkdf2 own = *parameters;
    bool is_default = bytes_equal(own.prf, prf_oid(PRF_SHA1));
    own.prf = is_default ? BYTES_NONE : own.prf;
    if (own.key_len != 0 && own.key_len != cipher->key_len) {
        return cipher_failed();
    }
    CLEANUP(buffer_free) struct buffer *pbes2 = NULL;
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalSlot();
    SECAlgorithmID algorithm = { { siBuffer, NULL, 0 }, { siBuffer, NULL, 0 } };
    SECItem secret;
    TRY(buffer_new(0, &pbes2));
    TRY(write_pbes2(&own, cipher, pbes2));
    if (!slot || !item_set(&algorithm.algorithm, BYTES_LITERAL(OID_PKCS5("\x0d"))) ||
        !item_set(&algorithm.parameters, buffer_view(pbes2)) || !item_set(&secret, password)) {
        return cipher_failed();
    }
    CLEANUP(nss_sym_key_free)
    PK11SymKey *key = PK11_PBEKeyGen(slot, &algorithm, &secret, PR_FALSE, NULL);
    if (!key || PK11_GetKeyLength(key) != cipher->key_len) {
        return cipher_failed();
    }
    *ret_key = TAKE_PTR(key);
    return NULL;
}
