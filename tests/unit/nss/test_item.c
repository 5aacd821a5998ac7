#include "nss/item.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <seccomon.h>

Test(item, views_an_item_and_nothing_for_null)
{
    unsigned char data[] = { 1, 2, 3 };
    SECItem item = { .type = siBuffer, .data = data, .len = sizeof(data) };
    cr_expect(bytes_equal(item_bytes(&item), BYTES_LITERAL("\1\2\3")));
    cr_expect_eq(item_bytes(NULL).len, 0);
}

Test(item, sets_a_view_without_a_copy)
{
    struct bytes bytes = BYTES_LITERAL("content");
    SECItem item = { 0 };
    cr_assert(item_set(&item, bytes));
    cr_expect_eq(item.len, bytes.len);
    cr_expect_eq((const void *)item.data, (const void *)bytes.data);
    cr_expect_eq((const void *)item_pointer(bytes), (const void *)bytes.data);
}

Test(item, refuses_more_than_nss_can_count)
{
    SECItem item = { .len = 5 };
    struct bytes large = { (const uint8_t *)"x", (size_t)UINT_MAX + 1 };
    cr_expect_not(item_set(&item, large));
    cr_expect_eq(item.len, 0);
    cr_expect_null(item.data);
}
