/* Message digests over slices, several at a time in one pass. */
#ifndef SEALPOST_CMS_SIGNED_DIGEST_H
#define SEALPOST_CMS_SIGNED_DIGEST_H

#include "base/task.h"
#include "cms/algorithms.h"

enum { SIGNED_DIGEST_COUNT = CMS_SHA512 + 1, SIGNED_DIGEST_MAX = 64 /* bytes */ };

/* One pass: the digests being computed, by enum cms_digest. */
struct signed_digest;

/* A pass for the digests whose place in `wanted` is true; one that no token can compute is left
 * out. `total` is what progress is told against, in bytes; `task` (may be NULL) is borrowed.
 * ERR_NO_MEMORY. */
struct error *signed_digest_new(const bool wanted[static SIGNED_DIGEST_COUNT], size_t total,
                                struct task *task, struct signed_digest **ret_digest) MUST_USE;
void signed_digest_free(struct signed_digest *digest); /* NULL is fine */
DEFINE_CLEANUP(struct signed_digest *, signed_digest_free);

/* Takes more input, asking the task in between. ERR_CANCELLED, ERR_INTERNAL. */
struct error *signed_digest_add(struct signed_digest *digest, struct bytes input) MUST_USE;

/* Ends one digest: writes its length (see cms_digest_info) of bytes. `ret_there` is false where it
 * was not wanted or could not be computed. ERR_INTERNAL. */
struct error *signed_digest_end(struct signed_digest *digest, enum cms_digest which,
                                uint8_t value[static SIGNED_DIGEST_MAX], bool *ret_there) MUST_USE;

/* All at once, of one short input. ERR_INTERNAL, also where no token can; ERR_NO_MEMORY. */
struct error *signed_digest_hash(enum cms_digest which, struct bytes input,
                                 uint8_t value[static SIGNED_DIGEST_MAX]) MUST_USE;

#endif
