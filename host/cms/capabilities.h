/* What can be done here and now: asked of the tokens, and of the NSS that was found at run time,
 * which may be a newer one than that of the headers. NSS is running. */
#ifndef SEALPOST_CMS_CAPABILITIES_H
#define SEALPOST_CMS_CAPABILITIES_H

#include "base/error.h"

#include <stdbool.h>

/* For host.hello: calls `add` with each name of a group. Groups: "digest", "sign", "verify",
 * "keyTransport", "keyAgreement", "kek", "password", "encrypt", "decrypt". Hands on the error of
 * `add`. */
typedef struct error *capabilities_fn(void *context, const char *group, const char *name);
struct error *capabilities_list(capabilities_fn *add, void *context) MUST_USE;

/* Whether NSS reads keys of these kinds (RFC 8410), which 3.87 does not, and softoken computes with
 * them. */
bool capabilities_ed25519(void);
bool capabilities_x25519(void);

#endif
