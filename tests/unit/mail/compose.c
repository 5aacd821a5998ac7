#include "mail/compose.h"

#include "base/limits.h"
#include "cms/der.h"
#include "cms/signed.h"
#include "mail/seal.h"
#include "mime/transfer.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <zlib.h>

struct bytes compose_printf(struct mail_fixture *fixture, const char *format, ...)
{
    char *text = NULL;
    va_list list;
    va_start(list, format);
    int length = vasprintf(&text, format, list);
    va_end(list);
    cr_assert_geq(length, 0);
    struct buffer *buffer = mail_keep(fixture);
    assert_ok(buffer_append(buffer, (struct bytes){ (const uint8_t *)text, (size_t)length }));
    string_free(text);
    return buffer_view(buffer);
}

static struct bytes join(struct mail_fixture *fixture, const struct bytes *pieces, size_t count)
{
    struct buffer *buffer = mail_keep(fixture);
    for (size_t i = 0; i < count; i++) {
        assert_ok(buffer_append(buffer, pieces[i]));
    }
    return buffer_view(buffer);
}

struct bytes compose_message(struct mail_fixture *fixture, const char *header, struct bytes entity)
{
    const struct bytes pieces[] = { bytes_of_string(header), BYTES_LITERAL("MIME-Version: 1.0\r\n"),
                                    entity };
    return join(fixture, pieces, ARRAY_SIZE(pieces));
}

struct bytes compose_mail(struct mail_fixture *fixture, struct bytes entity)
{
    return compose_message(fixture, COMPOSE_HEADER, entity);
}

struct bytes compose_text(struct mail_fixture *fixture, const char *text)
{
    return compose_printf(fixture, "Content-Type: text/plain\r\n\r\n%s\r\n", text);
}

struct bytes compose_mixed(struct mail_fixture *fixture, struct bytes first, struct bytes second)
{
    /* a boundary of its own for each level: none may be the start of another */
    struct bytes delimiter = compose_printf(fixture, "\r\n--mix-%zu-end\r\n", fixture->kept_count);
    struct bytes name = bytes_slice(delimiter, 4, delimiter.len - 6);
    struct bytes top = compose_printf(
        fixture, "Content-Type: multipart/mixed; boundary=\"%.*s\"\r\n\r\n--%.*s\r\n",
        (int)name.len, (const char *)name.data, (int)name.len, (const char *)name.data);
    struct bytes bottom =
        compose_printf(fixture, "\r\n--%.*s--\r\n", (int)name.len, (const char *)name.data);
    const struct bytes pieces[] = { top, first, delimiter, second, bottom };
    return join(fixture, pieces, ARRAY_SIZE(pieces));
}

static struct content *content_of(struct bytes bytes)
{
    CLEANUP(mapping_unref) struct mapping *owner = mail_mapping(bytes);
    struct content *content = NULL;
    assert_ok(content_new(&content));
    assert_ok(content_append_slice(content, owner, mapping_view(owner)));
    return content;
}

struct bytes compose_signed(struct mail_fixture *fixture, struct cert *signer,
                            enum protect_form form, struct bytes entity)
{
    CLEANUP(content_unref) struct content *content = content_of(entity);
    CLEANUP(content_unref) struct content *sealed = NULL;
    const struct seal_front front = { .fields = BYTES_NONE };
    const struct seal_signer who = { .cert = signer, .form = form };
    assert_ok(seal_sign(&fixture->context, &who, &front, content, &sealed));
    return mail_keep_content(fixture, sealed);
}

struct bytes compose_encrypted_to(struct mail_fixture *fixture, const struct cert_list *recipients,
                                  enum cms_cipher cipher, struct bytes entity)
{
    CLEANUP(content_unref) struct content *content = content_of(entity);
    CLEANUP(content_unref) struct content *sealed = NULL;
    const struct seal_front front = { .fields = BYTES_NONE };
    const struct seal_recipients to = { .certs = recipients, .wish = cipher };
    struct cipher_choice choice = { 0 };
    assert_ok(seal_encrypt(&fixture->context, &to, &front, content, &choice, &sealed));
    return mail_keep_content(fixture, sealed);
}

struct bytes compose_encrypted(struct mail_fixture *fixture, struct cert *recipient,
                               enum cms_cipher cipher, struct bytes entity)
{
    struct cert_list only = { 0 };
    assert_ok(cert_list_add(&only, recipient));
    struct bytes encrypted = compose_encrypted_to(fixture, &only, cipher, entity);
    cert_list_done(&only);
    return encrypted;
}

