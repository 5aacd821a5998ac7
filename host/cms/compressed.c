#include "cms/compressed.h"

#include "base/limits.h"
#include "cms/content_info.h"

#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST /* input stays unchanged */
#include <zlib.h>

enum { CHUNK = 64 * 1024 };

/* RFC 3274 2: id-alg-zlibCompress */
static const uint8_t oid_zlib[] = {
    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x03, 0x08
};

/* One expansion on its way. */
struct expansion {
    z_stream stream;
    bool ended; /* zlib's end mark and checksum were there */
    struct mapping *target;
    size_t most; /* bytes */
    struct task *task;
    uint8_t chunk[CHUNK];
};

static void expansion_free(struct expansion *expansion)
{
    if (expansion) {
        inflateEnd(&expansion->stream);
        explicit_bzero(expansion->chunk, sizeof(expansion->chunk)); /* may have been encrypted */
        free(expansion);
    }
}
DEFINE_CLEANUP(struct expansion *, expansion_free);

/* CompressedData ::= SEQUENCE { version, compressionAlgorithm, encapContentInfo } (RFC 3274 1.1) */
static struct error *read_message(struct ber_reader *outer, struct ber_string *ret_content)
{
    struct ber_value value;
    uint64_t version = 0;
    struct bytes oid = BYTES_NONE;
    TRY(ber_expect(outer, BER_SEQUENCE, &value));
    struct ber_reader reader = ber_reader_in(&value);
    TRY(ber_small_integer(&reader, &version));
    TRY(ber_expect(&reader, BER_SEQUENCE, &value));
    struct ber_reader algorithm = ber_reader_in(&value);
    TRY(ber_oid(&algorithm, &oid));
    if (!bytes_equal(oid, (struct bytes){ oid_zlib, sizeof(oid_zlib) })) {
        return error_new(ERR_CMS_UNSUPPORTED, "the content is not compressed with zlib");
    }
    TRY(ber_expect(&reader, BER_SEQUENCE, &value));
    TRY(ber_expect_end(&reader));
    struct ber_reader content = ber_reader_in(&value);
    TRY(ber_oid(&content, &oid)); /* any: what is inside is looked at when it is out */
    TRY(ber_expect(&content, BER_CONTEXT_CONSTRUCTED, &value));
    TRY(ber_expect_end(&content));
    content = ber_reader_in(&value);
    TRY(ber_string(&content, BER_OCTET_STRING, ret_content));
    return ber_expect_end(&content);
}

static size_t most_of(size_t compressed, size_t room)
{
    size_t by_ratio = compressed > SIZE_MAX / LIMIT_COMPRESSED_RATIO
                          ? SIZE_MAX
                          : compressed * LIMIT_COMPRESSED_RATIO;
    size_t most = by_ratio < LIMIT_COMPRESSED_SMALL ? LIMIT_COMPRESSED_SMALL : by_ratio;
    return most < room ? most : room;
}

/* One chunk of output. `ret_more` false: the segment is used up. */
static struct error *expand_chunk(struct expansion *expansion, bool *ret_more)
{
    z_stream *stream = &expansion->stream;
    TRY(task_check(expansion->task));
    stream->next_out = expansion->chunk;
    stream->avail_out = CHUNK;
    int status = inflate(stream, Z_NO_FLUSH);
    if (status == Z_MEM_ERROR) {
        return error_no_memory();
    }
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
        return error_new(ERR_CMS_MALFORMED, "the compressed content is damaged");
    }
    struct bytes out = { expansion->chunk, CHUNK - stream->avail_out };
    if (out.len > expansion->most - mapping_len(expansion->target)) {
        return error_new(ERR_MESSAGE_TOO_LARGE, "the content expands to more than %zu bytes",
                         expansion->most);
    }
    expansion->ended = status == Z_STREAM_END;
    *ret_more = !expansion->ended && (stream->avail_in > 0 || stream->avail_out == 0);
    return mapping_append(expansion->target, out);
}

static struct error *expand_segment(struct expansion *expansion, struct bytes segment)
{
    while (segment.len > 0 && !expansion->ended) {
        /* zlib counts in 32 bits */
        struct bytes piece = bytes_slice(segment, 0, LIMIT_MESSAGE);
        segment = bytes_slice(segment, piece.len, SIZE_MAX);
        expansion->stream.next_in = piece.data;
        expansion->stream.avail_in = (uInt)piece.len;
        for (bool more = true; more;) {
            TRY(expand_chunk(expansion, &more));
        }
        if (expansion->ended && expansion->stream.avail_in > 0) {
            segment = piece; /* not at its end: told below */
        }
    }
    if (segment.len > 0) {
        return error_new(ERR_CMS_MALFORMED, "something stands behind the compressed content");
    }
    return NULL;
}

static struct error *expand(struct expansion *expansion, const struct ber_string *content)
{
    struct ber_string_iterator iterator = { 0 };
    struct bytes segment = BYTES_NONE;
    while (ber_string_next(content, &iterator, &segment)) {
        TRY(expand_segment(expansion, segment));
    }
    if (!expansion->ended) {
        return error_new(ERR_CMS_MALFORMED, "the compressed content is cut off");
    }
    return NULL;
}

struct error *compressed_open(struct bytes cms, size_t room, struct task *task,
                              struct mapping **ret_content)
{
    enum cms_type type = CMS_TYPE_OTHER;
    struct ber_reader reader = { 0 };
    struct ber_string content = { 0 };
    TRY(content_info_read(cms, &type, &reader));
    if (type != CMS_TYPE_COMPRESSED) {
        return error_new(ERR_CMS_UNSUPPORTED, "this is no compressed content");
    }
    TRY(read_message(&reader, &content));

    size_t most = most_of(content.len, room);
    CLEANUP(mapping_unref) struct mapping *target = NULL;
    TRY(mapping_new(most ? most : 1, &target));
    CLEANUP(expansion_free) struct expansion *expansion = calloc(1, sizeof(*expansion));
    if (!expansion || inflateInit(&expansion->stream) != Z_OK) {
        return error_no_memory();
    }
    expansion->target = target;
    expansion->most = most;
    expansion->task = task;
    TRY(expand(expansion, &content));
    *ret_content = TAKE_PTR(target);
    return NULL;
}
