/* Feeds every file of a directory to a fuzz target, so that each input which once broke a parser is
 * tried again in the ordinary build, with any compiler. */
#include "base/bytes.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The target gets a heap block of the exact size, so that a sanitizer sees a read one byte off. */
static bool replay_file(int directory, const char *name)
{
    int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
    struct stat status = { 0 };
    if (fd < 0 || fstat(fd, &status) != 0 || status.st_size < 0) {
        return false;
    }
    size_t size = (size_t)status.st_size;
    uint8_t *data = malloc(size ? size : 1);
    bool whole = data && read(fd, data, size) == (ssize_t)size;
    if (whole) {
        (void)LLVMFuzzerTestOneInput(data, size);
    }
    free(data);
    (void)close(fd);
    return whole;
}

static bool replay_directory(DIR *directory, unsigned *count)
{
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        (void)fprintf(stderr, "%s\n",
                      entry->d_name); /* the last one named is the one that crashed */
        if (!replay_file(dirfd(directory), entry->d_name)) {
            return false;
        }
        (*count)++;
    }
    return true;
}

int main(int argc, char **argv)
{
    DIR *directory = argc == 2 ? opendir(argv[1]) : NULL;
    if (!directory) {
        (void)fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
        return EXIT_FAILURE;
    }
    unsigned count = 0;
    bool read_all = replay_directory(directory, &count);
    (void)closedir(directory);
    (void)printf("replayed %u inputs\n", count);
    return read_all && count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
