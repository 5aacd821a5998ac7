#include "cms/enveloped.h"
#include "mail/compose.h"
#include "mail/copies.h"
#include "mail/protect.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(copies, .fini = fixture_remove, .timeout = 60);

#define BLIND_MESSAGE \
    "From: alice@example.org\r\nTo: bob@example.org\r\nCc: dora@example.org\r\n" \
    "Bcc: Carol Blind <carol@example.org>,\r\n dave@example.org\r\nSubject: trial\r\n" \
    "Content-Type: text/plain\r\n\r\nthe text\r\n"

/* The fixture's people, and three more. */
struct office {
    struct mail_fixture *fixture;
    struct cert *carol;
    struct cert *dave;
    struct cert *dora;
    struct protect_result *result;
};

static struct cert *person(struct mail_fixture *fixture, const char *name, const char *address)
{
    return mail_person(fixture, &(struct trial_subject){
                                    .name = name, .address = address, .key = TRIAL_ECDSA_P256 });
}

static void office_free(struct office *office)
{
    protect_result_free(office->result);
    cert_unref(office->carol);
    cert_unref(office->dave);
    cert_unref(office->dora);
    mail_fixture_free(office->fixture);
    free(office);
}
DEFINE_CLEANUP(struct office *, office_free);

static struct office *office_new(void)
{
    struct office *office = calloc(1, sizeof(*office));
    cr_assert_not_null(office);
    office->fixture = mail_fixture_new();
    office->carol = person(office->fixture, "Carol", "carol@example.org");
    office->dave = person(office->fixture, "Dave", "dave@example.org");
    office->dora = person(office->fixture, "Dora", "dora@example.org");
    return office;
}

static void protect(struct office *office, const char *message, struct protect_request request)
{
    CLEANUP(mapping_unref) struct mapping *owner = mail_mapping(bytes_of_string(message));
    request.owner = owner;
    request.message = mapping_view(owner);
    assert_ok(protect_message(&office->fixture->context, &request, &office->result));
}

static struct bytes copy_bytes(const struct office *office, size_t number)
{
    return mail_keep_content(office->fixture, office->result->copies[number].content);
}

/* Whether a RecipientInfo of the copy names this certificate, in any way. */
static bool is_for(const struct office *office, size_t number, const struct cert *cert)
{
    CLEANUP(cms_enveloped_free) struct cms_enveloped *message = NULL;
    struct bytes cms = compose_cms(office->fixture, copy_bytes(office, number));
    assert_ok(cms_enveloped_parse(cms, &message));
    bool named = false;
    for (size_t i = 0; i < cms_enveloped_recipient_count(message); i++) {
        const struct cms_cert_ref *ref = &cms_enveloped_recipient(message, i)->ref;
        bool by_key = ref->key_id.len > 0 && bytes_equal(ref->key_id, cert_subject_key_id(cert));
        named = named || by_key || bytes_equal(ref->serial, cert_serial_bytes(cert));
    }
    bool anywhere = bytes_find(cms, cert_serial_bytes(cert)) != SIZE_MAX;
    cr_assert(!anywhere || named, "the serial number stands somewhere else");
    return named;
}

static bool has(const struct office *office, size_t number, const char *text)
{
    return bytes_find(copy_bytes(office, number), bytes_of_string(text)) != SIZE_MAX;
}

static void assert_envelope(const struct office *office, size_t number, enum copy_role role,
                            const char *to)
{
    const struct protect_copy *copy = &office->result->copies[number];
    struct buffer *joined = mail_keep(office->fixture);
    for (size_t i = 0; i < copy->to_count; i++) {
        assert_ok(buffer_printf(joined, "%s%s", i ? " " : "", copy->to[i]));
    }
    cr_assert_eq(copy->role, role);
    cr_assert_str_eq(copy->from, "alice@example.org");
    cr_assert(bytes_equal(buffer_view(joined), bytes_of_string(to)));
}

static const struct protect_request encrypting = { .encrypt = true, .to_self = true };

