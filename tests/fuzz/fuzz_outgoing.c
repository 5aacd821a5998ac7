/* outgoing_field() on all fields of a header: what comes out is one field of the same name in whole
 * lines, stays as it is when it goes through again if it is ASCII, and names the same addresses. */
#include "mime/address.h"
#include "mime/canonical.h"
#include "mime/fold.h"
#include "mime/outgoing.h"
#include "mime/tree.h"

#include <stdlib.h>
#include <string.h>

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

static void check_lines(struct bytes text)
{
    check(text.len > 2 && text.data[text.len - 1] == '\n');
    for (size_t i = 0; i < text.len; i++) {
        bool pair = text.data[i] == '\r' && i + 1 < text.len && text.data[i + 1] == '\n';
        check(text.data[i] != '\r' || pair);
        check(text.data[i] != '\n' || (i > 0 && text.data[i - 1] == '\r'));
    }
    check(!fold_too_long(text, FOLD_LINE_MOST));
}

/* Only what could be read before: the rest is refused in mail that goes out. */
static void check_addresses(const struct mime_header *before, const struct mime_header *after)
{
    CLEANUP(address_list_free) struct address_list *one = NULL;
    CLEANUP(address_list_free) struct address_list *two = NULL;
    error_free(address_list_read(before, "To", &one));
    error_free(address_list_read(after, "To", &two));
    if (!one || one->malformed) {
        return;
    }
    check(two && !two->malformed && one->count == two->count);
    for (size_t i = 0; i < one->count; i++) {
        check(strcmp(one->addresses[i], two->addresses[i]) == 0);
    }
}

static void check_again(const struct mime_field *field, struct bytes text)
{
    CLEANUP(mime_header_free) struct mime_header *header = NULL;
    CLEANUP(buffer_free) struct buffer *again = NULL;
    struct bytes body = BYTES_NONE;
    bool wide = false;
    error_free(mime_header_parse(text, &header, &body));
    check(header && header->count == 1 && body.len == 0);
    check(bytes_equal(header->fields[0].name, field->name));
    error_free(buffer_new(0, &again));
    check(again && !outgoing_field(&header->fields[0], again, &wide));
    /* what stays UTF-8 is put together anew, with the spaces that came in */
    check(wide || bytes_equal(buffer_view(again), text));
    struct mime_field given = *field;
    const struct mime_header one = { .fields = &given, .count = 1 };
    check_addresses(&one, header);
}

static void try_field(const struct mime_field *field)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    bool wide = false;
    error_free(buffer_new(0, &out));
    struct error *error = out ? outgoing_field(field, out, &wide) : NULL;
    if (error) {
        check(!out || out->len == 0);
        error_free(error);
        return;
    }
    check(wide == canonical_has_8bit(buffer_view(out)));
    check_lines(buffer_view(out));
    check_again(field, buffer_view(out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mime_tree_start();
    CLEANUP(mime_header_free) struct mime_header *header = NULL;
    struct bytes body = BYTES_NONE;
    error_free(mime_header_parse((struct bytes){ data, size }, &header, &body));
    for (size_t i = 0; header && i < header->count; i++) {
        try_field(&header->fields[i]);
    }
    return 0;
}
