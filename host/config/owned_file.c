#include "config/owned_file.h"

#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE (16 * KIB)

static struct error *refuse(const char *path, const char *why)
{
    return error_new(ERR_POLICY_FORBIDS, "%s %s", path, why);
}

static struct error *unreadable(const char *path, int number)
{
    return error_wrap(error_new_errno(number, "reading the file"), ERR_POLICY_FORBIDS,
                      "%s cannot be read", path);
}

static struct error *check(const char *path, const struct stat *status, uid_t owner)
{
    if (!S_ISREG(status->st_mode)) {
        return refuse(path, "is not a regular file");
    }
    if (owner == OWNED_FILE_ANY) {
        return NULL;
    }
    if (status->st_uid != owner) {
        return refuse(path, owner == 0 ? "does not belong to root" : "belongs to another user");
    }
    if (status->st_mode & (S_IWGRP | S_IWOTH)) {
        return refuse(path, "can be written by others than its owner");
    }
    return NULL;
}

/* The size that fstat tells may be old: what is read decides. */
static struct error *read_all(const char *path, int fd, struct buffer *text)
{
    for (;;) {
        uint8_t *tail = NULL;
        TRY(buffer_extend(text, PIECE, &tail));
        ssize_t got = TEMP_FAILURE_RETRY(read(fd, tail, PIECE));
        if (got < 0) {
            return unreadable(path, errno);
        }
        text->len -= PIECE - (size_t)got;
        if (text->len > LIMIT_CONFIG_FILE) {
            return refuse(path, "is too large");
        }
        if (got == 0) {
            return NULL;
        }
    }
}

static struct error *read_opened(const char *path, int fd, uid_t owner, struct buffer **ret_text)
{
    struct stat status = { 0 };
    if (fstat(fd, &status) != 0) {
        return unreadable(path, errno);
    }
    TRY(check(path, &status, owner));
    CLEANUP(buffer_free) struct buffer *text = NULL;
    TRY(buffer_new(LIMIT_CONFIG_FILE + 2 * PIECE, &text));
    TRY(read_all(path, fd, text));
    *ret_text = TAKE_PTR(text);
    return NULL;
}

struct error *owned_file_read(const char *path, uid_t owner, struct buffer **ret_text)
{
    *ret_text = NULL;
    /* O_NONBLOCK: a pipe in the file's place must not hang the host */
    int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    int fd = open(path, owner == OWNED_FILE_ANY ? flags : flags | O_NOFOLLOW);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        return NULL;
    }
    if (fd < 0) {
        return errno == ELOOP ? refuse(path, "is a symbolic link") : unreadable(path, errno);
    }
    struct error *error = read_opened(path, fd, owner, ret_text);
    (void)close(fd);
    return error;
}
