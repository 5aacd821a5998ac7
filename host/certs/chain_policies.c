#include "certs/chain_policies.h"

#include "base/limits.h"
#include "certs/chain_path.h"
#include "certs/element.h"
#include "nss/item.h"
#include "nss/nss_scope.h"

#include <limits.h>
#include <secoidt.h>

enum { TAG_INTEGER = 0x02, TAG_OID = 0x06, TAG_SEQUENCE = 0x30 };

/* anyPolicy, 2.5.29.32.0 */
static const uint8_t any_policy[] = { 0x55, 0x1d, 0x20, 0x00 };

/* Policies by their OIDs, views of certificates, each once; and anyPolicy. */
struct policies {
    struct bytes items[LIMIT_POLICIES];
    size_t count;
    bool any;
};

/* What one certificate says about policies. */
struct rules {
    struct policies policies; /* empty where it names none */
    struct bytes from[LIMIT_POLICIES]; /* mappings: issuerDomainPolicy ... */
    struct bytes to[LIMIT_POLICIES]; /* ... and subjectDomainPolicy */
    size_t mapping_count;
    unsigned require_explicit; /* SkipCerts; UINT_MAX: not said, in all three */
    unsigned inhibit_mapping;
    unsigned inhibit_any;
};

/* The state variables of RFC 5280 6.1.2. */
struct state {
    struct policies expected; /* of the lowest level of the tree; nothing in it: no tree */
    unsigned explicit_policy;
    unsigned policy_mapping;
    unsigned inhibit_any;
};

static bool is_any(struct bytes policy)
{
    return bytes_equal(policy, (struct bytes){ any_policy, sizeof any_policy });
}

static bool has(const struct policies *policies, struct bytes policy)
{
    for (size_t i = 0; i < policies->count; i++) {
        if (bytes_equal(policies->items[i], policy)) {
            return true;
        }
    }
    return false;
}

static bool is_empty(const struct policies *policies)
{
    return policies->count == 0 && !policies->any;
}

/* False: there are too many. */
static bool add(struct policies *policies, struct bytes policy)
{
    if (is_any(policy)) {
        policies->any = true;
        return true;
    }
    if (has(policies, policy)) {
        return true;
    }
    if (policies->count == LIMIT_POLICIES) {
        return false;
    }
    policies->items[policies->count++] = policy;
    return true;
}

static bool take(struct bytes *rest, uint8_t expected, struct bytes *ret_content)
{
    uint8_t tag = 0;
    return element_take(rest, &tag, ret_content) && tag == expected;
}

/* The one SEQUENCE that an extension's value is. */
static bool open_value(struct bytes value, struct bytes *ret_content)
{
    return take(&value, TAG_SEQUENCE, ret_content) && value.len == 0;
}

/* RFC 5280 4.2.1.4; qualifiers are passed over */
static bool read_policies(struct bytes value, struct rules *rules)
{
    struct bytes all;
    struct bytes one;
    struct bytes policy;
    if (!open_value(value, &all)) {
        return false;
    }
    while (all.len > 0) {
        if (!take(&all, TAG_SEQUENCE, &one) || !take(&one, TAG_OID, &policy) ||
            !add(&rules->policies, policy)) {
            return false;
        }
    }
    return true;
}

/* RFC 5280 4.2.1.5, 6.1.4 (a): anyPolicy is not mapped */
static bool read_mappings(struct bytes value, struct rules *rules)
{
    struct bytes all;
    struct bytes one;
    if (!open_value(value, &all)) {
        return false;
    }
    while (all.len > 0) {
        size_t at = rules->mapping_count;
        if (at == LIMIT_POLICIES || !take(&all, TAG_SEQUENCE, &one) ||
            !take(&one, TAG_OID, &rules->from[at]) || !take(&one, TAG_OID, &rules->to[at]) ||
            one.len > 0 || is_any(rules->from[at]) || is_any(rules->to[at])) {
            return false;
        }
        rules->mapping_count++;
    }
    return true;
}

/* SkipCerts; a number beyond all paths is as good as none */
static bool read_number(struct bytes content, unsigned *ret_number)
{
    if (content.len == 0 || (content.data[0] & 0x80) != 0) {
        return false;
    }
    uint64_t number = 0;
    for (size_t i = 0; i < content.len && number <= UINT32_MAX; i++) {
        number = number << 8 | content.data[i];
    }
    *ret_number = number > LIMIT_CHAIN ? UINT_MAX : (unsigned)number;
    return true;
}

/* RFC 5280 4.2.1.11: requireExplicitPolicy [0], inhibitPolicyMapping [1] */
static bool read_constraints(struct bytes value, struct rules *rules)
{
    struct bytes all;
    struct bytes content;
    uint8_t tag = 0;
    if (!open_value(value, &all)) {
        return false;
    }
    while (all.len > 0) {
        if (!element_take(&all, &tag, &content) || (tag != 0x80 && tag != 0x81) ||
            !read_number(content,
                         tag == 0x80 ? &rules->require_explicit : &rules->inhibit_mapping)) {
            return false;
        }
    }
    return true;
}

