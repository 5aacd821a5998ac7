#include "mail/compose.h"
#include "mail/parts.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(parts, .fini = fixture_remove, .timeout = 60);

static const struct open_part *part_of(const struct open_result *result, const char *number)
{
    for (size_t i = 0; i < result->part_count; i++) {
        if (strcmp(result->parts[i].number, number) == 0) {
            return &result->parts[i];
        }
    }
    cr_assert_fail("there is no part %s", number);
    return NULL;
}

Test(parts, of_unprotected_mail_have_no_layers)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes file =
        compose_printf(fixture, "Content-Type: application/pdf\r\n"
                                "Content-Disposition: attachment; filename=\"a.pdf\"\r\n\r\n12345");
    struct bytes list = compose_mixed(fixture, compose_text(fixture, "text"), file);
    const struct open_result *result = mail_open(fixture, compose_mail(fixture, list));
    cr_assert_eq(result->part_count, 3);
    cr_assert_str_eq(part_of(result, "1")->type, "multipart/mixed");
    const struct open_part *pdf = part_of(result, "1.2");
    cr_assert_str_eq(pdf->type, "application/pdf");
    cr_assert_str_eq(pdf->filename, "a.pdf");
    cr_assert_eq(pdf->size, 5);
    cr_assert_eq(pdf->encrypted_by | pdf->signed_by, 0);
    cr_assert_null(part_of(result, "1.1")->filename);
}

Test(parts, name_only_the_layers_over_them)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes text = compose_text(fixture, "signed");
    struct bytes first = compose_signed(fixture, fixture->alice, FORM_DETACHED, text);
    struct bytes second = compose_encrypted(fixture, fixture->bob, CMS_AES_256_GCM, text);
    struct bytes both = compose_mixed(fixture, first, second);
    struct bytes list = compose_mixed(fixture, both, compose_text(fixture, "a footer"));
    const struct open_result *result = mail_open(fixture, compose_mail(fixture, list));
    cr_assert_eq(result->layer_count, 2);
    cr_assert_eq(part_of(result, "1.2")->signed_by, 0);
    cr_assert_eq(part_of(result, "1.1")->signed_by, 0);
    cr_assert_eq(part_of(result, "1.1.1")->signed_by, 1);
    cr_assert_eq(part_of(result, "1.1.1.1")->signed_by, 1);
    cr_assert_eq(part_of(result, "1.1.2")->encrypted_by, 2);
    cr_assert_eq(part_of(result, "1.1.2")->signed_by, 0);
}

Test(parts, number_one_and_number_ten_are_not_mixed_up)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes sealed =
        compose_signed(fixture, fixture->alice, FORM_DETACHED, compose_text(fixture, "signed"));
    struct buffer *list = mail_keep(fixture);
    assert_ok(buffer_append_string(list, "Content-Type: multipart/mixed; boundary=ten\r\n\r\n"));
    for (int i = 0; i < 10; i++) {
        assert_ok(buffer_append_string(list, "--ten\r\n"));
        assert_ok(buffer_append(list, i == 0 ? sealed : BYTES_LITERAL("\r\nplain\r\n")));
        assert_ok(buffer_append_string(list, "\r\n"));
    }
    assert_ok(buffer_append_string(list, "--ten--\r\n"));
    const struct open_result *result = mail_open(fixture, compose_mail(fixture, buffer_view(list)));
    cr_assert_eq(part_of(result, "1.1")->signed_by, 1);
    cr_assert_eq(part_of(result, "1.10")->signed_by, 0);
}

Test(parts, of_a_protected_message_name_all_its_layers)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes list =
        compose_mixed(fixture, compose_text(fixture, "one"), compose_text(fixture, "two"));
    struct bytes sealed = compose_signed(fixture, fixture->alice, FORM_DETACHED, list);
    sealed = compose_encrypted(fixture, fixture->bob, CMS_AES_256_CBC, sealed);
    const struct open_result *result = mail_open(fixture, compose_mail(fixture, sealed));
    cr_assert_eq(result->part_count, 3);
    for (size_t i = 0; i < result->part_count; i++) {
        cr_assert_eq(result->parts[i].encrypted_by, 1);
        cr_assert_eq(result->parts[i].signed_by, 2);
    }
}

Test(parts, compose_one_message_with_the_body_fields_of_the_innermost)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity = compose_printf(fixture, "Content-Type: text/html\r\n"
                                                  "Subject: inside\r\n\r\n<p>text</p>\r\n");
    struct bytes sealed = compose_signed(fixture, fixture->alice, FORM_OPAQUE, entity);
    const struct open_result *result = mail_open(fixture, compose_mail(fixture, sealed));
    struct bytes content = mail_keep_content(fixture, result->content);
    cr_assert(bytes_equal(content, BYTES_LITERAL(COMPOSE_HEADER "MIME-Version: 1.0\r\n"
                                                                "Content-Type: text/html\r\n"
                                                                "\r\n<p>text</p>\r\n")));
}
