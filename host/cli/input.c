#include "cli/input.h"

#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 256 * 1024, OPEN_FOLDERS = 16 };

static bool is_standard(const char *path)
{
    return !path || strcmp(path, "-") == 0;
}

static struct error *read_all(int fd, const char *name, struct mapping *file)
{
    for (;;) {
        uint8_t *tail = NULL;
        size_t before = mapping_len(file);
        TRY(mapping_extend(file, CHUNK, &tail));
        ssize_t count = read(fd, tail, CHUNK);
        mapping_truncate(file, before + (count > 0 ? (size_t)count : 0));
        if (count == 0) {
            return NULL;
        }
        if (count < 0 && errno != EINTR) {
            return error_new_errno(errno, "reading %s", name);
        }
    }
}

struct error *input_read(const char *path, size_t limit, struct mapping **ret_file)
{
    CLEANUP(mapping_unref) struct mapping *file = NULL;
    TRY(mapping_new(limit + CHUNK, &file)); /* room for the read that finds the end */
    int fd = is_standard(path) ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return error_new_errno(errno, "opening %s", path);
    }
    struct error *error = read_all(fd, path, file);
    if (!is_standard(path)) {
        (void)close(fd);
    }
    TRY(error);
    if (mapping_len(file) > limit) {
        return error_new(ERR_MESSAGE_TOO_LARGE, "%s has more than %zu bytes", path, limit);
    }
    *ret_file = TAKE_PTR(file);
    return NULL;
}

static struct error *write_all(int fd, const char *name, struct bytes bytes)
{
    while (bytes.len > 0) {
        ssize_t count = write(fd, bytes.data, bytes.len);
        if (count < 0 && errno != EINTR) {
            return error_new_errno(errno, "writing %s", name);
        }
        bytes = bytes_slice(bytes, count > 0 ? (size_t)count : 0, bytes.len);
    }
    return NULL;
}

struct error *file_write(const char *path, struct bytes bytes)
{
    if (is_standard(path)) {
        return write_all(STDOUT_FILENO, "the output", bytes);
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0) {
        return error_new_errno(errno, "opening %s", path);
    }
    struct error *error = write_all(fd, path, bytes);
    if (close(fd) != 0 && !error) {
        error = error_new_errno(errno, "writing %s", path);
    }
    return error;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    return remove(path);
}

struct error *file_remove_tree(const char *path)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): only with FTW_CHDIR */
    if (nftw(path, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) != 0) {
        return error_new_errno(errno, "removing %s", path);
    }
    return NULL;
}