struct bytes compose_with_signature(struct mail_fixture *fixture, struct bytes entity,
                                    struct bytes cms)
{
    CLEANUP(content_unref) struct content *content = content_of(entity);
    CLEANUP(content_unref) struct content *built = NULL;
    assert_ok(build_multipart_signed(BYTES_NONE, false, "sha-256", content, cms, &built));
    return mail_keep_content(fixture, built);
}

struct bytes compose_pkcs7(struct mail_fixture *fixture, const char *type, struct bytes cms)
{
    CLEANUP(content_unref) struct content *built = NULL;
    struct mapping *der = NULL;
    assert_ok(mapping_new(cms.len * 2 + KIB, &der)); /* room for base64 */
    assert_ok(mapping_append(der, cms));
    assert_ok(build_pkcs7_mime_take(BYTES_NONE, false, type, der, &built));
    return mail_keep_content(fixture, built);
}

/* RFC 3274, from the inside out. */
struct bytes compose_compressed(struct mail_fixture *fixture, struct bytes entity)
{
    uLongf len = compressBound(entity.len);
    uint8_t *tail = NULL;
    struct buffer *content = mail_keep(fixture);
    struct buffer *cms = mail_keep(fixture);
    assert_ok(buffer_extend(content, len, &tail));
    cr_assert_eq(compress(tail, &len, entity.data, entity.len), Z_OK);
    content->len = len;
    assert_ok(der_wrap(content, 0, 0x04));
    assert_ok(der_wrap(content, 0, 0xa0));
    assert_ok(buffer_append_string(cms, "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"));
    assert_ok(buffer_append(cms, buffer_view(content)));
    assert_ok(der_wrap(cms, 0, 0x30));
    content->len = 0;
    assert_ok(der_small_integer(content, 0));
    assert_ok(buffer_append_string(content,
                                   "\x30\x0d\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x03\x08"));
    assert_ok(buffer_append(content, buffer_view(cms)));
    assert_ok(der_wrap(content, 0, 0x30));
    assert_ok(der_wrap(content, 0, 0xa0));
    cms->len = 0;
    assert_ok(buffer_append_string(cms, "\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09"));
    assert_ok(buffer_append(cms, buffer_view(content)));
    assert_ok(der_wrap(cms, 0, 0x30));
    return compose_pkcs7(fixture, "compressed-data", buffer_view(cms));
}

struct bytes compose_forwarded(struct mail_fixture *fixture, struct bytes entity)
{
    const struct bytes pieces[] = { BYTES_LITERAL("Content-Type: message/rfc822\r\n\r\n"),
                                    compose_mail(fixture, entity) };
    return join(fixture, pieces, ARRAY_SIZE(pieces));
}

struct bytes compose_cms(struct mail_fixture *fixture, struct bytes entity)
{
    CLEANUP(mime_tree_free) struct mime_tree *tree = NULL;
    CLEANUP(mapping_unref) struct mapping *decoded = NULL;
    struct bytes view = BYTES_NONE;
    assert_ok(mime_tree_parse(entity, &tree));
    const struct mime_entity *root = mime_tree_root(tree);
    const struct mime_entity *holder =
        root->smime == MIME_SMIME_SIGNED_MULTIPART ? root->children[1] : root;
    assert_ok(transfer_decode(holder->encoding, holder->body, &decoded, &view));
    return join(fixture, &view, 1);
}

struct bytes compose_replaced(struct mail_fixture *fixture, struct bytes whole, const char *old,
                              const char *new)
{
    size_t at = bytes_find(whole, bytes_of_string(old));
    cr_assert_neq(at, SIZE_MAX, "%s is not there", old);
    struct bytes before = bytes_slice(whole, 0, at);
    struct bytes behind = bytes_slice(whole, at + bytes_of_string(old).len, whole.len);
    const struct bytes pieces[] = { before, bytes_of_string(new), behind };
    return join(fixture, pieces, ARRAY_SIZE(pieces));
}

struct bytes compose_unix(struct mail_fixture *fixture, struct bytes whole)
{
    struct buffer *buffer = mail_keep(fixture);
    for (size_t i = 0; i < whole.len; i++) {
        bool drop = whole.data[i] == '\r' && i + 1 < whole.len && whole.data[i + 1] == '\n';
        if (!drop) {
            assert_ok(buffer_append_byte(buffer, whole.data[i]));
        }
    }
    return buffer_view(buffer);
}
