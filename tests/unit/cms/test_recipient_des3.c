#include "cms/recipient_des3.h"
#include "enveloped_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(recipient_des3, .init = fixture_start, .fini = fixture_remove);

/* RFC 3217 3.4: the example's wrapping key, key and wrapped key */
#define KEK \
    "\x25\x5e\x0d\x1c\x07\xb6\x46\xdf\xb3\x13\x4c\xc8\x43\xba\x8a\xa7\x1f\x02\x5b\x7c\x08\x38\x25\x1f"
#define CEK \
    "\x29\x23\xbf\x85\xe0\x6d\xd6\xae\x52\x91\x49\xf1\xf1\xba\xe9\xea\xb3\xa7\xda\x3d\x86\x0d\x3e\x98"
#define WRAPPED \
    "\x69\x01\x07\x61\x8e\xf0\x92\xb3\xb4\x8c\xa1\x79\x6b\x23\x4a\xe9\xfa\x33\xeb\xb4\x15\x96\x04\x03" \
    "\x7d\xb5\xd6\xa8\x4e\xb3\xaa\xc2\x76\x8c\x63\x27\x75\xa4\x67\xd4"

static PK11SymKey *import(struct bytes value)
{
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalSlot();
    CLEANUP(mapping_unref) struct mapping *copy = fixture_mapping(value);
    SECItem item = { siBuffer, mapping_data(copy), (unsigned int)value.len };
    PK11SymKey *key =
        PK11_ImportSymKey(slot, CKM_DES3_CBC, PK11_OriginUnwrap, CKA_DECRYPT, &item, NULL);
    cr_assert_not_null(key);
    return key;
}

Test(recipient_des3, refuses_every_damaged_byte_and_other_lengths)
{
    struct cipher cipher = fixture_cipher(CMS_3DES_CBC);
    CLEANUP(nss_sym_key_free) PK11SymKey *kek = import(BYTES_LITERAL(KEK));
    CLEANUP(mapping_unref) struct mapping *wrapped = fixture_mapping(BYTES_LITERAL(WRAPPED));
    for (size_t i = 0; i < 40; i++) {
        mapping_data(wrapped)[i] ^= 0x04;
        cr_assert_null(recipient_des3_unwrap(kek, mapping_view(wrapped), &cipher), "%zu", i);
        mapping_data(wrapped)[i] ^= 0x04;
        cr_assert_null(
            recipient_des3_unwrap(kek, bytes_slice(mapping_view(wrapped), 0, i), &cipher));
    }
    cr_assert_null(recipient_des3_unwrap(kek, BYTES_LITERAL(WRAPPED "12345678"), &cipher));
}

Test(recipient_des3, refuses_a_key_of_another_size_than_the_ciphers)
{
    struct cipher cipher = fixture_cipher(CMS_AES_128_CBC);
    CLEANUP(nss_sym_key_free) PK11SymKey *kek = import(BYTES_LITERAL(KEK));
    cr_assert_null(recipient_des3_unwrap(kek, BYTES_LITERAL(WRAPPED), &cipher));
}

Test(recipient_des3, unwraps_the_example_of_the_standard)
{
    struct cipher cipher = fixture_cipher(CMS_3DES_CBC);
    CLEANUP(nss_sym_key_free) PK11SymKey *kek = import(BYTES_LITERAL(KEK));
    CLEANUP(nss_sym_key_free)
    PK11SymKey *cek = recipient_des3_unwrap(kek, BYTES_LITERAL(WRAPPED), &cipher);
    cr_assert_not_null(cek);
    cr_assert_eq(PK11_ExtractKeyValue(cek), SECSuccess);
    SECItem *value = PK11_GetKeyData(cek);
    cr_assert(bytes_equal((struct bytes){ value->data, value->len }, BYTES_LITERAL(CEK)));
}

/* openssl cms -des3-wrap with other content than 3DES */
Test(recipient_des3, opens_keys_of_aes_that_openssl_wraps_so)
{
    static const char *const ciphers[] = { "-aes128", "-aes192", "-aes256" };
    struct party party = party_from_openssl(PARTY_P256);
    fixture_write("text", BYTES_LITERAL("the text"));
    for (size_t i = 0; i < ARRAY_SIZE(ciphers); i++) {
        CLEANUP(string_free) char *in = fixture_path("text");
        CLEANUP(string_free) char *out = fixture_path("message.der");
        const char *const encrypt[] = { "openssl",  "cms",        "-encrypt", "-binary", ciphers[i],
                                        "-outform", "DER",        "-in",      in,        "-out",
                                        out,        "-des3-wrap", "-recip",   party.pem, NULL };
        fixture_run(encrypt);
        CLEANUP(mapping_unref) struct mapping *der = fixture_read("message.der");
        fixture_assert_opens(der, &party, BYTES_LITERAL("the text"));
    }
    party_done(&party);
}
