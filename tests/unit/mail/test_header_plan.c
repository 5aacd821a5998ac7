#include "mail/compose.h"
#include "mail/header_plan.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

TestSuite(header_plan, .fini = fixture_remove, .timeout = 60);

#define MESSAGE \
    "From: Alice <alice@example.org>\r\nTo: bob@example.org\r\nBcc: carol@example.org\r\n" \
    "Subject: the plan\r\nKeywords: secret\r\nDate: Tue, 24 Nov 2026 02:00:00 +0000\r\n" \
    "Message-ID: <1@example.org>\r\nReferences: <0@example.org>\r\nIn-Reply-To: <0@example.org>\r\n" \
    "Content-Type: text/plain; charset=utf-8\r\n\r\nthe text\r\n"

struct trial {
    struct mail_fixture *fixture;
    struct cert *carol;
    struct protect_result *result;
};

static void trial_free(struct trial *trial)
{
    protect_result_free(trial->result);
    cert_unref(trial->carol);
    mail_fixture_free(trial->fixture);
    free(trial);
}
DEFINE_CLEANUP(struct trial *, trial_free);

static struct trial *trial_new(void)
{
    struct trial *trial = calloc(1, sizeof(*trial));
    cr_assert_not_null(trial);
    trial->fixture = mail_fixture_new();
    trial->carol =
        mail_person(trial->fixture, &(struct trial_subject){ .name = "Carol",
                                                             .address = "carol@example.org",
                                                             .key = TRIAL_ECDSA_P256 });
    return trial;
}

static struct error *try_protect(struct trial *trial, struct protect_request request)
{
    CLEANUP(mapping_unref) struct mapping *owner = mail_mapping(BYTES_LITERAL(MESSAGE));
    request.owner = owner;
    request.message = mapping_view(owner);
    return protect_message(&trial->fixture->context, &request, &trial->result);
}

static struct trial *protect_trial(struct protect_request request)
{
    struct trial *trial = trial_new();
    assert_ok(try_protect(trial, request));
    return trial;
}

static struct bytes copy_bytes(const struct trial *trial, enum copy_role role)
{
    for (size_t i = 0; i < trial->result->copy_count; i++) {
        if (trial->result->copies[i].role == role) {
            return mail_keep_content(trial->fixture, trial->result->copies[i].content);
        }
    }
    cr_assert_fail("no such copy");
    return BYTES_NONE;
}

static bool has(struct bytes bytes, const char *text)
{
    return bytes_find(bytes, bytes_of_string(text)) != SIZE_MAX;
}

/* How the first field of this name is shown; asserts that there is one. */
static const struct open_field *shown(const struct open_result *result, const char *name)
{
    for (size_t i = 0; i < result->shown.count; i++) {
        if (strcasecmp(result->shown.items[i].name, name) == 0) {
            return &result->shown.items[i];
        }
    }
    cr_assert_fail("%s is not shown", name);
    return NULL;
}

static void assert_shown(const struct open_result *result, const char *name, const char *value,
                         enum header_protection protection)
{
    const struct open_field *field = shown(result, name);
    cr_assert_str_eq(field->value, value);
    cr_assert_eq(field->protection, protection, "%s: %d", name, (int)field->protection);
}

#define CONFIDENTIAL .encrypt = true, .to_self = true, .headers = HEADERS_CONFIDENTIAL

Test(header_plan, hides_nothing_without_encryption)
{
    CLEANUP(trial_free) struct trial *trial = trial_new();
    const struct protect_request request = { .sign = true, .headers = HEADERS_CONFIDENTIAL };
    CLEANUP(error_free) struct error *error = try_protect(trial, request);
    cr_assert_eq(error_get_code(error), ERR_PARAMS);
    cr_assert_str_eq(error_get_path(error), "params.headerProtection");
    cr_assert_null(trial->result);
}

Test(header_plan, signs_nothing_without_a_signature)
{
    CLEANUP(trial_free)
    struct trial *trial = protect_trial((struct protect_request){ .headers = HEADERS_SIGNED });
    cr_assert_not(has(copy_bytes(trial, COPY_MAIN), "hp="));
}

Test(header_plan, leaves_no_trace_of_blind_recipients_inside)
{
    CLEANUP(trial_free)
    struct trial *trial = protect_trial((struct protect_request){ .sign = true, CONFIDENTIAL });
    const enum copy_role roles[] = { COPY_MAIN, COPY_BCC, COPY_SENT };
    for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
        const struct open_result *result = mail_open(trial->fixture, copy_bytes(trial, roles[i]));
        assert_signature(result, SIGNATURE_GOOD, WORDS_NONE);
        cr_assert_not(mail_content_has(result->content, "carol"));
    }
}

Test(header_plan, hides_the_subject_in_every_copy)
{
    CLEANUP(trial_free)
    struct trial *trial = protect_trial((struct protect_request){ .sign = true, CONFIDENTIAL });
    const enum copy_role roles[] = { COPY_MAIN, COPY_BCC, COPY_SENT };
    for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
        struct bytes copy = copy_bytes(trial, roles[i]);
        cr_assert_not(has(copy, "the plan"));
        cr_assert_not(has(copy, "secret"));
        cr_assert(has(copy, "\r\nSubject: [...]\r\n"));
        const struct open_result *result = mail_open(trial->fixture, copy);
        assert_shown(result, "Subject", "the plan", HEADER_BOTH);
        assert_shown(result, "Keywords", "secret", HEADER_BOTH);
        assert_shown(result, "From", "Alice <alice@example.org>", HEADER_SIGNED);
    }
}

