/* What a correspondent's mail program says that it can read: SMIMECapabilities (RFC 8551 2.5.2), as
 * far as it matters for encrypting to him. Reads and finds them; what follows from them is
 * mail/cipher_choice.h's business. They are wishes, never proof: nothing weak follows from them. */
#ifndef SEALPOST_CMS_SMIME_CAPABILITIES_H
#define SEALPOST_CMS_SMIME_CAPABILITIES_H

#include "cms/algorithms.h"

#include <stdbool.h>

struct cert;
struct smime_profiles;

/* Plain data; zero-initialised: nothing is known. */
struct smime_capabilities {
    bool known;
    unsigned ciphers; /* bit n: enum cms_cipher n */
    unsigned oaep; /* bit n: RSAES-OAEP with enum cms_digest n as its digest and in its mask */
};

/* Reads the DER of a SMIMECapabilities list. What can't be read, has more than LIMIT_CAPABILITIES
 * members or more than LIMIT_CAPABILITIES_SIZE bytes, counts as not known; so does an empty list.
 * Members that are not known here, and those in a form of their own, are passed over. */
struct smime_capabilities smime_capabilities_read(struct bytes der);

/* What is known of the holder of `cert`: what he announced in a signed message, which NSS keeps in
 * the databases as his S/MIME profile, else the extension of his certificate (RFC 4262). This is
 * the place that answers for every source of capabilities. `profiles` may be NULL: there are none.
 */
struct smime_capabilities smime_capabilities_of(const struct cert *cert,
                                                const struct smime_profiles *profiles);

#endif
