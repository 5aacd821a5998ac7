#include "store/pkcs12_password.h"

#include "base/limits.h"
#include "base/utf8.h"

static bool is_ascii(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] & 0x80) {
            return false;
        }
    }
    return true;
}

bool pkcs12_password_applies(struct bytes password, enum pkcs12_password_form form)
{
    switch (form) {
    case PKCS12_PASSWORD_ABSENT:
        return password.len == 0;
    case PKCS12_PASSWORD_WIDENED:
        return !is_ascii(password);
    case PKCS12_PASSWORD_STANDARD:
    case PKCS12_PASSWORD_FORMS:
        break;
    }
    return true;
}

static struct error *append_unit(struct buffer *buffer, uint32_t unit)
{
    TRY(buffer_append_byte(buffer, (uint8_t)(unit >> 8)));
    return buffer_append_byte(buffer, (uint8_t)unit);
}

/* Valid UTF-8 of `len` bytes. */
static uint32_t code_point(const uint8_t *at, size_t len)
{
    static const uint8_t first_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
    uint32_t value = at[0] & first_bits[len];
    for (size_t i = 1; i < len; i++) {
        value = value << 6 | (at[i] & 0x3f);
    }
    return value;
}

static struct error *append_character(struct buffer *buffer, uint32_t character)
{
    if (character < 0x10000) {
        return append_unit(buffer, character);
    }
    /* beyond what a BMPString can hold: the surrogate pair that Windows and OpenSSL write */
    TRY(append_unit(buffer, 0xd800 + ((character - 0x10000) >> 10)));
    return append_unit(buffer, 0xdc00 + ((character - 0x10000) & 0x3ff));
}

static struct error *append_text(struct buffer *buffer, struct bytes text, bool widened)
{
    for (size_t i = 0; i < text.len;) {
        struct bytes rest = bytes_slice(text, i, text.len);
        size_t len = widened ? 1 : utf8_character(rest);
        TRY(append_character(buffer, widened ? rest.data[0] : code_point(rest.data, len)));
        i += len;
    }
    return NULL;
}

struct error *pkcs12_password_encode(struct bytes password, enum pkcs12_password_form form,
                                     struct buffer **ret_encoded)
{
    static const uint8_t nul = 0;
    if (password.len > LIMIT_PIN) {
        return error_new(ERR_IMPORT_PASSWORD, "the password is longer than %d bytes", LIMIT_PIN);
    }
    if (!utf8_valid(password) || bytes_find(password, (struct bytes){ &nul, 1 }) != SIZE_MAX) {
        return error_new(ERR_IMPORT_PASSWORD, "the password is not UTF-8 text");
    }
    CLEANUP(buffer_free) struct buffer *encoded = NULL;
    TRY(buffer_new(4 * LIMIT_PIN + 2, &encoded));
    if (form != PKCS12_PASSWORD_ABSENT) {
        TRY(append_text(encoded, password, form == PKCS12_PASSWORD_WIDENED));
        TRY(append_unit(encoded, 0));
    }
    *ret_encoded = TAKE_PTR(encoded);
    return NULL;
}
