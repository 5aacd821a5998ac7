#include "store/store.h"

#include "base/limits.h"
#include "nss/item.h"
#include "nss/nss_error.h"
#include "nss/nss_scope.h"
#include "store/databases.h"
#include "store/login.h"
#include "store/own_keys.h"
#include "store/roots.h"
#include "store/secret_key.h"
#include "store/session_key.h"

#include <nss.h>
#include <pthread.h>
#include <secmod.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define NO_DATABASE SIZE_MAX

/* A database beside the first one. */
struct other {
    PK11SlotInfo *slot; /* NULL: not opened */
};

struct store {
    struct database_list databases;
    size_t primary; /* the one that NSS was started with, or NO_DATABASE */
    struct other *others; /* as many as databases */
    struct SECMODModuleStr *roots;
    struct login *login;
    struct session_keys *session_keys;
    struct own_keys *own_keys;
    atomic_ulong changes; /* made by ourselves */
    pthread_mutex_t change; /* held while the database is being changed */
    bool started; /* NSS */
};

static bool start(const struct database *database, bool writable)
{
    CLEANUP(string_free) char *directory = NULL;
    if (asprintf(&directory, "sql:%s", database->path) < 0) {
        return false;
    }
    /* no search for a root module in the user's directory; no pkcs11.txt where there is none */
    PRUint32 flags = NSS_INIT_NOROOTINIT;
    flags |= writable ? 0 : NSS_INIT_READONLY;
    flags |= database->has_modules ? 0 : NSS_INIT_NOMODDB;
    return NSS_Initialize(directory, "", "", SECMOD_DB, flags) == SECSuccess;
}

static bool start_with(struct database *database, bool read_only)
{
    database->writable = database->writable && !read_only;
    if (start(database, database->writable)) {
        return true;
    }
    if (database->writable && start(database, false)) {
        database->writable = false;
        return true;
    }
    database->state = DATABASE_CORRUPT;
    return false;
}

static struct error *start_without(void)
{
    const PRUint32 flags = NSS_INIT_READONLY | NSS_INIT_NOCERTDB | NSS_INIT_NOMODDB |
                           NSS_INIT_FORCEOPEN | NSS_INIT_NOROOTINIT | NSS_INIT_OPTIMIZESPACE;
    if (NSS_Initialize("", "", "", "", flags) != SECSuccess) {
        return nss_error(ERR_DATABASE_UNAVAILABLE, "NSS cannot be started");
    }
    return NULL;
}

static struct error *start_nss(struct store *store, bool read_only)
{
    if (NSS_IsInitialized()) {
        return error_new(ERR_DATABASE_UNAVAILABLE, "NSS runs already in this process");
    }
    store->primary = NO_DATABASE;
    for (size_t i = 0; i < store->databases.count && store->primary == NO_DATABASE; i++) {
        struct database *database = &store->databases.items[i];
        if (database->state == DATABASE_OPEN && start_with(database, read_only)) {
            store->primary = i;
        }
    }
    if (store->primary == NO_DATABASE) {
        TRY(start_without());
    }
    store->started = true;
    return NULL;
}

/* Databases found beside the first one are opened as tokens of their own, to be read only. */
static struct error *open_other(struct store *store, size_t number)
{
    struct database *database = &store->databases.items[number];
    if (database->state != DATABASE_OPEN || number == store->primary) {
        return NULL;
    }
    CLEANUP(string_free) char *specification = NULL;
    char token[48]; /* NSS cuts it at 32 */
    (void)snprintf(token, sizeof(token), "Certificate database %zu", number + 1);
    TRY(databases_specify(database->path, token, true, &specification));
    database->writable = false;
    store->others[number].slot = SECMOD_OpenUserDB(specification);
    if (!store->others[number].slot) {
        database->state = DATABASE_CORRUPT;
    }
    return NULL;
}

static struct error *open_others(struct store *store)
{
    store->others = calloc(store->databases.count + 1, sizeof(*store->others));
    if (!store->others) {
        return error_no_memory();
    }
    for (size_t i = 0; store->primary != NO_DATABASE && i < store->databases.count; i++) {
        TRY(open_other(store, i));
    }
    return NULL;
}

static struct error *list_databases(struct store *store, const struct store_options *options)
{
    if (options->database) {
        return databases_add(&store->databases, options->database, DATABASE_NSSDB);
    }
    return options->home ? databases_find(&store->databases, options->home) : NULL;
}

