#include "mime/outgoing_addresses.h"

#include "mime/canonical.h"
#include "mime/encoded_text.h"
#include "mime/encoded_word.h"
#include "mime/gmime_scope.h"

#include <stdlib.h>
#include <string.h>

/* Takes the line breaks away (RFC 5322 2.2.3); a CR that is none becomes a space. */
static struct error *unfold(struct bytes value, char **ret_text)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    TRY(buffer_new(0, &text));
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.data[i];
        bool crlf = c == '\r' && i + 1 < value.len && value.data[i + 1] == '\n';
        if (!crlf && c != '\n') {
            TRY(buffer_append_byte(text, c == '\r' ? ' ' : c));
        }
    }
    return bytes_to_string(buffer_view(text), ret_text);
}

/* Behind what `open` starts and `close` ends: a quoted string, a comment with those in it, "<…>".
 * All the rest where it does not end, and then `*ended` is false. */
static const char *skip(const char *at, char open, char close, bool *ended)
{
    *ended = true;
    size_t depth = 0;
    for (; *at; at++) {
        if (*at == '\\' && at[1]) {
            at++;
        } else if (*at == close && depth > 0 && (depth == 1 || open != close)) {
            if (--depth == 0) {
                return at + 1;
            }
        } else if (*at == open) {
            depth++;
        }
    }
    *ended = false;
    return at;
}

/* Behind the words at `at`; whether an "@" is among them, outside of quotes. */
static const char *skip_words(const char *at, bool *ret_address)
{
    *ret_address = false;
    while (*at && !strchr("<,:;(", *at)) {
        *ret_address |= *at == '@';
        bool ended = false;
        at = *at == '"' ? skip(at, '"', '"', &ended) : at + 1;
    }
    return at;
}

static struct bytes trim(struct bytes text)
{
    while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\t')) {
        text = bytes_slice(text, 1, SIZE_MAX);
    }
    while (text.len > 0 && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t')) {
        text.len--;
    }
    return text;
}

/* `words` without quotes and as one text, which may hold encoded words already. */
static struct error *append_encoded(struct bytes words, struct buffer *out)
{
    CLEANUP(string_free) char *text = NULL;
    TRY(bytes_to_string(words, &text));
    g_mime_utils_unquote_string(text);
    CLEANUP(string_free) char *decoded = NULL;
    TRY(encoded_text_decode(text, true, &decoded));
    return encoded_word_append(bytes_of_string(decoded), out->len, out);
}

/* A phrase, or anything else that is no phrase and stays. */
static struct error *write_words(struct bytes words, bool address, struct buffer *out)
{
    if (address || !canonical_has_8bit(words)) {
        return buffer_append(out, words);
    }
    struct bytes inner = trim(words);
    TRY(buffer_append(out, bytes_slice(words, 0, (size_t)(inner.data - words.data))));
    TRY(append_encoded(inner, out));
    size_t end = (size_t)(inner.data - words.data) + inner.len;
    /* RFC 2047 5 (3): white space stands on both sides */
    return end < words.len ? buffer_append(out, bytes_slice(words, end, SIZE_MAX))
                           : buffer_append_byte(out, ' ');
}

static struct error *write_comment(struct bytes comment, struct buffer *out)
{
    if (!canonical_has_8bit(comment)) {
        return buffer_append(out, comment);
    }
    TRY(buffer_append_byte(out, '('));
    TRY(append_encoded(bytes_slice(comment, 1, comment.len - 2), out));
    return buffer_append_byte(out, ')');
}

static struct bytes between(const char *from, const char *to)
{
    return (struct bytes){ (const uint8_t *)from, (size_t)(to - from) };
}

/* What stands at `*at` behind the words, which is moved behind it. */
static struct error *write_mark(const char **at, struct buffer *out)
{
    const char *mark = *at;
    bool ended = false;
    if (*mark == '(') {
        *at = skip(mark, '(', ')', &ended);
    } else {
        *at = *mark == '<' ? skip(mark, '<', '>', &ended) : mark + 1;
    }
    struct bytes text = between(mark, *at);
    return *mark == '(' && ended ? write_comment(text, out) : buffer_append(out, text);
}

struct error *outgoing_addresses(struct bytes value, struct buffer *out)
{
    CLEANUP(string_free) char *text = NULL;
    TRY(unfold(value, &text));
    const char *at = text + strspn(text, " \t");
    while (*at) {
        bool address = false;
        const char *end = skip_words(at, &address);
        TRY(write_words(between(at, end), address, out));
        at = end;
        if (*at) {
            TRY(write_mark(&at, out));
        }
    }
    return NULL;
}
