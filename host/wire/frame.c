#include "wire/frame.h"

#include "base/clock.h"
#include "base/limits.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SKIP_SIZE = 64 * 1024, /* bytes of a frame that is too large are read in pieces of this */
    WRITE_TICK_MS = 50, /* how often a waiting writer looks whether it still should */
};

#define READ_STEP (1 * MIB)

struct frame_reader {
    int fd;
    bool broken_off;
    uint8_t skipped[SKIP_SIZE];
};

struct frame_writer {
    int fd;
    int peer_fd;
    pthread_mutex_t lock; /* one frame at a time */
    atomic_bool abandoned;
    atomic_ullong deadline_ms; /* after which a write that waits fails; 0: none */
};

struct error *frame_reader_new(int fd, struct frame_reader **ret_reader)
{
    struct frame_reader *reader = calloc(1, sizeof(*reader));
    if (!reader) {
        return error_no_memory();
    }
    reader->fd = fd;
    *ret_reader = reader;
    return NULL;
}

void frame_reader_free(struct frame_reader *reader)
{
    if (reader) {
        explicit_bzero(reader->skipped, sizeof(reader->skipped));
    }
    free(reader);
}

bool frame_wait(struct frame_reader *reader, int timeout_ms)
{
    struct pollfd wanted = { .fd = reader->fd, .events = POLLIN };
    int ready = poll(&wanted, 1, timeout_ms);
    /* an interrupted poll is a wait that was short; every other failure shows in read() */
    return ready > 0 || (ready < 0 && errno != EINTR);
}

/* Reads up to `len` bytes, fewer only at the end of the stream. A read error is the end, too: the
 * other side can't be heard any more. */
static size_t read_fully(int fd, uint8_t *target, size_t len)
{
    size_t done = 0;
    while (done < len) {
        ssize_t count = read(fd, target + done, len - done);
        if (count > 0) {
            done += (size_t)count;
        } else if (count < 0 && errno == EAGAIN) {
            struct pollfd wanted = { .fd = fd, .events = POLLIN };
            (void)poll(&wanted, 1, -1);
        } else if (count == 0 || errno != EINTR) {
            break;
        }
    }
    return done;
}

static struct error *skip(struct frame_reader *reader, size_t len, struct error *reason)
{
    while (len > 0) {
        size_t step = len < SKIP_SIZE ? len : SKIP_SIZE;
        if (read_fully(reader->fd, reader->skipped, step) < step) {
            reader->broken_off = true;
            break;
        }
        len -= step;
    }
    return reason;
}

static struct error *read_body(struct frame_reader *reader, size_t len, struct mapping **ret_frame)
{
    CLEANUP(mapping_unref) struct mapping *frame = NULL;
    struct error *error = mapping_new(len > 0 ? len : 1, &frame);
    size_t done = 0;
    while (!error && done < len) {
        size_t step = len - done < READ_STEP ? len - done : READ_STEP;
        uint8_t *tail = NULL;
        error = mapping_extend(frame, step, &tail);
        if (error) {
            break;
        }
        if (read_fully(reader->fd, tail, step) < step) {
            reader->broken_off = true;
            return NULL;
        }
        done += step;
    }
    if (error) {
        return skip(reader, len - done, error);
    }
    *ret_frame = TAKE_PTR(frame);
    return NULL;
}

struct error *frame_read(struct frame_reader *reader, struct mapping **ret_frame)
{
    *ret_frame = NULL;
    uint32_t len = 0;
    size_t count = read_fully(reader->fd, (uint8_t *)&len, sizeof(len));
    if (count < sizeof(len)) {
        reader->broken_off = reader->broken_off || count > 0;
        return NULL;
    }
    if (len > LIMIT_FRAME_DESYNCHRONISED) {
        return error_new(ERR_FRAME_DESYNCHRONISED, "a frame of %u bytes was announced", len);
    }
    if (len > LIMIT_FRAME_IN) {
        return skip(reader, len,
                    error_new(ERR_FRAME_TOO_LARGE, "a frame may have %zu bytes, this one has %u",
                              LIMIT_FRAME_IN, len));
    }
    return read_body(reader, len, ret_frame);
}

