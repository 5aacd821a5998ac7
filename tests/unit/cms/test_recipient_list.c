#include "base/limits.h"
#include "cms/der.h"
#include "cms/recipient_list.h"
#include "enveloped_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <secmod.h>
#include <stdio.h>

TestSuite(recipient_list, .init = fixture_start, .fini = fixture_remove);

static struct error *read_ref(struct bytes input, struct cms_cert_ref *ret_ref)
{
    struct ber_reader reader = ber_reader_of(input);
    return recipient_list_read_ref(&reader, ret_ref);
}

Test(recipient_list, refuses_names_it_cannot_read)
{
    struct cms_cert_ref ref;
    assert_error(read_ref(BYTES_NONE, &ref), ERR_CMS_MALFORMED);
    assert_error(read_ref(BYTES_LITERAL("\x04\x01x"), &ref), ERR_CMS_MALFORMED);
    assert_error(read_ref(BYTES_LITERAL("\x30\x00"), &ref), ERR_CMS_MALFORMED);
    assert_error(read_ref(BYTES_LITERAL("\x30\x02\x30\x00"), &ref), ERR_CMS_MALFORMED);
    assert_error(read_ref(BYTES_LITERAL("\x30\x07\x30\x00\x02\x01\x05\x05\x00"), &ref),
                 ERR_CMS_MALFORMED);
    assert_error(read_ref(BYTES_LITERAL("\xa0\x00"), &ref), ERR_CMS_MALFORMED);
    assert_error(read_ref(BYTES_LITERAL("\xa1\x03\x04\x01x"), &ref), ERR_CMS_MALFORMED);
}

Test(recipient_list, reads_the_three_ways_of_naming)
{
    struct cms_cert_ref ref;
    assert_ok(read_ref(BYTES_LITERAL("\x30\x06\x30\x00\x02\x02\x01\x05"), &ref));
    cr_assert(bytes_equal(ref.issuer, BYTES_LITERAL("\x30\x00")));
    cr_assert(bytes_equal(ref.serial, BYTES_LITERAL("\x01\x05")));
    cr_assert_eq(ref.key_id.len, 0);
    assert_ok(read_ref(BYTES_LITERAL("\x80\x03kid"), &ref));
    cr_assert(bytes_equal(ref.key_id, BYTES_LITERAL("kid")));
    cr_assert_eq(ref.issuer.len, 0);
    /* with a date behind */
    assert_ok(read_ref(BYTES_LITERAL("\xa0\x16\x04\x03kid\x18\x0f"
                                     "20240101000000Z"),
                       &ref));
    cr_assert(bytes_equal(ref.key_id, BYTES_LITERAL("kid")));
}

Test(recipient_list, reads_the_name_it_writes)
{
    struct party party = party_new(PARTY_P256);
    CLEANUP(buffer_free) struct buffer *der = NULL;
    struct cms_cert_ref ref;
    assert_ok(buffer_new(0, &der));
    assert_ok(recipient_list_write_ref(party.certificate, der));
    assert_ok(read_ref(buffer_view(der), &ref));
    cr_assert_eq(ref.serial.len, party.certificate->serialNumber.len);
    cr_assert(bytes_equal(ref.issuer, (struct bytes){ party.certificate->derIssuer.data,
                                                      party.certificate->derIssuer.len }));
    party_done(&party);
}

Test(recipient_list, grows_to_its_limit_and_no_further)
{
    struct recipient_list list = { 0 };
    struct recipient_entry entry = { .recipient = { .algorithm = "x" } };
    for (size_t i = 0; i < LIMIT_RECIPIENTS; i++) {
        entry.recipient.ref.key_id.len = i;
        assert_ok(recipient_list_append(&list, &entry));
    }
    assert_error(recipient_list_append(&list, &entry), ERR_CMS_MALFORMED);
    cr_assert_eq(list.count, LIMIT_RECIPIENTS);
    cr_assert_eq(list.entries[4095].recipient.ref.key_id.len, 4095);
    recipient_list_done(&list);
    cr_assert_eq(list.count, 0);
}

/* A token of its own that can be locked and taken away, with a key in it. */
static SECKEYPrivateKey *key_in_token(PK11SlotInfo **ret_slot)
{
    char spec[200];
    (void)snprintf(spec, sizeof(spec), "configDir='sql:%s' tokenDescription='Card'",
                   fixture_directory());
    PK11SlotInfo *slot = SECMOD_OpenUserDB(spec);
    cr_assert_not_null(slot);
    cr_assert_eq(PK11_InitPin(slot, NULL, "1234"), SECSuccess);
    cr_assert_eq(PK11_CheckUserPassword(slot, "1234"), SECSuccess);
    uint8_t oid[] = "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
    SECItem curve = { siBuffer, oid, sizeof(oid) - 1 };
    CLEANUP(nss_public_key_free) SECKEYPublicKey *public_key = NULL;
    SECKEYPrivateKey *key = PK11_GenerateKeyPair(slot, CKM_EC_KEY_PAIR_GEN, &curve, &public_key,
                                                 PR_TRUE, PR_TRUE, NULL);
    cr_assert_not_null(key);
    *ret_slot = slot;
    return key;
}

Test(recipient_list, tells_a_locked_and_an_absent_token_from_a_message_that_does_not_open)
{
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = NULL;
    CLEANUP(nss_private_key_free) SECKEYPrivateKey *key = key_in_token(&slot);
    assert_error(recipient_list_failure(key), ERR_DECRYPTION_FAILED);
    cr_assert_eq(PK11_Logout(slot), SECSuccess);
    assert_error(recipient_list_failure(key), ERR_TOKEN_LOCKED);
    cr_assert_eq(SECMOD_CloseUserDB(slot), SECSuccess);
    assert_error(recipient_list_failure(key), ERR_TOKEN_ABSENT);
}
