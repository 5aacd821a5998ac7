#include "mail/archive.h"

#include "base/limits.h"

#include <assert.h>
#include <minizip/zip.h>
#include <stdlib.h>
#include <string.h>

enum {
    DOS_1980 = 0x00210000, /* the first of January 1980, where the dates of ZIP begin */
    SLICE = 16 * MIB, /* minizip counts in unsigned int */
    STORED = 0
};

struct archive {
    zipFile zip; /* NULL: ended */
    struct mapping *mapping; /* owned */
    size_t at; /* where minizip writes next */
};

static voidpf open_stream(voidpf opaque, const void *name, int mode)
{
    (void)name;
    (void)mode;
    return opaque;
}

/* Nothing is read back: the archive is made from nothing. */
static uLong read_stream(voidpf opaque, voidpf stream, void *target, uLong size)
{
    (void)opaque;
    (void)stream;
    (void)target;
    (void)size;
    return 0;
}

/* Behind the end, or over what is there: minizip goes back to fill in sums and sizes. */
static uLong write_stream(voidpf opaque, voidpf stream, const void *source, uLong size)
{
    (void)opaque;
    struct archive *archive = stream;
    struct bytes rest = { source, size };
    size_t there = mapping_view(archive->mapping).len;
    if (archive->at < there) {
        size_t over = size < there - archive->at ? size : there - archive->at;
        memcpy(mapping_data(archive->mapping) + archive->at, source, over);
        rest = bytes_slice(rest, over, SIZE_MAX);
    }
    struct error *error = mapping_append(archive->mapping, rest);
    if (error) {
        error_free(error); /* minizip only knows that it failed; archive_add says too large */
        return 0;
    }
    archive->at += size;
    return size;
}

static ZPOS64_T tell_stream(voidpf opaque, voidpf stream)
{
    (void)opaque;
    const struct archive *archive = stream;
    return archive->at;
}

static long seek_stream(voidpf opaque, voidpf stream, ZPOS64_T offset, int origin)
{
    (void)opaque;
    struct archive *archive = stream;
    size_t end = mapping_view(archive->mapping).len;
    size_t base = 0;
    if (origin == ZLIB_FILEFUNC_SEEK_CUR) {
        base = archive->at;
    } else if (origin == ZLIB_FILEFUNC_SEEK_END) {
        base = end;
    }
    if (offset > end - base) {
        return -1;
    }
    archive->at = base + offset;
    return 0;
}

static int close_stream(voidpf opaque, voidpf stream)
{
    (void)opaque;
    (void)stream;
    return 0;
}

static int stream_error(voidpf opaque, voidpf stream)
{
    (void)opaque;
    (void)stream;
    return 0;
}

struct error *archive_new(struct archive **ret_archive)
{
    CLEANUP(archive_free) struct archive *archive = calloc(1, sizeof(*archive));
    if (!archive) {
        return error_no_memory();
    }
    TRY(mapping_new(LIMIT_MESSAGE, &archive->mapping));
    zlib_filefunc64_def functions = {
        .zopen64_file = open_stream,
        .zread_file = read_stream,
        .zwrite_file = write_stream,
        .ztell64_file = tell_stream,
        .zseek64_file = seek_stream,
        .zclose_file = close_stream,
        .zerror_file = stream_error,
        .opaque = archive,
    };
    archive->zip = zipOpen2_64("", APPEND_STATUS_CREATE, NULL, &functions);
    if (!archive->zip) {
        return error_no_memory();
    }
    *ret_archive = TAKE_PTR(archive);
    return NULL;
}

void archive_free(struct archive *archive)
{
    if (!archive) {
        return;
    }
    if (archive->zip) {
        (void)zipClose(archive->zip, NULL);
    }
    mapping_unref(archive->mapping);
    free(archive);
}

static bool is_plain(const char *name)
{
    return name[0] != '.' && name[0] != '\0' &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.")] == '\0' &&
           !strstr(name, "..");
}

static struct error *too_large(void)
{
    return error_new(ERR_MESSAGE_TOO_LARGE, "the archive would be too large");
}

static bool write_content(zipFile zip, struct bytes content)
{
    for (size_t at = 0; at < content.len; at += SLICE) {
        struct bytes slice = bytes_slice(content, at, SLICE);
        if (zipWriteInFileInZip(zip, slice.data, (unsigned)slice.len) != ZIP_OK) {
            return false;
        }
    }
    return true;
}

struct error *archive_add(struct archive *archive, const char *name, struct bytes content)
{
    assert(archive->zip && is_plain(name));
    const zip_fileinfo info = { .dosDate = DOS_1980 };
    if (content.len > LIMIT_MESSAGE || zipOpenNewFileInZip(archive->zip, name, &info, NULL, 0, NULL,
                                                           0, NULL, STORED, 0) != ZIP_OK) {
        return too_large();
    }
    bool written = write_content(archive->zip, content);
    bool closed = zipCloseFileInZip(archive->zip) == ZIP_OK;
    return written && closed ? NULL : too_large();
}

struct error *archive_finish(struct archive *archive, struct mapping **ret_zip)
{
    assert(archive->zip);
    if (zipClose(TAKE_PTR(archive->zip), NULL) != ZIP_OK) {
        return too_large();
    }
    *ret_zip = TAKE_PTR(archive->mapping);
    return NULL;
}
