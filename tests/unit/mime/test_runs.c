#include "base/limits.h"
#include "mime/runs.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

enum { LONG_RUN = 100000 };

static struct mapping *owner_of(size_t len)
{
    struct mapping *owner = NULL;
    uint8_t *tail = NULL;
    assert_ok(mapping_new(len, &owner));
    assert_ok(mapping_extend(owner, len, &tail));
    for (size_t i = 0; i < len; i++) {
        tail[i] = (uint8_t)(i % 251);
    }
    return owner;
}

static size_t count_pieces(const struct content *content)
{
    size_t count = 0;
    struct bytes piece = BYTES_NONE;
    while (content_piece(content, count, &piece)) {
        count++;
    }
    return count;
}

Test(runs, keep_long_runs_where_they_lie)
{
    CLEANUP(mapping_unref) struct mapping *owner = owner_of(LONG_RUN);
    CLEANUP(runs_free) struct runs *runs = NULL;
    CLEANUP(content_unref) struct content *content = NULL;
    assert_ok(runs_new(owner, &runs));
    assert_ok(runs_add(runs, BYTES_LITERAL("a")));
    assert_ok(runs_keep(runs, bytes_slice(mapping_view(owner), 0, 10)));
    assert_ok(runs_keep(runs, bytes_slice(mapping_view(owner), 10, LONG_RUN)));
    assert_ok(runs_add(runs, BYTES_LITERAL("b")));
    assert_ok(runs_finish(runs, &content));
    cr_assert_eq(count_pieces(content), 3);
    struct bytes piece = BYTES_NONE;
    cr_assert(content_piece(content, 1, &piece));
    cr_assert_eq(piece.data, mapping_data(owner));
    cr_assert_eq(piece.len, LONG_RUN);
}

Test(runs, copy_short_runs_in_order)
{
    CLEANUP(mapping_unref) struct mapping *owner = owner_of(100);
    CLEANUP(runs_free) struct runs *runs = NULL;
    CLEANUP(content_unref) struct content *content = NULL;
    assert_ok(runs_new(owner, &runs));
    assert_ok(runs_keep(runs, bytes_slice(mapping_view(owner), 'b', 1)));
    assert_ok(runs_keep(runs, bytes_slice(mapping_view(owner), 'a', 1)));
    assert_ok(runs_add(runs, BYTES_LITERAL("x")));
    assert_ok(runs_finish(runs, &content));
    uint8_t seen[4];
    cr_assert_eq(content_read(content, 0, seen, sizeof(seen)), 3);
    cr_assert_eq(memcmp(seen, "bax", 3), 0);
    cr_assert_eq(count_pieces(content), 1);
}

Test(runs, copy_everything_without_an_owner)
{
    CLEANUP(mapping_unref) struct mapping *bytes = owner_of(LONG_RUN);
    CLEANUP(runs_free) struct runs *runs = NULL;
    CLEANUP(content_unref) struct content *content = NULL;
    assert_ok(runs_new(NULL, &runs));
    assert_ok(runs_keep(runs, mapping_view(bytes)));
    assert_ok(runs_finish(runs, &content));
    struct bytes piece = BYTES_NONE;
    cr_assert(content_piece(content, 0, &piece));
    cr_assert_neq(piece.data, mapping_data(bytes));
    cr_assert(bytes_equal(piece, mapping_view(bytes)));
}

Test(runs, leave_room_for_more_pieces)
{
    CLEANUP(mapping_unref) struct mapping *owner = owner_of(LONG_RUN);
    CLEANUP(runs_free) struct runs *runs = NULL;
    CLEANUP(content_unref) struct content *content = NULL;
    assert_ok(runs_new(owner, &runs));
    for (int i = 0; i < 100; i++) {
        assert_ok(runs_keep(runs, mapping_view(owner)));
        assert_ok(runs_add(runs, BYTES_LITERAL("-")));
    }
    assert_ok(runs_finish(runs, &content));
    cr_assert_leq(count_pieces(content), LIMIT_CONTENT_PIECES - 8);
    cr_assert_eq(content_size(content), 100 * (LONG_RUN + 1));
}

Test(runs, give_empty_content_for_nothing)
{
    CLEANUP(runs_free) struct runs *runs = NULL;
    CLEANUP(content_unref) struct content *content = NULL;
    assert_ok(runs_new(NULL, &runs));
    assert_ok(runs_keep(runs, BYTES_NONE));
    assert_ok(runs_finish(runs, &content));
    cr_assert_eq(content_size(content), 0);
}

Test(runs_free, takes_null)
{
    runs_free(NULL);
}
