#include "store/databases.h"

#include "base/clock.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char certificates_file[] = "cert9.db";
static const char keys_file[] = "key4.db";
static const char modules_file[] = "pkcs11.txt";

/* Chromium's two places; issue D adds the profiles of Firefox and Thunderbird. */
static const struct {
    const char *below_home;
    enum database_kind kind;
} places[] = {
    { ".pki/nssdb", DATABASE_NSSDB },
    { ".local/share/pki/nssdb", DATABASE_NSSDB },
};

/* How long a lock that another process holds while it writes is waited for. */
enum { LOCK_WAIT_MS = 2000, LOCK_POLL_MS = 50 };

/* The lock bytes of SQLite's file format (PENDING_BYTE and SHARED_FIRST, SHARED_SIZE in os.h). */
enum { SQLITE_SHARED_FIRST = 0x40000002, SQLITE_SHARED_SIZE = 510 };

static struct error *join(const char *directory, const char *name, char **ret_path)
{
    return asprintf(ret_path, "%s/%s", directory, name) < 0 ? error_no_memory() : NULL;
}

static bool looks_like_sqlite(int fd)
{
    static const char magic[] = "SQLite format 3";
    char start[sizeof(magic)] = { 0 };
    return pread(fd, start, sizeof(start), 0) == (ssize_t)sizeof(start) &&
           memcmp(start, magic, sizeof(magic)) == 0;
}

/* Asks the kernel who holds the exclusive lock; NSS would wait half a minute to find out. */
static bool is_locked(int fd)
{
    struct flock lock = { .l_type = F_RDLCK,
                          .l_whence = SEEK_SET,
                          .l_start = SQLITE_SHARED_FIRST,
                          .l_len = SQLITE_SHARED_SIZE };
    return fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type == F_WRLCK;
}

static bool stays_locked(int fd)
{
    const struct timespec pause = { .tv_nsec = LOCK_POLL_MS * 1000000L };
    uint64_t end = clock_monotonic_ms() + LOCK_WAIT_MS;
    while (is_locked(fd)) {
        if (clock_monotonic_ms() >= end) {
            return true;
        }
        (void)nanosleep(&pause, NULL);
    }
    return false;
}

/* Only before NSS opens the file: close() would drop the locks that SQLite holds on it. */
static enum database_state file_state(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        return errno == ENOENT || errno == ENOTDIR ? DATABASE_ABSENT : DATABASE_CORRUPT;
    }
    enum database_state state = DATABASE_OPEN;
    if (!looks_like_sqlite(fd)) {
        state = DATABASE_CORRUPT;
    } else if (stays_locked(fd)) {
        state = DATABASE_LOCKED;
    }
    (void)close(fd);
    return state;
}

static enum database_state worse(enum database_state certificates, enum database_state keys)
{
    if (certificates == keys) {
        return certificates;
    }
    /* one file without the other: NSS would make the missing one, and that silently */
    if (certificates == DATABASE_CORRUPT || keys == DATABASE_CORRUPT ||
        certificates == DATABASE_ABSENT || keys == DATABASE_ABSENT) {
        return DATABASE_CORRUPT;
    }
    return DATABASE_LOCKED;
}

static bool can_write(const char *path)
{
    return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0;
}

static struct error *inspect(struct database *database)
{
    CLEANUP(string_free) char *certificates = NULL;
    CLEANUP(string_free) char *keys = NULL;
    CLEANUP(string_free) char *modules = NULL;
    TRY(join(database->path, certificates_file, &certificates));
    TRY(join(database->path, keys_file, &keys));
    TRY(join(database->path, modules_file, &modules));
    database->state = worse(file_state(certificates), file_state(keys));
    database->writable = can_write(certificates) && can_write(keys) && can_write(database->path);
    database->has_modules = access(modules, R_OK) == 0;
    return NULL;
}

static const char *without_prefix(const char *path)
{
    static const char prefix[] = "sql:";
    bool has_prefix = strncmp(path, prefix, sizeof(prefix) - 1) == 0;
    return has_prefix ? path + sizeof(prefix) - 1 : path;
}

struct error *databases_add(struct database_list *list, const char *path, enum database_kind kind)
{
    struct database *items = reallocarray(list->items, list->count + 1, sizeof(*items));
    if (!items) {
        return error_no_memory();
    }
    list->items = items;
    struct database *added = &items[list->count];
    *added = (struct database){ .kind = kind, .path = strdup(without_prefix(path)) };
    if (!added->path) {
        return error_no_memory();
    }
    list->count++;
    return inspect(added);
}

struct error *databases_find(struct database_list *list, const char *home)
{
    for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
        CLEANUP(string_free) char *path = NULL;
        TRY(join(home, places[i].below_home, &path));
        TRY(databases_add(list, path, places[i].kind));
    }
    return NULL;
}

void databases_done(struct database_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].path);
    }
    free(list->items);
    *list = (struct database_list){ 0 };
}

/* FNV-1a's step: cheap, and every bit of `value` counts */
static unsigned long fold(unsigned long hash, unsigned long value)
{
    return (hash ^ value) * 1099511628211UL;
}

static unsigned long stamp_file(const char *path, unsigned long hash)
{
    struct stat status;
    if (stat(path, &status) < 0) {
        return fold(hash, 1);
    }
    hash = fold(hash, (unsigned long)status.st_size);
    hash = fold(hash, (unsigned long)status.st_ino);
    hash = fold(hash, (unsigned long)status.st_mtim.tv_sec);
    return fold(hash, (unsigned long)status.st_mtim.tv_nsec);
}

unsigned long databases_stamp(const struct database *database, unsigned long hash)
{
    /* NSS uses the rollback journal; write-ahead logs exist where an administrator turned them on
     */
    static const char *const names[] = { certificates_file, "cert9.db-wal", keys_file,
                                         "key4.db-wal" };
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        CLEANUP(string_free) char *path = NULL;
        struct error *error = join(database->path, names[i], &path);
        if (error) {
            error_free(error); /* out of memory: reported as a change, which costs a look */
            return fold(hash, clock_monotonic_ms());
        }
        hash = stamp_file(path, hash);
    }
    return hash;
}

struct error *databases_specify(const char *directory, const char *token, bool read_only,
                                char **ret_specification)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    if (strlen(directory) > LIMIT_DATABASE_PATH) {
        return error_new(ERR_DATABASE_UNAVAILABLE, "the path of the database is too long");
    }
    TRY(buffer_new(0, &text));
    TRY(buffer_append_string(text, "configDir='sql:"));
    for (const char *at = directory; *at; at++) {
        if (*at == '\'' || *at == '\\') {
            TRY(buffer_append_byte(text, '\\'));
        }
        TRY(buffer_append_byte(text, (uint8_t)*at));
    }
    TRY(buffer_printf(text, "' tokenDescription='%s'%s", token,
                      read_only ? " flags=readOnly" : ""));
    return bytes_to_string(buffer_view(text), ret_specification);
}