Test(copies, makes_exactly_one_for_everybody)
{
    CLEANUP(office_free) struct office *office = office_new();
    protect(office, BLIND_MESSAGE, encrypting);
    cr_assert_eq(office->result->copy_count, 4);
    assert_envelope(office, 0, COPY_MAIN, "bob@example.org dora@example.org");
    assert_envelope(office, 1, COPY_BCC, "carol@example.org");
    assert_envelope(office, 2, COPY_BCC, "dave@example.org");
    assert_envelope(office, 3, COPY_SENT, "alice@example.org");
}

Test(copies, leaves_no_trace_of_blind_recipients_in_main)
{
    CLEANUP(office_free) struct office *office = office_new();
    protect(office, BLIND_MESSAGE, encrypting);
    cr_assert(is_for(office, 0, office->fixture->bob));
    cr_assert(is_for(office, 0, office->dora));
    cr_assert_not(is_for(office, 0, office->carol));
    cr_assert_not(is_for(office, 0, office->dave));
    cr_assert_not(has(office, 0, "carol"));
    cr_assert_not(has(office, 0, "Carol"));
    cr_assert_not(has(office, 0, "dave"));
    cr_assert_not(has(office, 0, "Bcc"));
}

Test(copies, leaves_no_trace_of_one_blind_recipient_in_the_copy_of_another)
{
    CLEANUP(office_free) struct office *office = office_new();
    protect(office, BLIND_MESSAGE, encrypting);
    cr_assert(is_for(office, 1, office->carol));
    cr_assert_not(is_for(office, 1, office->dave));
    cr_assert_not(has(office, 1, "dave"));
    cr_assert_not(has(office, 1, "Bcc"));
    cr_assert(is_for(office, 2, office->dave));
    cr_assert_not(is_for(office, 2, office->carol));
    cr_assert_not(has(office, 2, "carol"));
}

Test(copies, leaves_no_trace_of_blind_recipients_in_signed_mail)
{
    CLEANUP(office_free) struct office *office = office_new();
    protect(office, BLIND_MESSAGE, (struct protect_request){ .sign = true });
    cr_assert_eq(office->result->copy_count, 4);
    for (size_t i = 0; i < 3; i++) {
        cr_assert_not(has(office, i, "Bcc"));
        cr_assert_not(has(office, i, "carol"));
        const struct open_result *opened = mail_open(office->fixture, copy_bytes(office, i));
        assert_signature(opened, SIGNATURE_GOOD, WORDS_NONE);
    }
}

Test(copies, keeps_blind_recipients_in_the_senders_own)
{
    CLEANUP(office_free) struct office *office = office_new();
    protect(office, BLIND_MESSAGE, encrypting);
    cr_assert(has(office, 3, "Bcc: Carol Blind <carol@example.org>"));
    cr_assert(has(office, 3, "dave@example.org"));
    cr_assert(is_for(office, 3, office->fixture->alice));
    cr_assert_not(is_for(office, 3, office->carol));
    const struct open_result *opened = mail_open(office->fixture, copy_bytes(office, 3));
    assert_encryption(opened, ENCRYPTION_ENCRYPTED, WORDS_NONE);
    cr_assert(mail_content_has(opened->content, "the text"));
}

Test(copies, does_not_encrypt_main_to_the_sender_against_his_wish)
{
    CLEANUP(office_free) struct office *office = office_new();
    protect(office, BLIND_MESSAGE, (struct protect_request){ .sign = true, .encrypt = true });
    cr_assert_not(is_for(office, 0, office->fixture->alice));
    /* his own copy is for him, whatever the wish, and for nobody else then */
    cr_assert(is_for(office, 3, office->fixture->alice));
    cr_assert_not(is_for(office, 3, office->fixture->bob));
    const struct open_result *opened = mail_open(office->fixture, copy_bytes(office, 3));
    assert_encryption(opened, ENCRYPTION_ENCRYPTED, WORDS_NONE);
    assert_signature(opened, SIGNATURE_GOOD, WORDS_NONE);
}

static bool protects(const struct open_result *opened, const char *name, const char *part)
{
    for (size_t i = 0; i < opened->protected.count; i++) {
        const struct open_field *field = &opened->protected.items[i];
        if (strcmp(field->name, name) == 0 && strstr(field->value, part)) {
            return true;
        }
    }
    return false;
}

