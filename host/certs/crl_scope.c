#include "certs/crl_scope.h"

#include "certs/cert_names.h"
#include "certs/element.h"
#include "nss/item.h"
#include "nss/nss_scope.h"

#include <secoidt.h>

enum { POINT_LIMIT = 60000 }; /* bytes; three more headers still make an element */

/* The issuingDistributionPoint's name as the extension of a certificate would write it, so that
 * both are read by the same decoder and compared by their DER. */
static struct error *keep_point(struct bytes point, struct crl_scope *scope)
{
    CLEANUP(buffer_free) struct buffer *tagged = NULL;
    CLEANUP(buffer_free) struct buffer *one = NULL;
    CLEANUP(buffer_free) struct buffer *list = NULL;
    TRY(buffer_new(0, &tagged));
    TRY(buffer_new(0, &one));
    TRY(buffer_new(0, &list));
    TRY(element_append(tagged, 0xa0, point));
    TRY(element_append(one, 0x30, buffer_view(tagged)));
    TRY(element_append(list, 0x30, buffer_view(one)));
    buffer_free(scope->points);
    scope->points = TAKE_PTR(list);
    return NULL;
}

/* The bits of a ReasonFlags; none where there are none: such a CRL or point holds nothing. */
static unsigned reason_bits(const uint8_t *octets, size_t len)
{
    unsigned bits = len > 0 ? (unsigned)octets[0] << 8 : 0;
    bits |= len > 1 ? octets[1] : 0;
    return bits & CRL_ALL_REASONS;
}

static bool is_true(struct bytes boolean)
{
    return boolean.len == 1 && boolean.data[0] != 0;
}

/* One field of issuingDistributionPoint (RFC 5280 5.2.5). */
static struct error *read_field(uint8_t tag, struct bytes content, struct crl_scope *scope)
{
    switch (tag) {
    case 0xa0:
        if (content.len > POINT_LIMIT) {
            scope->not_understood = true;
            return NULL;
        }
        return keep_point(content, scope);
    case 0x81:
        scope->only_users = is_true(content);
        return NULL;
    case 0x82:
        scope->only_cas = is_true(content);
        return NULL;
    case 0x83:
        /* a BIT STRING: the number of unused bits comes first */
        scope->reasons = content.len > 1 ? reason_bits(content.data + 1, content.len - 1) : 0;
        return NULL;
    case 0x84:
        scope->indirect = is_true(content);
        return NULL;
    case 0x85:
        scope->only_attributes = is_true(content);
        return NULL;
    default:
        scope->not_understood = true;
        return NULL;
    }
}

static struct error *read_issuing_point(struct bytes value, struct crl_scope *scope)
{
    uint8_t tag = 0;
    struct bytes fields;
    struct bytes content;
    if (!element_take(&value, &tag, &fields) || tag != 0x30 || value.len > 0) {
        scope->not_understood = true;
        return NULL;
    }
    while (element_take(&fields, &tag, &content)) {
        TRY(read_field(tag, content, scope));
    }
    scope->not_understood = scope->not_understood || fields.len > 0;
    return NULL;
}

struct error *crl_scope_read(struct CERTCertExtensionStr **extensions, struct crl_scope *scope)
{
    scope->reasons = CRL_ALL_REASONS;
    for (; extensions && *extensions; extensions++) {
        const CERTCertExtension *extension = *extensions;
        switch (SECOID_FindOIDTag(&extension->id)) {
        case SEC_OID_X509_ISSUING_DISTRIBUTION_POINT:
            TRY(read_issuing_point(item_bytes(&extension->value), scope));
            break;
        case SEC_OID_X509_DELTA_CRL_INDICATOR:
            scope->delta = true;
            break;
        case SEC_OID_X509_CRL_NUMBER:
        case SEC_OID_X509_AUTH_KEY_ID:
            break;
        default:
            scope->not_understood =
                scope->not_understood || is_true(item_bytes(&extension->critical));
            break;
        }
    }
    return NULL;
}

void crl_scope_done(struct crl_scope *scope)
{
    buffer_free(scope->points);
    *scope = (struct crl_scope){ 0 };
}

