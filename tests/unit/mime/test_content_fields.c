#include "base/limits.h"
#include "mime/content_fields.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

static struct content_fields *read_fields(const char *text)
{
    mime_tree_start();
    CLEANUP(mime_header_free) struct mime_header *header = NULL;
    struct bytes body = BYTES_NONE;
    assert_ok(mime_header_parse(bytes_of_string(text), &header, &body));
    struct content_fields *fields = NULL;
    assert_ok(content_fields_read(header, false, &fields));
    return fields;
}

static void assert_encoding(const char *value, enum mime_encoding expected)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    assert_ok(buffer_printf(text, "Content-Transfer-Encoding:%s\r\n", value));
    assert_ok(buffer_append_byte(text, '\0'));
    CLEANUP(content_fields_free)
    struct content_fields *fields = read_fields((const char *)text->data);
    cr_assert_eq(fields->encoding, expected, "%s gave %d", value, (int)fields->encoding);
}

Test(content_fields_read, takes_no_content_type_over_the_limit)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    assert_ok(buffer_append_string(text, "Content-Type: multipart/mixed; boundary*=utf-8''"));
    for (size_t i = 0; i < LIMIT_CONTENT_FIELD; i++) {
        assert_ok(buffer_append_byte(text, 'x'));
    }
    assert_ok(buffer_append_byte(text, '\0'));
    CLEANUP(content_fields_free)
    struct content_fields *fields = read_fields((const char *)text->data);
    cr_assert(fields->odd);
    cr_assert_str_eq(fields->type, "text/plain");
    cr_assert_null(fields->boundary);
}

Test(content_fields_read, reads_the_parameters_of_smime)
{
    CLEANUP(content_fields_free)
    struct content_fields *fields = read_fields(
        "Content-Type: Multipart/Signed;\r\n protocol=\"application/pkcs7-signature\";\r\n"
        "\tmicalg=sha-256; Boundary=\"a\"; hp=\"clear\"; smime-type=x\r\n\r\n");
    cr_assert_str_eq(fields->type, "multipart/signed");
    cr_assert_str_eq(fields->protocol, "application/pkcs7-signature");
    cr_assert_str_eq(fields->micalg, "sha-256");
    cr_assert_str_eq(fields->boundary, "a");
    cr_assert_str_eq(fields->header_protection, "clear");
    cr_assert_str_eq(fields->smime_type, "x");
    cr_assert_not(fields->odd);
}

Test(content_fields_read, reads_the_parameters_of_header_protection)
{
    CLEANUP(content_fields_free)
    struct content_fields *fields = read_fields("Content-Type: text/plain; charset=utf-8;"
                                                " forwarded=no; hp-legacy-display=\"1\"\r\n\r\n");
    cr_assert_str_eq(fields->charset, "utf-8");
    cr_assert_str_eq(fields->forwarded, "no");
    cr_assert(fields->legacy_display);
    CLEANUP(content_fields_free)
    struct content_fields *other =
        read_fields("Content-Type: text/plain; hp-legacy-display=0\r\n\r\n");
    cr_assert_not(other->legacy_display);
    cr_assert_null(other->forwarded);
    cr_assert_null(other->charset);
}

Test(content_fields_read, has_defaults_where_nothing_is_said)
{
    CLEANUP(content_fields_free) struct content_fields *fields = read_fields("Subject: x\r\n\r\n");
    cr_assert_str_eq(fields->type, "text/plain");
    cr_assert_eq(fields->encoding, MIME_7BIT);
    cr_assert_null(fields->filename);
    cr_assert_not(fields->attachment);
    cr_assert_not(fields->odd);
}

