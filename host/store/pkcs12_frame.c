#include "store/pkcs12_frame.h"

#include "base/limits.h"

/* X.690 8.1.2: identifier octets of the elements that matter here */
enum {
    TAG_END = 0x00,
    TAG_INTEGER = 0x02,
    TAG_OCTETS = 0x04,
    TAG_OID = 0x06,
    TAG_OCTETS_CONSTRUCTED = 0x24,
    TAG_SEQUENCE = 0x30,
    TAG_CONTENT = 0xa0, /* [0], constructed */
    CONSTRUCTED = 0x20,
    LONG_FORM = 0x1f,
    MOST_TAG_OCTETS = 4
};

struct element {
    uint8_t tag; /* first identifier octet */
    bool indefinite;
    struct bytes content; /* indefinite: all that is left, the end is not known yet */
};

/* How far inside the file: elements in elements, and strings with BER in them. */
struct place {
    unsigned depth;
    unsigned contents;
};

/* The file, the authenticated safe, its safe contents, a bag's certificate, and one to spare for
 * safe contents in each other. Each may cost a copy. */
enum { MOST_CONTENTS = 5 };

static struct error *check_elements(struct bytes *rest, bool until_end, struct place place);
static struct error *check_nested(struct bytes content, struct place place);

static struct error *malformed(const char *what)
{
    return error_new(ERR_IMPORT_MALFORMED, "the file is no PKCS#12, or damaged: %s", what);
}

static struct error *take_byte(struct bytes *rest, uint8_t *ret_byte)
{
    if (rest->len == 0) {
        return malformed("it ends too early");
    }
    *ret_byte = rest->data[0];
    *rest = bytes_slice(*rest, 1, rest->len);
    return NULL;
}

static struct error *take_tag(struct bytes *rest, uint8_t *ret_tag)
{
    uint8_t more = 0x80;
    TRY(take_byte(rest, ret_tag));
    for (int i = 0; (*ret_tag & LONG_FORM) == LONG_FORM && (more & 0x80); i++) {
        if (i == MOST_TAG_OCTETS) {
            return malformed("a tag is too long");
        }
        TRY(take_byte(rest, &more));
    }
    return NULL;
}

static struct error *take_length(struct bytes *rest, size_t *ret_length, bool *ret_indefinite)
{
    uint8_t first = 0;
    TRY(take_byte(rest, &first));
    *ret_indefinite = first == 0x80;
    *ret_length = first & 0x80 ? 0 : first;
    for (int octets = first & 0x80 ? first & 0x7f : 0; octets > 0; octets--) {
        uint8_t octet = 0;
        TRY(take_byte(rest, &octet));
        if (*ret_length > LIMIT_PKCS12) {
            return malformed("a length is too large");
        }
        *ret_length = *ret_length << 8 | octet;
    }
    return NULL;
}

/* The next element; `rest` then begins behind a definite one, or at the content of one that is not.
 */
static struct error *take_element(struct bytes *rest, struct element *ret_element)
{
    size_t length = 0;
    TRY(take_tag(rest, &ret_element->tag));
    TRY(take_length(rest, &length, &ret_element->indefinite));
    if (ret_element->indefinite) {
        ret_element->content = *rest;
        return ret_element->tag & CONSTRUCTED ? NULL : malformed("a length is missing");
    }
    if (length > rest->len) {
        return malformed("an element is longer than what holds it");
    }
    ret_element->content = bytes_slice(*rest, 0, length);
    *rest = bytes_slice(*rest, length, rest->len);
    return NULL;
}

/* The segments of a constructed string, one behind the other. They were walked before. */
static struct error *join_segments(struct bytes content, struct buffer **ret_joined)
{
    CLEANUP(buffer_free) struct buffer *joined = NULL;
    TRY(buffer_new(LIMIT_PKCS12, &joined));
    while (content.len > 0) {
        struct element segment = { 0 };
        TRY(take_element(&content, &segment));
        if (segment.tag == TAG_END) {
            break;
        }
        if (segment.tag != TAG_OCTETS) {
            return malformed("a string's segment is no string");
        }
        TRY(buffer_append(joined, segment.content));
    }
    *ret_joined = TAKE_PTR(joined);
    return NULL;
}

/* What stands in [0] behind an OBJECT IDENTIFIER: of a ContentInfo or a bag, with BER inside of the
 * string that NSS decodes too. */
static struct error *check_content(struct bytes content, struct place place)
{
    struct element string = { 0 };
    CLEANUP(buffer_free) struct buffer *joined = NULL;
    TRY(take_element(&content, &string));
    if (string.tag == TAG_OCTETS) {
        return check_nested(string.content, place);
    }
    if (string.tag == TAG_OCTETS_CONSTRUCTED) {
        TRY(join_segments(string.content, &joined));
        return check_nested(buffer_view(joined), place);
    }
    return NULL;
}

static struct error *check_iterations(struct bytes number)
{
    size_t value = 0;
    for (size_t i = 0; i < number.len; i++) {
        value = value << 8 | number.data[i];
        if (value > LIMIT_PKCS12_ITERATIONS) {
            return malformed("it asks for too many iterations");
        }
    }
    return NULL;
}

/* `rest` is behind the element afterwards, even where its length was indefinite. */
static struct error *check_element(struct bytes *rest, const struct element *element,
                                   uint8_t previous_tag, struct place place)
{
    place.depth++;
    if (element->tag & CONSTRUCTED) {
        struct bytes inside = element->content;
        TRY(check_elements(element->indefinite ? rest : &inside, element->indefinite, place));
    }
    if (element->tag == TAG_CONTENT && previous_tag == TAG_OID) {
        return check_content(element->content, place);
    }
    /* PBEParameter, PBKDF2-params and MacData alike: salt, then iterations */
    bool counts = element->tag == TAG_INTEGER && previous_tag == TAG_OCTETS;
    return counts ? check_iterations(element->content) : NULL;
}

/* Elements up to the end of `rest`, or, with `until_end`, up to end-of-contents. */
static struct error *check_elements(struct bytes *rest, bool until_end, struct place place)
{
    if (place.depth > LIMIT_BER_DEPTH) {
        return malformed("it is nested too deeply");
    }
    uint8_t previous_tag = TAG_END;
    while (until_end || rest->len > 0) {
        struct element element = { 0 };
        TRY(take_element(rest, &element));
        if (element.tag == TAG_END) {
            return until_end && element.content.len == 0 ? NULL : malformed("an element is void");
        }
        TRY(check_element(rest, &element, previous_tag, place));
        previous_tag = element.tag;
    }
    return NULL;
}

static struct error *check_nested(struct bytes content, struct place place)
{
    place.contents++;
    if (place.contents > MOST_CONTENTS) {
        return malformed("it is nested too deeply");
    }
    struct element element = { 0 };
    if (content.len == 0 || content.data[0] != TAG_SEQUENCE) {
        return NULL; /* NSS's decoder stops at the tag */
    }
    TRY(take_element(&content, &element));
    return check_element(&content, &element, TAG_END, place);
}

struct error *pkcs12_frame_check(struct bytes file)
{
    if (file.len == 0 || file.len > LIMIT_PKCS12 || file.data[0] != TAG_SEQUENCE) {
        return malformed("it does not begin like one, or has an impossible size");
    }
    return check_nested(file, (struct place){ 0 });
}
