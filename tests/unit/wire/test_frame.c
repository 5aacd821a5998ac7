#include "base/clock.h"
#include "base/limits.h"
#include "support/support.h"
#include "wire/frame.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct ends {
    int from;
    int to;
};

static struct ends open_pipe(void)
{
    int fds[2] = { -1, -1 };
    cr_assert_eq(pipe(fds), 0);
    return (struct ends){ fds[0], fds[1] };
}

static void put(int fd, const void *data, size_t len)
{
    cr_assert_eq(write(fd, data, len), (ssize_t)len);
}

static void put_length(int fd, uint32_t length)
{
    put(fd, &length, sizeof(length));
}

static struct frame_reader *new_reader(int fd)
{
    struct frame_reader *reader = NULL;
    assert_ok(frame_reader_new(fd, &reader));
    return reader;
}

static void assert_frame(struct frame_reader *reader, struct bytes wanted)
{
    CLEANUP(mapping_unref) struct mapping *frame = NULL;
    assert_ok(frame_read(reader, &frame));
    cr_assert_not_null(frame);
    cr_assert(bytes_equal(mapping_view(frame), wanted));
}

static void assert_end(struct frame_reader *reader, bool broken_off)
{
    struct mapping *frame = NULL;
    assert_ok(frame_read(reader, &frame));
    cr_assert_null(frame);
    cr_assert_eq(frame_broken_off(reader), broken_off);
}

Test(frame_read, tells_the_end)
{
    struct ends ends = open_pipe();
    CLEANUP(frame_reader_free) struct frame_reader *reader = new_reader(ends.from);
    (void)close(ends.to);
    assert_end(reader, false);
}

Test(frame_read, tells_a_length_that_breaks_off)
{
    struct ends ends = open_pipe();
    CLEANUP(frame_reader_free) struct frame_reader *reader = new_reader(ends.from);
    put(ends.to, "\x05\x00", 2);
    (void)close(ends.to);
    assert_end(reader, true);
}

Test(frame_read, tells_a_frame_that_breaks_off)
{
    struct ends ends = open_pipe();
    CLEANUP(frame_reader_free) struct frame_reader *reader = new_reader(ends.from);
    put_length(ends.to, 100);
    put(ends.to, "{}", 2);
    (void)close(ends.to);
    assert_end(reader, true);
}

Test(frame_read, reads_frames_one_by_one)
{
    struct ends ends = open_pipe();
    CLEANUP(frame_reader_free) struct frame_reader *reader = new_reader(ends.from);
    put_length(ends.to, 2);
    put(ends.to, "{}", 2);
    put_length(ends.to, 0);
    put_length(ends.to, 3);
    put(ends.to, "abc", 3);
    (void)close(ends.to);
    assert_frame(reader, BYTES_LITERAL("{}"));
    assert_frame(reader, BYTES_LITERAL(""));
    assert_frame(reader, BYTES_LITERAL("abc"));
    assert_end(reader, false);
}

Test(frame_read, refuses_stray_bytes_as_a_length)
{
    static const uint32_t lengths[] = { 0x40000001, 0x7fffffff, 0xffffffff,
                                        0x20202020 + 0x40000000 };
    for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
        struct ends ends = open_pipe();
        CLEANUP(frame_reader_free) struct frame_reader *reader = new_reader(ends.from);
        struct mapping *frame = NULL;
        put_length(ends.to, lengths[i]);
        assert_error(frame_read(reader, &frame), ERR_FRAME_DESYNCHRONISED);
        cr_assert_null(frame);
    }
}

struct feeder {
    int fd;
    uint32_t announced;
    size_t sent;
    const char *then; /* a small frame behind it; NULL: none */
};

static void *feed(void *context)
{
    const struct feeder *feeder = context;
    static const uint8_t piece[64 * 1024] = { 0 };
    put_length(feeder->fd, feeder->announced);
    for (size_t done = 0; done < feeder->sent;) {
        size_t step = feeder->sent - done < sizeof(piece) ? feeder->sent - done : sizeof(piece);
        ssize_t count = write(feeder->fd, piece, step);
        if (count < 0) {
            break;
        }
        done += (size_t)count;
    }
    if (feeder->then) {
        put_length(feeder->fd, (uint32_t)strlen(feeder->then));
        put(feeder->fd, feeder->then, strlen(feeder->then));
    }
    (void)close(feeder->fd);
    return NULL;
}