struct error *store_open(const struct store_options *options, struct store **ret_store)
{
    CLEANUP(store_close) struct store *store = calloc(1, sizeof(*store));
    if (!store) {
        return error_no_memory();
    }
    (void)pthread_mutex_init(&store->change, NULL);
    login_install();
    TRY(login_new(options->pin, options->remote, &store->login));
    TRY(session_key_new(&store->session_keys));
    TRY(own_keys_new(&store->own_keys));
    TRY(list_databases(store, options));
    TRY(start_nss(store, options->read_only));
    TRY(open_others(store));
    if (options->mozilla_roots) {
        store->roots = roots_load();
    }
    *ret_store = TAKE_PTR(store);
    return NULL;
}

static void close_others(struct store *store)
{
    for (size_t i = 0; store->others && i < store->databases.count; i++) {
        if (store->others[i].slot) {
            (void)SECMOD_CloseUserDB(store->others[i].slot);
            PK11_FreeSlot(store->others[i].slot);
        }
    }
    free(store->others);
}

void store_close(struct store *store)
{
    if (!store) {
        return;
    }
    session_key_free(store->session_keys);
    own_keys_free(store->own_keys);
    close_others(store);
    roots_unload(store->roots);
    login_free(store->login);
    if (store->started) {
        (void)NSS_Shutdown(); /* SEC_ERROR_BUSY where a caller still holds a certificate */
    }
    databases_done(&store->databases);
    (void)pthread_mutex_destroy(&store->change);
    free(store);
}

size_t store_database_count(const struct store *store)
{
    return store->databases.count;
}

struct database_info store_database(const struct store *store, size_t number)
{
    const struct database *database = &store->databases.items[number];
    return (struct database_info){ database->path, database->kind, database->writable,
                                   database->state };
}

static struct error *unavailable(const struct store *store)
{
    struct error *error = NULL;
    bool any = store->databases.count > 0;
    enum database_state state = any ? store->databases.items[0].state : DATABASE_ABSENT;
    switch (state) {
    case DATABASE_LOCKED:
        error = error_new(ERR_DATABASE_LOCKED, "another program holds the database's lock");
        error_set_hint(error,
                       "Close the program that uses the certificate database, and try again.");
        return error;
    case DATABASE_CORRUPT:
        error = error_new(ERR_DATABASE_UNAVAILABLE, "the certificate database cannot be read");
        error_set_hint(error, "cert9.db or key4.db is damaged or missing: restore both of them.");
        return error;
    case DATABASE_OPEN:
    case DATABASE_ABSENT:
        break;
    }
    error = error_new(ERR_DATABASE_UNAVAILABLE, "there is no certificate database");
    error_set_hint(error, "Make one with databases.create, or name one with --db.");
    return error;
}

struct error *store_require_database(const struct store *store, bool writable)
{
    if (store->primary == NO_DATABASE) {
        return unavailable(store);
    }
    if (writable && !store->databases.items[store->primary].writable) {
        return error_new(ERR_DATABASE_READ_ONLY, "the certificate database cannot be written");
    }
    return NULL;
}

static struct error *unlock(struct store *store, PK11SlotInfo *slot,
                            const struct interaction *interaction)
{
    bool changed = false;
    struct error *error = login_slot(store->login, slot, interaction, &changed);
    if (changed) {
        atomic_fetch_add(&store->changes, 1); /* private objects may have come into sight */
    }
    return error;
}

/* Nothing on the tokens at hand says that the key is there: a card that hides everything until the
 * login may still have it, if it showed the certificate. */
static struct error *find_hidden(struct store *store, CERTCertificate *certificate,
                                 const struct interaction *interaction, PK11SlotInfo **ret_slot)
{
    CLEANUP(nss_slot_list_free) PK11SlotList *slots = PK11_GetAllSlotsForCert(certificate, NULL);
    for (PK11SlotListElement *at = slots ? slots->head : NULL; at; at = at->next) {
        if (!PK11_IsInternal(at->slot) && login_is_needed(at->slot)) {
            TRY(unlock(store, at->slot, interaction));
        }
    }
    *ret_slot = own_keys_slot(store->own_keys, certificate, store_generation(store));
    return *ret_slot ? NULL : error_new(ERR_KEY_ABSENT, "the private key is on none of the tokens");
}

static SECKEYPrivateKey *find_key(PK11SlotInfo *slot, CERTCertificate *certificate)
{
    SECKEYPrivateKey *key = PK11_FindPrivateKeyFromCert(slot, certificate, NULL);
    if (key) {
        return key;
    }
    /* the certificate lies elsewhere than the key */
    CLEANUP(nss_item_free) SECItem *id = own_keys_id(certificate);
    return id ? PK11_FindKeyByKeyID(slot, id, NULL) : NULL;
}

