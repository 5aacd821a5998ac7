/* Native messaging frames: a 32-bit length in native byte order, then that many bytes. Both ways,
 * over descriptors that are given; what is in a frame is not looked at here. Nothing else in the
 * program writes to the browser. */
#ifndef SEALPOST_WIRE_FRAME_H
#define SEALPOST_WIRE_FRAME_H

#include "base/mapping.h"

#include <stdbool.h>

struct frame_reader;
struct frame_writer;

/* A reader of `fd`, which is borrowed. For one thread. ERR_NO_MEMORY. */
struct error *frame_reader_new(int fd, struct frame_reader **ret_reader) MUST_USE;
void frame_reader_free(struct frame_reader *reader); /* NULL is fine */
DEFINE_CLEANUP(struct frame_reader *, frame_reader_free);

/* Waits up to `timeout_ms` (-1: for ever) for something to read, the end included. */
bool frame_wait(struct frame_reader *reader, int timeout_ms);

/* The next frame, in memory of its own that the caller owns; NULL at the end, where a frame that
 * breaks off counts as the end (frame_broken_off tells). Memory grows with what arrives, never with
 * the length that was announced. ERR_FRAME_TOO_LARGE: the frame was skipped, the next one can be
 * read. ERR_FRAME_DESYNCHRONISED: nothing more can be read. ERR_NO_MEMORY: as too large. */
struct error *frame_read(struct frame_reader *reader, struct mapping **ret_frame) MUST_USE;

bool frame_broken_off(const struct frame_reader *reader);

/* A writer to `fd`; `peer_fd` is the reader's descriptor, whose hang-up tells that nobody is left.
 * Both are borrowed; `fd` may be blocking. ERR_NO_MEMORY. */
struct error *frame_writer_new(int fd, int peer_fd, struct frame_writer **ret_writer) MUST_USE;
void frame_writer_free(struct frame_writer *writer); /* NULL is fine */
DEFINE_CLEANUP(struct frame_writer *, frame_writer_free);

/* Writes one frame, whole and unmixed with those of other threads; waits as long as the other side
 * is there but slow. ERR_INTERNAL: it is gone, did not read for GRACE_WRITE_MS after hanging up, or
 * the writer was abandoned; from then on every call fails at once. ERR_MESSAGE_TOO_LARGE: over
 * LIMIT_FRAME_OUT, nothing was written. */
struct error *frame_write(struct frame_writer *writer, struct bytes text) MUST_USE;

/* What is not written within GRACE_WRITE_MS from now fails: the end of the program has come. */
void frame_hurry(struct frame_writer *writer);

/* Makes every write fail, those under way within 50 ms. From any thread. */
void frame_abandon(struct frame_writer *writer);

/* Whether the other end of `fd` has been closed, told while data may still wait there. */
bool frame_hung_up(int fd);

#endif
