#include "mail/outgoing_header.h"

#include "base/clock.h"
#include "certs/match.h"
#include "mail/fields.h"
#include "mime/address.h"
#include "mime/build.h"
#include "mime/outgoing.h"

#include <stdlib.h>
#include <string.h>

void outgoing_header_free(struct outgoing_header *header)
{
    if (header) {
        mime_header_free(header->header);
        buffer_free(header->text);
        free(header);
    }
}

/* RFC 5322 3.6: programs differ about which of two counts. */
static struct error *refuse_duplicates(const struct mime_header *given)
{
    static const char *const once[] = { "From",       "Sender",      "Reply-To", "To",
                                        "Cc",         "Bcc",         "Date",     "Message-ID",
                                        "References", "In-Reply-To", "Subject" };
    for (size_t i = 0; i < ARRAY_SIZE(once); i++) {
        if (mime_header_count(given, once[i]) > 1) {
            return error_new(ERR_MESSAGE_MALFORMED, "the field %s stands there twice", once[i]);
        }
    }
    return NULL;
}

static bool is_empty(const struct mime_field *field)
{
    for (size_t i = 0; i < field->value.len; i++) {
        if (!strchr(" \t\r\n", field->value.data[i])) {
            return false;
        }
    }
    return true;
}

/* One that says nothing is made, as if it were not there. */
static bool is_made(const struct mime_field *field)
{
    bool ours = bytes_equal_ascii_nocase(field->name, BYTES_LITERAL("Date")) ||
                bytes_equal_ascii_nocase(field->name, BYTES_LITERAL("Message-ID"));
    return ours && is_empty(field);
}

static struct error *write_given(const struct mime_header *given, struct outgoing_header *header)
{
    for (size_t i = 0; i < given->count; i++) {
        const struct mime_field *field = &given->fields[i];
        if (!fields_is_structural(field) && !is_made(field)) {
            TRY(outgoing_field(field, header->text, &header->wide));
        }
    }
    return NULL;
}

static bool is_missing(const struct mime_header *given, const char *name)
{
    const struct mime_field *field = mime_header_find(given, name);
    return !field || is_empty(field);
}

/* The domain of From in A-labels. */
static struct error *find_domain(const struct mime_header *given, char **ret_domain)
{
    CLEANUP(address_list_free) struct address_list *from = NULL;
    CLEANUP(string_free) char *address = NULL;
    TRY(address_list_read(given, "From", &from));
    if (from->count > 0) {
        TRY(match_normalise(from->addresses[0], &address));
    }
    const char *at = address ? strrchr(address, '@') : NULL;
    if (!at) {
        return error_new(ERR_MESSAGE_MALFORMED, "From has no address that can be used");
    }
    return bytes_to_string(bytes_of_string(at + 1), ret_domain);
}

static struct error *write_missing(const struct mime_header *given, int64_t at, struct buffer *out)
{
    if (is_missing(given, "Date")) {
        char text[CLOCK_TEXT_SIZE];
        clock_format_mail(at, text);
        TRY(buffer_printf(out, "Date: %s\r\n", text));
    }
    if (is_missing(given, "Message-ID")) {
        CLEANUP(string_free) char *token = NULL;
        CLEANUP(string_free) char *domain = NULL;
        TRY(build_token(&token));
        TRY(find_domain(given, &domain));
        TRY(buffer_printf(out, "Message-ID: <%s@%s>\r\n", token, domain));
    }
    return NULL;
}

struct error *outgoing_header_make(const struct mime_header *given, int64_t at,
                                   struct outgoing_header **ret_header)
{
    CLEANUP(outgoing_header_free) struct outgoing_header *header = calloc(1, sizeof(*header));
    struct bytes body = BYTES_NONE;
    if (!header) {
        return error_no_memory();
    }
    TRY(buffer_new(0, &header->text));
    TRY(refuse_duplicates(given));
    TRY(write_given(given, header));
    TRY(write_missing(given, at, header->text));
    TRY(mime_header_parse(buffer_view(header->text), &header->header, &body));
    *ret_header = TAKE_PTR(header);
    return NULL;
}
