#include "mime/address.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "mime/encoded_text.h"
#include "mime/gmime_scope.h"

#include <stdlib.h>
#include <string.h>

struct reader {
    const char *at; /* in clean UTF-8 text, NUL-terminated */
    struct address_list *list;
    size_t capacity;
    bool in_group;
    struct bytes comment; /* the last one that was skipped, without its parentheses */
};

/* What read_mailbox() finds; the name with its quotes. */
struct mailbox {
    struct bytes local;
    struct bytes domain;
    struct bytes name;
};

/* RFC 5322 3.2.3 atext; RFC 6532 3.2 adds everything beyond ASCII. */
static bool is_atext(char c)
{
    uint8_t byte = (uint8_t)c;
    return byte >= 0x80 || (byte > ' ' && byte < 0x7f && !strchr("()<>[]:;@\\,.\"", c));
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct bytes between(const char *start, const char *end)
{
    return (struct bytes){ (const uint8_t *)start, (size_t)(end - start) };
}

/* Behind the comment at `at`; NULL where it does not end or is too deep. */
static const char *skip_comment(const char *at)
{
    unsigned depth = 0;
    for (; *at; at++) {
        if (*at == '\\' && at[1]) {
            at++;
        } else if (*at == '(' && ++depth > LIMIT_COMMENT_DEPTH) {
            return NULL;
        } else if (*at == ')' && --depth == 0) {
            return at + 1;
        }
    }
    return NULL;
}

/* CFWS (RFC 5322 3.2.2); false for a comment that cannot be read. */
static bool skip_cfws(struct reader *reader)
{
    for (;;) {
        while (is_blank(*reader->at)) {
            reader->at++;
        }
        if (*reader->at != '(') {
            return true;
        }
        const char *end = skip_comment(reader->at);
        if (!end) {
            return false;
        }
        reader->comment = between(reader->at + 1, end - 1);
        reader->at = end;
    }
}

/* Behind the quoted string at `at`, NULL where it does not end. */
static const char *skip_quoted(const char *at)
{
    for (at++; *at && *at != '"'; at++) {
        if (*at == '\\' && at[1]) {
            at++;
        }
    }
    return *at == '"' ? at + 1 : NULL;
}

/* Behind the dot-atom at `at`, NULL where there is none or its dots are wrong. */
static const char *skip_dot_atom(const char *at)
{
    for (;;) {
        const char *start = at;
        while (is_atext(*at)) {
            at++;
        }
        if (at == start) {
            return NULL;
        }
        if (*at != '.') {
            return at;
        }
        at++;
    }
}

/* Behind the domain literal at `at` (RFC 5322 3.4.1, without folding white space inside). */
static const char *skip_literal(const char *at)
{
    for (at++; *at > ' ' && *at < 0x7f && !strchr("[]\\", *at); at++) {
    }
    return *at == ']' ? at + 1 : NULL;
}

/* Behind the phrase at the reader (RFC 5322 3.2.5; dots as in obs-phrase are common and harmless).
 * False where a quoted string or a comment does not end. `ret_phrase` has no blanks at its ends. */
static bool read_phrase(struct reader *reader, struct bytes *ret_phrase)
{
    const char *start = reader->at;
    const char *end = start;
    while (is_atext(*reader->at) || *reader->at == '"' || *reader->at == '.') {
        end = *reader->at == '"' ? skip_quoted(reader->at) : reader->at + 1;
        if (!end) {
            return false;
        }
        reader->at = end;
        if (!skip_cfws(reader)) {
            return false;
        }
    }
    *ret_phrase = between(start, end);
    return true;
}

static bool has_encoded_word(struct bytes text)
{
    return bytes_find(text, BYTES_LITERAL("=?")) != SIZE_MAX;
}

/* addr-spec (RFC 5322 3.4.1) with CFWS only around its two halves. */
static bool read_addr_spec(struct reader *reader, struct bytes *ret_local, struct bytes *ret_domain)
{
    if (!skip_cfws(reader)) {
        return false;
    }
    const char *start = reader->at;
    const char *end = *start == '"' ? skip_quoted(start) : skip_dot_atom(start);
    if (!end) {
        return false;
    }
    *ret_local = between(start, end);
    reader->at = end;
    if (!skip_cfws(reader) || *reader->at != '@') {
        return false;
    }
    reader->at++;
    if (!skip_cfws(reader)) {
        return false;
    }
    start = reader->at;
    end = *start == '[' ? skip_literal(start) : skip_dot_atom(start);
    if (!end) {
        return false;
    }
    *ret_domain = between(start, end);
    reader->at = end;
    return !has_encoded_word(*ret_local) && !has_encoded_word(*ret_domain);
}

/* Quotes away, encoded words decoded; those in quotes too, as other mail programs do. */
static struct error *decode_name(struct bytes phrase, char **ret_name)
{
    *ret_name = NULL;
    if (phrase.len == 0 || phrase.len > LIMIT_DISPLAY_NAME) {
        return NULL;
    }
    CLEANUP(string_free) char *text = NULL;
    TRY(bytes_to_string(phrase, &text));
    g_mime_utils_unquote_string(text);
    CLEANUP(string_free) char *name = NULL;
    TRY(encoded_text_decode(text, true, &name));
    *ret_name = *name ? TAKE_PTR(name) : NULL;
    return NULL;
}

static struct error *grow(struct reader *reader)
{
    struct address_list *list = reader->list;
    if (list->count == LIMIT_ADDRESSES) {
        return error_new(ERR_MESSAGE_MALFORMED, "an address field has more than %d addresses",
                         LIMIT_ADDRESSES);
    }
    if (list->count < reader->capacity) {
        return NULL;
    }
    size_t wanted = reader->capacity ? reader->capacity * 2 : 4;
    char **addresses = reallocarray(list->addresses, wanted, sizeof(*addresses));
    if (!addresses) {
        return error_no_memory();
    }
    list->addresses = addresses;
    char **names = reallocarray(list->names, wanted, sizeof(*names));
    if (!names) {
        return error_no_memory();
    }
    list->names = names;
    reader->capacity = wanted;
    return NULL;
}

static struct error *add(struct reader *reader, const struct mailbox *mailbox)
{
    TRY(grow(reader));
    struct bytes local = mailbox->local;
    struct bytes domain = mailbox->domain;
    char *address = malloc(local.len + domain.len + 2);
    if (!address) {
        return error_no_memory();
    }
    memcpy(address, local.data, local.len);
    address[local.len] = '@';
    memcpy(address + local.len + 1, domain.data, domain.len);
    address[local.len + 1 + domain.len] = '\0';
    struct address_list *list = reader->list;
    list->addresses[list->count] = address;
    list->names[list->count] = NULL;
    list->count++;
    return decode_name(mailbox->name, &list->names[list->count - 1]);
}

static bool at_separator(const struct reader *reader)
{
    return *reader->at == '\0' || *reader->at == ',' || (reader->in_group && *reader->at == ';');
}

/* On to the next comma, or the end of the group. */
static void resynchronise(struct reader *reader)
{
    reader->list->malformed = true;
    while (!at_separator(reader)) {
        const char *next = *reader->at == '"' ? skip_quoted(reader->at) : reader->at + 1;
        /* an open quote takes the rest: looking again at each later one would be quadratic */
        reader->at = next ? next : reader->at + strlen(reader->at);
    }
}

/* angle-addr (RFC 5322 3.4) without the obsolete route. */
static bool read_angle(struct reader *reader, struct mailbox *mailbox)
{
    reader->at++;
    if (!read_addr_spec(reader, &mailbox->local, &mailbox->domain) || !skip_cfws(reader) ||
        *reader->at != '>') {
        return false;
    }
    reader->at++;
    return skip_cfws(reader);
}

/* "a@b", or "a@b <a@b>": the '@' should stand in quotes, but many programs put the address there
 * as it is, and as long as both are the same there is nothing to mistake. */
static bool read_bare(struct reader *reader, struct mailbox *mailbox)
{
    if (!read_addr_spec(reader, &mailbox->local, &mailbox->domain)) {
        return false;
    }
    const struct mailbox outer = *mailbox;
    const char *end = reader->at;
    if (!skip_cfws(reader)) {
        return false;
    }
    if (*reader->at != '<') {
        return true;
    }
    mailbox->name = between((const char *)outer.local.data, end);
    return read_angle(reader, mailbox) && bytes_equal_ascii_nocase(outer.local, mailbox->local) &&
           bytes_equal_ascii_nocase(outer.domain, mailbox->domain);
}

static bool was_replaced(struct bytes text)
{
    return bytes_find(text, BYTES_LITERAL("\xef\xbf\xbd")) != SIZE_MAX;
}

/* mailbox (RFC 5322 3.4); the reader stands at the '<' or '@' behind `phrase`, which began at
 * `start`. */
static struct error *read_mailbox(struct reader *reader, const char *start, struct bytes phrase)
{
    struct mailbox mailbox = { .name = BYTES_NONE };
    bool angle = *reader->at == '<';
    reader->comment = BYTES_NONE;
    if (angle) {
        mailbox.name = phrase;
    } else {
        reader->at = start;
    }
    bool good = angle ? read_angle(reader, &mailbox) : read_bare(reader, &mailbox);
    /* names in old encodings are common and harmless, addresses are not */
    reader->list->malformed |= was_replaced(mailbox.local) || was_replaced(mailbox.domain);
    if (!good || !at_separator(reader)) {
        resynchronise(reader);
        return NULL;
    }
    if (mailbox.name.len == 0) {
        mailbox.name = reader->comment;
    }
    return add(reader, &mailbox);
}

static struct error *read_element(struct reader *reader)
{
    const char *start = reader->at;
    struct bytes phrase = BYTES_NONE;
    if (!read_phrase(reader, &phrase)) {
        resynchronise(reader);
        return NULL;
    }
    if (*reader->at == '<' || *reader->at == '@') {
        return read_mailbox(reader, start, phrase);
    }
    if (*reader->at == ':' && phrase.len > 0 && !reader->in_group) {
        reader->in_group = true;
        reader->list->grouped = true;
        reader->at++;
        return NULL;
    }
    resynchronise(reader);
    return NULL;
}

/* A list that ends inside a group, or has something behind a group but a comma, is malformed. */
static void end_group(struct reader *reader)
{
    reader->at++;
    reader->in_group = false;
    if (!skip_cfws(reader) || !at_separator(reader)) {
        resynchronise(reader);
    }
}

static struct error *read_list(struct reader *reader)
{
    for (;;) {
        if (!skip_cfws(reader)) {
            resynchronise(reader);
        }
        if (*reader->at == '\0') {
            reader->list->malformed |= reader->in_group;
            reader->in_group = false;
            return NULL;
        }
        if (*reader->at == ',') {
            reader->at++; /* obs-addr-list: nothing between two commas */
        } else if (reader->in_group && *reader->at == ';') {
            end_group(reader);
        } else {
            TRY(read_element(reader));
        }
    }
}

static bool has_control(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.data[i];
        bool c1 = byte == 0xc2 && i + 1 < text.len && text.data[i + 1] < 0xa0;
        if ((byte < ' ' && byte != '\t') || byte == 0x7f || c1) {
            return true;
        }
    }
    return false;
}

