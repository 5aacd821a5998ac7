/* Everything that can fail while a message is protected fails in turn: memory, randomness, tokens,
 * and the making of CMS. Never may a copy come out then, and never one that can be read. The linker
 * puts the __wrap_ functions in the place of the real ones. */
#include "base/limits.h"
#include "certs/chain_cache.h"
#include "cms/enveloped.h"
#include "mail/compose.h"
#include "mail/seal.h"
#include "mime/transfer.h"
#include "nss/nss_scope.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <criterion/logging.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

TestSuite(protect_faults, .timeout = 120);

#define SECRET "the secret words that nobody else may read"

static bool armed;
static unsigned long calls; /* since the last arming */
static unsigned long fails_at; /* 0: none */
static bool failed;
static enum { NO_PLANT, PLANT_CLEAR, PLANT_DISGUISED } plant;

/* Whether this call is the one that fails. */
static bool fails(void)
{
    bool now = armed && ++calls == fails_at;
    failed = failed || now;
    return now;
}

#define WRAP(type, name, failure, parameters, arguments) \
    type __real_##name parameters; \
    type __wrap_##name parameters; \
    type __wrap_##name parameters \
    { \
        return fails() ? (failure) : __real_##name arguments; \
    } \
    struct wrap_needs_a_semicolon

/* NOLINTBEGIN(bugprone-reserved-identifier): these names are the linker's */
WRAP(void *, malloc, NULL, (size_t size), (size));
WRAP(void *, calloc, NULL, (size_t count, size_t size), (count, size));
WRAP(void *, realloc, NULL, (void *old, size_t size), (old, size));
WRAP(char *, strdup, NULL, (const char *text), (text));
WRAP(void *, mmap, MAP_FAILED,
     (void *at, size_t size, int protection, int flags, int file, off_t offset),
     (at, size, protection, flags, file, offset));
WRAP(ssize_t, getrandom, -1, (void *target, size_t size, unsigned flags), (target, size, flags));
WRAP(SECStatus, PK11_GenerateRandom, SECFailure, (unsigned char *target, int size), (target, size));
WRAP(SECStatus, PK11_Sign, SECFailure,
     (SECKEYPrivateKey * key, SECItem *signature, const SECItem *hash), (key, signature, hash));
WRAP(SECStatus, PK11_CipherOp, SECFailure,
     (PK11Context * context, unsigned char *out, int *len, int most, const unsigned char *in,
      int in_len),
     (context, out, len, most, in, in_len));
WRAP(struct error *, cms_enveloped_make, error_new(ERR_INTERNAL, "planned"),
     (const struct cms_encrypt_request *request, const struct content *content,
      struct mapping **ret_der),
     (request, content, ret_der));
WRAP(struct error *, cms_signed_make, error_new(ERR_INTERNAL, "planned"),
     (const struct cms_sign_request *request, const struct content *content,
      struct mapping **ret_der),
     (request, content, ret_der));

struct error *__real_seal_encrypt(const struct mail_context *context,
                                  const struct seal_recipients *recipients,
                                  const struct seal_front *front, const struct content *entity,
                                  struct cipher_choice *ret_choice, struct content **ret_content);
struct error *__wrap_seal_encrypt(const struct mail_context *context,
                                  const struct seal_recipients *recipients,
                                  const struct seal_front *front, const struct content *entity,
                                  struct cipher_choice *ret_choice, struct content **ret_content);

/* With a plant: the mistake that this test is there for, a fallback to the clear. */
struct error *__wrap_seal_encrypt(const struct mail_context *context,
                                  const struct seal_recipients *recipients,
                                  const struct seal_front *front, const struct content *entity,
                                  struct cipher_choice *ret_choice, struct content **ret_content)
{
    struct error *error =
        __real_seal_encrypt(context, recipients, front, entity, ret_choice, ret_content);
    if (!error || plant == NO_PLANT) {
        return error;
    }
    error_free(error);
    if (plant == PLANT_CLEAR) {
        TRY(content_new(ret_content));
        return content_append_content(*ret_content, entity);
    }
    struct mapping *clear = NULL;
    struct bytes piece = BYTES_NONE;
    TRY(mapping_new(LIMIT_MESSAGE, &clear));
    for (size_t i = 0; content_piece(entity, i, &piece); i++) {
        assert_ok(mapping_append(clear, piece));
    }
    return build_pkcs7_mime_take(front->fields, front->message, "enveloped-data", clear,
                                 ret_content);
}
/* NOLINTEND(bugprone-reserved-identifier): as above */

