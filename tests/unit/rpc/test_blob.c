#include "base/limits.h"
#include "rpc/blob.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

static struct blob_table *new_table(void)
{
    struct blob_table *table = NULL;
    assert_ok(blob_table_new(&table));
    return table;
}

static size_t append(struct blob_table *table, const char *handle, const char *base64)
{
    size_t size = 0;
    assert_ok(blob_append(table, handle, bytes_of_string(base64), &size));
    return size;
}

/* `count` times one megabyte of address space and no memory */
static struct content *new_content(size_t megabytes)
{
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    struct content *content = NULL;
    uint8_t *tail = NULL;
    assert_ok(mapping_new(megabytes * MIB, &mapping));
    assert_ok(mapping_extend(mapping, megabytes * MIB, &tail));
    assert_ok(content_new(&content));
    assert_ok(content_append_slice(content, mapping, mapping_view(mapping)));
    return content;
}

Test(blob, does_not_know_foreign_handles)
{
    CLEANUP(blob_table_free) struct blob_table *table = new_table();
    struct content *content = NULL;
    struct mapping *owner = NULL;
    struct blob *blob = NULL;
    struct bytes view = BYTES_NONE;
    size_t size = 0;
    static const char *const handles[] = { "", "b", "b0", "b1", "1", "b01" };
    for (size_t i = 0; i < ARRAY_SIZE(handles); i++) {
        assert_error(blob_close(table, handles[i]), ERR_BLOB_UNKNOWN);
        assert_error(blob_content(table, handles[i], &content), ERR_BLOB_UNKNOWN);
        assert_error(blob_pin(table, handles[i], &blob, &owner, &view), ERR_BLOB_UNKNOWN);
        assert_error(blob_append(table, handles[i], BYTES_NONE, &size), ERR_BLOB_UNKNOWN);
    }
}

Test(blob, grows_by_appending)
{
    CLEANUP(blob_table_free) struct blob_table *table = new_table();
    CLEANUP(content_unref) struct content *content = NULL;
    char handle[BLOB_HANDLE_SIZE];
    assert_ok(blob_create(table, 0, handle));
    cr_assert_str_eq(handle, "b1");
    cr_assert_eq(append(table, handle, "YWI="), 2);
    cr_assert_eq(append(table, handle, "Yw=="), 3);
    assert_ok(blob_content(table, handle, &content));
    struct bytes piece = BYTES_NONE;
    cr_assert(content_piece(content, 0, &piece) && bytes_equal(piece, BYTES_LITERAL("abc")));
}

Test(blob, is_unchanged_by_what_is_not_base64)
{
    CLEANUP(blob_table_free) struct blob_table *table = new_table();
    char handle[BLOB_HANDLE_SIZE];
    size_t size = 0;
    assert_ok(blob_create(table, 0, handle));
    cr_assert_eq(append(table, handle, "YWI="), 2);
    assert_error(blob_append(table, handle, BYTES_LITERAL("Y!=="), &size), ERR_PARAMS);
    cr_assert_eq(append(table, handle, ""), 2);
}

Test(blob, never_gives_a_handle_twice)
{
    CLEANUP(blob_table_free) struct blob_table *table = new_table();
    char first[BLOB_HANDLE_SIZE];
    char second[BLOB_HANDLE_SIZE];
    assert_ok(blob_create(table, 0, first));
    assert_ok(blob_close(table, first));
    assert_ok(blob_create(table, 0, second));
    cr_assert_str_neq(first, second);
    assert_error(blob_close(table, first), ERR_BLOB_UNKNOWN);
}

Test(blob, bounds_their_number)
{
    CLEANUP(blob_table_free) struct blob_table *table = new_table();
    CLEANUP(content_unref) struct content *content = new_content(1);
    char handle[BLOB_HANDLE_SIZE];
    for (size_t i = 0; i < LIMIT_BLOBS; i++) {
        assert_ok(blob_create(table, 0, handle));
    }
    char more[BLOB_HANDLE_SIZE];
    assert_error(blob_create(table, 0, more), ERR_BLOB_LIMIT);
    assert_error(blob_add_content(table, content, more), ERR_BLOB_LIMIT);
    assert_ok(blob_close(table, handle));
    assert_ok(blob_create(table, 0, more));
}

Test(blob, bounds_the_size_of_one)
{
    CLEANUP(blob_table_free) struct blob_table *table = new_table();
    char handle[BLOB_HANDLE_SIZE];
    size_t size = 0;
    assert_error(blob_create(table, LIMIT_MESSAGE + 1, handle), ERR_MESSAGE_TOO_LARGE);
    assert_error(blob_create(table, SIZE_MAX, handle), ERR_MESSAGE_TOO_LARGE);
    assert_ok(blob_create(table, LIMIT_MESSAGE, handle));
    blob_set_limit(table, 4);
    assert_error(blob_create(table, 5, handle), ERR_MESSAGE_TOO_LARGE);
    assert_ok(blob_create(table, 4, handle));
    cr_assert_eq(append(table, handle, "YWJjZA=="), 4);
    assert_error(blob_append(table, handle, BYTES_LITERAL("YQ=="), &size), ERR_MESSAGE_TOO_LARGE);
}

