/* A bounded reader of BER (X.690) for CMS: definite and indefinite lengths, constructed strings, no
 * allocation, no size taken on trust, depth limited by LIMIT_BER_DEPTH. All results are views of
 * the input. High tag numbers are refused: CMS has none. Every error is ERR_CMS_MALFORMED.
 *
 * What a value holds is read by making a reader over its contents:
 *     struct ber_reader reader = ber_reader_of(message);
 *     struct ber_value sequence;
 *     TRY(ber_expect(&reader, BER_SEQUENCE, &sequence));
 *     struct ber_reader inner = ber_reader_in(&sequence); */
#ifndef SEALPOST_CMS_BER_H
#define SEALPOST_CMS_BER_H

#include "base/bytes.h"
#include "base/mapping.h"

/* Identifier octets: class, constructed bit and number together. */
enum ber_tag {
    BER_BOOLEAN = 0x01,
    BER_INTEGER = 0x02,
    BER_BIT_STRING = 0x03,
    BER_OCTET_STRING = 0x04,
    BER_NULL = 0x05,
    BER_OID = 0x06,
    BER_ENUMERATED = 0x0a,
    BER_UTF8_STRING = 0x0c,
    BER_UTC_TIME = 0x17,
    BER_GENERALIZED_TIME = 0x18,
    BER_SEQUENCE = 0x30,
    BER_SET = 0x31,
    BER_CONSTRUCTED = 0x20,
    BER_CONTEXT = 0x80, /* primitive [n]: BER_CONTEXT + n */
    BER_CONTEXT_CONSTRUCTED = 0xa0, /* constructed [n]: BER_CONTEXT_CONSTRUCTED + n */
};

struct ber_reader {
    const uint8_t *at;
    const uint8_t *end;
    unsigned depth;
    bool indefinite; /* the contents end with end-of-contents octets */
};

struct ber_value {
    unsigned tag; /* the identifier octet */
    bool indefinite;
    struct bytes whole; /* identifier, length, contents and any end-of-contents octets */
    struct bytes contents; /* without end-of-contents octets */
    unsigned depth;
};

struct ber_reader ber_reader_of(struct bytes input);
/* Over the contents of a constructed value. */
struct ber_reader ber_reader_in(const struct ber_value *value);

bool ber_at_end(const struct ber_reader *reader);
/* The next identifier octet, or -1 at the end. */
int ber_peek(const struct ber_reader *reader);

/* The next value, whatever it is. Finding the end of an indefinite value costs time linear in its
 * length, over LIMIT_BER_VALUES values at the most; contents of a definite value are not looked
 * into. The reader stays where it is where this fails. */
struct error *ber_next(struct ber_reader *reader, struct ber_value *ret_value) MUST_USE;
/* The next value, which must have this identifier octet. */
struct error *ber_expect(struct ber_reader *reader, unsigned tag, struct ber_value *ret_value)
    MUST_USE;
/* The next value if it has this identifier octet; `ret_found` tells. */
struct error *ber_optional(struct ber_reader *reader, unsigned tag, struct ber_value *ret_value,
                           bool *ret_found) MUST_USE;
/* That nothing is left. */
struct error *ber_expect_end(const struct ber_reader *reader) MUST_USE;

/* Typed contents. */
struct error *ber_small_integer(struct ber_reader *reader, uint64_t *ret_number)
    MUST_USE; /* >= 0 */
struct error *ber_integer(struct ber_reader *reader, struct bytes *ret_contents) MUST_USE;
struct error *ber_oid(struct ber_reader *reader, struct bytes *ret_contents) MUST_USE;
struct error *ber_time(struct ber_reader *reader, int64_t *ret_seconds)
    MUST_USE; /* UTC or Generalized */

/* An OCTET STRING (or an implicitly tagged one, `tag` being the primitive identifier), primitive or
 * constructed: a row of segments. Its segments are checked when it is read. */
struct ber_string {
    struct bytes whole; /* the encoding */
    size_t len; /* bytes of all segments together */
    size_t segments; /* how many; 0 for an empty constructed string */
    struct bytes first; /* the first segment; the whole string where segments <= 1 */
};

struct error *ber_string(struct ber_reader *reader, unsigned tag, struct ber_string *ret_string)
    MUST_USE;

/* Walks over the segments: zero-initialise the iterator; false behind the last one. */
struct ber_string_iterator {
    struct ber_reader stack[4]; /* strings in strings, three deep at the most */
    unsigned level;
    bool started;
};
bool ber_string_next(const struct ber_string *string, struct ber_string_iterator *iterator,
                     struct bytes *ret_segment);

/* Moves the segments together at the place of the first one, inside `writable`, which is the
 * mapping that the string's bytes lie in: afterwards the string is one run of bytes there and its
 * encoding is gone. Returns the view. Nothing is moved where segments <= 1. */
struct bytes ber_string_compact(const struct ber_string *string, struct mapping *writable);

#endif
