#include "cms/ber.h"

#include "base/limits.h"

#include <assert.h>
#include <string.h>

enum {
    HIGH_TAG = 0x1f,
    LONG_FORM = 0x80,
    INDEFINITE = 0x80,
    RESERVED_LENGTH = 0xff,
};

/* What identifier and length octets say. */
struct header {
    unsigned tag;
    bool indefinite;
    size_t len; /* of the contents; 0 where indefinite */
};

struct ber_reader ber_reader_of(struct bytes input)
{
    const uint8_t *end = input.len > 0 ? input.data + input.len : input.data;
    return (struct ber_reader){ input.data, end, 0, false };
}

struct ber_reader ber_reader_in(const struct ber_value *value)
{
    struct ber_reader reader = ber_reader_of(value->contents);
    reader.depth = value->depth;
    reader.indefinite = value->indefinite;
    return reader;
}

static size_t left(const struct ber_reader *reader)
{
    return (size_t)(reader->end - reader->at);
}

bool ber_at_end(const struct ber_reader *reader)
{
    return reader->at == reader->end;
}

int ber_peek(const struct ber_reader *reader)
{
    return ber_at_end(reader) ? -1 : *reader->at;
}

static struct error *long_length(struct ber_reader *reader, unsigned octets, size_t *ret_len)
{
    if (octets > left(reader)) {
        return error_new(ERR_CMS_MALFORMED, "a length is cut off");
    }
    size_t len = 0;
    for (unsigned i = 0; i < octets; i++) {
        if (len > SIZE_MAX >> 8) {
            return error_new(ERR_CMS_MALFORMED, "a length is too large");
        }
        len = len << 8 | *reader->at++;
    }
    *ret_len = len;
    return NULL;
}

/* X.690 8.1.2 and 8.1.3; leaves the reader at the contents, which are there if definite. */
static struct error *read_header(struct ber_reader *reader, struct header *ret_header)
{
    if (left(reader) < 2) {
        return error_new(ERR_CMS_MALFORMED, "a value is cut off");
    }
    struct header header = { .tag = reader->at[0] };
    unsigned first = reader->at[1];
    if ((header.tag & HIGH_TAG) == HIGH_TAG) {
        return error_new(ERR_CMS_MALFORMED, "a high tag number");
    }
    reader->at += 2;
    if (first == INDEFINITE) {
        if (!(header.tag & BER_CONSTRUCTED)) {
            return error_new(ERR_CMS_MALFORMED, "a primitive value of indefinite length");
        }
        header.indefinite = true;
    } else if (first == RESERVED_LENGTH) {
        return error_new(ERR_CMS_MALFORMED, "a reserved length octet");
    } else if (first & LONG_FORM) {
        TRY(long_length(reader, first & ~(unsigned)LONG_FORM, &header.len));
    } else {
        header.len = first;
    }
    if (header.len > left(reader)) {
        return error_new(ERR_CMS_MALFORMED, "a value is longer than what holds it");
    }
    *ret_header = header;
    return NULL;
}

/* Goes from the contents of an indefinite value behind its end-of-contents octets. Definite values
 * are stepped over whole, so counting the open indefinite ones is enough: one pass, no stack.
 * The number of headers is bounded because a value that lies in n others is passed n times when
 * they are read one by one. */
static struct error *skip_indefinite(struct ber_reader *reader, const uint8_t **ret_contents_end)
{
    unsigned open = 1;
    for (size_t values = 0; open > 0; values++) {
        if (values == LIMIT_BER_VALUES) {
            return error_new(ERR_CMS_MALFORMED, "too many values of indefinite length");
        }
        *ret_contents_end = reader->at;
        struct header header = { 0 };
        TRY(read_header(reader, &header));
        if (header.tag == 0) {
            if (header.len != 0 || reader->at - *ret_contents_end != 2) {
                return error_new(ERR_CMS_MALFORMED, "bad end-of-contents octets");
            }
            open--;
        } else if (header.indefinite) {
            open++;
        } else {
            reader->at += header.len;
        }
        if (reader->depth + open > LIMIT_BER_DEPTH) {
            return error_new(ERR_CMS_MALFORMED, "values are nested too deeply");
        }
    }
    return NULL;
}

