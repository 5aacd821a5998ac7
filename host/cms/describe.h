/* What a CMS message is made of, told to a sink value by value: types, versions, algorithms,
 * signers, recipients, counts and sizes. Nothing is checked, decrypted or looked up; no key and no
 * database is touched, and no content is told. */
#ifndef SEALPOST_CMS_DESCRIBE_H
#define SEALPOST_CMS_DESCRIBE_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

/* Where it is told to: a tree of objects and lists, at most DESCRIBE_DEPTH deep below the object
 * that the caller has opened himself. `name` is static, NULL for an item of a list. Errors are
 * handed on. */
enum { DESCRIBE_DEPTH = 6 };
struct describe_sink {
    void *context;
    struct error *(*open)(void *context, const char *name, bool list);
    void (*close)(void *context);
    struct error *(*text)(void *context, const char *name, const char *text);
    struct error *(*number)(void *context, const char *name, uint64_t number);
    struct error *(*flag)(void *context, const char *name, bool flag);
    struct error *(*hex)(void *context, const char *name, struct bytes octets);
    struct error *(*time)(void *context, const char *name, int64_t seconds);
};

/* Describes one ContentInfo, DER or BER, in the words of PROTOCOL.md (cms.describe). A type that is
 * not SignedData, EnvelopedData, AuthEnvelopedData or CompressedData is told by its name alone.
 * Lists end after LIMIT_DESCRIBED items; the counts beside them tell the rest. NSS is running.
 * ERR_CMS_MALFORMED where the structure can't be read, also behind what was told already;
 * ERR_NO_MEMORY; errors of the sink. */
struct error *describe_message(struct bytes input, const struct describe_sink *sink) MUST_USE;

#endif
