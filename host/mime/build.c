#include "mime/build.h"

#include "base/limits.h"
#include "mime/canonical.h"
#include "mime/encode.h"
#include "mime/runs.h"
#include "mime/transfer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum { TOKEN_RANDOM = 16 }; /* bytes */

static bool is_message_field(const struct mime_field *field, bool keep_bcc)
{
    struct bytes name = field->name;
    if (bytes_equal_ascii_nocase(bytes_slice(name, 0, strlen("Content-")),
                                 BYTES_LITERAL("Content-")) ||
        bytes_equal_ascii_nocase(name, BYTES_LITERAL("MIME-Version"))) {
        return false;
    }
    return keep_bcc || (!bytes_equal_ascii_nocase(name, BYTES_LITERAL("Bcc")) &&
                        !bytes_equal_ascii_nocase(name, BYTES_LITERAL("Resent-Bcc")));
}

struct error *build_message_fields(const struct mime_header *header, bool keep_bcc,
                                   struct buffer *out)
{
    for (size_t i = 0; i < header->count; i++) {
        if (is_message_field(&header->fields[i], keep_bcc)) {
            TRY(canonical_field(header->fields[i].raw, out));
        }
    }
    return NULL;
}

struct error *build_canonical_entity(const struct mime_tree *tree, struct mapping *owner,
                                     struct content **ret_entity, bool *ret_fragile)
{
    const struct mime_entity *root = mime_tree_root(tree);
    if (root->ambiguous) {
        return error_new(ERR_MESSAGE_MALFORMED, "the parts of the message can be read in two ways");
    }
    CLEANUP(runs_free) struct runs *runs = NULL;
    TRY(runs_new(owner, &runs));
    bool fragile = false;
    TRY(encode_entity(runs, root, &fragile));
    TRY(runs_finish(runs, ret_entity));
    *ret_fragile = fragile;
    return NULL;
}

static bool content_has(const struct content *content, const char *text)
{
    struct bytes piece = BYTES_NONE;
    for (size_t i = 0; content_piece(content, i, &piece); i++) {
        if (bytes_find(piece, bytes_of_string(text)) != SIZE_MAX) {
            return true;
        }
    }
    return false;
}

struct error *build_token(char **ret_token)
{
    uint8_t random[TOKEN_RANDOM];
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random)) {
        return error_new(ERR_INTERNAL, "no random bytes: error %d", errno);
    }
    return bytes_to_hex((struct bytes){ random, sizeof(random) }, ret_token);
}

struct error *build_boundary(const struct content *content, char **ret_boundary)
{
    for (;;) {
        CLEANUP(string_free) char *token = NULL;
        TRY(build_token(&token));
        /* "=_" can be neither in quoted-printable nor in base64 (RFC 2045 6.7) */
        CLEANUP(string_free) char *boundary = NULL;
        if (asprintf(&boundary, "=_%s", token) < 0) {
            boundary = NULL;
            return error_no_memory();
        }
        if (!content_has(content, boundary)) {
            *ret_boundary = TAKE_PTR(boundary);
            return NULL;
        }
    }
}

/* New content that starts with `fields` as a piece of its own. */
static struct error *start(struct bytes fields, struct content **ret_content)
{
    CLEANUP(content_unref) struct content *content = NULL;
    TRY(content_new(&content));
    TRY(content_append_copy(content, fields));
    *ret_content = TAKE_PTR(content);
    return NULL;
}

static struct error *append_buffer(struct content *content, struct buffer *text)
{
    return content_append_copy(content, buffer_view(text));
}

static struct error *write_signed_head(const char *boundary, bool message, const char *micalg,
                                       struct buffer *out)
{
    return buffer_printf(out,
                         "%sContent-Type: multipart/signed; protocol=\"application/"
                         "pkcs7-signature\";\r\n micalg=%s;\r\n boundary=\"%s\"\r\n"
                         "\r\n--%s\r\n",
                         message ? "MIME-Version: 1.0\r\n" : "", micalg, boundary, boundary);
}

/* The last line of the base64 ends with the line break that belongs to the delimiter. */
static struct error *append_signature(struct content *content, const char *boundary,
                                      struct bytes signature)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    TRY(buffer_new(0, &text));
    TRY(buffer_printf(text,
                      "\r\n--%s\r\n"
                      "Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n"
                      "Content-Transfer-Encoding: base64\r\n"
                      "Content-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\n",
                      boundary));
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    TRY(mapping_new(LIMIT_MESSAGE, &mapping));
    TRY(mapping_append(mapping, buffer_view(text)));
    TRY(transfer_base64(signature, mapping));
    text->len = 0;
    TRY(buffer_printf(text, "--%s--\r\n", boundary));
    TRY(mapping_append(mapping, buffer_view(text)));
    return content_append_slice(content, mapping, mapping_view(mapping));
}

struct error *build_multipart_signed(struct bytes fields, bool message, const char *micalg,
                                     const struct content *entity, struct bytes signature,
                                     struct content **ret_content)
{
    CLEANUP(string_free) char *boundary = NULL;
    CLEANUP(content_unref) struct content *content = NULL;
    CLEANUP(buffer_free) struct buffer *head = NULL;
    TRY(build_boundary(entity, &boundary));
    TRY(start(fields, &content));
    TRY(buffer_new(0, &head));
    TRY(write_signed_head(boundary, message, micalg, head));
    TRY(append_buffer(content, head));
    TRY(content_append_content(content, entity));
    TRY(append_signature(content, boundary, signature));
    *ret_content = TAKE_PTR(content);
    return NULL;
}

/* In place where the mapping may still grow, else into a second one; the first goes then. */
static struct error *to_base64(struct mapping **cms)
{
    struct error *error = transfer_base64_in_place(*cms, 0);
    if (!error || error_get_code(error) != ERR_MESSAGE_TOO_LARGE) {
        return error;
    }
    error_free(error);
    CLEANUP(mapping_unref) struct mapping *encoded = NULL;
    TRY(mapping_new(LIMIT_MESSAGE, &encoded));
    TRY(transfer_base64(mapping_view(*cms), encoded));
    mapping_unref(*cms);
    *cms = TAKE_PTR(encoded);
    return NULL;
}

struct error *build_pkcs7_mime_take(struct bytes fields, bool message, const char *smime_type,
                                    struct mapping *cms, struct content **ret_content)
{
    CLEANUP(mapping_unref) struct mapping *body = cms;
    CLEANUP(content_unref) struct content *content = NULL;
    CLEANUP(buffer_free) struct buffer *head = NULL;
    TRY(start(fields, &content));
    TRY(buffer_new(0, &head));
    TRY(buffer_printf(head,
                      "%sContent-Type: application/pkcs7-mime; smime-type=%s;\r\n"
                      " name=\"smime.p7m\"\r\n"
                      "Content-Transfer-Encoding: base64\r\n"
                      "Content-Disposition: attachment; filename=\"smime.p7m\"\r\n\r\n",
                      message ? "MIME-Version: 1.0\r\n" : "", smime_type));
    TRY(append_buffer(content, head));
    TRY(to_base64(&body));
    TRY(content_append_slice(content, body, mapping_view(body)));
    *ret_content = TAKE_PTR(content);
    return NULL;
}

struct error *build_refield(const struct content *content, size_t fields_len, struct bytes fields,
                            struct content **ret_content)
{
    CLEANUP(content_unref) struct content *fresh = NULL;
    TRY(start(fields, &fresh));
    TRY(content_append_tail(fresh, content, fields_len));
    *ret_content = TAKE_PTR(fresh);
    return NULL;
}
