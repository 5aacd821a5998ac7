/* What held a secret is zero at the moment it goes back to the system. The program is linked with
 * --wrap=free and --wrap=munmap, so that the block can be looked at just before. */
#include "base/bytes.h"
#include "base/mapping.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void __real_free(void *block);
void __wrap_free(void *block);
int __real_munmap(void *block, size_t size);
int __wrap_munmap(void *block, size_t size);

enum { SECRET_SIZE = 13 };
static const char secret[] = "correct horse";

static const void *watched;
static bool released;
static bool was_wiped;

static void look_at(const void *block)
{
    static const char zeroes[SECRET_SIZE];
    if (block && block == watched) {
        released = true;
        was_wiped = memcmp(block, zeroes, SECRET_SIZE) == 0;
        watched = NULL;
    }
}

void __wrap_free(void *block)
{
    look_at(block);
    __real_free(block);
}

int __wrap_munmap(void *block, size_t size)
{
    look_at(block);
    return __real_munmap(block, size);
}

Test(watch, sees_a_block_that_was_not_wiped)
{
    char *block = strdup(secret);
    cr_assert_not_null(block);
    watched = block;
    free(block);
    cr_assert(released);
    cr_assert_not(was_wiped);
}

Test(buffer_free, wipes)
{
    struct buffer *buffer = NULL;
    assert_ok(buffer_new(0, &buffer));
    assert_ok(buffer_append_string(buffer, secret));
    watched = buffer->data;
    buffer_free(buffer);
    cr_assert(released);
    cr_assert(was_wiped);
}

Test(buffer_append, wipes_the_old_block_when_it_grows)
{
    CLEANUP(buffer_free) struct buffer *buffer = NULL;
    uint8_t *tail = NULL;
    assert_ok(buffer_new(0, &buffer));
    assert_ok(buffer_append_string(buffer, secret));
    watched = buffer->data;
    assert_ok(buffer_extend(buffer, 10000, &tail));
    cr_assert(released);
    cr_assert(was_wiped);
    cr_assert(bytes_starts_with(buffer_view(buffer), bytes_of_string(secret)));
}

Test(mapping_unref, wipes_when_the_last_reference_goes)
{
    struct mapping *mapping = NULL;
    assert_ok(mapping_new(100, &mapping));
    assert_ok(mapping_append(mapping, bytes_of_string(secret)));
    struct mapping *second = mapping_ref(mapping);
    watched = mapping_data(mapping);
    mapping_unref(mapping);
    cr_assert_not(released);
    cr_assert(bytes_equal(mapping_view(second), bytes_of_string(secret)));
    mapping_unref(second);
    cr_assert(released);
    cr_assert(was_wiped);
}
