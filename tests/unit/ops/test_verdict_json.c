#include "certs/index.h"
#include "ops/scene.h"
#include "ops/start.h"
#include "ops/verdict_json.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(verdict_json, .fini = fixture_remove);

Test(verdict_json, gives_every_word_of_a_set)
{
    CLEANUP(json_free) struct json_object *object = NULL;
    assert_ok(json_new_object(&object));
    assert_ok(verdict_json_words(object, "none", WORDS_NONE));
    assert_ok(verdict_json_words(object, "all", ~WORDS_NONE));
    cr_assert_eq(scene_count(object, "none"), 0);
    cr_assert_eq(scene_count(object, "all"), (size_t)WORD_COUNT);
    for (int i = 0; i < WORD_COUNT; i++) {
        cr_assert(scene_has(object, "all", word_text((enum word)i)));
    }
}

Test(verdict_json, gives_a_judgement)
{
    const struct judgement judgement = { SIGNATURE_BAD, WORD_BIT(WORD_DIGEST_MISMATCH),
                                         WORD_BIT(WORD_REVOCATION_UNKNOWN) };
    CLEANUP(json_free) struct json_object *object = NULL;
    assert_ok(json_new_object(&object));
    assert_ok(verdict_json_judgement(object, &judgement));
    cr_assert_str_eq(scene_text(object, "status"), "bad");
    cr_assert_str_eq(scene_text(object, "problems.0"), "digest-mismatch");
    cr_assert_str_eq(scene_text(object, "notices.0"), "revocation-unknown");
}

Test(verdict_json, gives_a_signer_whom_nobody_knows)
{
    struct signer_report signer = { .judgement = { .status = SIGNATURE_UNVERIFIED },
                                    .digest = "sha256",
                                    .has_signing_time = true,
                                    .countersignatures = 2,
                                    .match = ADDRESS_MATCH_SENDER };
    const struct signature_report report = { .signers = &signer, .signer_count = 1 };
    struct cert_list named = { 0 };
    CLEANUP(json_free) struct json_object *object = NULL;
    assert_ok(json_new_object(&object));
    assert_ok(verdict_json_signers(object, &report, "a@example.org", &named));
    cr_assert_null(scene_at(object, "signers.0.certificate"));
    cr_assert_null(scene_at(object, "signers.0.chain"));
    cr_assert_null(scene_at(object, "signers.0.signatureAlgorithm"));
    cr_assert_str_eq(scene_text(object, "signers.0.signingTime"), "1970-01-01T00:00:00Z");
    cr_assert_eq(json_object_get_int(scene_at(object, "signers.0.countersignatures")), 2);
    cr_assert(scene_is(object, "signers.0.validAtSigningTime", false));
    cr_assert_str_eq(scene_text(object, "signers.0.address.claimed"), "a@example.org");
    cr_assert_str_eq(scene_text(object, "signers.0.address.match"), "sender");
    cr_assert_eq(named.count, 0);
}

Test(verdict_json, compares_no_address_where_none_is_claimed)
{
    struct signer_report signer = { .judgement = { .status = SIGNATURE_UNVERIFIED } };
    const struct signature_report report = { .signers = &signer, .signer_count = 1 };
    struct cert_list named = { 0 };
    CLEANUP(json_free) struct json_object *object = NULL;
    assert_ok(json_new_object(&object));
    assert_ok(verdict_json_signers(object, &report, NULL, &named));
    cr_assert_null(scene_at(object, "signers.0.address"));
    cr_assert_null(scene_at(object, "signers.0.signingTime"));
    assert_ok(verdict_json_signers(object, NULL, NULL, &named));
    cr_assert_eq(scene_count(object, "signers"), 0);
}

Test(verdict_json, gives_recipients_of_every_kind)
{
    static const struct {
        enum cms_recipient_type type;
        const char *text;
    } kinds[] = {
        { CMS_KEY_TRANSPORT, "key-transport" },
        { CMS_KEY_AGREEMENT, "key-agreement" },
        { CMS_KEK, "kek" },
        { CMS_PASSWORD, "password" },
        { CMS_KEM, "kem" },
        { CMS_RECIPIENT_OTHER, "other" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        struct recipient_report recipient = { .type = kinds[i].type, .mine = i == 0 };
        const struct decryption_report report = { .recipients = &recipient, .recipient_count = 1 };
        struct cert_list named = { 0 };
        CLEANUP(json_free) struct json_object *object = NULL;
        assert_ok(json_new_object(&object));
        assert_ok(verdict_json_recipients(object, &report, &named));
        cr_assert_str_eq(scene_text(object, "recipients.0.type"), kinds[i].text);
        cr_assert(scene_is(object, "recipients.0.mine", i == 0));
        cr_assert_null(scene_at(object, "recipients.0.issuer"));
        cr_assert_null(scene_at(object, "cipher"));
    }
}

Test(verdict_json, names_each_certificate_under_its_id)
{
    CLEANUP(host_free) struct host *host = scene_people();
    const struct rpc_call call = { .host = host };
    struct mail_context context = { 0 };
    struct cert_list named = { 0 };
    CLEANUP(json_free) struct json_object *object = NULL;
    assert_ok(start_context(&call, START_NOW, &context));
    assert_ok(cert_index_mine(host->index, &named));
    assert_ok(json_new_object(&object));
    assert_ok(verdict_json_certificates(object, &context, &named));
    cr_assert_eq((size_t)json_object_object_length(scene_at(object, "certificates")), named.count);
    for (size_t i = 0; i < named.count; i++) {
        struct json_object *one =
            json_object_object_get(scene_at(object, "certificates"), cert_id(named.items[i]));
        cr_assert_str_eq(scene_text(one, "id"), cert_id(named.items[i]));
        cr_assert(scene_is(one, "mine", true));
    }
    cert_list_done(&named);
}
