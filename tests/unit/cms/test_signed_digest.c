#include "base/limits.h"
#include "cms/signed_digest.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <nss.h>
#include <stdlib.h>

static void start(void)
{
    cr_assert_eq(NSS_NoDB_Init(NULL), SECSuccess);
}

TestSuite(signed_digest, .init = start);

Test(signed_digest, refuses_what_no_token_computes)
{
    uint8_t value[SIGNED_DIGEST_MAX] = { 0 };
    assert_error(signed_digest_hash(CMS_DIGEST_UNKNOWN, BYTES_LITERAL("x"), value), ERR_INTERNAL);
}

Test(signed_digest, computes_each_digest_of_the_table)
{
    static const struct {
        enum cms_digest digest;
        const char *start; /* of the digest of "abc" */
    } cases[] = { { CMS_MD5, "90015098" },    { CMS_SHA1, "a9993e36" },
                  { CMS_SHA224, "23097d22" }, { CMS_SHA256, "ba7816bf" },
                  { CMS_SHA384, "cb00753f" }, { CMS_SHA512, "ddaf35a1" } };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        uint8_t value[SIGNED_DIGEST_MAX] = { 0 };
        CLEANUP(string_free) char *hex = NULL;
        assert_ok(signed_digest_hash(cases[i].digest, BYTES_LITERAL("abc"), value));
        assert_ok(bytes_to_hex((struct bytes){ value, 4 }, &hex));
        cr_assert_str_eq(hex, cases[i].start);
    }
}

struct told {
    unsigned times;
    uint64_t done;
};

static void tell(void *context, uint64_t done, uint64_t total)
{
    struct told *told = context;
    cr_assert_leq(done, total);
    told->times++;
    told->done = done;
}

Test(signed_digest, tells_progress_once_a_mebibyte_and_stops_when_cancelled)
{
    struct told told = { 0 };
    bool wanted[SIGNED_DIGEST_COUNT] = { false };
    CLEANUP(task_unref) struct task *task = NULL;
    CLEANUP(signed_digest_free) struct signed_digest *digest = NULL;
    CLEANUP(buffer_free) struct buffer *input = NULL;
    uint8_t *octets = NULL;
    wanted[CMS_SHA256] = true;
    assert_ok(task_new(tell, &told, &task));
    assert_ok(buffer_new(0, &input));
    assert_ok(buffer_extend(input, 3 * MIB, &octets));
    assert_ok(signed_digest_new(wanted, 6 * MIB, task, &digest));
    assert_ok(signed_digest_add(digest, buffer_view(input)));
    cr_assert_eq(told.times, 3);
    cr_assert_eq(told.done, 2 * MIB);
    cr_assert(task_cancel(task));
    assert_error(signed_digest_add(digest, buffer_view(input)), ERR_CANCELLED);
}

Test(signed_digest, is_the_same_in_pieces)
{
    bool wanted[SIGNED_DIGEST_COUNT] = { false };
    uint8_t pieces[SIGNED_DIGEST_MAX] = { 0 };
    uint8_t whole[SIGNED_DIGEST_MAX] = { 0 };
    bool there = false;
    CLEANUP(signed_digest_free) struct signed_digest *digest = NULL;
    wanted[CMS_SHA512] = true;
    assert_ok(signed_digest_new(wanted, 5, NULL, &digest));
    assert_ok(signed_digest_add(digest, BYTES_LITERAL("he")));
    assert_ok(signed_digest_add(digest, BYTES_NONE));
    assert_ok(signed_digest_add(digest, BYTES_LITERAL("llo")));
    assert_ok(signed_digest_end(digest, CMS_SHA512, pieces, &there));
    cr_assert(there);
    assert_ok(signed_digest_hash(CMS_SHA512, BYTES_LITERAL("hello"), whole));
    cr_assert_arr_eq(pieces, whole, sizeof(whole));
    assert_ok(signed_digest_end(digest, CMS_SHA1, pieces, &there));
    cr_assert_not(there);
}
