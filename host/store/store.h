/* The user's NSS certificate databases, tokens and private keys. Opens NSS once for the process,
 * with the databases that were found or named, loads Mozilla's roots, and hands out private keys,
 * asking for a PIN where one is needed. It does not judge certificates (certs) and parses no mail.
 * Thread-safe after store_open. */
#ifndef SEALPOST_STORE_STORE_H
#define SEALPOST_STORE_STORE_H

#include "base/bytes.h"
#include "store/interaction.h"

struct CERTCertificateStr;
struct SECKEYPrivateKeyStr;
struct PK11SlotInfoStr;
struct PK11SymKeyStr;
struct remote;
struct store;

enum database_kind { DATABASE_NSSDB, DATABASE_FIREFOX, DATABASE_THUNDERBIRD, DATABASE_EVOLUTION };
/* LOCKED: another process holds SQLite's exclusive lock. A database whose password has yet to be
 * given is OPEN: its token is what is locked (ERR_TOKEN_LOCKED). */
enum database_state { DATABASE_OPEN, DATABASE_LOCKED, DATABASE_ABSENT, DATABASE_CORRUPT };

struct store_options {
    const char *database; /* one NSS directory in place of those found; NULL: find them */
    const char *home; /* absolute; where databases are looked for; NULL: no user database */
    const char *pin; /* a PIN given on the terminal's command line, or NULL; borrowed */
    struct remote *remote; /* the helper that shows dialogs; NULL: no dialog can be shown */
    bool mozilla_roots; /* load libnssckbi.so */
    bool read_only; /* open the database read-only */
};

struct database_info {
    const char *path; /* borrowed from the store */
    enum database_kind kind;
    bool writable;
    enum database_state state;
};

/* Starts NSS. A database that is absent, corrupt or locked is no error: NSS then runs without it
 * and store_database tells its state. ERR_DATABASE_UNAVAILABLE where NSS itself can't start. */
struct error *store_open(const struct store_options *options, struct store **ret_store) MUST_USE;
/* Destroys session copies of keys, shuts NSS down; NULL is fine. */
void store_close(struct store *store);
DEFINE_CLEANUP(struct store *, store_close);

size_t store_database_count(const struct store *store);
struct database_info store_database(const struct store *store, size_t number);

/* ERR_DATABASE_UNAVAILABLE (with a hint) unless a database is open; ERR_DATABASE_LOCKED where
 * another process holds its lock; ERR_DATABASE_READ_ONLY where it must be written and can't. */
struct error *store_require_database(const struct store *store, bool writable) MUST_USE;

/* The private key of `certificate`, usable as long as the store is open; the caller frees it with
 * store_key_free. Logs in to the key's token where it is needed. For the internal token with a
 * password it is a session copy (2 ms an operation in place of 45). ERR_KEY_ABSENT,
 * ERR_TOKEN_LOCKED, ERR_INTERACTION_FORBIDDEN, ERR_PIN_CANCELLED, ERR_PIN_INCORRECT,
 * ERR_PIN_LOCKED, ERR_PROMPT_UNAVAILABLE, ERR_CANCELLED. */
struct error *store_key(struct store *store, struct CERTCertificateStr *certificate,
                        const struct interaction *interaction, struct SECKEYPrivateKeyStr **ret_key)
    MUST_USE;
void store_key_free(struct SECKEYPrivateKeyStr *key); /* NULL is fine */
DEFINE_CLEANUP(struct SECKEYPrivateKeyStr *, store_key_free);

/* The lasting secret key that is known as `name`, by its CKA_ID or else its nickname, on any token
 * that shows it; where none does, the open database is unlocked. ERR_KEY_ABSENT, and the errors of
 * a login as store_key. */
struct error *store_secret_key(struct store *store, struct bytes name,
                               const struct interaction *interaction,
                               struct PK11SymKeyStr **ret_key) MUST_USE;
void store_secret_key_free(struct PK11SymKeyStr *key); /* NULL is fine */
DEFINE_CLEANUP(struct PK11SymKeyStr *, store_secret_key_free);

/* Whether the private key of `certificate` is at hand, told without a login where that is possible
 * (by CKA_ID of a public key or certificate marked as a user's). Only the certificate's fields are
 * read: one decoded by itself will do. */
bool store_has_key(struct store *store, struct CERTCertificateStr *certificate);

/* The directory of the open database that holds `certificate`, borrowed from the store; NULL where
 * it is in none of them (on a card, among Mozilla's roots, or only in a message). */
const char *store_database_of(const struct store *store,
                              const struct CERTCertificateStr *certificate);

/* Changes whenever certificates or keys may have changed (here or in another process). */
unsigned long store_generation(struct store *store);

/* Makes a new, empty database without a password in `directory` (created, mode 0700).
 * ERR_DATABASE_UNAVAILABLE, also where there is one already. The caller has asked the user. It is
 * used from the next start on. */
struct error *store_create_database(const char *directory) MUST_USE;

/* Destroys the session copies of keys (tokens.logout, time-out); keys handed out before stay. */
void store_forget_keys(struct store *store);

/* The token into which new keys go: the open database's, unlocked. The caller frees it with
 * PK11_FreeSlot. Errors of store_require_database and of store_key. */
struct error *store_key_slot(struct store *store, const struct interaction *interaction,
                             struct PK11SlotInfoStr **ret_slot) MUST_USE;

/* Around every change to the database: one at a time, and store_generation changes. */
void store_change_begin(struct store *store);
void store_change_end(struct store *store);

#endif