bool frame_broken_off(const struct frame_reader *reader)
{
    return reader->broken_off;
}

struct error *frame_writer_new(int fd, int peer_fd, struct frame_writer **ret_writer)
{
    struct frame_writer *writer = calloc(1, sizeof(*writer));
    if (!writer) {
        return error_no_memory();
    }
    writer->fd = fd;
    writer->peer_fd = peer_fd;
    atomic_init(&writer->abandoned, false);
    atomic_init(&writer->deadline_ms, 0);
    (void)pthread_mutex_init(&writer->lock, NULL);
    *ret_writer = writer;
    return NULL;
}

void frame_writer_free(struct frame_writer *writer)
{
    if (writer) {
        (void)pthread_mutex_destroy(&writer->lock);
        free(writer);
    }
}

bool frame_hung_up(int fd)
{
    /* a socket's other end may shut down its sending side alone: POLLRDHUP */
    struct pollfd peer = { .fd = fd, .events = POLLRDHUP };
    return poll(&peer, 1, 0) > 0 && (peer.revents & (POLLHUP | POLLRDHUP | POLLERR)) != 0;
}

void frame_hurry(struct frame_writer *writer)
{
    unsigned long long none = 0;
    (void)atomic_compare_exchange_strong(&writer->deadline_ms, &none,
                                         clock_monotonic_ms() + GRACE_WRITE_MS);
}

static bool is_late(struct frame_writer *writer)
{
    unsigned long long deadline = atomic_load(&writer->deadline_ms);
    return deadline != 0 && clock_monotonic_ms() > deadline;
}

/* Waits until `fd` takes PIPE_BUF bytes without blocking. */
static struct error *wait_writable(struct frame_writer *writer)
{
    while (!atomic_load(&writer->abandoned)) {
        struct pollfd wanted = { .fd = writer->fd, .events = POLLOUT };
        if (poll(&wanted, 1, WRITE_TICK_MS) > 0) {
            return NULL;
        }
        if (frame_hung_up(writer->peer_fd)) {
            frame_hurry(writer);
        }
        if (is_late(writer)) {
            break;
        }
    }
    return error_new(ERR_INTERNAL, "nobody reads the answers any more");
}

static struct error *write_fully(struct frame_writer *writer, struct bytes bytes)
{
    size_t done = 0;
    while (done < bytes.len) {
        TRY(wait_writable(writer));
        /* POSIX: a pipe that polls writable takes PIPE_BUF bytes at once, so that even a blocking
         * descriptor never holds this thread longer than a tick */
        size_t step = bytes.len - done < PIPE_BUF ? bytes.len - done : PIPE_BUF;
        ssize_t count = write(writer->fd, bytes.data + done, step);
        if (count >= 0) {
            done += (size_t)count;
        } else if (errno != EINTR && errno != EAGAIN) {
            return error_new_errno(errno, "cannot write to the browser");
        }
    }
    return NULL;
}

static struct error *write_locked(struct frame_writer *writer, struct bytes text)
{
    if (atomic_load(&writer->abandoned)) {
        return error_new(ERR_INTERNAL, "nobody reads the answers any more");
    }
    uint32_t len = (uint32_t)text.len;
    struct bytes header = { (const uint8_t *)&len, sizeof(len) };
    struct error *error = write_fully(writer, header);
    if (!error) {
        error = write_fully(writer, text);
    }
    if (error) {
        /* half a frame may be out: nothing that follows could be understood */
        frame_abandon(writer);
    }
    return error;
}

struct error *frame_write(struct frame_writer *writer, struct bytes text)
{
    if (text.len > LIMIT_FRAME_OUT) {
        return error_new(ERR_MESSAGE_TOO_LARGE, "an answer of %zu bytes fits in no frame",
                         text.len);
    }
    (void)pthread_mutex_lock(&writer->lock);
    struct error *error = write_locked(writer, text);
    (void)pthread_mutex_unlock(&writer->lock);
    return error;
}

void frame_abandon(struct frame_writer *writer)
{
    atomic_store(&writer->abandoned, true);
}