/* Bytes of this process that are in memory now. */
static size_t resident(void)
{
    size_t total = 0;
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    cr_assert_not_null(file);
    cr_assert_eq(fscanf(file, "%zu %zu", &total, &pages), 2);
    (void)fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static pthread_t start_feeder(struct feeder *feeder)
{
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, feed, feeder), 0);
    return thread;
}

Test(frame_read, skips_a_frame_over_the_limit_in_bounded_memory)
{
    struct ends ends = open_pipe();
    CLEANUP(frame_reader_free) struct frame_reader *reader = new_reader(ends.from);
    struct feeder feeder = { ends.to, LIMIT_FRAME_IN + 1, LIMIT_FRAME_IN + 1, "next" };
    struct mapping *frame = NULL;
    size_t before = resident();
    pthread_t thread = start_feeder(&feeder);
    assert_error(frame_read(reader, &frame), ERR_FRAME_TOO_LARGE);
    cr_assert_lt(resident(), before + 4 * MIB);
    assert_frame(reader, BYTES_LITERAL("next"));
    assert_end(reader, false);
    (void)pthread_join(thread, NULL);
}

Test(frame_read, reads_a_frame_at_the_limit_and_gives_its_memory_back)
{
    struct ends ends = open_pipe();
    CLEANUP(frame_reader_free) struct frame_reader *reader = new_reader(ends.from);
    struct feeder feeder = { ends.to, LIMIT_FRAME_IN, LIMIT_FRAME_IN, "next" };
    size_t before = resident();
    pthread_t thread = start_feeder(&feeder);
    struct mapping *frame = NULL;
    assert_ok(frame_read(reader, &frame));
    cr_assert_eq(mapping_len(frame), LIMIT_FRAME_IN);
    mapping_unref(frame);
    cr_assert_lt(resident(), before + 4 * MIB);
    assert_frame(reader, BYTES_LITERAL("next"));
    (void)pthread_join(thread, NULL);
}

Test(frame_read, takes_no_memory_for_bytes_that_never_come)
{
    struct ends ends = open_pipe();
    CLEANUP(frame_reader_free) struct frame_reader *reader = new_reader(ends.from);
    struct feeder feeder = { ends.to, LIMIT_FRAME_IN, 1000, NULL };
    size_t before = resident();
    pthread_t thread = start_feeder(&feeder);
    assert_end(reader, true);
    cr_assert_lt(resident(), before + 4 * MIB);
    (void)pthread_join(thread, NULL);
}

Test(frame_wait, tells_data_and_the_end)
{
    struct ends ends = open_pipe();
    CLEANUP(frame_reader_free) struct frame_reader *reader = new_reader(ends.from);
    cr_assert_not(frame_wait(reader, 10));
    put_length(ends.to, 0);
    cr_assert(frame_wait(reader, 10));
    assert_frame(reader, BYTES_NONE);
    cr_assert_not(frame_wait(reader, 10));
    (void)close(ends.to);
    cr_assert(frame_wait(reader, 10));
}

Test(frame_hung_up, is_told_while_data_waits)
{
    struct ends ends = open_pipe();
    put(ends.to, "x", 1);
    cr_assert_not(frame_hung_up(ends.from));
    (void)close(ends.to);
    cr_assert(frame_hung_up(ends.from));
}

