#include "base/clock.h"
#include "base/limits.h"
#include "mime/transfer.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <modp_b64.h>
#include <stdlib.h>
#include <string.h>

static void assert_decodes(enum mime_encoding encoding, struct bytes body, struct bytes expected)
{
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    struct bytes view = BYTES_NONE;
    assert_ok(transfer_decode(encoding, body, &mapping, &view));
    cr_assert(bytes_equal(view, expected), "'%.*s' came from '%.*s'", (int)view.len,
              (const char *)view.data, (int)body.len, (const char *)body.data);
}

static void assert_refused(enum mime_encoding encoding, const char *body)
{
    struct mapping *mapping = NULL;
    struct bytes view = BYTES_NONE;
    assert_error(transfer_decode(encoding, bytes_of_string(body), &mapping, &view),
                 ERR_MESSAGE_MALFORMED);
    cr_assert_null(mapping);
}

/* `len` bytes of a pattern that never repeats within 251 bytes. */
static struct mapping *pattern(size_t len)
{
    struct mapping *mapping = NULL;
    uint8_t *tail = NULL;
    assert_ok(mapping_new(2 * len + 64, &mapping));
    assert_ok(mapping_extend(mapping, len, &tail));
    for (size_t i = 0; i < len; i++) {
        tail[i] = (uint8_t)(i * 7 % 251);
    }
    return mapping;
}

/* Checks the text against an encoding of the whole in one go, and the form of its lines. */
static void assert_base64(struct bytes text, const uint8_t *raw, size_t len)
{
    char *expected = malloc(modp_b64_encode_len(len) + 1);
    cr_assert_not_null(expected);
    size_t chars = modp_b64_encode(expected, (const char *)raw, len);
    size_t at = 0;
    for (size_t done = 0; done < chars; done += 64) {
        size_t line = chars - done < 64 ? chars - done : 64;
        cr_assert_leq(at + line + 2, text.len);
        cr_assert_eq(memcmp(text.data + at, expected + done, line), 0, "at %zu of %zu", done, len);
        cr_assert_eq(memcmp(text.data + at + line, "\r\n", 2), 0);
        at += line + 2;
    }
    cr_assert_eq(at, text.len);
    free(expected);
}

static void check_in_place(size_t start, size_t len)
{
    CLEANUP(mapping_unref) struct mapping *mapping = pattern(start + len);
    CLEANUP(mapping_unref) struct mapping *copy = pattern(start + len);
    assert_ok(transfer_base64_in_place(mapping, start));
    struct bytes all = mapping_view(mapping);
    cr_assert_eq(memcmp(all.data, mapping_data(copy), start), 0);
    assert_base64(bytes_slice(all, start, SIZE_MAX), mapping_data(copy) + start, len);
}

Test(transfer_decode, refuses_an_unknown_encoding)
{
    assert_refused(MIME_ENCODING_UNKNOWN, "x");
}

Test(transfer_decode, refuses_base64_that_is_cut_inside_a_byte)
{
    assert_refused(MIME_BASE64, "QUJDR");
    assert_refused(MIME_BASE64, "Q");
    assert_refused(MIME_BASE64, "Q===");
}

Test(transfer_decode, refuses_uuencode_without_its_begin_line)
{
    assert_refused(MIME_UUENCODE, "#86)C\n`\nend\n");
    assert_refused(MIME_UUENCODE, "begin 644 x");
}

Test(transfer_decode, gives_identity_encodings_without_a_copy)
{
    const enum mime_encoding identity[] = { MIME_7BIT, MIME_8BIT, MIME_BINARY };
    struct bytes body = BYTES_LITERAL("a=3D\0b");
    for (size_t i = 0; i < ARRAY_SIZE(identity); i++) {
        struct mapping *mapping = NULL;
        struct bytes view = BYTES_NONE;
        assert_ok(transfer_decode(identity[i], body, &mapping, &view));
        cr_assert_null(mapping);
        cr_assert_eq(view.data, body.data);
        cr_assert_eq(view.len, body.len);
    }
}

