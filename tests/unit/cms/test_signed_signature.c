#include "cms/signed_signature.h"
#include "nss/item.h"
#include "signed_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>

static const char *const names[] = { "rsa", "p256", "pss256" };

static void make_all(void)
{
    signed_fixture_make(names, ARRAY_SIZE(names));
}

TestSuite(signed_signature, .timeout = 60);

static const uint8_t value[32] = { 1, 2, 3 };

static struct signed_hash sha256(void)
{
    return (struct signed_hash){ cms_digest_info(CMS_SHA256), { value, sizeof(value) } };
}

struct made {
    struct signed_algorithm algorithm;
    struct buffer *signature;
    CERTCertificate *certificate;
};

static struct made make(const char *name)
{
    struct made made = { 0 };
    CLEANUP(buffer_free) struct buffer *identifier = NULL;
    CLEANUP(nss_private_key_free) SECKEYPrivateKey *key = NULL;
    signed_fixture_start();
    made.certificate = signed_fixture_certificate(name);
    key = signed_fixture_key(name);
    const struct signed_hash hash = sha256();
    assert_ok(buffer_new(0, &identifier));
    assert_ok(buffer_new(0, &made.signature));
    const struct signed_choice choice = { made.certificate, CMS_SIGN_BY_KEY, hash.digest };
    assert_ok(signed_algorithm_choose(&choice, &made.algorithm, identifier));
    assert_ok(signed_signature_make(&made.algorithm, key, &hash, made.signature));
    return made;
}

static void made_done(struct made *made)
{
    buffer_free(made->signature);
    nss_cert_free(made->certificate);
}

static enum signed_outcome verify(const struct made *made, const struct signed_hash *hash)
{
    enum signed_outcome outcome = SIGNED_UNSUPPORTED;
    assert_ok(signed_signature_verify(&made->algorithm, made->certificate, hash,
                                      buffer_view(made->signature), &outcome));
    return outcome;
}

static void expect_right_and_wrong(const char *name)
{
    static const uint8_t other[32] = { 1, 2, 4 };
    struct made made = make(name);
    const struct signed_hash hash = sha256();
    const struct signed_hash wrong = { hash.digest, { other, sizeof(other) } };
    cr_expect_eq(verify(&made, &hash), SIGNED_RIGHT);
    cr_expect_eq(verify(&made, &wrong), SIGNED_WRONG);
    made.signature->data[made.signature->len - 1] ^= 1;
    cr_expect_eq(verify(&made, &hash), SIGNED_WRONG);
    made.signature->len = 0;
    cr_expect_eq(verify(&made, &hash), SIGNED_WRONG);
    made_done(&made);
}

Test(signed_signature, rsa_is_right_or_wrong, .init = make_all, .fini = signed_fixture_remove)
{
    expect_right_and_wrong("rsa");
}

Test(signed_signature, ecdsa_is_right_or_wrong, .init = make_all, .fini = signed_fixture_remove)
{
    expect_right_and_wrong("p256");
}

/* SEQUENCE and INTEGERs whose lengths take more octets than they need: BER, and so a second form of
 * the same signature */
Test(signed_signature, ecdsa_takes_der_alone, .init = make_all, .fini = signed_fixture_remove)
{
    struct made made = make("p256");
    const struct signed_hash hash = sha256();
    CLEANUP(buffer_free) struct buffer *der = TAKE_PTR(made.signature);
    const uint8_t first = der->data[3];
    const size_t second = 4U + first;
    const size_t places[] = { 1, 3, second + 1 };
    for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
        assert_ok(buffer_new(0, &made.signature));
        assert_ok(buffer_append(made.signature, bytes_slice(buffer_view(der), 0, places[i])));
        assert_ok(buffer_append_byte(made.signature, 0x81));
        assert_ok(
            buffer_append(made.signature, bytes_slice(buffer_view(der), places[i], SIZE_MAX)));
        made.signature->data[1] = (uint8_t)(made.signature->data[1] + (i > 0 ? 1 : 0));
        cr_expect_eq(verify(&made, &hash), SIGNED_WRONG, "place %zu", i);
        buffer_free(made.signature);
        made.signature = NULL;
    }
    made.signature = TAKE_PTR(der);
    cr_expect_eq(verify(&made, &hash), SIGNED_RIGHT);
    made_done(&made);
}

