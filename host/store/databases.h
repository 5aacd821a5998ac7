/* Where NSS databases lie and what state they are in, told from the files alone: nothing is opened
 * through NSS here, created or changed. Only the SQLite form (cert9.db, key4.db) counts; the old
 * dbm form is reported as absent. */
#ifndef SEALPOST_STORE_DATABASES_H
#define SEALPOST_STORE_DATABASES_H

#include "store/store.h"

struct database {
    char *path; /* the directory, without "sql:"; owned */
    enum database_kind kind;
    enum database_state state; /* DATABASE_OPEN means here: looks as if it could be opened */
    bool writable; /* both files and the directory (SQLite's journal) can be written */
    bool has_modules; /* pkcs11.txt is there */
};

/* Zero-initialised is empty. */
struct database_list {
    struct database *items;
    size_t count;
};

/* Appends the directory `path` ("sql:" in front is dropped) as it is now. ERR_NO_MEMORY. */
struct error *databases_add(struct database_list *list, const char *path, enum database_kind kind)
    MUST_USE;

/* Appends every place under `home` where a database is looked for, absent ones too, the preferred
 * one first. ERR_NO_MEMORY. */
struct error *databases_find(struct database_list *list, const char *home) MUST_USE;

void databases_done(struct database_list *list);

/* Folds size and time of change of the database's files into `hash`; changes when another process
 * writes. */
unsigned long databases_stamp(const struct database *database, unsigned long hash);

/* NSS's specification of the database in `directory` for SECMOD_OpenUserDB; freed with free().
 * ERR_NO_MEMORY; ERR_DATABASE_UNAVAILABLE above LIMIT_DATABASE_PATH. */
struct error *databases_specify(const char *directory, const char *token, bool read_only,
                                char **ret_specification) MUST_USE;

#endif
