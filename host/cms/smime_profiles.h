/* The S/MIME profiles of the databases: what correspondents announced in signed messages, as NSS's
 * mail code (Thunderbird, Evolution) keeps it. Read at once for one message that is made.
 *
 * NSS's own look-up, CERT_FindSMimeProfile, finds none of them: it stores the address with its NUL
 * and looks for it without (measured with 3.87 on SQLite databases). */
#ifndef SEALPOST_CMS_SMIME_PROFILES_H
#define SEALPOST_CMS_SMIME_PROFILES_H

#include "cms/smime_capabilities.h"

struct smime_profiles;

/* Reads `limit` (LIMIT_PROFILES) of them at most; those that can't be read are passed over. NSS is
 * running; nothing is asked for a login. ERR_NO_MEMORY. */
struct error *smime_profiles_new(size_t limit, struct smime_profiles **ret_profiles) MUST_USE;
void smime_profiles_free(struct smime_profiles *profiles); /* NULL is fine */
DEFINE_CLEANUP(struct smime_profiles *, smime_profiles_free);

/* The profile of one of the addresses of `cert`, that of its very subject before others. */
struct smime_capabilities smime_profiles_find(const struct smime_profiles *profiles,
                                              const struct cert *cert);

#endif