Test(frame_hung_up, works_for_sockets)
{
    int fds[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    cr_assert_not(frame_hung_up(fds[0]));
    put(fds[1], "x", 1);
    cr_assert_eq(shutdown(fds[1], SHUT_WR), 0);
    cr_assert(frame_hung_up(fds[0]));
}

Test(frame_write, refuses_one_byte_over_the_limit)
{
    struct ends out = open_pipe();
    struct ends in = open_pipe();
    CLEANUP(frame_writer_free) struct frame_writer *writer = NULL;
    CLEANUP(mapping_unref) struct mapping *text = NULL;
    uint8_t *tail = NULL;
    assert_ok(mapping_new(LIMIT_FRAME_OUT + 1, &text));
    assert_ok(mapping_extend(text, LIMIT_FRAME_OUT + 1, &tail));
    assert_ok(frame_writer_new(out.to, in.from, &writer));
    assert_error(frame_write(writer, mapping_view(text)), ERR_MESSAGE_TOO_LARGE);
    assert_ok(frame_write(writer, BYTES_LITERAL("still good")));
    CLEANUP(frame_reader_free) struct frame_reader *reader = new_reader(out.from);
    assert_frame(reader, BYTES_LITERAL("still good"));
}

struct writing {
    struct frame_writer *writer;
    uint8_t filler;
    size_t frames;
    size_t size;
};

static void *write_many(void *context)
{
    const struct writing *writing = context;
    static __thread uint8_t text[LIMIT_FRAME_OUT];
    memset(text, writing->filler, sizeof(text));
    for (size_t i = 0; i < writing->frames; i++) {
        assert_ok(frame_write(writing->writer, (struct bytes){ text, writing->size }));
    }
    return NULL;
}

Test(frame_write, never_mixes_frames_of_several_threads)
{
    struct ends out = open_pipe();
    struct ends in = open_pipe();
    CLEANUP(frame_writer_free) struct frame_writer *writer = NULL;
    CLEANUP(frame_reader_free) struct frame_reader *reader = new_reader(out.from);
    assert_ok(frame_writer_new(out.to, in.from, &writer));
    struct writing writings[3] = { { writer, 'a', 5, LIMIT_FRAME_OUT },
                                   { writer, 'b', 20, 100000 },
                                   { writer, 'c', 50, 10 } };
    pthread_t threads[3];
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, write_many, &writings[i]), 0);
    }
    for (size_t i = 0; i < 75; i++) {
        CLEANUP(mapping_unref) struct mapping *frame = NULL;
        assert_ok(frame_read(reader, &frame));
        const uint8_t *data = mapping_data(frame);
        cr_assert_eq(mapping_len(frame), writings[data[0] - 'a'].size);
        cr_assert_eq(memcmp(data, data + 1, mapping_len(frame) - 1), 0);
    }
    for (size_t i = 0; i < 3; i++) {
        (void)pthread_join(threads[i], NULL);
    }
}

Test(frame_write, fails_for_good_when_the_reader_has_gone)
{
    struct ends out = open_pipe();
    struct ends in = open_pipe();
    CLEANUP(frame_writer_free) struct frame_writer *writer = NULL;
    (void)signal(SIGPIPE, SIG_IGN);
    assert_ok(frame_writer_new(out.to, in.from, &writer));
    (void)close(out.from);
    assert_error(frame_write(writer, BYTES_LITERAL("x")), ERR_INTERNAL);
    assert_error(frame_write(writer, BYTES_LITERAL("x")), ERR_INTERNAL);
}

/* Fills a pipe that nobody reads; milliseconds until the write gave up. */
static uint64_t time_blocked_write(struct frame_writer *writer)
{
    static uint8_t text[LIMIT_FRAME_OUT];
    uint64_t start = clock_monotonic_ms();
    assert_error(frame_write(writer, (struct bytes){ text, sizeof(text) }), ERR_INTERNAL);
    return clock_monotonic_ms() - start;
}

Test(frame_write, gives_up_when_the_other_side_hung_up_and_does_not_read)
{
    struct ends out = open_pipe();
    struct ends in = open_pipe();
    CLEANUP(frame_writer_free) struct frame_writer *writer = NULL;
    assert_ok(frame_writer_new(out.to, in.from, &writer));
    (void)close(in.to);
    uint64_t waited = time_blocked_write(writer);
    cr_assert_geq(waited, GRACE_WRITE_MS);
    cr_assert_lt(waited, GRACE_WRITE_MS + 300);
}

static void *abandon_soon(void *writer)
{
    (void)usleep(100000);
    frame_abandon(writer);
    return NULL;
}

Test(frame_write, waits_for_a_slow_reader_until_abandoned)
{
    struct ends out = open_pipe();
    struct ends in = open_pipe();
    CLEANUP(frame_writer_free) struct frame_writer *writer = NULL;
    pthread_t thread;
    assert_ok(frame_writer_new(out.to, in.from, &writer));
    cr_assert_eq(pthread_create(&thread, NULL, abandon_soon, writer), 0);
    uint64_t waited = time_blocked_write(writer);
    cr_assert_geq(waited, 100);
    cr_assert_lt(waited, 400);
    (void)pthread_join(thread, NULL);
}
