#include "base/limits.h"
#include "certs/index_read.h"
#include "certs/pki.h"
#include "nss/item.h"
#include "nss/nss_scope.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

static void put(struct pki *pki, const char *name)
{
    struct cert *cert = NULL;
    assert_ok(cert_from_der(pki_der(pki, &(struct pki_spec){ .name = name }), &cert));
    pki_trust(cert, ",,");
    cert_unref(cert);
}

Test(index_read_all, stops_at_the_limit)
{
    struct pki pki;
    struct cert_list list = { 0 };
    pki_begin(&pki);
    put(&pki, "One");
    put(&pki, "Two");
    put(&pki, "Three");
    assert_ok(index_read_all(2, &list));
    cr_assert_eq(list.count, 2);
    cert_list_done(&list);
    assert_ok(index_read_all(LIMIT_INDEX, &list));
    cr_assert_eq(list.count, 3);
    cr_assert_lt(strcmp(cert_id(list.items[0]), cert_id(list.items[1])), 0);
    cr_assert_lt(strcmp(cert_id(list.items[1]), cert_id(list.items[2])), 0);
    cert_list_done(&list);
    pki_end(&pki);
}

/* As an object of the session, which a token lets be anything. */
static void put_object(PK11SlotInfo *slot, struct bytes der)
{
    CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    CK_CERTIFICATE_TYPE type = CKC_X_509;
    CK_BBOOL no = CK_FALSE;
    uint8_t name[] = "name";
    CK_ATTRIBUTE attributes[] = {
        { CKA_CLASS, &class, sizeof class },
        { CKA_TOKEN, &no, sizeof no },
        { CKA_CERTIFICATE_TYPE, &type, sizeof type },
        { CKA_SUBJECT, name, sizeof name },
        { CKA_ISSUER, name, sizeof name },
        { CKA_SERIAL_NUMBER, name, sizeof name },
        { CKA_VALUE, item_pointer(der), der.len },
    };
    PK11GenericObject *object =
        PK11_CreateGenericObject(slot, attributes, ARRAY_SIZE(attributes), PR_FALSE);
    cr_assert_not_null(object);
    (void)PK11_DestroyGenericObject(object); /* ours; the token's stays */
}

Test(index_read_all, leaves_out_what_is_broken_and_what_is_there_twice)
{
    struct pki pki;
    struct cert_list list = { 0 };
    pki_begin(&pki);
    {
        CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalKeySlot();
        struct bytes der = pki_der(&pki, &(struct pki_spec){ .name = "Twice" });
        put_object(slot, der);
        put_object(slot, der);
        put_object(slot, bytes_slice(der, 0, der.len / 2));
    }
    assert_ok(index_read_all(LIMIT_INDEX, &list));
    cr_assert_eq(list.count, 1);
    cert_list_done(&list);
    pki_end(&pki);
}
