#include "policy/policy.h"

#include "base/limits.h"

#define DEFAULT_KEY_BITS 2048
#define DEFAULT_KEEP_UNLOCKED 900 /* seconds */

struct policy policy_default(void)
{
    return (struct policy){
        .min_rsa_bits = DEFAULT_KEY_BITS,
        .min_dsa_bits = DEFAULT_KEY_BITS,
        .allow_sha1 = false,
        .revocation = REVOCATION_SOFT,
        .network = false,
        .collect = false,
        .mozilla_roots = true,
        .max_message = LIMIT_MESSAGE,
        .headers = HEADERS_SIGNED,
        .keep_unlocked = DEFAULT_KEEP_UNLOCKED,
    };
}

struct policy_required policy_required_for(const struct policy *policy, const char *address)
{
    (void)policy;
    (void)address;
    return (struct policy_required){ .sign = false, .encrypt = false };
}

const char *policy_headers_text(enum policy_headers headers)
{
    switch (headers) {
    case HEADERS_NONE:
        return "none";
    case HEADERS_SIGNED:
        return "signed";
    case HEADERS_CONFIDENTIAL:
        return "confidential";
    }
    return "none";
}
