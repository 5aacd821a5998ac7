#include "config/config_folder.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void config_folder_make(struct config_folder *folder)
{
    (void)snprintf(folder->path, sizeof(folder->path), "/tmp/sealpost-config-XXXXXX");
    cr_assert_not_null(mkdtemp(folder->path));
    (void)snprintf(folder->user, sizeof(folder->user), "%s/user.json", folder->path);
    (void)snprintf(folder->policy, sizeof(folder->policy), "%s/policy.json", folder->path);
}

void config_folder_remove(struct config_folder *folder)
{
    (void)unlink(folder->user);
    (void)unlink(folder->policy);
    cr_assert_eq(rmdir(folder->path), 0);
}

void config_folder_write(const char *path, const void *data, size_t len)
{
    FILE *file = fopen(path, "we");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(data, 1, len, file), len);
    cr_assert_eq(fchmod(fileno(file), S_IRUSR | S_IWUSR), 0);
    cr_assert_eq(fclose(file), 0);
}

void config_folder_write_text(const char *path, const char *text)
{
    config_folder_write(path, text, strlen(text));
}