/* The value without its line breaks; what is no UTF-8, and control characters, become U+FFFD. */
static struct error *clean_text(struct bytes value, char **ret_text, bool *ret_control)
{
    CLEANUP(buffer_free) struct buffer *unfolded = NULL;
    TRY(buffer_new(value.len + 1, &unfolded));
    for (size_t i = 0; i < value.len; i++) {
        bool crlf = value.data[i] == '\r' && i + 1 < value.len && value.data[i + 1] == '\n';
        if (!crlf && value.data[i] != '\n') {
            TRY(buffer_append_byte(unfolded, value.data[i]));
        }
    }
    TRY(utf8_sanitise(buffer_view(unfolded), ret_text));
    *ret_control = has_control(buffer_view(unfolded));
    return NULL;
}

static struct error *read_field(struct reader *reader, struct bytes value)
{
    CLEANUP(string_free) char *text = NULL;
    bool control = false;
    TRY(clean_text(value, &text, &control));
    reader->list->malformed |= control;
    reader->at = text;
    struct error *error = read_list(reader);
    reader->at = NULL;
    return error;
}

struct error *address_list_read(const struct mime_header *header, const char *name,
                                struct address_list **ret_list)
{
    CLEANUP(address_list_free) struct address_list *list = calloc(1, sizeof(*list));
    if (!list) {
        return error_no_memory();
    }
    struct reader reader = { .list = list };
    for (size_t i = 0; i < header->count; i++) {
        if (bytes_equal_ascii_nocase(header->fields[i].name, bytes_of_string(name))) {
            TRY(read_field(&reader, header->fields[i].value));
        }
    }
    *ret_list = TAKE_PTR(list);
    return NULL;
}

void address_list_free(struct address_list *list)
{
    if (!list) {
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        free(list->addresses[i]);
        free(list->names[i]);
    }
    free(list->addresses);
    free(list->names);
    free(list);
}
