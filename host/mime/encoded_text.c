#include "mime/encoded_text.h"

#include "base/utf8.h"
#include "mime/gmime_scope.h"

#include <string.h>

/* Says nothing, and is of another charset and encoding than any word beside it. */
#define SEPARATOR " =?us-ascii?Q?\?="

static bool stands_before_word(const char *behind)
{
    size_t blanks = strspn(behind, " \t\r\n");
    return blanks > 0 && strncmp(behind + blanks, "=?", 2) == 0;
}

/* Whether the token that `end` is in begins as a word does. */
static bool is_in_word(const char *text, const char *end)
{
    const char *start = end;
    while (start > text && !strchr(" \t\r\n", start[-1])) {
        start--;
    }
    return end - start > 2 && strncmp(start, "=?", 2) == 0;
}

/* GMime joins neighbours of one charset and encoding before it decodes them, for the sake of
 * characters that are cut in two, and loses what stands behind the padding of the first. */
static struct error *keep_apart(const char *text, struct buffer *out)
{
    const char *from = text;
    for (const char *end = strstr(text, "=?="); end; end = strstr(end + 1, "=?=")) {
        const char *behind = end + 3;
        if (stands_before_word(behind) && is_in_word(text, end)) {
            TRY(buffer_append(out,
                              (struct bytes){ (const uint8_t *)from, (size_t)(behind - from) }));
            TRY(buffer_append(out, BYTES_LITERAL(SEPARATOR)));
            from = behind;
        }
    }
    return buffer_append(out, (struct bytes){ (const uint8_t *)from, strlen(from) + 1 });
}

struct error *encoded_text_decode(const char *text, bool phrase, char **ret_text)
{
    CLEANUP(buffer_free) struct buffer *apart = NULL;
    TRY(buffer_new(0, &apart));
    TRY(keep_apart(text, apart));
    const char *whole = (const char *)apart->data;
    CLEANUP(gmime_scope_options_free) GMimeParserOptions *options = g_mime_parser_options_new();
    CLEANUP(gmime_scope_string_free)
    char *decoded = phrase ? g_mime_utils_header_decode_phrase(options, whole)
                           : g_mime_utils_header_decode_text(options, whole);
    return utf8_sanitise(bytes_of_string(decoded), ret_text);
}
