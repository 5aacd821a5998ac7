#include "base/clock.h"
#include "base/limits.h"
#include "mime/build.h"
#include "mime/transfer.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void assert_content(const struct content *content, const char *expected)
{
    CLEANUP(mapping_unref) struct mapping *flat = NULL;
    struct bytes seen = BYTES_NONE;
    assert_ok(content_flatten(content, &flat, &seen));
    cr_assert(bytes_equal(seen, bytes_of_string(expected)), "'%.*s' is not '%s'", (int)seen.len,
              (const char *)seen.data, expected);
}

static struct content *content_of(const char *text)
{
    struct content *content = NULL;
    assert_ok(content_new(&content));
    assert_ok(content_append_copy(content, bytes_of_string(text)));
    return content;
}

static struct mapping *mapping_of(struct bytes bytes, size_t limit)
{
    struct mapping *mapping = NULL;
    assert_ok(mapping_new(limit, &mapping));
    assert_ok(mapping_append(mapping, bytes));
    return mapping;
}

static void assert_fields(const char *text, bool keep_bcc, const char *expected)
{
    CLEANUP(mime_header_free) struct mime_header *header = NULL;
    CLEANUP(buffer_free) struct buffer *out = NULL;
    struct bytes body = BYTES_NONE;
    assert_ok(mime_header_parse(bytes_of_string(text), &header, &body));
    assert_ok(buffer_new(0, &out));
    assert_ok(build_message_fields(header, keep_bcc, out));
    cr_assert(bytes_equal(buffer_view(out), bytes_of_string(expected)), "%.*s", (int)out->len,
              (const char *)out->data);
}

Test(build_message_fields, never_lets_bcc_out_unasked)
{
    static const char text[] =
        "To: a\r\nbcc: secret\r\n more\r\nResent-BCC: secret\r\nX: y\r\n\r\n";
    assert_fields(text, false, "To: a\r\nX: y\r\n");
    assert_fields(text, true, "To: a\r\nbcc: secret\r\n more\r\nResent-BCC: secret\r\nX: y\r\n");
}

Test(build_message_fields, leaves_the_fields_of_the_body_out)
{
    assert_fields("From: a\nContent-Type: x\ncontent-foo: y\nMime-Version: 1.0\nSubject: b\n c\n\n",
                  false, "From: a\r\nSubject: b\r\n c\r\n");
}

Test(build_canonical_entity, refuses_an_ambiguous_message)
{
    mime_tree_start();
    CLEANUP(mime_tree_free) struct mime_tree *tree = NULL;
    assert_ok(mime_tree_parse(BYTES_LITERAL("Content-Type: multipart/mixed\r\n\r\nx"), &tree));
    struct content *entity = NULL;
    bool fragile = false;
    assert_error(build_canonical_entity(tree, NULL, &entity, &fragile), ERR_MESSAGE_MALFORMED);
    cr_assert_null(entity);
}

Test(build_canonical_entity, does_not_copy_a_large_clean_body)
{
    mime_tree_start();
    CLEANUP(mapping_unref) struct mapping *owner = NULL;
    assert_ok(mapping_new(16 * MIB, &owner));
    assert_ok(mapping_append(owner, BYTES_LITERAL("Subject: x\r\nContent-Type: a/b\r\n\r\n")));
    size_t head = mapping_len(owner);
    for (size_t i = 0; i < 100000; i++) {
        assert_ok(mapping_append(owner, BYTES_LITERAL("a line of text that is not long\r\n")));
    }
    CLEANUP(mime_tree_free) struct mime_tree *tree = NULL;
    CLEANUP(content_unref) struct content *entity = NULL;
    assert_ok(mime_tree_parse(mapping_view(owner), &tree));
    bool fragile = true;
    assert_ok(build_canonical_entity(tree, owner, &entity, &fragile));
    cr_assert_not(fragile);
    struct bytes piece = BYTES_NONE;
    cr_assert(content_piece(entity, 0, &piece));
    cr_assert_eq(piece.data, mapping_data(owner) + strlen("Subject: x\r\n"));
    cr_assert_eq(piece.len, mapping_len(owner) - strlen("Subject: x\r\n"));
    cr_assert_gt(head, 0);
    cr_assert_not(content_piece(entity, 1, &piece));
}

Test(build_token, is_new_each_time)
{
    CLEANUP(string_free) char *one = NULL;
    CLEANUP(string_free) char *two = NULL;
    assert_ok(build_token(&one));
    assert_ok(build_token(&two));
    cr_assert_eq(strlen(one), 32);
    cr_assert_str_neq(one, two);
}

Test(build_boundary, is_new_each_time_and_of_the_promised_form)
{
    CLEANUP(content_unref) struct content *content = content_of("x");
    CLEANUP(string_free) char *one = NULL;
    CLEANUP(string_free) char *two = NULL;
    assert_ok(build_boundary(content, &one));
    assert_ok(build_boundary(content, &two));
    cr_assert_str_neq(one, two);
    cr_assert_eq(strlen(one), 34);
    cr_assert_eq(strncmp(one, "=_", 2), 0);
    cr_assert_eq(strspn(one + 2, "0123456789abcdef"), 32);
}

