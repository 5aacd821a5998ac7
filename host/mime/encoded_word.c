#include "mime/encoded_word.h"

#include "base/utf8.h"
#include "mime/fold.h"

#include <modp_b64.h>
#include <stdlib.h>
#include <string.h>

#define WORD_START "=?utf-8?B?"
#define WORD_END "?="

enum {
    SHELL = sizeof(WORD_START WORD_END) - 1,
    MOST = 45 /* bytes of text in a word: 60 characters of base64, 72 in all */
};

/* As many bytes as go into a word, in whole characters; a multiple of three where that is possible
 * and not the end: readers built on GMime 3.2 lose what follows a word that ends in "=". */
static size_t take(struct bytes text, size_t most)
{
    size_t taken = 0;
    size_t even = 0;
    while (taken < text.len) {
        size_t length = utf8_character(bytes_slice(text, taken, SIZE_MAX));
        length = length > 0 ? length : 1;
        if (taken + length > most) {
            break;
        }
        taken += length;
        even = taken % 3 == 0 ? taken : even;
    }
    return taken == text.len || even == 0 ? taken : even;
}

static size_t room(size_t column)
{
    size_t left = column + SHELL < FOLD_LINE ? (FOLD_LINE - column - SHELL) / 4 * 3 : 0;
    /* too little for any character: the word goes to a line of its own */
    return left < 4 || left > MOST ? MOST : left;
}

static struct error *append_word(struct bytes text, struct buffer *out)
{
    char encoded[MOST / 3 * 4 + 1];
    size_t length = modp_b64_encode(encoded, (const char *)text.data, text.len);
    TRY(buffer_append_string(out, WORD_START));
    TRY(buffer_append(out, (struct bytes){ (const uint8_t *)encoded, length }));
    return buffer_append_string(out, WORD_END);
}

struct error *encoded_word_append(struct bytes text, size_t column, struct buffer *out)
{
    size_t most = room(column);
    for (bool first = true; text.len > 0; first = false) {
        size_t taken = take(text, most);
        TRY(buffer_append_string(out, first ? "" : " "));
        TRY(append_word(bytes_slice(text, 0, taken), out));
        text = bytes_slice(text, taken, SIZE_MAX);
        most = MOST;
    }
    return NULL;
}
