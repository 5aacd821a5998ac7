#include "certs/crl_scope.h"

#include "certs/cert_names.h"
#include "nss/item.h"
#include "nss/nss_scope.h"

#include <secasn1.h>
#include <secder.h>
#include <secoidt.h>
#include <stddef.h>

/* RFC 5280 5.2.5. `point` is a CHOICE and therefore tagged explicitly: it holds the whole [0]. */
struct issuing_point {
    SECItem point;
    SECItem only_users;
    SECItem only_cas;
    SECItem only_some_reasons;
    SECItem indirect;
    SECItem only_attributes;
};

enum { OPTIONAL = SEC_ASN1_OPTIONAL | SEC_ASN1_CONTEXT_SPECIFIC };

static const SEC_ASN1Template issuing_point_template[] = {
    { SEC_ASN1_SEQUENCE, 0, NULL, sizeof(struct issuing_point) },
    { OPTIONAL | SEC_ASN1_CONSTRUCTED | SEC_ASN1_EXPLICIT | 0,
      offsetof(struct issuing_point, point), SEC_AnyTemplate, 0 },
    { OPTIONAL | 1, offsetof(struct issuing_point, only_users), SEC_BooleanTemplate, 0 },
    { OPTIONAL | 2, offsetof(struct issuing_point, only_cas), SEC_BooleanTemplate, 0 },
    { OPTIONAL | 3, offsetof(struct issuing_point, only_some_reasons), SEC_BitStringTemplate, 0 },
    { OPTIONAL | 4, offsetof(struct issuing_point, indirect), SEC_BooleanTemplate, 0 },
    { OPTIONAL | 5, offsetof(struct issuing_point, only_attributes), SEC_BooleanTemplate, 0 },
    { 0, 0, NULL, 0 },
};

/* DER of a SEQUENCE or [0] around `content`, whose length must be below 64 KiB. */
static struct error *wrap(uint8_t tag, struct bytes content, struct buffer *out)
{
    TRY(buffer_append_byte(out, tag));
    TRY(buffer_append_byte(out, 0x82));
    TRY(buffer_append_byte(out, (uint8_t)(content.len >> 8)));
    TRY(buffer_append_byte(out, (uint8_t)content.len));
    return buffer_append(out, content);
}

enum { POINT_LIMIT = 60000 }; /* bytes; two lengths of two octets hold it with their headers */

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
    TRY(wrap(0xa0, point, tagged));
    TRY(wrap(0x30, buffer_view(tagged), one));
    TRY(wrap(0x30, buffer_view(one), list));
    scope->points = TAKE_PTR(list);
    return NULL;
}

static bool is_true(const SECItem *boolean)
{
    return boolean->len > 0 && boolean->data[0] != 0;
}

static struct error *read_issuing_point(PLArenaPool *arena, const SECItem *value,
                                        struct crl_scope *scope)
{
    struct issuing_point point = { 0 };
    if (SEC_QuickDERDecodeItem(arena, &point, issuing_point_template, value) != SECSuccess ||
        point.point.len > POINT_LIMIT) {
        scope->not_understood = true;
        return NULL;
    }
    scope->only_users = is_true(&point.only_users);
    scope->only_cas = is_true(&point.only_cas);
    scope->indirect = is_true(&point.indirect);
    scope->only_attributes = is_true(&point.only_attributes);
    scope->only_some_reasons = point.only_some_reasons.len > 0;
    return point.point.len > 0 ? keep_point(item_bytes(&point.point), scope) : NULL;
}

struct error *crl_scope_read(struct CERTCertExtensionStr **extensions, struct crl_scope *scope)
{
    CLEANUP(nss_arena_free) PLArenaPool *arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE);
    if (!arena) {
        return error_no_memory();
    }
    for (; extensions && *extensions; extensions++) {
        const CERTCertExtension *extension = *extensions;
        switch (SECOID_FindOIDTag(&extension->id)) {
        case SEC_OID_X509_ISSUING_DISTRIBUTION_POINT:
            TRY(read_issuing_point(arena, &extension->value, scope));
            break;
        case SEC_OID_X509_DELTA_CRL_INDICATOR:
            scope->delta = true;
            break;
        case SEC_OID_X509_CRL_NUMBER:
        case SEC_OID_X509_AUTH_KEY_ID:
            break;
        default:
            scope->not_understood = scope->not_understood || is_true(&extension->critical);
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

/* RFC 5280 6.3.3 (b)(2)(i): a name of the CRL's point must be one of the certificate's. */
static bool points_match(const struct crl_scope *scope, const struct cert *cert)
{
    CLEANUP(nss_arena_free) PLArenaPool *arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE);
    SECItem view;
    if (!arena || !item_set(&view, buffer_view(scope->points))) {
        return false;
    }
    CERTCrlDistributionPoints *theirs = points_of(cert, arena);
    CERTCrlDistributionPoints *ours = CERT_DecodeCRLDistributionPoints(arena, &view);
    if (!theirs || !ours || !ours->distPoints || !ours->distPoints[0]) {
        return false;
    }
    for (CRLDistributionPoint **point = theirs->distPoints; point && *point; point++) {
        if (share_a_name((*point)->derFullName, ours->distPoints[0]->derFullName)) {
            return true;
        }
    }
    return false;
}

bool crl_scope_covers(const struct crl_scope *scope, const struct cert *cert, bool own_issuer)
{
    bool ca = (cert_usages(cert) & CERT_USAGE_CA) != 0;
    if (scope->not_understood || scope->delta || scope->only_attributes ||
        scope->only_some_reasons || (scope->only_users && ca) || (scope->only_cas && !ca) ||
        (!own_issuer && !scope->indirect)) {
        return false;
    }
    return !scope->points || points_match(scope, cert);
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