static struct error *key_on_slot(struct store *store, PK11SlotInfo *slot,
                                 CERTCertificate *certificate, SECKEYPrivateKey **ret_key)
{
    CLEANUP(nss_private_key_free) SECKEYPrivateKey *key = find_key(slot, certificate);
    if (!key) {
        return nss_error(ERR_KEY_ABSENT, "the private key is not on its token");
    }
    if (PK11_IsInternal(slot) && PK11_NeedLogin(slot)) {
        return session_key_add(store->session_keys, item_bytes(&certificate->derCert), key,
                               ret_key);
    }
    *ret_key = TAKE_PTR(key);
    return NULL;
}

struct error *store_key(struct store *store, struct CERTCertificateStr *certificate,
                        const struct interaction *interaction, struct SECKEYPrivateKeyStr **ret_key)
{
    struct bytes der = item_bytes(&certificate->derCert);
    SECKEYPrivateKey *copy = session_key_find(store->session_keys, der);
    if (copy) {
        *ret_key = copy;
        return NULL;
    }
    CLEANUP(nss_slot_free)
    PK11SlotInfo *slot = own_keys_slot(store->own_keys, certificate, store_generation(store));
    if (!slot) {
        TRY(find_hidden(store, certificate, interaction, &slot));
    }
    TRY(unlock(store, slot, interaction));
    return key_on_slot(store, slot, certificate, ret_key);
}

void store_key_free(struct SECKEYPrivateKeyStr *key)
{
    nss_private_key_free(key);
}

struct error *store_secret_key(struct store *store, struct bytes name,
                               const struct interaction *interaction,
                               struct PK11SymKeyStr **ret_key)
{
    CLEANUP(nss_sym_key_free) PK11SymKey *key = secret_key_find(name);
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalKeySlot();
    if (!key && slot && secret_key_can_have(name) && login_is_needed(slot)) {
        TRY(unlock(store, slot, interaction));
        key = secret_key_find(name);
    }
    if (!key) {
        return error_new(ERR_KEY_ABSENT, "the secret key is on none of the tokens");
    }
    *ret_key = TAKE_PTR(key);
    return NULL;
}

void store_secret_key_free(struct PK11SymKeyStr *key)
{
    nss_sym_key_free(key);
}

const char *store_database_of(const struct store *store,
                              const struct CERTCertificateStr *certificate)
{
    CLEANUP(nss_slot_free) PK11SlotInfo *primary = PK11_GetInternalKeySlot();
    if (certificate->slot && certificate->slot == primary && store->primary != NO_DATABASE) {
        return store->databases.items[store->primary].path;
    }
    for (size_t i = 0; certificate->slot && i < store->databases.count; i++) {
        if (store->others[i].slot == certificate->slot) {
            return store->databases.items[i].path;
        }
    }
    return NULL;
}

bool store_has_key(struct store *store, struct CERTCertificateStr *certificate)
{
    CLEANUP(nss_slot_free)
    PK11SlotInfo *slot = own_keys_slot(store->own_keys, certificate, store_generation(store));
    return slot != NULL;
}

unsigned long store_generation(struct store *store)
{
    unsigned long generation = atomic_load(&store->changes);
    for (size_t i = 0; i < store->databases.count; i++) {
        if (store->databases.items[i].state == DATABASE_OPEN) {
            generation = databases_stamp(&store->databases.items[i], generation);
        }
    }
    return generation;
}

void store_forget_keys(struct store *store)
{
    session_key_forget(store->session_keys);
}

struct error *store_key_slot(struct store *store, const struct interaction *interaction,
                             struct PK11SlotInfoStr **ret_slot)
{
    TRY(store_require_database(store, true));
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalKeySlot();
    if (!slot) {
        return nss_error(ERR_DATABASE_UNAVAILABLE, "the database's token is not there");
    }
    /* a new database that nobody has set up: without a password, as browsers make it */
    if (PK11_NeedUserInit(slot) && PK11_InitPin(slot, NULL, "") != SECSuccess) {
        return nss_error(ERR_DATABASE_UNAVAILABLE, "the database cannot be set up for keys");
    }
    TRY(unlock(store, slot, interaction));
    *ret_slot = TAKE_PTR(slot);
    return NULL;
}

void store_change_begin(struct store *store)
{
    (void)pthread_mutex_lock(&store->change);
}

void store_change_end(struct store *store)
{
    atomic_fetch_add(&store->changes, 1);
    (void)pthread_mutex_unlock(&store->change);
}