Test(blob, bounds_the_size_of_all)
{
    CLEANUP(blob_table_free) struct blob_table *table = new_table();
    CLEANUP(content_unref) struct content *quarter = new_content(256);
    char handles[4][BLOB_HANDLE_SIZE];
    char more[BLOB_HANDLE_SIZE];
    size_t size = 0;
    cr_assert_eq(4 * content_size(quarter), LIMIT_BLOBS_TOTAL);
    for (size_t i = 0; i < 4; i++) {
        assert_ok(blob_add_content(table, quarter, handles[i]));
    }
    assert_error(blob_add_content(table, quarter, more), ERR_BLOB_LIMIT);
    assert_error(blob_create(table, 1, more), ERR_BLOB_LIMIT);
    assert_ok(blob_create(table, 0, more));
    assert_error(blob_append(table, more, BYTES_LITERAL("YWJj"), &size), ERR_BLOB_LIMIT);
    assert_ok(blob_close(table, handles[2]));
    cr_assert_eq(append(table, more, "YWJj"), 3);
}

Test(blob, counts_what_a_request_still_uses)
{
    CLEANUP(blob_table_free) struct blob_table *table = new_table();
    CLEANUP(content_unref) struct content *quarter = new_content(256);
    char handles[4][BLOB_HANDLE_SIZE];
    struct mapping *owner = NULL;
    struct blob *blob = NULL;
    struct bytes view = BYTES_NONE;
    for (size_t i = 0; i < 4; i++) {
        assert_ok(blob_add_content(table, quarter, handles[i]));
    }
    assert_ok(blob_pin(table, handles[0], &blob, &owner, &view));
    assert_ok(blob_close(table, handles[0]));
    cr_assert_eq(view.len, 256 * MIB);
    assert_error(blob_add_content(table, quarter, handles[0]), ERR_BLOB_LIMIT);
    mapping_unref(owner);
    blob_unref(blob);
    assert_ok(blob_add_content(table, quarter, handles[0]));
}

Test(blob, is_seen_by_a_request_as_it_was)
{
    CLEANUP(blob_table_free) struct blob_table *table = new_table();
    char handle[BLOB_HANDLE_SIZE];
    struct mapping *owner = NULL;
    struct blob *blob = NULL;
    struct bytes view = BYTES_NONE;
    assert_ok(blob_create(table, 0, handle));
    cr_assert_eq(append(table, handle, "YWJj"), 3);
    assert_ok(blob_pin(table, handle, &blob, &owner, &view));
    cr_assert_eq(append(table, handle, "YWJj"), 6);
    assert_ok(blob_close(table, handle));
    cr_assert(bytes_equal(view, BYTES_LITERAL("abc")));
    mapping_unref(owner);
    blob_unref(blob);
}

Test(blob, of_a_result_does_not_change)
{
    CLEANUP(blob_table_free) struct blob_table *table = new_table();
    CLEANUP(content_unref) struct content *content = new_content(1);
    char handle[BLOB_HANDLE_SIZE];
    size_t size = 0;
    assert_ok(blob_add_content(table, content, handle));
    assert_error(blob_append(table, handle, BYTES_LITERAL("YWJj"), &size), ERR_PARAMS);
}

Test(blob, of_a_result_is_joined_once)
{
    CLEANUP(blob_table_free) struct blob_table *table = new_table();
    CLEANUP(content_unref) struct content *content = NULL;
    char handle[BLOB_HANDLE_SIZE];
    struct mapping *owners[2] = { NULL, NULL };
    struct blob *blobs[2] = { NULL, NULL };
    struct bytes views[2] = { BYTES_NONE, BYTES_NONE };
    assert_ok(content_new(&content));
    assert_ok(content_append_copy(content, BYTES_LITERAL("one ")));
    assert_ok(content_append_copy(content, BYTES_LITERAL("two")));
    assert_ok(blob_add_content(table, content, handle));
    for (size_t i = 0; i < 2; i++) {
        assert_ok(blob_pin(table, handle, &blobs[i], &owners[i], &views[i]));
        cr_assert(bytes_equal(views[i], BYTES_LITERAL("one two")));
    }
    cr_assert_eq(views[0].data, views[1].data);
    for (size_t i = 0; i < 2; i++) {
        mapping_unref(owners[i]);
        blob_unref(blobs[i]);
    }
}

Test(blob, is_wiped_at_the_end_even_where_it_is_used)
{
    CLEANUP(blob_table_free) struct blob_table *table = new_table();
    char handle[BLOB_HANDLE_SIZE];
    struct mapping *owner = NULL;
    struct blob *blob = NULL;
    struct bytes view = BYTES_NONE;
    assert_ok(blob_create(table, 0, handle));
    cr_assert_eq(append(table, handle, "YWJj"), 3);
    assert_ok(blob_pin(table, handle, &blob, &owner, &view));
    blob_wipe_all(table);
    cr_assert(bytes_equal(view, (struct bytes){ (const uint8_t *)"\0\0\0", 3 }));
    assert_error(blob_close(table, handle), ERR_BLOB_UNKNOWN);
    mapping_unref(owner);
    blob_unref(blob);
}
