#include "certs/crl_read.h"

#include "base/limits.h"
#include "certs/cert_names.h"
#include "certs/crl_scope.h"
#include "nss/item.h"
#include "nss/nss_error.h"
#include "nss/nss_scope.h"

#include <certdb.h>
#include <secder.h>
#include <secerr.h>
#include <secoidt.h>
#include <stdlib.h>

enum { MICROSECONDS = 1000000 };

struct crl {
    SECItem der;
    CERTSignedCrl *header; /* decoded without entries */
    CERTSignedCrl *whole; /* with entries; NULL: not decoded yet */
    struct crl_scope scope;
    int64_t produced_at;
    int64_t next_update; /* produced_at where the CRL names none: fresh at that moment only */
};

static void release(CERTSignedCrl *crl)
{
    if (crl) {
        (void)SEC_DestroyCrl(crl);
    }
}

void crl_read_free(struct crl *crl)
{
    if (crl) {
        release(crl->header);
        release(crl->whole);
        crl_scope_done(&crl->scope);
        free(crl);
    }
}

/* NSS refuses CRLs with critical extensions unknown to it; such a one still revokes. It is kept
 * only for that reason, so that what could not be decoded is never looked at. */
static CERTSignedCrl *decode(SECItem *der, PRInt32 options)
{
    options |= CRL_DECODE_DONT_COPY_DER;
    CERTSignedCrl *decoded = CERT_DecodeDERCrlWithFlags(NULL, der, SEC_CRL_TYPE, options);
    int number = decoded ? 0 : nss_error_number();
    if (number == SEC_ERROR_CRL_UNKNOWN_CRITICAL_EXTENSION) {
        decoded =
            CERT_DecodeDERCrlWithFlags(NULL, der, SEC_CRL_TYPE, options | CRL_DECODE_KEEP_BAD_CRL);
    }
    return decoded;
}

static bool read_time(const SECItem *item, int64_t *ret_seconds)
{
    PRTime time = 0;
    if (item->len == 0 || DER_DecodeTimeChoice(&time, item) != SECSuccess) {
        return false;
    }
    *ret_seconds = time / MICROSECONDS;
    return true;
}

struct error *crl_read(struct bytes der, struct crl **ret_crl)
{
    *ret_crl = NULL;
    CLEANUP(crl_read_free) struct crl *crl = calloc(1, sizeof *crl);
    if (!crl) {
        return error_no_memory();
    }
    if (der.len > LIMIT_CRL || !item_set(&crl->der, der)) {
        return NULL;
    }
    crl->header = decode(&crl->der, CRL_DECODE_SKIP_ENTRIES);
    if (!crl->header || !read_time(&crl->header->crl.lastUpdate, &crl->produced_at)) {
        return NULL;
    }
    if (!read_time(&crl->header->crl.nextUpdate, &crl->next_update)) {
        crl->next_update = crl->produced_at;
    }
    TRY(crl_scope_read(crl->header->crl.extensions, &crl->scope));
    *ret_crl = TAKE_PTR(crl);
    return NULL;
}

bool crl_read_is_of_issuer(const struct crl *crl, const struct cert *cert)
{
    CERTCrl *content = &crl->header->crl;
    return cert_names_equal(&content->name, item_bytes(&content->derName),
                            &cert_decoded(cert)->issuer, cert_issuer_der(cert));
}

bool crl_read_is_indirect_for(const struct crl *crl, const struct cert *cert)
{
    CERTCrl *content = &crl->header->crl;
    return crl->scope.indirect &&
           crl_scope_names_issuer(cert, &content->name, item_bytes(&content->derName));
}

bool crl_read_is_named_by(const struct crl *crl, const struct cert *cert)
{
    CERTCrl *content = &crl->header->crl;
    return cert_names_equal(&content->name, item_bytes(&content->derName),
                            &cert_decoded(cert)->subject, cert_subject_der(cert));
}

bool crl_read_is_signed_by(const struct crl *crl, const struct cert *cert)
{
    return crl_read_is_named_by(crl, cert) && cert_key_is_bearable(cert) &&
           CERT_VerifySignedDataWithPublicKeyInfo(&crl->header->signatureWrap,
                                                  &cert_decoded(cert)->subjectPublicKeyInfo,
                                                  NULL) == SECSuccess;
}

bool crl_read_is_foreign(const struct crl *crl)
{
    return crl->scope.only_attributes;
}

unsigned crl_read_covers(const struct crl *crl, const struct cert *cert, int64_t at)
{
    bool fresh = at >= crl->produced_at && at <= crl->next_update;
    return fresh ? crl_scope_covers(&crl->scope, cert, crl_read_is_of_issuer(crl, cert)) : 0;
}

int64_t crl_read_produced_at(const struct crl *crl)
{
    return crl->produced_at;
}

static enum crl_entry entry_kind(CERTCrlEntry *entry)
{
    CERTCRLEntryReasonCode reason = crlEntryReasonUnspecified;
    if (CERT_FindCRLEntryReasonExten(entry, &reason) != SECSuccess) {
        return CRL_ENTRY_REVOKED;
    }
    switch (reason) {
    case crlEntryReasonRemoveFromCRL:
        return CRL_ENTRY_REMOVED;
    case crlEntryReasoncertificatedHold:
        return CRL_ENTRY_HELD;
    default:
        return CRL_ENTRY_REVOKED;
    }
}

/* RFC 5280 5.3.3: an entry of an indirect CRL belongs to the issuer named last; to the CRL's own at
 * the start. */
static enum crl_entry find_entry(const struct crl *crl, const struct cert *cert, PLArenaPool *arena,
                                 int64_t *ret_since)
{
    enum crl_entry found = CRL_ENTRY_NONE;
    bool ours = crl_read_is_of_issuer(crl, cert);
    SECItem serial;
    (void)item_set(&serial, cert_serial_bytes(cert));
    for (CERTCrlEntry **at = crl->whole->crl.entries; at && *at; at++) {
        CERTCrlEntry *entry = *at;
        if (entry->extensions) {
            ours = crl_scope_entry_issuer(entry->extensions, cert, arena, ours);
        }
        if (ours && SECITEM_CompareItem(&entry->serialNumber, &serial) == SECEqual) {
            found = entry_kind(entry);
            if (!read_time(&entry->revocationDate, ret_since)) {
                *ret_since = crl->produced_at;
            }
        }
    }
    return found;
}

enum crl_entry crl_read_find(struct crl *crl, const struct cert *cert, int64_t *ret_since)
{
    *ret_since = 0;
    if (!crl->whole) {
        crl->whole = decode(&crl->der, CRL_DECODE_DEFAULT_OPTIONS);
    }
    CLEANUP(nss_arena_free) PLArenaPool *arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE);
    if (!crl->whole || !arena) {
        return CRL_ENTRY_UNREADABLE;
    }
    return find_entry(crl, cert, arena, ret_since);
}
