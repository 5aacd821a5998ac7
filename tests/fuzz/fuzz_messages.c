/* Packets between host and helper: what is let pass lies inside the packet and encodes to the same
 * packet again. */
#include "base/limits.h"
#include "remote/messages.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct message message = { 0 };
    struct bytes packet = { data, size };
    struct error *error = message_decode(packet, &message);
    if (!error) {
        CLEANUP(buffer_free) struct buffer *again = NULL;
        error = message_encode(&message, &again);
        if (error || size > LIMIT_REMOTE_PACKET || !bytes_equal(buffer_view(again), packet)) {
            abort();
        }
    }
    error_free(error);
    return 0;
}