Test(copies, tell_a_blind_recipient_the_others_under_protection)
{
    static const struct protect_request wishes[] = {
        { .sign = true, .route = ROUTE_GMAIL },
        { .encrypt = true, .route = ROUTE_GMAIL },
        { .sign = true, .encrypt = true, .to_self = true, .route = ROUTE_GRAPH },
    };
    for (size_t i = 0; i < ARRAY_SIZE(wishes); i++) {
        CLEANUP(office_free) struct office *office = office_new();
        protect(office, BLIND_MESSAGE, wishes[i]);
        for (size_t copy = 1; copy <= 2; copy++) {
            const struct open_result *opened = mail_open(office->fixture, copy_bytes(office, copy));
            cr_assert(protects(opened, "To", "bob@example.org"), "wish %zu", i);
            cr_assert(protects(opened, "Cc", "dora@example.org"));
            cr_assert_not(protects(opened, "Bcc", ""));
            cr_assert(mail_content_has(opened->content, "the text"));
        }
        const struct open_result *main = mail_open(office->fixture, copy_bytes(office, 0));
        cr_assert_not(protects(main, "To", ""));
    }
}

Test(copies, does_without_the_senders_own_where_nobody_could_read_it)
{
    CLEANUP(office_free) struct office *office = office_new();
    protect(office,
            "From: nobody@example.org\r\nBcc: carol@example.org\r\n"
            "Content-Type: text/plain\r\n\r\nthe text\r\n",
            encrypting);
    cr_assert_eq(office->result->copy_count, 1);
    cr_assert_eq(office->result->copies[0].role, COPY_BCC);
    cr_assert_str_eq(office->result->warnings[0], "sender-cannot-read");
}

Test(copies, names_only_the_blind_recipient_where_the_header_is_the_envelope)
{
    static const enum protect_route routes[] = { ROUTE_GMAIL, ROUTE_GRAPH };
    for (size_t i = 0; i < ARRAY_SIZE(routes); i++) {
        CLEANUP(office_free) struct office *office = office_new();
        protect(office, BLIND_MESSAGE,
                (struct protect_request){ .encrypt = true, .to_self = true, .route = routes[i] });
        cr_assert(has(office, 1, "\r\nTo: <carol@example.org>\r\n"));
        cr_assert_not(has(office, 1, "bob@example.org"));
        cr_assert_not(has(office, 1, "dora@example.org"));
        cr_assert(has(office, 0, "\r\nTo: bob@example.org\r\n"));
    }
}

Test(copies, does_without_main_where_everybody_is_blind)
{
    CLEANUP(office_free) struct office *office = office_new();
    protect(office,
            "From: alice@example.org\r\nBcc: carol@example.org\r\n"
            "Content-Type: text/plain\r\n\r\nthe text\r\n",
            encrypting);
    cr_assert_eq(office->result->copy_count, 2);
    assert_envelope(office, 0, COPY_BCC, "carol@example.org");
    assert_envelope(office, 1, COPY_SENT, "alice@example.org");
    cr_assert_not(is_for(office, 1, office->carol));
}

Test(copies, sends_one_to_somebody_who_is_named_openly_and_blindly)
{
    CLEANUP(office_free) struct office *office = office_new();
    protect(office,
            "From: alice@example.org\r\nTo: bob@example.org\r\nBcc: bob@EXAMPLE.org\r\n"
            "Content-Type: text/plain\r\n\r\nthe text\r\n",
            encrypting);
    cr_assert_eq(office->result->copy_count, 2);
    assert_envelope(office, 0, COPY_MAIN, "bob@example.org");
}

Test(copies, sends_plain_mail_canonical)
{
    CLEANUP(office_free) struct office *office = office_new();
    protect(office, BLIND_MESSAGE, (struct protect_request){ 0 });
    cr_assert(has(office, 0, "\r\n\r\nthe text\r\n"));
    cr_assert_not(has(office, 0, "Bcc"));
}
