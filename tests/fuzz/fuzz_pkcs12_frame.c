/* Fuzzes the walk over a PKCS#12 file that comes before NSS's decoder. */
#include "store/pkcs12_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    error_free(pkcs12_frame_check((struct bytes){ data, size }));
    return 0;
}
