#include "certs/cert_names.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "nss/item.h"
#include "nss/nss_scope.h"

#include <secder.h>
#include <stdlib.h>
#include <string.h>

/* id-on-SmtpUTF8Mailbox, 1.3.6.1.5.5.7.8.9 (RFC 9598 section 3) */
static const uint8_t smtp_utf8_mailbox[] = { 0x2b, 6, 1, 5, 5, 7, 8, 9 };

struct error *cert_names_text(struct CERTNameStr *name, char **ret_text)
{
    char *text = CERT_NameToAscii(name);
    struct error *error = utf8_sanitise(bytes_of_string(text), ret_text);
    PORT_Free(text);
    return error;
}

bool cert_names_equal(struct CERTNameStr *a, struct bytes a_der, struct CERTNameStr *b,
                      struct bytes b_der)
{
    if (bytes_equal(a_der, b_der)) {
        return true;
    }
    return a_der.len <= LIMIT_NAME && b_der.len <= LIMIT_NAME && CERT_CompareName(a, b) == SECEqual;
}

/* Usable as an address: well-formed UTF-8 with something around an @ and no NUL, control character
 * or space, by which "alice@example.org\0.evil.example" and its like are told. */
static bool is_address(struct bytes text)
{
    size_t at = bytes_find(text, BYTES_LITERAL("@"));
    if (at == SIZE_MAX || at == 0 || at + 1 == text.len || !utf8_valid(text)) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        bool c1 = text.data[i] == 0xc2 && i + 1 < text.len && text.data[i + 1] < 0xa0;
        if (text.data[i] <= 0x20 || text.data[i] == 0x7f || c1) {
            return false;
        }
    }
    return true;
}

static bool is_ascii(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

static struct error *add(struct cert_addresses *addresses, struct bytes text)
{
    if (!is_address(text) || addresses->count >= LIMIT_CERT_ADDRESSES) {
        return NULL;
    }
    char **items = realloc(addresses->items, (addresses->count + 1) * sizeof *items);
    if (!items) {
        return error_no_memory();
    }
    addresses->items = items;
    TRY(bytes_to_string(text, &items[addresses->count]));
    addresses->count++;
    return NULL;
}

/* RFC 9598 3: a UTF8String whose local part is not ASCII alone (else it must be an rfc822Name, on
 * which every verifier's name constraints work). */
static struct error *add_smtp_utf8(struct cert_addresses *addresses, PLArenaPool *arena,
                                   const SECItem *encoded)
{
    SECItem text = { .type = siBuffer };
    if (SEC_QuickDERDecodeItem(arena, &text, SEC_UTF8StringTemplate, encoded) != SECSuccess) {
        return NULL;
    }
    struct bytes whole = item_bytes(&text);
    size_t at = bytes_find(whole, BYTES_LITERAL("@"));
    if (at == SIZE_MAX || is_ascii(bytes_slice(whole, 0, at))) {
        return NULL;
    }
    return add(addresses, whole);
}

static struct error *add_general_name(struct cert_addresses *addresses, PLArenaPool *arena,
                                      const CERTGeneralName *name, bool *is_mail)
{
    struct bytes oid = { smtp_utf8_mailbox, sizeof smtp_utf8_mailbox };
    if (name->type == certRFC822Name) {
        struct bytes text = item_bytes(&name->name.other);
        *is_mail = true;
        return is_ascii(text) ? add(addresses, text) : NULL;
    }
    if (name->type == certOtherName && bytes_equal(item_bytes(&name->name.OthName.oid), oid)) {
        *is_mail = true;
        return add_smtp_utf8(addresses, arena, &name->name.OthName.name);
    }
    return NULL;
}

/* `ret_any` tells whether a name meant for mail was there at all, usable or not. */
static struct error *add_alternative_names(struct cert_addresses *addresses, PLArenaPool *arena,
                                           CERTCertificate *certificate, bool *ret_any)
{
    SECItem extension = { .type = siBuffer };
    if (CERT_FindCertExtension(certificate, SEC_OID_X509_SUBJECT_ALT_NAME, &extension) !=
        SECSuccess) {
        return NULL;
    }
    CERTGeneralName *first = CERT_DecodeAltNameExtension(arena, &extension);
    SECITEM_FreeItem(&extension, PR_FALSE);
    if (!first) {
        *ret_any = true; /* what can't be read must not be replaced by something weaker */
        return NULL;
    }
    CERTGeneralName *name = first;
    do {
        TRY(add_general_name(addresses, arena, name, ret_any));
        name = CERT_GetNextGeneralName(name);
    } while (name && name != first);
    return NULL;
}

/* PKCS #9 emailAddress is an IA5String (RFC 8550 3: receivers must recognise it). */
static struct error *add_subject_ava(struct cert_addresses *addresses, CERTAVA *ava)
{
    if (CERT_GetAVATag(ava) != SEC_OID_PKCS9_EMAIL_ADDRESS) {
        return NULL;
    }
    CLEANUP(nss_item_free) SECItem *value = CERT_DecodeAVAValue(&ava->value);
    struct bytes text = item_bytes(value);
    return is_ascii(text) ? add(addresses, text) : NULL;
}

static struct error *add_subject(struct cert_addresses *addresses, CERTRDN **rdns)
{
    for (CERTRDN **rdn = rdns; rdn && *rdn; rdn++) {
        for (CERTAVA **ava = (*rdn)->avas; ava && *ava; ava++) {
            TRY(add_subject_ava(addresses, *ava));
        }
    }
    return NULL;
}

struct error *cert_names_addresses(struct CERTCertificateStr *certificate,
                                   struct cert_addresses *addresses)
{
    CLEANUP(nss_arena_free) PLArenaPool *arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE);
    if (!arena) {
        return error_no_memory();
    }
    bool any = false;
    TRY(add_alternative_names(addresses, arena, certificate, &any));
    return any ? NULL : add_subject(addresses, certificate->subject.rdns);
}

void cert_names_done(struct cert_addresses *addresses)
{
    for (size_t i = 0; i < addresses->count; i++) {
        free(addresses->items[i]);
    }
    free((void *)addresses->items);
    *addresses = (struct cert_addresses){ 0 };
}
