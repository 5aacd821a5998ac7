#include "nss/item.h"
#include "nss/nss_scope.h"
#include "store/fixture.h"
#include "store/trial_extensions.h"
#include "support/support.h"

#include <certdb.h>
#include <criterion/criterion.h>

TestSuite(trial_extensions, .fini = fixture_remove, .timeout = 30);

struct made {
    struct store *store;
    CERTCertificate *ca;
    CERTCertificate *identity;
};

static CERTCertificate *certificate_of(const struct buffer *der)
{
    SECItem item;
    cr_assert(item_set(&item, buffer_view(der)));
    return CERT_NewTempCertificate(CERT_GetDefaultCertDB(), &item, NULL, PR_FALSE, PR_TRUE);
}

static struct made make(enum trial_key key)
{
    const struct trial_subject ca = { .name = "CA", .key = TRIAL_ECDSA_P256 };
    const struct trial_subject who = { .name = "A", .address = "a@example.org", .key = key };
    CLEANUP(buffer_free) struct buffer *ca_der = NULL;
    CLEANUP(buffer_free) struct buffer *identity_der = NULL;
    struct made made = { 0 };
    fixture_database("db", NULL);
    struct store_options options = { .database = "db" };
    made.store = fixture_open(&options);
    assert_ok(trial_ca_make(made.store, &ca, NULL, &ca_der));
    assert_ok(trial_identity_make(made.store, buffer_view(ca_der), &who, NULL, &identity_der));
    made.ca = certificate_of(ca_der);
    made.identity = certificate_of(identity_der);
    return made;
}

static void done(struct made *made)
{
    CERT_DestroyCertificate(made->ca);
    CERT_DestroyCertificate(made->identity);
    fixture_close(made->store);
}

Test(trial_extensions, let_only_the_authority_certify)
{
    struct made made = make(TRIAL_ECDSA_P256);
    unsigned type = 0;
    cr_assert(CERT_IsCACert(made.ca, &type));
    cr_assert(type & NS_CERT_TYPE_EMAIL_CA);
    cr_assert_not(CERT_IsCACert(made.identity, NULL));
    cr_assert_eq(made.ca->keyUsage, KU_KEY_CERT_SIGN | KU_CRL_SIGN);
    done(&made);
}

Test(trial_extensions, give_a_curve_key_agreement)
{
    struct made made = make(TRIAL_ECDSA_P256);
    cr_assert_eq(made.identity->keyUsage, KU_DIGITAL_SIGNATURE | KU_KEY_AGREEMENT);
    done(&made);
}

Test(trial_extensions, give_rsa_key_encipherment)
{
    struct made made = make(TRIAL_RSA_2048);
    cr_assert_eq(made.identity->keyUsage, KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT);
    done(&made);
}

Test(trial_extensions, tie_the_identity_to_the_authoritys_key)
{
    struct made made = make(TRIAL_ECDSA_P256);
    cr_assert_not_null(made.identity->authKeyID);
    cr_assert(SECITEM_ItemsAreEqual(&made.identity->authKeyID->keyID, &made.ca->subjectKeyID));
    cr_assert_not(SECITEM_ItemsAreEqual(&made.identity->subjectKeyID, &made.ca->subjectKeyID));
    done(&made);
}
