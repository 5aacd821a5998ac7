#include "mime/name.h"

#include "base/bytes.h"
#include "base/limits.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

/* UAX 9: the two that show letters in the opposite order whatever they are. */
static bool turns_letters(gunichar letter)
{
    return letter == 0x202d || letter == 0x202e;
}

/* What the letter looks like, as far as it matters here; 0: nothing. */
static gunichar seen_as(gunichar letter)
{
    switch (letter) {
    case 0xff20: /* fullwidth and small commercial at */
    case 0xfe6b:
        return '@';
    case 0xff0e: /* fullwidth, ideographic, small and one dot leader full stop */
    case 0x3002:
    case 0xff61:
    case 0xfe52:
    case 0x2024:
        return '.';
    default:
        break;
    }
    if (letter < 0x80) {
        return g_unichar_isspace(letter) ? ' ' : letter;
    }
    switch (g_unichar_type(letter)) {
    case G_UNICODE_FORMAT:
        return 0;
    case G_UNICODE_SPACE_SEPARATOR:
    case G_UNICODE_OPEN_PUNCTUATION:
    case G_UNICODE_CLOSE_PUNCTUATION:
    case G_UNICODE_INITIAL_PUNCTUATION:
    case G_UNICODE_FINAL_PUNCTUATION:
        return ' ';
    default:
        return letter == 0xfffd ? ' ' : letter;
    }
}

/* `text` as it looks; freed with free(). `ret_turned`: letters would be turned round. */
static char *make_seen(const char *text, bool *ret_turned)
{
    char *seen = malloc(strlen(text) + 1); /* nothing becomes longer */
    size_t used = 0;
    for (const char *at = text; seen && *at; at += g_utf8_skip[(unsigned char)*at]) {
        gunichar letter = g_utf8_get_char(at);
        *ret_turned = *ret_turned || turns_letters(letter);
        gunichar look = seen_as(letter);
        used += look ? (size_t)g_unichar_to_utf8(look, seen + used) : 0;
    }
    if (seen) {
        seen[used] = '\0';
    }
    return seen;
}

static bool ends_word(char c)
{
    return strchr(" <>()[]{},;:\"\\'`|/", c) != NULL; /* the final NUL, too */
}

/* An address as it stands in a text. */
struct sight {
    const char *local;
    size_t local_len;
    const char *domain;
    size_t domain_len;
    bool apart;
};

static struct sight look_around(const char *text, const char *at)
{
    const char *left = at;
    while (left > text && left[-1] == ' ') {
        left--;
    }
    const char *start = left;
    while (start > text && !ends_word(start[-1]) && start[-1] != '@') {
        start--;
    }
    const char *right = at + 1;
    right += strspn(right, " ");
    const char *end = right;
    while (!ends_word(*end) && *end != '@') {
        end++;
    }
    while (end > right && strchr(".!?*_-", end[-1])) {
        end--;
    }
    return (struct sight){ start, (size_t)(left - start), right, (size_t)(end - right),
                           left != at || right != at + 1 };
}

static bool is_domain(const struct sight *sight)
{
    const char *dot = sight->domain_len ? memchr(sight->domain, '.', sight->domain_len) : NULL;
    return dot && dot > sight->domain;
}

static bool is_unknown(const struct sight *sight, name_known_fn *known, const void *context)
{
    CLEANUP(string_free) char *address = malloc(sight->local_len + sight->domain_len + 2);
    if (!address) {
        return true;
    }
    memcpy(address, sight->local, sight->local_len);
    address[sight->local_len] = '@';
    memcpy(address + sight->local_len + 1, sight->domain, sight->domain_len);
    address[sight->local_len + 1 + sight->domain_len] = '\0';
    return !known(context, address, sight->apart);
}

bool name_misleads(const char *text, name_known_fn *known, const void *context)
{
    bool turned = false;
    if (strlen(text) > LIMIT_DISPLAY_NAME) {
        return true;
    }
    CLEANUP(string_free) char *seen = make_seen(text, &turned);
    if (!seen || turned) {
        return true;
    }
    unsigned count = 0;
    for (const char *at = strchr(seen, '@'); at; at = strchr(at + 1, '@')) {
        if (++count > LIMIT_NAME_ADDRESSES) {
            return true;
        }
        struct sight sight = look_around(seen, at);
        if (is_domain(&sight) && is_unknown(&sight, known, context)) {
            return true;
        }
    }
    return false;
}
