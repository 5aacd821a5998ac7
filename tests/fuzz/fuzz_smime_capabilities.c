/* Reads input as SMIMECapabilities; what is not known must say nothing. */
#include "cms/smime_capabilities.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct smime_capabilities seen = smime_capabilities_read((struct bytes){ data, size });
    if (!seen.known && (seen.ciphers != 0 || seen.oaep != 0)) {
        abort();
    }
    return 0;
}
