#include "certs/name.h"

#include "certs/cert_names.h"
#include "nss/item.h"
#include "nss/nss_scope.h"

#include <cert.h>
#include <secasn1.h>

struct error *name_text(struct bytes der, char **ret_text)
{
    CLEANUP(nss_arena_free) PLArenaPool *arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE);
    if (!arena) {
        return error_no_memory();
    }
    CERTName name = { 0 };
    SECItem item = { 0 };
    if (!item_set(&item, der) ||
        SEC_QuickDERDecodeItem(arena, &name, SEC_ASN1_GET(CERT_NameTemplate), &item) !=
            SECSuccess) {
        return bytes_to_string(BYTES_NONE, ret_text);
    }
    return cert_names_text(&name, ret_text);
}