Test(signed_signature, an_algorithm_of_another_key_is_wrong, .init = make_all,
     .fini = signed_fixture_remove)
{
    struct made made = make("rsa");
    const struct signed_hash hash = sha256();
    made.algorithm.scheme = SIGNED_SCHEME_ECDSA;
    cr_expect_eq(verify(&made, &hash), SIGNED_WRONG);
    made.algorithm.scheme = SIGNED_SCHEME_ED25519;
    cr_expect_neq(verify(&made, &hash), SIGNED_RIGHT);
    made_done(&made);
}

/* The certificate's key, called one that may sign in every way. */
static void unbind(CERTCertificate *certificate)
{
    static unsigned char plain[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
    SECAlgorithmID *algorithm = &certificate->subjectPublicKeyInfo.algorithm;
    algorithm->algorithm = (SECItem){ siBuffer, plain, sizeof(plain) - 1 };
    algorithm->parameters = (SECItem){ siBuffer, NULL, 0 };
}

/* RFC 4055 1.2, 3.3: pss256 is bound to SHA-256 twice and a salt of 32 bytes at least. What breaks
 * that is wrong although the mathematics is right, which the same key without the bond shows. */
Test(signed_signature, outside_of_what_a_pss_key_is_bound_to_is_wrong, .init = make_all,
     .fini = signed_fixture_remove)
{
    static const struct {
        struct signed_pss pss;
        enum signed_outcome bound;
    } cases[] = {
        { { true, false, CMS_SHA256, CMS_SHA256, 32 }, SIGNED_RIGHT },
        { { true, false, CMS_SHA256, CMS_SHA256, 33 }, SIGNED_RIGHT },
        { { true, false, CMS_SHA256, CMS_SHA256, 31 }, SIGNED_WRONG },
        { { true, false, CMS_SHA256, CMS_SHA256, 0 }, SIGNED_WRONG },
        { { true, false, CMS_SHA256, CMS_SHA512, 32 }, SIGNED_WRONG },
    };
    struct made made = make("pss256");
    const struct signed_hash hash = sha256();
    CLEANUP(nss_private_key_free) SECKEYPrivateKey *key = signed_fixture_key("pss256");
    for (int unbound = 0; unbound <= 1; unbound++) {
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
            made.signature->len = 0;
            made.algorithm.pss = cases[i].pss;
            assert_ok(signed_signature_make(&made.algorithm, key, &hash, made.signature));
            cr_expect_eq(verify(&made, &hash), unbound ? SIGNED_RIGHT : cases[i].bound, "%zu", i);
        }
        unbind(made.certificate);
    }
    made_done(&made);
}

/* A salt that is longer than there is room for, and one of another length than was said. */
Test(signed_signature, another_salt_than_was_said_is_wrong, .init = make_all,
     .fini = signed_fixture_remove)
{
    static const uint64_t lengths[] = { 0, 31, 33, 222, 223, 4096, 4097, UINT64_MAX };
    struct made made = make("pss256");
    const struct signed_hash hash = sha256();
    unbind(made.certificate);
    cr_expect_eq(verify(&made, &hash), SIGNED_RIGHT);
    for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
        made.algorithm.pss.salt_len = lengths[i];
        cr_expect_eq(verify(&made, &hash), SIGNED_WRONG, "%zu", i);
    }
    made_done(&made);
}

Test(signed_signature, size_is_exact_for_rsa_and_the_most_for_ecdsa, .init = make_all,
     .fini = signed_fixture_remove)
{
    enum { TRIES = 40 };
    size_t longest = 0;
    for (size_t i = 0; i < TRIES; i++) {
        size_t size = 0;
        struct made made = make(names[i % 2]);
        assert_ok(signed_signature_size(&made.algorithm, made.certificate, &size));
        if (i % 2 == 0) {
            cr_assert_eq(made.signature->len, size);
        } else {
            cr_assert_leq(made.signature->len, size);
            longest = made.signature->len > longest ? made.signature->len : longest;
            cr_assert_eq(size, 72);
        }
        made_done(&made);
    }
    cr_assert_geq(longest, 71, "the bound is far from what comes out");
}

Test(signed_signature, size_is_refused_for_a_key_that_cannot_sign, .init = make_all,
     .fini = signed_fixture_remove)
{
    size_t size = 0;
    struct made made = make("rsa");
    made.algorithm.scheme = SIGNED_SCHEME_UNKNOWN;
    assert_error(signed_signature_size(&made.algorithm, made.certificate, &size),
                 ERR_CERTIFICATE_UNUSABLE);
    made_done(&made);
}