Test(transfer_decode, reads_base64_with_lines_and_alien_bytes)
{
    assert_decodes(MIME_BASE64, BYTES_LITERAL("QUJD\r\nREVG\r\n"), BYTES_LITERAL("ABCDEF"));
    assert_decodes(MIME_BASE64, BYTES_LITERAL(" Q\tU*J\xff\0D!"), BYTES_LITERAL("ABC"));
    assert_decodes(MIME_BASE64, BYTES_LITERAL("QUI="), BYTES_LITERAL("AB"));
    assert_decodes(MIME_BASE64, BYTES_LITERAL("QQ=\r\n="), BYTES_LITERAL("A"));
    assert_decodes(MIME_BASE64, BYTES_LITERAL("+/+/"), BYTES_LITERAL("\xfb\xff\xbf"));
    assert_decodes(MIME_BASE64, BYTES_NONE, BYTES_NONE);
}

Test(transfer_decode, stops_base64_at_padding)
{
    assert_decodes(MIME_BASE64, BYTES_LITERAL("QQ==QUJD"), BYTES_LITERAL("A"));
}

Test(transfer_decode, forgives_missing_padding)
{
    assert_decodes(MIME_BASE64, BYTES_LITERAL("QUI"), BYTES_LITERAL("AB"));
    assert_decodes(MIME_BASE64, BYTES_LITERAL("QQ\r\n"), BYTES_LITERAL("A"));
}

Test(transfer_decode, reads_base64_over_chunk_borders)
{
    const size_t sizes[] = { 3071, 3072, 3073, 6144, 100000 };
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        CLEANUP(mapping_unref) struct mapping *raw = pattern(sizes[i]);
        CLEANUP(mapping_unref) struct mapping *text = NULL;
        assert_ok(mapping_new(MIB, &text));
        assert_ok(transfer_base64(mapping_view(raw), text));
        assert_decodes(MIME_BASE64, mapping_view(text), mapping_view(raw));
    }
}

Test(transfer_decode, reads_quoted_printable)
{
    assert_decodes(MIME_QUOTED_PRINTABLE, BYTES_LITERAL("a=3Db=\r\nc  \r\n"),
                   BYTES_LITERAL("a=bc\r\n"));
}

Test(transfer_decode, reads_uuencode)
{
    assert_decodes(MIME_UUENCODE, BYTES_LITERAL("text\nbegin 644 cat.txt\n#0V%T\n`\nend\n"),
                   BYTES_LITERAL("Cat"));
}

Test(transfer_decode, reads_much_base64_quickly)
{
    CLEANUP(mapping_unref) struct mapping *mapping = pattern(12 * MIB);
    CLEANUP(mapping_unref) struct mapping *raw = pattern(12 * MIB);
    assert_ok(transfer_base64_in_place(mapping, 0));
    uint64_t before = clock_monotonic_ms();
    assert_decodes(MIME_BASE64, mapping_view(mapping), mapping_view(raw));
    cr_assert_lt(clock_monotonic_ms() - before, 1000); /* 40 where it is quiet */
}

Test(transfer_base64_in_place, refuses_where_the_mapping_cannot_grow)
{
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    assert_ok(mapping_new(5, &mapping));
    assert_ok(mapping_append(mapping, BYTES_LITERAL("12345")));
    assert_error(transfer_base64_in_place(mapping, 0), ERR_MESSAGE_TOO_LARGE);
    cr_assert(bytes_equal(mapping_view(mapping), BYTES_LITERAL("12345")));
}

Test(transfer_base64_in_place, never_overtakes_what_it_reads)
{
    for (size_t len = 0; len <= 200; len++) {
        check_in_place(0, len);
        check_in_place(37, len);
    }
    check_in_place(0, MIB + 1);
    check_in_place(11, MIB + 1);
}

Test(transfer_base64, appends_nothing_for_nothing)
{
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    assert_ok(mapping_new(100, &mapping));
    assert_ok(transfer_base64(BYTES_NONE, mapping));
    cr_assert_eq(mapping_len(mapping), 0);
    assert_ok(transfer_base64(BYTES_LITERAL("A"), mapping));
    cr_assert(bytes_equal(mapping_view(mapping), BYTES_LITERAL("QQ==\r\n")));
}