static bool holds_secret(struct bytes bytes)
{
    return bytes_find(bytes, BYTES_LITERAL(SECRET)) != SIZE_MAX;
}

/* As it stands, or in the base64 of its body. */
static bool leaks(const struct protect_copy *copy)
{
    CLEANUP(mapping_unref) struct mapping *owner = NULL;
    CLEANUP(mapping_unref) struct mapping *decoded = NULL;
    struct bytes whole = BYTES_NONE;
    struct bytes plain = BYTES_NONE;
    if (!copy->content) {
        return false;
    }
    assert_ok(content_flatten(copy->content, &owner, &whole));
    size_t body = bytes_find(whole, BYTES_LITERAL("\r\n\r\n"));
    cr_assert_neq(body, SIZE_MAX);
    struct error *error =
        transfer_decode(MIME_BASE64, bytes_slice(whole, body + 4, SIZE_MAX), &decoded, &plain);
    bool is_base64 = !error;
    error_free(error);
    return holds_secret(whole) || (is_base64 && holds_secret(plain));
}

/* One try with one fault; whether anything wrong came out. */
static bool goes_wrong(const struct mail_fixture *fixture, struct mapping *message,
                       unsigned long fault)
{
    const struct protect_request request = {
        .owner = message,
        .message = mapping_view(message),
        .sign = true,
        .encrypt = true,
        .to_self = true,
    };
    struct protect_result *result = NULL;
    calls = 0;
    failed = false;
    fails_at = fault;
    armed = true;
    struct error *error = protect_message(&fixture->context, &request, &result);
    armed = false;
    bool wrong = error && result;
    for (size_t i = 0; !error && result && i < result->copy_count; i++) {
        wrong = wrong || !result->copies[i].content || leaks(&result->copies[i]);
    }
    wrong = wrong || (!error && !result);
    error_free(error);
    protect_result_free(result);
    return wrong;
}

static struct mail_fixture *start(struct mapping **ret_message)
{
    struct mail_fixture *fixture = mail_fixture_new();
    *ret_message = mail_mapping(
        BYTES_LITERAL("From: alice@example.org\r\nTo: bob@example.org\r\n"
                      "Bcc: alice@example.org\r\nSubject: trial\r\n\r\n" SECRET "\r\n"));
    assert_ok(chain_cache_new(LIMIT_CHAIN_CACHE, &fixture->context.chains));
    cr_assert_not(goes_wrong(fixture, *ret_message, 0), "without a fault all is well");
    return fixture;
}

static void end(struct mail_fixture *fixture, struct mapping *message)
{
    chain_cache_free(TAKE_PTR(fixture->context.chains));
    mapping_unref(message);
    mail_fixture_free(fixture);
}

/* Fault after fault, until one goes wrong (true) or none is left. */
static bool any_goes_wrong(void)
{
    struct mapping *message = NULL;
    struct mail_fixture *fixture = start(&message);
    unsigned long fault = 0;
    bool wrong = false;
    do {
        wrong = goes_wrong(fixture, message, ++fault);
    } while (failed && !wrong);
    cr_assert(wrong || fault > 200, "only %lu calls could fail: is anything wrapped?", fault);
    cr_log_info("%lu calls failed in turn", fault);
    end(fixture, message);
    return wrong;
}

Test(protect_faults, let_no_copy_out)
{
    cr_assert_not(any_goes_wrong());
}

Test(protect_faults, are_caught_where_the_clear_is_the_fallback)
{
    plant = PLANT_CLEAR;
    cr_assert(any_goes_wrong());
}

Test(protect_faults, are_caught_where_the_clear_looks_encrypted)
{
    plant = PLANT_DISGUISED;
    cr_assert(any_goes_wrong());
}
