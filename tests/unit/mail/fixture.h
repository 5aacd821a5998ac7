/* What the tests of mail work with: a temporary NSS database with a trusted authority and people
 * whose keys are in it, and everything that a test made on the way, freed at its end. */
#ifndef SEALPOST_TESTS_UNIT_MAIL_FIXTURE_H
#define SEALPOST_TESTS_UNIT_MAIL_FIXTURE_H

#include "mail/open.h"
#include "policy/policy.h"
#include "store/store.h"
#include "store/trial.h"

enum { MAIL_KEPT = 512 };

struct mail_fixture {
    struct store *store;
    struct cert_index *index;
    struct policy policy;
    struct mail_context context;
    struct remote *remote; /* asks for PINs in the database's name from the next start on; NULL */
    struct buffer *ca; /* DER */
    struct cert *alice; /* alice@example.org, as all below with a key in the database */
    struct cert *bob;
    struct buffer *kept[MAIL_KEPT];
    size_t kept_count;
    struct open_result *result; /* of the last mail_open */
};

/* A new database in a new directory, which is HOME and the working directory, with Alice and Bob
 * (ECDSA). Fails the test where that can't be. */
struct mail_fixture *mail_fixture_new(void);
/* The same in a database with this password, which is known to it for now. */
struct mail_fixture *mail_fixture_new_locked(const char *password);
/* Starts again on the same database, the password unknown (`pin` NULL). What was kept stays. */
void mail_fixture_reopen(struct mail_fixture *fixture, const char *pin);
void mail_fixture_free(struct mail_fixture *fixture);
DEFINE_CLEANUP(struct mail_fixture *, mail_fixture_free);

/* A person certified by the fixture's authority; owned by the caller. Validity as in
 * trial_subject. */
struct cert *mail_person(struct mail_fixture *fixture, const struct trial_subject *subject);

/* Bytes kept by the fixture to its end. */
struct buffer *mail_keep(struct mail_fixture *fixture);
struct bytes mail_keep_content(struct mail_fixture *fixture, const struct content *content);
struct bytes mail_keep_file(struct mail_fixture *fixture, const char *name);

/* A mapping of its own with these bytes; owned by the caller. */
struct mapping *mail_mapping(struct bytes bytes);

/* Opens a message; asserts that this is no error. Borrowed until the next call. */
const struct open_result *mail_open(struct mail_fixture *fixture, struct bytes message);
/* The same without any assertion. */
struct error *mail_try_open(struct mail_fixture *fixture, struct bytes message) MUST_USE;

/* Assert the summary, whole sets of words and not only some. */
void mail_assert_signature(const struct open_result *result, enum signature_status status,
                           word_set problems, int line);
void mail_assert_encryption(const struct open_result *result, enum encryption_status status,
                            word_set problems, int line);
#define assert_signature(result, status, problems) \
    mail_assert_signature((result), (status), (problems), __LINE__)
#define assert_encryption(result, status, problems) \
    mail_assert_encryption((result), (status), (problems), __LINE__)

bool mail_content_has(const struct content *content, const char *text);

#endif
