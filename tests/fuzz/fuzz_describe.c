/* Describes input to a sink that throws everything away but measures it: whatever the input says,
 * nothing stays open and nothing is told at length. */
#include "base/limits.h"
#include "cms/describe.h"
#include "nss/nss_scope.h"

#include <nss.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 64 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct error *open_value(void *context, const char *name, bool list)
{
    unsigned *depth = context;
    (void)name;
    (void)list;
    if (++*depth > DESCRIBE_DEPTH) {
        abort();
    }
    return NULL;
}

static void close_value(void *context)
{
    unsigned *depth = context;
    if ((*depth)-- == 0) {
        abort();
    }
}

static struct error *add_text(void *context, const char *name, const char *text)
{
    (void)context;
    (void)name;
    if (strlen(text) > TEXT_MAX) {
        abort();
    }
    return NULL;
}

static struct error *add_number(void *context, const char *name, uint64_t number)
{
    (void)context;
    (void)name;
    (void)number;
    return NULL;
}

static struct error *add_flag(void *context, const char *name, bool flag)
{
    (void)context;
    (void)name;
    (void)flag;
    return NULL;
}

static struct error *add_hex(void *context, const char *name, struct bytes octets)
{
    (void)context;
    (void)name;
    if (octets.len > LIMIT_OID) {
        abort();
    }
    return NULL;
}

static struct error *add_time(void *context, const char *name, int64_t seconds)
{
    (void)context;
    (void)name;
    (void)seconds;
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned depth = 0;
    const struct describe_sink sink = { &depth,     open_value, close_value, add_text,
                                        add_number, add_flag,   add_hex,     add_time };
    if (!NSS_IsInitialized() && NSS_NoDB_Init(NULL) != SECSuccess) {
        abort();
    }
    CLEANUP(error_free)
    struct error *error = describe_message((struct bytes){ data, size }, &sink);
    if (!error && depth != 0) {
        abort();
    }
    return 0;
}
