#include "base/limits.h"
#include "cms/ber.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

/* Two segments and, inside a constructed one, a third; indefinite lengths throughout. */
static const uint8_t nested[] = { 0x24, 0x80, 0x04, 0x02, 'a',  'b',  0x24, 0x80, 0x04, 0x01,
                                  'c',  0x00, 0x00, 0x04, 0x00, 0x04, 0x01, 'd',  0x00, 0x00 };

static struct ber_string read_string(struct bytes input)
{
    struct ber_reader reader = ber_reader_of(input);
    struct ber_string string = { 0 };
    assert_ok(ber_string(&reader, BER_OCTET_STRING, &string));
    cr_expect(ber_at_end(&reader));
    return string;
}

static void expect_error(struct bytes input)
{
    struct ber_reader reader = ber_reader_of(input);
    struct ber_string string = { 0 };
    assert_error(ber_string(&reader, BER_OCTET_STRING, &string), ERR_CMS_MALFORMED);
}

Test(ber_string, a_primitive_one_is_one_view)
{
    struct ber_string string = read_string(BYTES_LITERAL("\x04\x03"
                                                         "abc"));
    cr_expect_eq(string.len, 3);
    cr_expect(bytes_equal(string.first, BYTES_LITERAL("abc")));
}

Test(ber_string, walks_over_segments_of_segments)
{
    struct ber_string string = read_string((struct bytes){ nested, sizeof(nested) });
    struct ber_string_iterator iterator = { 0 };
    struct bytes segment = BYTES_NONE;
    char text[8] = "";
    size_t used = 0;
    cr_expect_eq(string.len, 4);
    while (ber_string_next(&string, &iterator, &segment)) {
        cr_assert_leq(used + segment.len, sizeof(text));
        if (segment.len > 0) {
            memcpy(text + used, segment.data, segment.len);
        }
        used += segment.len;
    }
    cr_expect_eq(used, 4);
    cr_expect_eq(memcmp(text, "abcd", 4), 0);
}

Test(ber_string, compacts_inside_the_mapping)
{
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    assert_ok(mapping_new(KIB, &mapping));
    assert_ok(mapping_append(mapping, (struct bytes){ nested, sizeof(nested) }));
    struct ber_string string = read_string(mapping_view(mapping));
    struct bytes whole = ber_string_compact(&string, mapping);
    cr_expect(bytes_equal(whole, BYTES_LITERAL("abcd")));
    const uint8_t *start = mapping_data(mapping);
    cr_expect_geq((uintptr_t)whole.data, (uintptr_t)start);
    cr_expect_leq((uintptr_t)(whole.data + whole.len), (uintptr_t)(start + mapping_len(mapping)));
}

Test(ber_string, refuses_strings_too_deep_in_each_other)
{
    expect_error(
        BYTES_LITERAL("\x24\x80\x24\x80\x24\x80\x24\x80\x24\x80\x04\x01x\0\0\0\0\0\0\0\0\0\0"));
}

Test(ber_string, refuses_other_things_inside)
{
    expect_error(BYTES_LITERAL("\x24\x03\x02\x01\x05"));
    expect_error(BYTES_LITERAL("\x24\x80\x04\x01x"));
    expect_error(BYTES_LITERAL("\x24\x05\x04\x7f"
                               "abc"));
}
