#include "mime/outgoing.h"

#include "base/utf8.h"
#include "mime/canonical.h"
#include "mime/encoded_word.h"
#include "mime/fold.h"
#include "mime/gmime_scope.h"
#include "mime/outgoing_addresses.h"

#include <stdlib.h>
#include <string.h>

/* How a field's value is made up, which says how it can be put in ASCII. */
enum kind { TEXT, ADDRESSES, PARAMETERS, TOKENS };

static const struct {
    const char *name;
    enum kind kind;
} kinds[] = {
    { "From", ADDRESSES },
    { "Sender", ADDRESSES },
    { "Reply-To", ADDRESSES },
    { "To", ADDRESSES },
    { "Cc", ADDRESSES },
    { "Bcc", ADDRESSES },
    { "Resent-From", ADDRESSES },
    { "Resent-Sender", ADDRESSES },
    { "Resent-Reply-To", ADDRESSES },
    { "Resent-To", ADDRESSES },
    { "Resent-Cc", ADDRESSES },
    { "Resent-Bcc", ADDRESSES },
    { "Disposition-Notification-To", ADDRESSES },
    { "Mail-Followup-To", ADDRESSES },
    { "Return-Receipt-To", ADDRESSES },
    { "Content-Type", PARAMETERS },
    { "Content-Disposition", PARAMETERS },
    { "Content-ID", TOKENS },
    { "Content-Transfer-Encoding", TOKENS },
    { "Date", TOKENS },
    { "DKIM-Signature", TOKENS },
    { "In-Reply-To", TOKENS },
    { "Message-ID", TOKENS },
    { "MIME-Version", TOKENS },
    { "Received", TOKENS },
    { "References", TOKENS },
    { "Resent-Date", TOKENS },
    { "Resent-Message-ID", TOKENS },
    { "Return-Path", TOKENS },
};

static enum kind kind_of(struct bytes name)
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (bytes_equal_ascii_nocase(name, bytes_of_string(kinds[i].name))) {
            return kinds[i].kind;
        }
    }
    return TEXT;
}

static struct error *refuse(const struct mime_field *field, const char *why)
{
    char name[48] = { 0 };
    for (size_t i = 0; i < field->name.len && i + 1 < sizeof(name); i++) {
        name[i] = (char)field->name.data[i];
    }
    return error_new(ERR_MESSAGE_MALFORMED, "the field %s %s", name, why);
}

/* RFC 5322 4.5 knows blanks before the colon; nobody should have to. */
static struct error *write_name(const struct mime_field *field, struct buffer *out)
{
    TRY(buffer_append(out, field->name));
    return buffer_append_byte(out, ':');
}

/* The value with its line end, as it lies there. */
static struct bytes behind_name(const struct mime_field *field)
{
    size_t colon = bytes_find(field->raw, BYTES_LITERAL(":"));
    return bytes_slice(field->raw, colon + 1, SIZE_MAX);
}

static struct error *start(const struct mime_field *field, struct buffer *out)
{
    TRY(write_name(field, out));
    return buffer_append_byte(out, ' ');
}

/* The whole value, so that no blank between words can get lost. */
static struct error *write_text(const struct mime_field *field, struct buffer *out)
{
    CLEANUP(string_free) char *text = NULL;
    TRY(mime_field_text(field, &text));
    TRY(start(field, out));
    TRY(encoded_word_append(bytes_of_string(text), out->len, out));
    return buffer_append_string(out, "\r\n");
}

static struct error *write_addresses(const struct mime_field *field, struct buffer *out)
{
    TRY(start(field, out));
    TRY(outgoing_addresses(field->value, out));
    return buffer_append_string(out, "\r\n");
}

static char *encode_type(GMimeParserOptions *options, const char *value)
{
    CLEANUP(gmime_scope_type_unref)
    GMimeContentType *type = g_mime_content_type_parse(options, value);
    return type ? g_mime_content_type_encode(type, NULL) : NULL;
}

static char *encode_disposition(GMimeParserOptions *options, const char *value)
{
    CLEANUP(gmime_scope_disposition_unref)
    GMimeContentDisposition *disposition = g_mime_content_disposition_parse(options, value);
    return disposition ? g_mime_content_disposition_encode(disposition, NULL) : NULL;
}

/* RFC 2231 by GMime, which folds with LF. */
static struct error *write_parameters(const struct mime_field *field, struct buffer *out)
{
    CLEANUP(string_free) char *value = NULL;
    CLEANUP(gmime_scope_options_free) GMimeParserOptions *options = g_mime_parser_options_new();
    TRY(bytes_to_string(field->value, &value));
    bool type = bytes_equal_ascii_nocase(field->name, BYTES_LITERAL("Content-Type"));
    CLEANUP(gmime_scope_string_free)
    char *encoded = type ? encode_type(options, value) : encode_disposition(options, value);
    if (!encoded) {
        return refuse(field, "cannot be read");
    }
    TRY(start(field, out));
    return buffer_append_string(out, encoded + strspn(encoded, " "));
}

static struct error *encode(const struct mime_field *field, enum kind kind, struct buffer *out)
{
    switch (kind) {
    case TEXT:
        return write_text(field, out);
    case ADDRESSES:
        return write_addresses(field, out);
    case PARAMETERS:
        return write_parameters(field, out);
    case TOKENS:
        break;
    }
    TRY(write_name(field, out));
    return buffer_append(out, behind_name(field));
}

static struct error *write_ascii(const struct mime_field *field, enum kind kind, struct buffer *out)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    TRY(buffer_new(0, &text));
    TRY(encode(field, kind, text));
    return canonical_field(buffer_view(text), out);
}

static struct error *fold(struct buffer *text, enum kind kind, struct buffer *out)
{
    return fold_field(buffer_view(text), kind == TEXT ? FOLD_TEXT : FOLD_STRUCTURED, out);
}

/* A text without a blank for a thousand characters: encoded words have some. */
static struct error *fold_hard(const struct mime_field *field, enum kind kind, struct buffer *out)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    TRY(buffer_new(0, &text));
    if (kind != TEXT) {
        return refuse(field, "has a line that is too long and can't be folded");
    }
    TRY(write_text(field, text));
    return fold(text, kind, out);
}

struct error *outgoing_field(const struct mime_field *field, struct buffer *out, bool *wide)
{
    enum kind kind = kind_of(field->name);
    CLEANUP(buffer_free) struct buffer *text = NULL;
    CLEANUP(buffer_free) struct buffer *folded = NULL;
    TRY(buffer_new(0, &text));
    TRY(buffer_new(0, &folded));
    if (!canonical_has_8bit(field->value)) {
        TRY(write_name(field, text));
        TRY(canonical_field(behind_name(field), text));
    } else if (!utf8_valid(field->value)) {
        return refuse(field, "holds bytes that are not UTF-8");
    } else {
        TRY(write_ascii(field, kind, text));
    }
    TRY(fold(text, kind, folded));
    if (fold_too_long(buffer_view(folded), FOLD_LINE_MOST)) {
        folded->len = 0;
        TRY(fold_hard(field, kind, folded));
    }
    *wide |= canonical_has_8bit(buffer_view(folded));
    return buffer_append(out, buffer_view(folded));
}
