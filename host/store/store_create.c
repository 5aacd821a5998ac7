#include "nss/nss_error.h"
#include "nss/nss_scope.h"
#include "store/databases.h"
#include "store/store.h"

#include <errno.h>
#include <nss.h>
#include <secmod.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct error *make_directory(const char *path)
{
    if (mkdir(path, S_IRWXU) < 0 && errno != EEXIST) {
        struct error *cause = error_new_errno(errno, "a directory cannot be made");
        return error_wrap(cause, ERR_DATABASE_UNAVAILABLE, "there is no place for the database");
    }
    return NULL;
}

static struct error *make_directories(const char *path)
{
    CLEANUP(string_free) char *part = strdup(path);
    if (!part) {
        return error_no_memory();
    }
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        TRY(make_directory(part));
        *slash = '/';
    }
    return make_directory(part);
}

static struct error *refuse_existing(const char *directory)
{
    struct database_list found = { 0 };
    struct error *error = databases_add(&found, directory, DATABASE_NSSDB);
    bool absent = !error && found.items[0].state == DATABASE_ABSENT;
    databases_done(&found);
    if (error || absent) {
        return error;
    }
    return error_new(ERR_DATABASE_UNAVAILABLE, "there is a certificate database already");
}

static void end_context(NSSInitContext *context)
{
    if (context) {
        (void)NSS_ShutdownContext(context);
    }
}
DEFINE_CLEANUP(NSSInitContext *, end_context);

static void close_database(PK11SlotInfo *slot)
{
    if (slot) {
        (void)SECMOD_CloseUserDB(slot);
        PK11_FreeSlot(slot);
    }
}
DEFINE_CLEANUP(PK11SlotInfo *, close_database);

static struct error *fill(const char *directory)
{
    /* works beside a store that is open in this process, and without one */
    CLEANUP(end_context)
    NSSInitContext *context =
        NSS_InitContext("", "", "", "", NULL,
                        NSS_INIT_READONLY | NSS_INIT_NOCERTDB | NSS_INIT_NOMODDB |
                            NSS_INIT_FORCEOPEN | NSS_INIT_NOROOTINIT | NSS_INIT_OPTIMIZESPACE);
    if (!context) {
        return nss_error(ERR_DATABASE_UNAVAILABLE, "NSS cannot be started");
    }
    CLEANUP(string_free) char *specification = NULL;
    TRY(databases_specify(directory, "New certificate database", false, &specification));
    CLEANUP(close_database) PK11SlotInfo *slot = SECMOD_OpenUserDB(specification);
    if (!slot || PK11_InitPin(slot, NULL, "") != SECSuccess) {
        return nss_error(ERR_DATABASE_UNAVAILABLE, "the database cannot be made");
    }
    return NULL;
}

struct error *store_create_database(const char *directory)
{
    TRY(refuse_existing(directory));
    TRY(make_directories(directory));
    return fill(directory);
}
