#include "certs/cert.h"
#include "certs/pki.h"
#include "support/support.h"

#include <criterion/criterion.h>

static struct cert *make(struct pki *pki, struct pki_spec spec)
{
    struct cert *cert = NULL;
    spec.name = spec.name ? spec.name : "Somebody";
    assert_ok(cert_from_der(pki_der(pki, &spec), &cert));
    return cert;
}

Test(cert_list_add_once, compares_by_content)
{
    struct pki pki;
    pki_begin(&pki);
    struct bytes der = pki_der(&pki, &(struct pki_spec){ .name = "One" });
    struct cert *first = NULL;
    struct cert *second = NULL;
    struct cert *other = make(&pki, (struct pki_spec){ .name = "Two" });
    assert_ok(cert_from_der(der, &first));
    assert_ok(cert_from_der(der, &second));
    struct cert_list list = { 0 };
    assert_ok(cert_list_add_once(&list, first));
    assert_ok(cert_list_add_once(&list, second));
    assert_ok(cert_list_add_once(&list, other));
    cr_assert_eq(list.count, 2);
    assert_ok(cert_list_add(&list, second));
    cr_assert_eq(list.count, 3);
    cr_assert_eq(cert_list_find(&list, cert_id(second)), first);
    cr_assert_null(cert_list_find(&list, "none"));
    cert_unref(first);
    cert_unref(second);
    cert_unref(other);
    cert_list_done(&list); /* has references of its own */
    cr_assert_eq(list.count, 0);
    pki_end(&pki);
}