/* RFC 5280 4.2.1.14 */
static bool read_inhibit_any(struct bytes value, struct rules *rules)
{
    struct bytes content;
    return take(&value, TAG_INTEGER, &content) && value.len == 0 &&
           read_number(content, &rules->inhibit_any);
}

static bool read_rules(const struct cert *cert, struct rules *rules)
{
    *rules = (struct rules){ .require_explicit = UINT_MAX,
                             .inhibit_mapping = UINT_MAX,
                             .inhibit_any = UINT_MAX };
    CERTCertExtension **at = cert_decoded(cert)->extensions;
    bool readable = true;
    for (; readable && at && *at; at++) {
        struct bytes value = item_bytes(&(*at)->value);
        switch (SECOID_FindOIDTag(&(*at)->id)) {
        case SEC_OID_X509_CERTIFICATE_POLICIES:
            readable = read_policies(value, rules);
            break;
        case SEC_OID_X509_POLICY_MAPPINGS:
            readable = read_mappings(value, rules);
            break;
        case SEC_OID_X509_POLICY_CONSTRAINTS:
            readable = read_constraints(value, rules);
            break;
        case SEC_OID_X509_INHIBIT_ANY_POLICY:
            readable = read_inhibit_any(value, rules);
            break;
        default:
            break;
        }
    }
    return readable;
}

/* RFC 5280 6.1.3 (d), (e): the next level of the tree. False: it has too many policies. */
static bool descend(const struct rules *rules, bool any_counts, struct policies *level)
{
    struct policies next = { .any = rules->policies.any && any_counts && level->any };
    bool fits = true;
    for (size_t i = 0; i < rules->policies.count; i++) {
        struct bytes policy = rules->policies.items[i];
        if (level->any || has(level, policy)) {
            fits = fits && add(&next, policy);
        }
    }
    for (size_t i = 0; rules->policies.any && any_counts && i < level->count; i++) {
        fits = fits && add(&next, level->items[i]);
    }
    *level = next;
    return fits;
}

static bool is_mapped(const struct rules *rules, struct bytes policy)
{
    for (size_t i = 0; i < rules->mapping_count; i++) {
        if (bytes_equal(rules->from[i], policy)) {
            return true;
        }
    }
    return false;
}

/* RFC 5280 6.1.4 (b): a policy that is mapped goes on as what it is mapped to, or not at all where
 * mapping is inhibited. */
static bool map(const struct rules *rules, bool inhibited, struct policies *level)
{
    struct policies next = { .any = level->any };
    bool fits = true;
    for (size_t i = 0; i < level->count; i++) {
        if (!is_mapped(rules, level->items[i])) {
            fits = fits && add(&next, level->items[i]);
        }
    }
    for (size_t i = 0; !inhibited && i < rules->mapping_count; i++) {
        if (level->any || has(level, rules->from[i])) {
            fits = fits && add(&next, rules->to[i]);
        }
    }
    *level = next;
    return fits;
}

static void decrement(unsigned *counter)
{
    if (*counter > 0) {
        --*counter;
    }
}

static void lower(unsigned *counter, unsigned limit)
{
    if (limit < *counter) {
        *counter = limit;
    }
}

/* RFC 5280 6.1.4: on to the certificate below. */
static bool prepare_next(const struct rules *rules, bool self_issued, struct state *state)
{
    if (!map(rules, state->policy_mapping == 0, &state->expected)) {
        return false;
    }
    if (!self_issued) {
        decrement(&state->explicit_policy);
        decrement(&state->policy_mapping);
        decrement(&state->inhibit_any);
    }
    lower(&state->explicit_policy, rules->require_explicit);
    lower(&state->policy_mapping, rules->inhibit_mapping);
    lower(&state->inhibit_any, rules->inhibit_any);
    return true;
}

/* RFC 5280 6.1.5 (a), (b): the certificate itself */
static void wrap_up(const struct rules *rules, struct state *state)
{
    decrement(&state->explicit_policy);
    if (rules->require_explicit == 0) {
        state->explicit_policy = 0;
    }
}

bool chain_policies_hold(const struct cert_list *path)
{
    unsigned beyond = (unsigned)path->count;
    struct state state = { { .any = true }, beyond, beyond, beyond };
    for (size_t i = path->count - 1; i-- > 0;) {
        struct rules rules;
        bool self_issued = chain_path_is_self_issued(path->items[i]);
        bool any_counts = state.inhibit_any > 0 || (i > 0 && self_issued);
        if (!read_rules(path->items[i], &rules) || !descend(&rules, any_counts, &state.expected) ||
            (state.explicit_policy == 0 && is_empty(&state.expected))) {
            return false;
        }
        if (i > 0 && !prepare_next(&rules, self_issued, &state)) {
            return false;
        }
        if (i == 0) {
            wrap_up(&rules, &state);
        }
    }
    return state.explicit_policy > 0 || !is_empty(&state.expected);
}
