/* Reads input as BER, value by value, strings as strings; and as armour around it. */
#include "cms/ber.h"
#include "cms/content_info.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Goes down one way and along the row there. */
static void walk(struct ber_reader reader)
{
    while (!ber_at_end(&reader)) {
        struct ber_value value = { 0 };
        struct ber_string string = { 0 };
        struct ber_string_iterator iterator = { 0 };
        struct ber_reader again = reader;
        struct bytes segment = BYTES_NONE;
        size_t len = 0;
        int64_t seconds = 0;
        CLEANUP(error_free) struct error *error = ber_next(&reader, &value);
        if (error) {
            return;
        }
        struct ber_reader for_time = again;
        error_free(ber_time(&for_time, &seconds));
        CLEANUP(error_free)
        struct error *no_string =
            ber_string(&again, value.tag & ~(unsigned)BER_CONSTRUCTED, &string);
        while (!no_string && ber_string_next(&string, &iterator, &segment)) {
            len += segment.len;
        }
        if (!no_string && len != string.len) {
            abort();
        }
        if (value.tag & BER_CONSTRUCTED) {
            reader = ber_reader_in(&value);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = { data, size };
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    struct bytes ber = input;
    error_free(content_info_unarmour(input, &mapping, &ber));
    walk(ber_reader_of(ber));
    return 0;
}
