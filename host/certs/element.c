#include "certs/element.h"

enum { LONG_FORM = 0x80, MAX_LENGTH_OCTETS = 3, HIGH_TAG = 0x1f };

/* Length octets at `at`; false where they are not of the kind that is taken. */
static bool read_length(struct bytes rest, size_t *at, size_t *ret_length)
{
    if (*at >= rest.len) {
        return false;
    }
    size_t octets = rest.data[*at] & 0x7fU;
    bool is_long = (rest.data[(*at)++] & LONG_FORM) != 0;
    *ret_length = octets;
    if (!is_long) {
        return true;
    }
    if (octets == 0 || octets > MAX_LENGTH_OCTETS || octets > rest.len - *at) {
        return false;
    }
    *ret_length = 0;
    for (size_t i = 0; i < octets; i++) {
        *ret_length = *ret_length << 8 | rest.data[(*at)++];
    }
    return true;
}

bool element_take(struct bytes *rest, uint8_t *ret_tag, struct bytes *ret_content)
{
    size_t at = 1;
    size_t length = 0;
    if (rest->len == 0 || (rest->data[0] & HIGH_TAG) == HIGH_TAG ||
        !read_length(*rest, &at, &length) || length > rest->len - at) {
        return false;
    }
    *ret_tag = rest->data[0];
    *ret_content = bytes_slice(*rest, at, length);
    *rest = bytes_slice(*rest, at + length, SIZE_MAX);
    return true;
}

struct error *element_append(struct buffer *out, uint8_t tag, struct bytes content)
{
    if (content.len > UINT16_MAX) {
        return error_new(ERR_MESSAGE_TOO_LARGE, "an element of DER is too large");
    }
    TRY(buffer_append_byte(out, tag));
    if (content.len > UINT8_MAX) {
        TRY(buffer_append_byte(out, LONG_FORM | 2));
        TRY(buffer_append_byte(out, (uint8_t)(content.len >> 8)));
    } else if (content.len >= LONG_FORM) {
        TRY(buffer_append_byte(out, LONG_FORM | 1));
    }
    TRY(buffer_append_byte(out, (uint8_t)content.len));
    return buffer_append(out, content);
}
