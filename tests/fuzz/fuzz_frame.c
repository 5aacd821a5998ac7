/* Any stream of bytes is read as frames until it ends, in order and without a byte too many. */
#include "base/limits.h"
#include "wire/frame.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int open_stream(const uint8_t *data, size_t size)
{
    int fd = memfd_create("frames", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0) {
        abort();
    }
    return fd;
}

/* The bytes of the stream that were used; false at its end. */
static bool read_one(struct frame_reader *reader, size_t *used)
{
    CLEANUP(mapping_unref) struct mapping *frame = NULL;
    CLEANUP(error_free) struct error *error = frame_read(reader, &frame);
    if (error) {
        return error_get_code(error) == ERR_FRAME_TOO_LARGE;
    }
    if (!frame) {
        return false;
    }
    *used += sizeof(uint32_t) + mapping_len(frame);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(frame_reader_free) struct frame_reader *reader = NULL;
    int fd = open_stream(data, size);
    struct error *error = frame_reader_new(fd, &reader);
    size_t used = 0;
    while (!error && read_one(reader, &used)) {
    }
    if (used > size) {
        abort();
    }
    error_free(error);
    (void)close(fd);
    return 0;
}
