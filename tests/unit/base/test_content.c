#include "base/content.h"
#include "base/limits.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

static struct mapping *mapping_of(const char *text)
{
    struct mapping *mapping = NULL;
    assert_ok(mapping_new(strlen(text) + 1, &mapping));
    assert_ok(mapping_append(mapping, bytes_of_string(text)));
    return mapping;
}

/* "head" + "body" (cut out of the middle) + "tail" */
static struct content *three_pieces(void)
{
    CLEANUP(mapping_unref) struct mapping *middle = mapping_of("--body--");
    struct content *content = NULL;
    assert_ok(content_new(&content));
    assert_ok(content_append_copy(content, BYTES_LITERAL("head")));
    assert_ok(content_append_slice(content, middle, bytes_slice(mapping_view(middle), 2, 4)));
    assert_ok(content_append_copy(content, BYTES_LITERAL("tail")));
    return content;
}

static void assert_flat(const struct content *content, const char *expected)
{
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    struct bytes view = BYTES_NONE;
    assert_ok(content_flatten(content, &mapping, &view));
    cr_assert(bytes_equal(view, bytes_of_string(expected)));
}

Test(content_of_slice, is_one_slice_that_keeps_its_owner_alive)
{
    struct mapping *owner = mapping_of("--body--");
    CLEANUP(content_unref) struct content *content = NULL;
    assert_ok(content_of_slice(owner, bytes_slice(mapping_view(owner), 2, 4), &content));
    mapping_unref(owner);
    assert_flat(content, "body");
}

Test(content_append, refuses_one_piece_too_many)
{
    CLEANUP(content_unref) struct content *content = NULL;
    assert_ok(content_new(&content));
    for (size_t i = 0; i < LIMIT_CONTENT_PIECES; i++) {
        assert_ok(content_append_copy(content, BYTES_LITERAL("x")));
    }
    assert_error(content_append_copy(content, BYTES_LITERAL("x")), ERR_MESSAGE_TOO_LARGE);
    cr_assert_eq(content_size(content), LIMIT_CONTENT_PIECES);
}

Test(content_append, refuses_more_bytes_than_a_message_may_have)
{
    CLEANUP(content_unref) struct content *content = NULL;
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    uint8_t *tail = NULL;
    assert_ok(content_new(&content));
    assert_ok(mapping_new(LIMIT_MESSAGE / 2 + 1, &mapping));
    assert_ok(mapping_extend(mapping, LIMIT_MESSAGE / 2 + 1, &tail));
    assert_ok(content_append_slice(content, mapping, mapping_view(mapping)));
    assert_error(content_append_slice(content, mapping, mapping_view(mapping)),
                 ERR_MESSAGE_TOO_LARGE);
    assert_ok(content_append_slice(content, mapping,
                                   bytes_slice(mapping_view(mapping), 2, LIMIT_MESSAGE)));
    cr_assert_eq(content_size(content), LIMIT_MESSAGE);
    mapping_truncate(mapping, 0); /* unmapping would wipe it: slow for nothing */
}

Test(content_append, ignores_what_is_empty)
{
    CLEANUP(content_unref) struct content *content = NULL;
    CLEANUP(mapping_unref) struct mapping *mapping = mapping_of("x");
    struct bytes piece = BYTES_NONE;
    assert_ok(content_new(&content));
    assert_ok(content_append_copy(content, BYTES_NONE));
    assert_ok(content_append_slice(content, mapping, BYTES_NONE));
    cr_assert_not(content_piece(content, 0, &piece));
    assert_flat(content, "");
}

Test(content_append, keeps_its_owner_alive)
{
    CLEANUP(content_unref) struct content *content = three_pieces();
    /* the caller's reference to the middle mapping is gone by now */
    assert_flat(content, "headbodytail");
}

Test(content_append_content, takes_the_pieces_and_leaves_the_other)
{
    CLEANUP(content_unref) struct content *whole = three_pieces();
    {
        CLEANUP(content_unref) struct content *other = three_pieces();
        assert_ok(content_append_content(whole, other));
        assert_flat(other, "headbodytail");
    }
    assert_flat(whole, "headbodytailheadbodytail");
}

Test(content_read, cuts_over_pieces_from_any_offset)
{
    CLEANUP(content_unref) struct content *content = three_pieces();
    static const char expected[] = "headbodytail";
    for (size_t offset = 0; offset <= 12; offset++) {
        for (size_t len = 0; len <= 14; len++) {
            uint8_t target[16] = { 0 };
            size_t rest = 12 - offset;
            size_t want = len < rest ? len : rest;
            cr_assert_eq(content_read(content, offset, target, len), want);
            cr_assert_arr_eq(target, expected + offset, want);
            cr_assert_eq(target[want], 0);
        }
    }
}

Test(content_read, gives_nothing_behind_the_end)
{
    CLEANUP(content_unref) struct content *content = three_pieces();
    uint8_t target[4];
    cr_assert_eq(content_read(content, 12, target, sizeof(target)), 0);
    cr_assert_eq(content_read(content, SIZE_MAX, target, sizeof(target)), 0);
}

Test(content_piece, goes_through_them_in_order)
{
    static const char *const expected[] = { "head", "body", "tail" };
    CLEANUP(content_unref) struct content *content = three_pieces();
    struct bytes piece = BYTES_NONE;
    for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
        cr_assert(content_piece(content, i, &piece));
        cr_assert(bytes_equal(piece, bytes_of_string(expected[i])));
    }
    cr_assert_not(content_piece(content, 3, &piece));
    cr_assert_not(content_piece(content, SIZE_MAX, &piece));
}

Test(content_flatten, of_one_piece_makes_no_copy)
{
    CLEANUP(content_unref) struct content *content = NULL;
    CLEANUP(mapping_unref) struct mapping *owner = mapping_of("body");
    CLEANUP(mapping_unref) struct mapping *flat = NULL;
    struct bytes view = BYTES_NONE;
    assert_ok(content_new(&content));
    assert_ok(content_append_slice(content, owner, mapping_view(owner)));
    assert_ok(content_flatten(content, &flat, &view));
    cr_assert_eq(flat, owner);
    cr_assert_eq(view.data, mapping_view(owner).data);
}

Test(content_ref, keeps_it_until_the_last_one_goes)
{
    struct content *content = three_pieces();
    CLEANUP(content_unref) struct content *second = content_ref(content);
    content_unref(content);
    assert_flat(second, "headbodytail");
    cr_assert_null(content_ref(NULL));
    content_unref(NULL);
}
