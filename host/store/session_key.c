#include "store/session_key.h"

#include "base/limits.h"
#include "nss/item.h"
#include "nss/nss_error.h"
#include "nss/nss_scope.h"

#include <pthread.h>
#include <stdlib.h>

struct entry {
    struct buffer *certificate; /* DER */
    SECKEYPrivateKey *key;
};

struct session_keys {
    pthread_mutex_t mutex;
    struct entry entries[LIMIT_SESSION_KEYS];
    size_t count;
};

struct error *session_key_new(struct session_keys **ret_keys)
{
    struct session_keys *keys = calloc(1, sizeof(*keys));
    if (!keys) {
        return error_no_memory();
    }
    (void)pthread_mutex_init(&keys->mutex, NULL);
    *ret_keys = keys;
    return NULL;
}

static void entry_done(struct entry *entry)
{
    buffer_free(entry->certificate);
    nss_private_key_free(entry->key);
    *entry = (struct entry){ 0 };
}

void session_key_forget(struct session_keys *keys)
{
    (void)pthread_mutex_lock(&keys->mutex);
    for (size_t i = 0; i < keys->count; i++) {
        entry_done(&keys->entries[i]);
    }
    keys->count = 0;
    (void)pthread_mutex_unlock(&keys->mutex);
}

void session_key_free(struct session_keys *keys)
{
    if (keys) {
        session_key_forget(keys);
        (void)pthread_mutex_destroy(&keys->mutex);
        free(keys);
    }
}

struct SECKEYPrivateKeyStr *session_key_find(struct session_keys *keys, struct bytes certificate)
{
    SECKEYPrivateKey *found = NULL;
    (void)pthread_mutex_lock(&keys->mutex);
    for (size_t i = 0; i < keys->count && !found; i++) {
        if (bytes_equal(buffer_view(keys->entries[i].certificate), certificate)) {
            found = SECKEY_CopyPrivateKey(keys->entries[i].key);
        }
    }
    (void)pthread_mutex_unlock(&keys->mutex);
    return found;
}

static void drop_oldest(struct session_keys *keys)
{
    entry_done(&keys->entries[0]);
    for (size_t i = 1; i < keys->count; i++) {
        keys->entries[i - 1] = keys->entries[i];
    }
    keys->count--;
}

/* Two threads may add the same key: the second entry is never found and costs a place. */
static void keep(struct session_keys *keys, struct entry entry)
{
    (void)pthread_mutex_lock(&keys->mutex);
    if (keys->count == LIMIT_SESSION_KEYS) {
        drop_oldest(keys);
    }
    keys->entries[keys->count++] = entry;
    (void)pthread_mutex_unlock(&keys->mutex);
}

struct error *session_key_add(struct session_keys *keys, struct bytes certificate,
                              struct SECKEYPrivateKeyStr *original,
                              struct SECKEYPrivateKeyStr **ret_key)
{
    CLEANUP(buffer_free) struct buffer *name = NULL;
    TRY(buffer_new(LIMIT_CERTIFICATE, &name));
    TRY(buffer_append(name, certificate));

    CLEANUP(nss_private_key_free)
    SECKEYPrivateKey *copy = PK11_CopyTokenPrivKeyToSessionPrivKey(original->pkcs11Slot, original);
    if (!copy) {
        return nss_error(ERR_KEY_ABSENT, "the key cannot be copied for the session");
    }
    SECKEYPrivateKey *theirs = SECKEY_CopyPrivateKey(copy);
    if (!theirs) {
        return nss_error(ERR_KEY_ABSENT, "the session copy of the key cannot be used");
    }
    keep(keys, (struct entry){ TAKE_PTR(name), TAKE_PTR(copy) });
    *ret_key = theirs;
    return NULL;
}