Test(build_multipart_signed, is_read_back_with_the_same_bytes)
{
    mime_tree_start();
    CLEANUP(content_unref)
    struct content *entity = content_of("Content-Type: text/plain\r\n\r\nx\r\n");
    CLEANUP(content_unref) struct content *message = NULL;
    assert_ok(build_multipart_signed(BYTES_LITERAL("From: a@b\r\n"), true, "sha-256", entity,
                                     BYTES_LITERAL("signature"), &message));
    CLEANUP(mapping_unref) struct mapping *flat = NULL;
    CLEANUP(mime_tree_free) struct mime_tree *tree = NULL;
    struct bytes view = BYTES_NONE;
    assert_ok(content_flatten(message, &flat, &view));
    cr_assert(bytes_starts_with(view, BYTES_LITERAL("From: a@b\r\nMIME-Version: 1.0\r\n")));
    assert_ok(mime_tree_parse(view, &tree));
    const struct mime_entity *root = mime_tree_root(tree);
    cr_assert_eq(root->smime, MIME_SMIME_SIGNED_MULTIPART);
    cr_assert_not(root->ambiguous);
    cr_assert_not(root->extra_text);
    cr_assert_str_eq(root->micalg, "sha-256");
    cr_assert_str_eq(root->protocol, "application/pkcs7-signature");
    cr_assert(bytes_equal(root->children[0]->whole,
                          BYTES_LITERAL("Content-Type: text/plain\r\n\r\nx\r\n")));
    const struct mime_entity *signature = root->children[1];
    cr_assert_str_eq(signature->type, "application/pkcs7-signature");
    cr_assert_str_eq(signature->filename, "smime.p7s");
    cr_assert(signature->attachment);
    cr_assert_eq(signature->encoding, MIME_BASE64);
    cr_assert(bytes_equal(signature->body, BYTES_LITERAL("c2lnbmF0dXJl")));
}

Test(build_multipart_signed, has_no_version_field_as_a_part)
{
    CLEANUP(content_unref) struct content *entity = content_of("\r\nx");
    CLEANUP(content_unref) struct content *part = NULL;
    assert_ok(
        build_multipart_signed(BYTES_NONE, false, "sha-512", entity, BYTES_LITERAL("s"), &part));
    CLEANUP(mapping_unref) struct mapping *flat = NULL;
    struct bytes view = BYTES_NONE;
    assert_ok(content_flatten(part, &flat, &view));
    cr_assert(bytes_starts_with(view, BYTES_LITERAL("Content-Type: multipart/signed;")));
}

static const char sealed[] = "MIME-Version: 1.0\r\n"
                             "Content-Type: application/pkcs7-mime; smime-type=enveloped-data;\r\n"
                             " name=\"smime.p7m\"\r\n"
                             "Content-Transfer-Encoding: base64\r\n"
                             "Content-Disposition: attachment; filename=\"smime.p7m\"\r\n"
                             "\r\nAQID\r\n";

Test(build_pkcs7_mime_take, works_with_and_without_room_in_the_mapping)
{
    const size_t limits[] = { 3, 1000 };
    for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
        struct mapping *cms = mapping_of(BYTES_LITERAL("\1\2\3"), limits[i]);
        CLEANUP(content_unref) struct content *message = NULL;
        assert_ok(build_pkcs7_mime_take(BYTES_NONE, true, "enveloped-data", cms, &message));
        assert_content(message, sealed);
    }
}

Test(build_pkcs7_mime_take, needs_no_second_mapping_where_there_is_room)
{
    struct mapping *cms = mapping_of(BYTES_LITERAL("\1\2\3"), 1000);
    const uint8_t *data = mapping_data(cms);
    CLEANUP(content_unref) struct content *message = NULL;
    assert_ok(
        build_pkcs7_mime_take(BYTES_LITERAL("A: b\r\n"), false, "signed-data", cms, &message));
    struct bytes piece = BYTES_NONE;
    cr_assert(content_piece(message, 2, &piece));
    cr_assert_eq(piece.data, data);
}

Test(build_refield, puts_other_fields_before_the_same_bytes)
{
    static const char fields[] = "A: b\r\n";
    struct mapping *cms = mapping_of(BYTES_LITERAL("\1\2\3"), 1000);
    CLEANUP(content_unref) struct content *message = NULL;
    CLEANUP(content_unref) struct content *other = NULL;
    CLEANUP(content_unref) struct content *bare = NULL;
    assert_ok(
        build_pkcs7_mime_take(BYTES_LITERAL("A: b\r\n"), true, "enveloped-data", cms, &message));
    assert_ok(build_refield(message, strlen(fields), BYTES_LITERAL("C: d\r\nE: f\r\n"), &other));
    assert_ok(build_refield(message, strlen(fields), BYTES_NONE, &bare));
    assert_content(bare, sealed);
    cr_assert_eq(content_size(other), content_size(bare) + 12);
    struct bytes one = BYTES_NONE;
    struct bytes two = BYTES_NONE;
    cr_assert(content_piece(message, 2, &one));
    cr_assert(content_piece(other, 2, &two));
    cr_assert_eq(one.data, two.data);
}
