/* A temporary folder for configuration files. */
#ifndef SEALPOST_TESTS_UNIT_CONFIG_CONFIG_FOLDER_H
#define SEALPOST_TESTS_UNIT_CONFIG_CONFIG_FOLDER_H

#include <stddef.h>

struct config_folder {
    char path[64];
    char user[96]; /* names of files in it, not there yet */
    char policy[96];
};

void config_folder_make(struct config_folder *folder);
void config_folder_remove(struct config_folder *folder);

/* Writes a file readable for its owner only. */
void config_folder_write(const char *path, const void *data, size_t len);
void config_folder_write_text(const char *path, const char *text);

#endif
