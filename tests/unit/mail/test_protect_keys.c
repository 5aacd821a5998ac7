/* How often protecting a message reaches for a private key of the user's: the linker puts counters
 * in front of every way there is. */
#include "mail/fixture.h"
#include "mail/protect.h"
#include "nss/nss_scope.h"
#include "support/support.h"

#include <criterion/criterion.h>

TestSuite(protect_keys, .timeout = 60);

static unsigned accesses;

#define COUNT(type, name, parameters, arguments) \
    type __real_##name parameters; \
    type __wrap_##name parameters; \
    type __wrap_##name parameters \
    { \
        accesses++; \
        return __real_##name arguments; \
    } \
    struct count_needs_a_semicolon

/* NOLINTBEGIN(bugprone-reserved-identifier): these names are the linker's */
COUNT(struct error *, store_key,
      (struct store * store, struct CERTCertificateStr *certificate,
       const struct interaction *interaction, struct SECKEYPrivateKeyStr **ret_key),
      (store, certificate, interaction, ret_key));
COUNT(SECStatus, PK11_Authenticate, (PK11SlotInfo * slot, PRBool load, void *context),
      (slot, load, context));
COUNT(SECKEYPrivateKey *, PK11_FindPrivateKeyFromCert,
      (PK11SlotInfo * slot, CERTCertificate *certificate, void *context),
      (slot, certificate, context));
COUNT(SECKEYPrivateKey *, PK11_FindKeyByKeyID, (PK11SlotInfo * slot, SECItem *id, void *context),
      (slot, id, context));
/* NOLINTEND(bugprone-reserved-identifier): as above */

static unsigned count(bool dry_run)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(mapping_unref)
    struct mapping *message = mail_mapping(BYTES_LITERAL(
        "From: alice@example.org\r\nTo: bob@example.org\r\nBcc: alice@example.org\r\n\r\nx\r\n"));
    CLEANUP(protect_result_free) struct protect_result *result = NULL;
    const struct protect_request request = {
        .owner = message,
        .message = mapping_view(message),
        .sign = true,
        .encrypt = true,
        .to_self = true,
        .dry_run = dry_run,
    };
    accesses = 0;
    assert_ok(protect_message(&fixture->context, &request, &result));
    cr_assert_eq(result->copy_count, 3);
    return accesses;
}

Test(protect_keys, are_not_touched_in_a_dry_run)
{
    cr_assert_eq(count(true), 0);
}

Test(protect_keys, are_counted_where_a_message_is_made)
{
    cr_assert_geq(count(false), 2, "the counters count nothing");
}
