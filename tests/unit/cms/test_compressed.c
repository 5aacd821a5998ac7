#include "base/limits.h"
#include "cms/compressed.h"
#include "cms/der.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define COMPRESSED_OID "\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09"
#define ZLIB_OID "\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x03\x08"
#define DATA_OID "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"

static struct buffer *squeeze(struct bytes text)
{
    uLongf len = compressBound(text.len);
    struct buffer *out = NULL;
    uint8_t *tail = NULL;
    assert_ok(buffer_new(0, &out));
    assert_ok(buffer_extend(out, len, &tail));
    cr_assert_eq(compress2(tail, &len, text.data, text.len, 9), Z_OK);
    out->len = len;
    return out;
}

/* A ContentInfo around these compressed bytes; in pieces of `piece` bytes where that is not 0. */
static struct buffer *wrap(struct bytes squeezed, size_t piece, const char *algorithm)
{
    struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    size_t string = out->len;
    for (size_t at = 0; piece > 0 && at < squeezed.len; at += piece) {
        assert_ok(der_value(out, 0x04, bytes_slice(squeezed, at, piece)));
    }
    if (piece > 0) {
        assert_ok(der_wrap(out, string, 0x24));
    } else {
        assert_ok(der_value(out, 0x04, squeezed));
    }
    assert_ok(der_wrap(out, 0, 0xa0));
    struct buffer *whole = NULL;
    assert_ok(buffer_new(0, &whole));
    assert_ok(buffer_append_string(whole, DATA_OID));
    assert_ok(buffer_append(whole, buffer_view(out)));
    assert_ok(der_wrap(whole, 0, 0x30));
    out->len = 0;
    assert_ok(der_small_integer(out, 0));
    size_t start = out->len;
    assert_ok(buffer_append_string(out, algorithm));
    assert_ok(der_wrap(out, start, 0x30));
    assert_ok(buffer_append(out, buffer_view(whole)));
    assert_ok(der_wrap(out, 0, 0x30));
    assert_ok(der_wrap(out, 0, 0xa0));
    whole->len = 0;
    assert_ok(buffer_append_string(whole, COMPRESSED_OID));
    assert_ok(buffer_append(whole, buffer_view(out)));
    assert_ok(der_wrap(whole, 0, 0x30));
    buffer_free(out);
    return whole;
}

static struct buffer *make(struct bytes text, size_t piece)
{
    CLEANUP(buffer_free) struct buffer *squeezed = squeeze(text);
    return wrap(buffer_view(squeezed), piece, ZLIB_OID);
}

static void assert_refused(struct bytes cms, size_t room, enum error_code code)
{
    struct mapping *content = NULL;
    assert_error(compressed_open(cms, room, NULL, &content), code);
    cr_assert_null(content);
}

static void assert_opens(struct bytes cms, struct bytes text)
{
    CLEANUP(mapping_unref) struct mapping *content = NULL;
    assert_ok(compressed_open(cms, LIMIT_MESSAGE, NULL, &content));
    cr_assert(bytes_equal(mapping_view(content), text));
}

Test(compressed_open, refuses_what_is_none)
{
    assert_refused(BYTES_NONE, LIMIT_MESSAGE, ERR_CMS_MALFORMED);
    assert_refused(
        BYTES_LITERAL("\x30\x0f\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x02\x05"),
        LIMIT_MESSAGE, ERR_CMS_MALFORMED);
    assert_refused(
        BYTES_LITERAL("\x30\x0f\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x02\x05\x00"),
        LIMIT_MESSAGE, ERR_CMS_UNSUPPORTED);
}

Test(compressed_open, refuses_another_algorithm)
{
    CLEANUP(buffer_free) struct buffer *squeezed = squeeze(BYTES_LITERAL("text"));
    CLEANUP(buffer_free) struct buffer *cms = wrap(buffer_view(squeezed), 0, DATA_OID);
    assert_refused(buffer_view(cms), LIMIT_MESSAGE, ERR_CMS_UNSUPPORTED);
}

Test(compressed_open, refuses_every_cut)
{
    CLEANUP(buffer_free) struct buffer *squeezed = squeeze(BYTES_LITERAL("some text, some text"));
    for (size_t len = 0; len < squeezed->len; len++) {
        CLEANUP(buffer_free)
        struct buffer *cms = wrap(bytes_slice(buffer_view(squeezed), 0, len), 0, ZLIB_OID);
        assert_refused(buffer_view(cms), LIMIT_MESSAGE, ERR_CMS_MALFORMED);
    }
    CLEANUP(buffer_free) struct buffer *cms = wrap(buffer_view(squeezed), 3, ZLIB_OID);
    for (size_t len = 0; len < cms->len; len++) {
        assert_refused(bytes_slice(buffer_view(cms), 0, len), LIMIT_MESSAGE, ERR_CMS_MALFORMED);
    }
    assert_opens(buffer_view(cms), BYTES_LITERAL("some text, some text"));
}