static CERTCrlDistributionPoints *points_of(const struct cert *cert, PLArenaPool *arena)
{
    SECItem extension = { .type = siBuffer };
    if (CERT_FindCertExtension(cert_decoded(cert), SEC_OID_X509_CRL_DIST_POINTS, &extension) !=
        SECSuccess) {
        return NULL;
    }
    SECItem copy = { .type = siBuffer };
    SECStatus status = SECITEM_CopyItem(arena, &copy, &extension);
    SECITEM_FreeItem(&extension, PR_FALSE);
    return status == SECSuccess ? CERT_DecodeCRLDistributionPoints(arena, &copy) : NULL;
}

static bool share_a_name(SECItem **a, SECItem **b)
{
    for (SECItem **left = a; left && *left; left++) {
        for (SECItem **right = b; right && *right; right++) {
            if (SECITEM_CompareItem(*left, *right) == SECEqual) {
                return true;
            }
        }
    }
    return false;
}

/* The reasons of one distribution point of a certificate: all where it names none. */
static unsigned point_reasons(const CRLDistributionPoint *point)
{
    const SECItem *bits = &point->reasons;
    return bits->len > 0 ? reason_bits(bits->data, bits->len) : CRL_ALL_REASONS;
}

/* RFC 5280 6.3.3 (b)(2)(i): a name of the CRL's point must be one of the certificate's; what is
 * returned are the reasons of those that are. */
static unsigned reasons_of_points(const struct crl_scope *scope, const struct cert *cert)
{
    CLEANUP(nss_arena_free) PLArenaPool *arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE);
    SECItem view;
    if (!arena || !item_set(&view, buffer_view(scope->points))) {
        return 0;
    }
    CERTCrlDistributionPoints *theirs = points_of(cert, arena);
    CERTCrlDistributionPoints *ours = CERT_DecodeCRLDistributionPoints(arena, &view);
    if (!theirs || !ours || !ours->distPoints || !ours->distPoints[0]) {
        return 0;
    }
    unsigned reasons = 0;
    for (CRLDistributionPoint **point = theirs->distPoints; point && *point; point++) {
        if (share_a_name((*point)->derFullName, ours->distPoints[0]->derFullName)) {
            reasons |= point_reasons(*point);
        }
    }
    return reasons;
}

unsigned crl_scope_covers(const struct crl_scope *scope, const struct cert *cert, bool own_issuer)
{
    bool ca = (cert_usages(cert) & CERT_USAGE_CA) != 0;
    if (scope->not_understood || scope->delta || scope->only_attributes ||
        (scope->only_users && ca) || (scope->only_cas && !ca) ||
        (!own_issuer && !scope->indirect)) {
        return 0;
    }
    return scope->reasons & (scope->points ? reasons_of_points(scope, cert) : CRL_ALL_REASONS);
}

static bool has_directory_name(CERTGeneralName *first, CERTName *name, struct bytes der)
{
    CERTGeneralName *at = first;
    while (at) {
        if (at->type == certDirectoryName &&
            cert_names_equal(&at->name.directoryName, item_bytes(&at->derDirectoryName), name,
                             der)) {
            return true;
        }
        at = CERT_GetNextGeneralName(at);
        if (at == first) {
            return false;
        }
    }
    return false;
}

bool crl_scope_names_issuer(const struct cert *cert, struct CERTNameStr *name, struct bytes der)
{
    CLEANUP(nss_arena_free) PLArenaPool *arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE);
    CERTCrlDistributionPoints *points = arena ? points_of(cert, arena) : NULL;
    for (CRLDistributionPoint **point = points ? points->distPoints : NULL; point && *point;
         point++) {
        if (has_directory_name((*point)->crlIssuer, name, der)) {
            return true;
        }
    }
    return false;
}

bool crl_scope_entry_issuer(struct CERTCertExtensionStr **extensions, const struct cert *cert,
                            struct PLArenaPool *arena, bool before)
{
    for (; *extensions; extensions++) {
        if (SECOID_FindOIDTag(&(*extensions)->id) == SEC_OID_X509_CERT_ISSUER) {
            /* released at once: a CRL can have a million entries */
            void *mark = PORT_ArenaMark(arena);
            SECItem value = (*extensions)->value;
            bool ours = has_directory_name(CERT_DecodeAltNameExtension(arena, &value),
                                           &cert_decoded(cert)->issuer, cert_issuer_der(cert));
            PORT_ArenaRelease(arena, mark);
            return ours;
        }
    }
    return before;
}
