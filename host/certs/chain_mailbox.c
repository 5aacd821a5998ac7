#include "certs/chain_mailbox.h"

#include "certs/match.h"
#include "nss/item.h"
#include "nss/nss_scope.h"

#include <string.h>

/* The A-labels of the domain, where the local part is not ASCII alone: then the address comes from
 * a SmtpUTF8Mailbox. Borrowed from `normal`; NULL for another address. */
static const char *utf8_domain(const char *normal)
{
    bool ascii = true;
    for (; *normal && *normal != '@'; normal++) {
        ascii = ascii && (unsigned char)*normal < 0x80;
    }
    return ascii || !*normal ? NULL : normal + 1;
}

/* RFC 5280 4.2.1.10: "example.org" is that host, ".example.org" all below it, nothing at all every
 * address; one mailbox has an ASCII local part and so is never the one in question. */
static bool covers(struct bytes constraint, struct bytes domain)
{
    if (constraint.len == 0) {
        return true;
    }
    if (constraint.data[0] == '.') {
        return domain.len > constraint.len &&
               bytes_equal_ascii_nocase(
                   bytes_slice(domain, domain.len - constraint.len, constraint.len), constraint);
    }
    return bytes_equal_ascii_nocase(constraint, domain);
}

/* What the addresses of one list say of the domain. */
struct opinion {
    bool any;
    bool covered;
};

static struct opinion ask(CERTNameConstraint *first, struct bytes domain)
{
    struct opinion opinion = { false, false };
    CERTNameConstraint *at = first;
    while (at) {
        if (at->name.type == certRFC822Name) {
            opinion.any = true;
            opinion.covered = opinion.covered || covers(item_bytes(&at->name.name.other), domain);
        }
        at = CERT_GetNextNameConstraint(at);
        if (at == first) {
            break;
        }
    }
    return opinion;
}

static bool ca_permits(const struct cert *ca, struct bytes domain)
{
    CLEANUP(nss_arena_free) PLArenaPool *arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE);
    CERTNameConstraints *constraints = NULL;
    if (!arena ||
        CERT_FindNameConstraintsExten(arena, cert_decoded(ca), &constraints) != SECSuccess) {
        return false;
    }
    if (!constraints) {
        return true;
    }
    struct opinion permitted = ask(constraints->permited, domain);
    struct opinion excluded = ask(constraints->excluded, domain);
    return !excluded.covered && (!permitted.any || permitted.covered);
}

static bool path_permits(const struct cert_list *path, const char *address)
{
    CLEANUP(string_free) char *normal = NULL;
    CLEANUP(error_free) struct error *error = match_normalise(address, &normal);
    if (error) {
        return false;
    }
    /* an address without a normal form matches nobody, so nothing is to be permitted */
    const char *domain = normal ? utf8_domain(normal) : NULL;
    for (size_t i = 1; domain && i < path->count; i++) {
        if (!ca_permits(path->items[i], bytes_of_string(domain))) {
            return false;
        }
    }
    return true;
}

bool chain_mailbox_is_permitted(const struct cert_list *path)
{
    const struct cert *cert = path->items[0];
    for (size_t i = 0; i < cert_address_count(cert); i++) {
        if (!path_permits(path, cert_address(cert, i))) {
            return false;
        }
    }
    return true;
}