Test(content_fields_read, prefers_the_file_name_of_the_disposition)
{
    CLEANUP(content_fields_free)
    struct content_fields *fields =
        read_fields("Content-Type: a/b; name=\"one\"\r\n"
                    "Content-Disposition: Attachment; filename*=utf-8''tw%C3%B6\r\n\r\n");
    cr_assert_str_eq(fields->filename, "tw\xc3\xb6");
    cr_assert(fields->attachment);
    CLEANUP(content_fields_free)
    struct content_fields *type_only =
        read_fields("Content-Type: a/b; name=\"=?utf-8?q?=C3=B6ne?=\"\r\n"
                    "Content-Disposition: inline\r\n\r\n");
    cr_assert_str_eq(type_only->filename, "\xc3\xb6ne");
    cr_assert_not(type_only->attachment);
}

Test(content_fields_read, cleans_file_names)
{
    CLEANUP(content_fields_free)
    struct content_fields *fields =
        read_fields("Content-Disposition: attachment; filename*=utf-8''a%0D%0Ab%00c\r\n\r\n");
    cr_assert_not_null(fields->filename);
    cr_assert_null(strpbrk(fields->filename, "\r\n"));
}

Test(content_fields_read, knows_the_encodings)
{
    assert_encoding(" 7bit", MIME_7BIT);
    assert_encoding(" 8BIT", MIME_8BIT);
    assert_encoding("binary", MIME_BINARY);
    assert_encoding(" Base64 ", MIME_BASE64);
    assert_encoding(" quoted-printable; x", MIME_QUOTED_PRINTABLE);
    assert_encoding("\r\n base64 (comment)", MIME_BASE64);
    assert_encoding(" x-uuencode", MIME_UUENCODE);
    assert_encoding(" base65", MIME_ENCODING_UNKNOWN);
    assert_encoding(" gzip", MIME_ENCODING_UNKNOWN);
    assert_encoding(" ", MIME_7BIT);
}

Test(content_fields_read, gives_a_digest_its_default)
{
    mime_tree_start();
    CLEANUP(mime_header_free) struct mime_header *header = NULL;
    struct bytes body = BYTES_NONE;
    assert_ok(mime_header_parse(BYTES_LITERAL("\r\n"), &header, &body));
    CLEANUP(content_fields_free) struct content_fields *fields = NULL;
    assert_ok(content_fields_read(header, true, &fields));
    cr_assert_str_eq(fields->type, "message/rfc822");
}

Test(content_fields_read, calls_what_others_may_take_for_a_second_boundary_odd)
{
    static const char *const fields[] = {
        "multipart/mixed, boundary=evil; boundary=b",
        "multipart/mixed boundary = evil; boundary=b",
        "multipart/mixed; boundary=b; x=\"; BOUNDARY=evil\"",
        "multipart/mixed; boundary=b; x=\"; boundary*0=evil\"",
    };
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        CLEANUP(buffer_free) struct buffer *text = NULL;
        assert_ok(buffer_new(0, &text));
        assert_ok(buffer_printf(text, "Content-Type: %s\r\n\r\n", fields[i]));
        assert_ok(buffer_append_byte(text, 0));
        CLEANUP(content_fields_free)
        struct content_fields *read = read_fields((const char *)text->data);
        cr_assert(read->odd, "%s", fields[i]);
    }
}

Test(content_fields_read, finds_the_word_boundary_in_a_boundary_normal)
{
    CLEANUP(content_fields_free)
    struct content_fields *fields = read_fields(
        "Content-Type: multipart/mixed; boundary=\"----=_boundary_1 boundary\"\r\n\r\n");
    cr_assert_not(fields->odd);
}

Test(content_fields_read, gives_no_boundary_to_what_is_no_multipart)
{
    CLEANUP(content_fields_free)
    struct content_fields *fields = read_fields("Content-Type: text/plain; boundary=b\r\n\r\n");
    cr_assert_null(fields->boundary);
    cr_assert_not(fields->odd);
}

Test(content_fields_multipart, looks_at_the_whole_first_half)
{
    cr_assert(content_fields_multipart("MULTIPART/x"));
    cr_assert_not(content_fields_multipart("multipart"));
    cr_assert_not(content_fields_multipart("multiparts/x"));
}

Test(content_fields_free, takes_null)
{
    content_fields_free(NULL);
}
