/* Expands input as CompressedData: never more than there is room for. */
#include "cms/compressed.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(mapping_unref) struct mapping *content = NULL;
    CLEANUP(error_free)
    struct error *error = compressed_open((struct bytes){ data, size }, ROOM, NULL, &content);
    if (!error && mapping_len(content) > ROOM) {
        abort();
    }
    return 0;
}