Test(compressed_open, refuses_a_wrong_checksum)
{
    CLEANUP(buffer_free) struct buffer *squeezed = squeeze(BYTES_LITERAL("text"));
    squeezed->data[squeezed->len - 1] ^= 1;
    CLEANUP(buffer_free) struct buffer *cms = wrap(buffer_view(squeezed), 0, ZLIB_OID);
    assert_refused(buffer_view(cms), LIMIT_MESSAGE, ERR_CMS_MALFORMED);
}

Test(compressed_open, refuses_bytes_behind_the_end)
{
    CLEANUP(buffer_free) struct buffer *squeezed = squeeze(BYTES_LITERAL("text"));
    assert_ok(buffer_append_byte(squeezed, 0));
    CLEANUP(buffer_free) struct buffer *one = wrap(buffer_view(squeezed), 0, ZLIB_OID);
    assert_refused(buffer_view(one), LIMIT_MESSAGE, ERR_CMS_MALFORMED);
    /* in a segment of their own */
    CLEANUP(buffer_free)
    struct buffer *apart = wrap(buffer_view(squeezed), squeezed->len - 1, ZLIB_OID);
    assert_refused(buffer_view(apart), LIMIT_MESSAGE, ERR_CMS_MALFORMED);
}

Test(compressed_open, gives_the_content)
{
    CLEANUP(buffer_free) struct buffer *none = make(BYTES_LITERAL(""), 0);
    assert_opens(buffer_view(none), BYTES_NONE);
    CLEANUP(buffer_free) struct buffer *one = make(BYTES_LITERAL("some text"), 0);
    assert_opens(buffer_view(one), BYTES_LITERAL("some text"));
    CLEANUP(buffer_free) struct buffer *pieces = make(BYTES_LITERAL("some text"), 1);
    assert_opens(buffer_view(pieces), BYTES_LITERAL("some text"));
}

Test(compressed_open, gives_content_of_many_chunks)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    unsigned number = 1;
    for (size_t i = 0; i < 300000; i++) {
        number = number * 1103515245U + 12345U;
        assert_ok(buffer_append_byte(text, (uint8_t)(number >> 24)));
    }
    CLEANUP(buffer_free) struct buffer *cms = make(buffer_view(text), 0);
    assert_opens(buffer_view(cms), buffer_view(text));
}

static struct buffer *zeros(size_t len)
{
    struct buffer *text = NULL;
    uint8_t *tail = NULL;
    assert_ok(buffer_new(0, &text));
    assert_ok(buffer_extend(text, len, &tail));
    memset(tail, 0, len);
    return text;
}

Test(compressed_open, takes_any_ratio_for_little_content_only)
{
    CLEANUP(buffer_free) struct buffer *text = zeros(LIMIT_COMPRESSED_SMALL + 1);
    CLEANUP(buffer_free) struct buffer *bomb = make(buffer_view(text), 0);
    assert_refused(buffer_view(bomb), LIMIT_MESSAGE, ERR_MESSAGE_TOO_LARGE);
    struct bytes less = bytes_slice(buffer_view(text), 0, LIMIT_COMPRESSED_SMALL);
    CLEANUP(buffer_free) struct buffer *fits = make(less, 0);
    assert_opens(buffer_view(fits), less);
}

Test(compressed_open, stops_at_the_ratio)
{
    /* three quarters of 1 MiB that can't be compressed, and zeros up to the ratio and beyond */
    cr_assert_gt(LIMIT_COMPRESSED_RATIO * 40000, LIMIT_COMPRESSED_SMALL);
    size_t most = LIMIT_COMPRESSED_RATIO * (size_t)40000;
    CLEANUP(buffer_free) struct buffer *text = zeros(most * 2);
    unsigned number = 1;
    for (size_t i = 0; i < 40000 - most / 1000; i++) {
        number = number * 1103515245U + 12345U;
        text->data[i] = (uint8_t)(number >> 24);
    }
    struct bytes half = bytes_slice(buffer_view(text), 0, most / 2);
    CLEANUP(buffer_free) struct buffer *fits = make(half, 0);
    assert_opens(buffer_view(fits), half);
    CLEANUP(buffer_free) struct buffer *bomb = make(buffer_view(text), 0);
    assert_refused(buffer_view(bomb), LIMIT_MESSAGE, ERR_MESSAGE_TOO_LARGE);
}

Test(compressed_open, fills_its_room_and_no_more)
{
    CLEANUP(buffer_free) struct buffer *cms = make(BYTES_LITERAL("some text"), 0);
    assert_refused(buffer_view(cms), 0, ERR_MESSAGE_TOO_LARGE);
    assert_refused(buffer_view(cms), 8, ERR_MESSAGE_TOO_LARGE);
    CLEANUP(mapping_unref) struct mapping *content = NULL;
    assert_ok(compressed_open(buffer_view(cms), 9, NULL, &content));
    cr_assert_eq(mapping_len(content), 9);
}

Test(compressed_open, can_be_cancelled)
{
    CLEANUP(task_unref) struct task *task = NULL;
    CLEANUP(buffer_free) struct buffer *cms = make(BYTES_LITERAL("some text"), 0);
    assert_ok(task_new(NULL, NULL, &task));
    cr_assert(task_cancel(task));
    struct mapping *content = NULL;
    assert_error(compressed_open(buffer_view(cms), 9, task, &content), ERR_CANCELLED);
}
