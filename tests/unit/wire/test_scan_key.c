#include "support/support.h"
#include "wire/scan_key.h"

#include <criterion/criterion.h>
#include <stdio.h>

static bool same(const char *a, const char *b)
{
    struct scan_keys keys = { 0 };
    assert_ok(scan_key_push(&keys, bytes_of_string(a), true));
    assert_ok(scan_key_push(&keys, bytes_of_string(b), true));
    bool twice = scan_key_pop_object(&keys, 0);
    scan_key_done(&keys);
    return twice;
}

Test(scan_key, compares_keys_as_they_are_unescaped)
{
    cr_assert(same("a", "\\u0061"));
    cr_assert(same("\\u20AC", "\xe2\x82\xac"));
    cr_assert(same("\\ud83d\\ude00", "\xf0\x9f\x98\x80"));
    cr_assert(same("\\b\\f\\n\\r\\t", "\\u0008\\u000c\\u000a\\u000d\\u0009"));
    cr_assert(same("\\\"\\\\\\/", "\\u0022\\u005c/"));
    cr_assert(same("\\u07ff\\u0800\\uffff", "\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf"));
    cr_assert_not(same("a", "A"));
    cr_assert_not(same("a", "aa"));
    cr_assert_not(same("\\u0061", "\\u0062"));
    cr_assert_not(same("", "a"));
}

Test(scan_key, looks_at_one_object_at_a_time)
{
    struct scan_keys keys = { 0 };
    assert_ok(scan_key_push(&keys, BYTES_LITERAL("a"), false));
    assert_ok(scan_key_push(&keys, BYTES_LITERAL("a"), false));
    assert_ok(scan_key_push(&keys, BYTES_LITERAL("b"), false));
    cr_assert_not(scan_key_pop_object(&keys, 1));
    cr_assert_eq(keys.count, 1);
    scan_key_done(&keys);
}

Test(scan_key, finds_one_pair_among_many)
{
    struct scan_keys keys = { 0 };
    static char names[3000][8];
    for (size_t i = 0; i < 3000; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "%zu", i == 2999 ? (size_t)17 : i);
        assert_ok(scan_key_push(&keys, bytes_of_string(names[i]), false));
    }
    cr_assert(scan_key_pop_object(&keys, 0));
    scan_key_done(&keys);
}