Test(header_plan, keeps_threads_together_outside)
{
    CLEANUP(trial_free)
    struct trial *trial = protect_trial((struct protect_request){ .sign = true, CONFIDENTIAL });
    struct bytes copy = copy_bytes(trial, COPY_MAIN);
    cr_assert(has(copy, "\r\nMessage-ID: <1@example.org>\r\n"));
    cr_assert(has(copy, "\r\nReferences: <0@example.org>\r\n"));
    cr_assert(has(copy, "\r\nIn-Reply-To: <0@example.org>\r\n"));
    cr_assert(has(copy, "\r\nDate: Tue, 24 Nov 2026 02:00:00 +0000\r\n"));
    const struct open_result *result = mail_open(trial->fixture, copy);
    assert_shown(result, "Message-ID", "<1@example.org>", HEADER_SIGNED);
}

Test(header_plan, encrypts_without_a_signature)
{
    CLEANUP(trial_free)
    struct trial *trial = protect_trial((struct protect_request){ CONFIDENTIAL });
    const struct open_result *result = mail_open(trial->fixture, copy_bytes(trial, COPY_MAIN));
    assert_shown(result, "Subject", "the plan", HEADER_ENCRYPTED);
    assert_shown(result, "To", "bob@example.org", HEADER_UNPROTECTED);
}

Test(header_plan, protects_every_field_by_the_signature)
{
    CLEANUP(trial_free)
    struct trial *trial =
        protect_trial((struct protect_request){ .sign = true, .headers = HEADERS_SIGNED });
    struct bytes copy = copy_bytes(trial, COPY_MAIN);
    cr_assert(has(copy, " hp=\"clear\"\r\n"));
    cr_assert_not(has(copy, "HP-Outer"));
    const struct open_result *result = mail_open(trial->fixture, copy);
    assert_signature(result, SIGNATURE_GOOD, WORDS_NONE);
    cr_assert_eq(result->differences.count, 0);
    for (size_t i = 0; i < result->shown.count; i++) {
        cr_assert_eq(result->shown.items[i].protection, HEADER_SIGNED);
    }
    cr_assert_eq(result->shown.count, 8);
}

/* RFC 9788 2.1.1: "clear" would say that the encryption is somebody else's. */
Test(header_plan, says_cipher_wherever_there_is_encryption)
{
    CLEANUP(trial_free)
    struct trial *trial = protect_trial((struct protect_request){
        .sign = true, .encrypt = true, .to_self = true, .headers = HEADERS_SIGNED });
    struct bytes copy = copy_bytes(trial, COPY_MAIN);
    cr_assert(has(copy, "\r\nSubject: the plan\r\n"));
    const struct open_result *result = mail_open(trial->fixture, copy);
    cr_assert(mail_content_has(result->content, "hp=\"cipher\""));
    assert_shown(result, "Subject", "the plan", HEADER_SIGNED);
}

Test(header_plan, names_the_blind_recipient_alone_where_the_route_reads_the_header)
{
    CLEANUP(trial_free)
    struct trial *trial =
        protect_trial((struct protect_request){ .sign = true, .route = ROUTE_GMAIL, CONFIDENTIAL });
    struct bytes copy = copy_bytes(trial, COPY_BCC);
    cr_assert(has(copy, "\r\nTo: <carol@example.org>\r\n"));
    cr_assert_not(has(copy, "bob@"));
    const struct open_result *result = mail_open(trial->fixture, copy);
    assert_signature(result, SIGNATURE_GOOD, WORDS_NONE);
    assert_shown(result, "To", "bob@example.org", HEADER_BOTH);
    assert_shown(result, "Subject", "the plan", HEADER_BOTH);
    cr_assert_not(mail_content_has(result->content, "carol"));
}

Test(header_plan, tells_the_blind_recipient_to_whom_it_went_whatever_was_asked_for)
{
    CLEANUP(trial_free)
    struct trial *trial =
        protect_trial((struct protect_request){ .sign = true, .route = ROUTE_GRAPH });
    const struct open_result *result = mail_open(trial->fixture, copy_bytes(trial, COPY_BCC));
    assert_shown(result, "To", "bob@example.org", HEADER_SIGNED);
    result = mail_open(trial->fixture, copy_bytes(trial, COPY_MAIN));
    assert_shown(result, "To", "bob@example.org", HEADER_UNPROTECTED);
}

Test(header_plan, displays_the_subject_to_old_readers_alone)
{
    CLEANUP(trial_free)
    struct trial *trial = protect_trial(
        (struct protect_request){ .sign = true, .legacy_display = true, CONFIDENTIAL });
    const struct open_result *result = mail_open(trial->fixture, copy_bytes(trial, COPY_MAIN));
    assert_shown(result, "Subject", "the plan", HEADER_BOTH);
    cr_assert(mail_content_has(result->content, "hp-legacy-display=\"1\""));
    cr_assert(mail_content_has(result->content, "\r\n\r\nthe text\r\n"));
    cr_assert_eq(result->parts[0].size, strlen("the text\r\n"));

    protect_result_free(TAKE_PTR(trial->result));
    assert_ok(try_protect(trial, (struct protect_request){ .sign = true,
                                                           .legacy_display = true,
                                                           .headers = HEADERS_SIGNED }));
    cr_assert_not(has(copy_bytes(trial, COPY_MAIN), "hp-legacy-display"));
}
