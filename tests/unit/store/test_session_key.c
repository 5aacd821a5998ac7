#include "base/limits.h"
#include "nss/nss_scope.h"
#include "store/fixture.h"
#include "store/session_key.h"
#include "support/support.h"

#include <criterion/criterion.h>

TestSuite(session_key, .fini = fixture_remove, .timeout = 30);

/* Stands for a certificate: the cache compares bytes and decodes nothing. */
static struct bytes name_of(const uint8_t *number)
{
    return (struct bytes){ number, 1 };
}

static bool holds(struct session_keys *keys, uint8_t number)
{
    CLEANUP(nss_private_key_free)
    SECKEYPrivateKey *key = session_key_find(keys, name_of(&number));
    return key != NULL;
}

static SECKEYPrivateKey *some_key(struct store *store)
{
    CERTCertificate *certificate = fixture_certificate("alice");
    SECKEYPrivateKey *key = NULL;
    assert_ok(store_key(store, certificate, NULL, &key));
    CERT_DestroyCertificate(certificate);
    return key;
}

static struct store *open_alice(void)
{
    fixture_database("db", NULL);
    fixture_identity("alice");
    fixture_import("db", NULL, "alice");
    struct store_options options = { .database = "db" };
    return fixture_open(&options);
}

static void add(struct session_keys *keys, SECKEYPrivateKey *original, uint8_t number)
{
    SECKEYPrivateKey *copy = NULL;
    assert_ok(session_key_add(keys, name_of(&number), original, &copy));
    cr_assert(copy->pkcs11IsTemp);
    SECKEY_DestroyPrivateKey(copy);
}

Test(session_key, forgets_the_oldest_above_the_limit)
{
    struct store *store = open_alice();
    struct session_keys *keys = NULL;
    assert_ok(session_key_new(&keys));
    SECKEYPrivateKey *original = some_key(store);
    for (uint8_t i = 0; i < LIMIT_SESSION_KEYS; i++) {
        add(keys, original, i);
    }
    cr_assert(holds(keys, 0));
    add(keys, original, LIMIT_SESSION_KEYS);
    cr_assert_not(holds(keys, 0));
    cr_assert(holds(keys, 1));
    cr_assert(holds(keys, LIMIT_SESSION_KEYS));
    SECKEY_DestroyPrivateKey(original);
    session_key_free(keys);
    fixture_close(store);
}

Test(session_key, forgets_all_on_demand)
{
    struct store *store = open_alice();
    struct session_keys *keys = NULL;
    assert_ok(session_key_new(&keys));
    SECKEYPrivateKey *original = some_key(store);
    add(keys, original, 1);
    session_key_forget(keys);
    cr_assert_not(holds(keys, 1));
    SECKEY_DestroyPrivateKey(original);
    session_key_free(keys);
    fixture_close(store);
}

Test(session_key, refuses_a_certificate_above_the_limit)
{
    struct session_keys *keys = NULL;
    assert_ok(session_key_new(&keys));
    static const uint8_t large[LIMIT_CERTIFICATE + 1] = { 0 };
    SECKEYPrivateKey *copy = NULL;
    assert_error(session_key_add(keys, (struct bytes){ large, sizeof(large) }, NULL, &copy),
                 ERR_MESSAGE_TOO_LARGE);
    session_key_free(keys);
}