struct error *ber_next(struct ber_reader *reader, struct ber_value *ret_value)
{
    struct ber_reader at = *reader;
    struct header header = { 0 };
    TRY(read_header(&at, &header));
    if (header.tag == 0) {
        return error_new(ERR_CMS_MALFORMED, "end-of-contents octets out of place");
    }
    bool constructed = (header.tag & BER_CONSTRUCTED) != 0;
    if (constructed && reader->depth >= LIMIT_BER_DEPTH) {
        return error_new(ERR_CMS_MALFORMED, "values are nested too deeply");
    }
    struct ber_value value = { .tag = header.tag,
                               .indefinite = header.indefinite,
                               .depth = reader->depth + 1 };
    const uint8_t *contents = at.at;
    const uint8_t *contents_end = contents + header.len;
    at.at = contents_end;
    if (header.indefinite) {
        TRY(skip_indefinite(&at, &contents_end));
    }
    value.contents = (struct bytes){ contents, (size_t)(contents_end - contents) };
    value.whole = (struct bytes){ reader->at, (size_t)(at.at - reader->at) };
    reader->at = at.at;
    *ret_value = value;
    return NULL;
}

struct error *ber_expect(struct ber_reader *reader, unsigned tag, struct ber_value *ret_value)
{
    if (ber_peek(reader) != (int)tag) {
        return error_new(ERR_CMS_MALFORMED, "expected tag %02x, found %d", tag, ber_peek(reader));
    }
    return ber_next(reader, ret_value);
}

struct error *ber_optional(struct ber_reader *reader, unsigned tag, struct ber_value *ret_value,
                           bool *ret_found)
{
    *ret_found = false;
    if (ber_peek(reader) != (int)tag) {
        return NULL;
    }
    TRY(ber_next(reader, ret_value));
    *ret_found = true;
    return NULL;
}

struct error *ber_expect_end(const struct ber_reader *reader)
{
    return ber_at_end(reader) ? NULL : error_new(ERR_CMS_MALFORMED, "bytes behind the last value");
}

struct error *ber_integer(struct ber_reader *reader, struct bytes *ret_contents)
{
    struct ber_value value = { 0 };
    TRY(ber_expect(reader, BER_INTEGER, &value));
    if (value.contents.len == 0) {
        return error_new(ERR_CMS_MALFORMED, "an empty integer");
    }
    *ret_contents = value.contents;
    return NULL;
}

struct error *ber_small_integer(struct ber_reader *reader, uint64_t *ret_number)
{
    struct bytes contents = BYTES_NONE;
    TRY(ber_integer(reader, &contents));
    if (contents.data[0] & 0x80) {
        return error_new(ERR_CMS_MALFORMED, "a negative integer");
    }
    /* X.690 8.3.2: the first nine bits are never all alike, in BER as in DER */
    if (contents.len > 1 && contents.data[0] == 0 && !(contents.data[1] & 0x80)) {
        return error_new(ERR_CMS_MALFORMED, "a padded integer");
    }
    if (contents.len > sizeof(uint64_t) + (contents.data[0] == 0 ? 1 : 0)) {
        return error_new(ERR_CMS_MALFORMED, "an integer is too large");
    }
    uint64_t number = 0;
    for (size_t i = 0; i < contents.len; i++) {
        number = number << 8 | contents.data[i];
    }
    *ret_number = number;
    return NULL;
}

struct error *ber_oid(struct ber_reader *reader, struct bytes *ret_contents)
{
    struct ber_value value = { 0 };
    TRY(ber_expect(reader, BER_OID, &value));
    bool at_start = true; /* of a subidentifier, X.690 8.19.2 */
    for (size_t i = 0; i < value.contents.len; i++) {
        uint8_t octet = value.contents.data[i];
        if (at_start && octet == 0x80) {
            return error_new(ERR_CMS_MALFORMED, "a padded object identifier");
        }
        at_start = !(octet & 0x80);
    }
    if (value.contents.len == 0 || !at_start) {
        return error_new(ERR_CMS_MALFORMED, "a broken object identifier");
    }
    *ret_contents = value.contents;
    return NULL;
}
