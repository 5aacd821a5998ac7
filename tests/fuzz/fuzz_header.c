/* mime_header_parse(), texts and addresses of all fields. Fields follow on each other, and what is
 * decoded is clean UTF-8. */
#include "base/utf8.h"
#include "mime/address.h"
#include "mime/header.h"
#include "mime/tree.h"

#include <stdlib.h>
#include <string.h>

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

static void check_text(const struct mime_field *field)
{
    CLEANUP(string_free) char *text = NULL;
    error_free(mime_field_text(field, &text));
    check(text && utf8_valid(bytes_of_string(text)) && !strpbrk(text, "\r\n"));
}

static void check_addresses(const struct mime_header *header)
{
    CLEANUP(address_list_free) struct address_list *list = NULL;
    error_free(address_list_read(header, "From", &list));
    for (size_t i = 0; list && i < list->count; i++) {
        const char *address = list->addresses[i];
        check(utf8_valid(bytes_of_string(address)) && strchr(address, '@') != NULL);
        check(!strpbrk(address, "\r\n<>") || strchr(address, '"') != NULL);
        check(!list->names[i] || utf8_valid(bytes_of_string(list->names[i])));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mime_tree_start();
    CLEANUP(mime_header_free) struct mime_header *header = NULL;
    struct bytes input = { data, size };
    struct bytes body = BYTES_NONE;
    struct error *error = mime_header_parse(input, &header, &body);
    error_free(error);
    if (error) {
        return 0;
    }
    const uint8_t *at = header->block.data;
    for (size_t i = 0; i < header->count; i++) {
        check(header->fields[i].raw.data == at && header->fields[i].name.len > 0);
        at += header->fields[i].raw.len;
        check_text(&header->fields[i]);
    }
    check(at == header->block.data + header->block.len);
    check(body.data + body.len == data + size);
    check_addresses(header);
    return 0;
}
