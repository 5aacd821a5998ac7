#include "base/limits.h"
#include "policy/policy.h"

#include <criterion/criterion.h>

Test(policy_default, asks_nothing_of_the_network_and_allows_nothing_weak)
{
    struct policy policy = policy_default();
    cr_assert_not(policy.network);
    cr_assert_not(policy.collect);
    cr_assert_not(policy.allow_sha1);
    cr_assert_geq(policy.min_rsa_bits, 2048);
    cr_assert_geq(policy.min_dsa_bits, 2048);
}

Test(policy_default, is_the_documented_one)
{
    struct policy policy = policy_default();
    cr_assert_eq(policy.revocation, REVOCATION_SOFT);
    cr_assert(policy.mozilla_roots);
    cr_assert_eq(policy.max_message, LIMIT_MESSAGE);
    cr_assert_eq(policy.headers, HEADERS_SIGNED);
    cr_assert_eq(policy.keep_unlocked, 900);
}

Test(policy_required_for, asks_nothing_for_anybody_without_rules)
{
    struct policy policy = policy_default();
    struct policy_required required = policy_required_for(&policy, "bob@example.org");
    cr_assert_not(required.sign);
    cr_assert_not(required.encrypt);
}

Test(policy, has_words_for_the_protection_of_headers)
{
    cr_assert_str_eq(policy_headers_text(HEADERS_NONE), "none");
    cr_assert_str_eq(policy_headers_text(HEADERS_SIGNED), "signed");
    cr_assert_str_eq(policy_headers_text(HEADERS_CONFIDENTIAL), "confidential");
}
