#include "mail/fixture.h"

#include "base/clock.h"
#include "certs/index.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static void open_store(struct mail_fixture *fixture, const char *pin)
{
    const struct store_options options = { .database = "db",
                                           .pin = pin,
                                           .remote = fixture->remote };
    assert_ok(store_open(&options, &fixture->store));
    assert_ok(cert_index_new(fixture->store, &fixture->index));
    fixture->context.store = fixture->store;
    fixture->context.index = fixture->index;
}

static struct mail_fixture *start(const char *pin)
{
    struct mail_fixture *fixture = calloc(1, sizeof(*fixture));
    cr_assert_not_null(fixture);
    open_start();
    fixture->policy = policy_default();
    fixture->context.policy = &fixture->policy;
    fixture->context.at = clock_now();
    open_store(fixture, pin);

    const struct trial_subject authority = { .name = "Trial CA", .key = TRIAL_ECDSA_P256 };
    assert_ok(
        trial_ca_make(fixture->store, &authority, &fixture->context.interaction, &fixture->ca));
    fixture->alice = mail_person(fixture, &(struct trial_subject){ .name = "Alice",
                                                                   .address = "alice@example.org",
                                                                   .key = TRIAL_ECDSA_P256 });
    fixture->bob = mail_person(fixture, &(struct trial_subject){ .name = "Bob",
                                                                 .address = "bob@example.org",
                                                                 .key = TRIAL_ECDSA_P256 });
    return fixture;
}

struct mail_fixture *mail_fixture_new(void)
{
    (void)fixture_directory();
    assert_ok(store_create_database("db"));
    return start(NULL);
}

struct mail_fixture *mail_fixture_new_locked(const char *password)
{
    fixture_database("db", password);
    return start(password);
}

/* All that holds on to NSS. */
static void close_store(struct mail_fixture *fixture)
{
    open_result_free(TAKE_PTR(fixture->result));
    cert_unref(TAKE_PTR(fixture->alice));
    cert_unref(TAKE_PTR(fixture->bob));
    cert_index_free(TAKE_PTR(fixture->index));
    store_close(TAKE_PTR(fixture->store));
}

static struct cert *find_person(struct mail_fixture *fixture, const char *address)
{
    struct cert_list found = { 0 };
    assert_ok(cert_index_by_address(fixture->index, address, &found));
    cr_assert_eq(found.count, 1);
    struct cert *cert = cert_ref(found.items[0]);
    cert_list_done(&found);
    return cert;
}

void mail_fixture_reopen(struct mail_fixture *fixture, const char *pin)
{
    close_store(fixture);
    open_store(fixture, pin);
    fixture->alice = find_person(fixture, "alice@example.org");
    fixture->bob = find_person(fixture, "bob@example.org");
}

void mail_fixture_free(struct mail_fixture *fixture)
{
    if (!fixture) {
        return;
    }
    close_store(fixture);
    buffer_free(fixture->ca);
    for (size_t i = 0; i < fixture->kept_count; i++) {
        buffer_free(fixture->kept[i]);
    }
    free(fixture);
    fixture_remove();
}

struct cert *mail_person(struct mail_fixture *fixture, const struct trial_subject *subject)
{
    CLEANUP(buffer_free) struct buffer *der = NULL;
    struct cert *cert = NULL;
    assert_ok(trial_identity_make(fixture->store, buffer_view(fixture->ca), subject,
                                  &fixture->context.interaction, &der));
    assert_ok(cert_from_der(buffer_view(der), &cert));
    return cert;
}

struct buffer *mail_keep(struct mail_fixture *fixture)
{
    struct buffer *buffer = NULL;
    assert_ok(buffer_new(0, &buffer));
    cr_assert_lt(fixture->kept_count, MAIL_KEPT);
    fixture->kept[fixture->kept_count++] = buffer;
    return buffer;
}

struct bytes mail_keep_content(struct mail_fixture *fixture, const struct content *content)
{
    struct buffer *buffer = mail_keep(fixture);
    struct bytes piece = BYTES_NONE;
    for (size_t i = 0; content_piece(content, i, &piece); i++) {
        assert_ok(buffer_append(buffer, piece));
    }
    return buffer_view(buffer);
}

struct bytes mail_keep_file(struct mail_fixture *fixture, const char *name)
{
    CLEANUP(buffer_free) struct buffer *file = fixture_read(name);
    struct buffer *buffer = mail_keep(fixture);
    assert_ok(buffer_append(buffer, buffer_view(file)));
    return buffer_view(buffer);
}

struct mapping *mail_mapping(struct bytes bytes)
{
    struct mapping *mapping = NULL;
    assert_ok(mapping_new(bytes.len ? bytes.len : 1, &mapping));
    assert_ok(mapping_append(mapping, bytes));
    return mapping;
}

struct error *mail_try_open(struct mail_fixture *fixture, struct bytes message)
{
    open_result_free(TAKE_PTR(fixture->result));
    CLEANUP(mapping_unref) struct mapping *owner = mail_mapping(message);
    struct error *error =
        open_message(&fixture->context, owner, mapping_view(owner), &fixture->result);
    cr_assert(bytes_equal(mapping_view(owner), message), "the message was changed");
    return error;
}

const struct open_result *mail_open(struct mail_fixture *fixture, struct bytes message)
{
    assert_ok(mail_try_open(fixture, message));
    return fixture->result;
}

static void print_words(const char *what, word_set words)
{
    (void)fprintf(stderr, "%s:", what);
    for (int word = 0; word < WORD_COUNT; word++) {
        if (words_has(words, (enum word)word)) {
            (void)fprintf(stderr, " %s", word_text((enum word)word));
        }
    }
    (void)fprintf(stderr, "\n");
}

void mail_assert_signature(const struct open_result *result, enum signature_status status,
                           word_set problems, int line)
{
    const struct judgement *seen = &result->verdict.signature;
    if (seen->status != status || seen->problems != problems) {
        (void)fprintf(stderr, "line %d: status %d\n", line, (int)seen->status);
        print_words("signature problems", seen->problems);
        print_words("signature notices", seen->notices);
    }
    cr_assert_eq(seen->status, status, "line %d", line);
    cr_assert_eq(seen->problems, problems, "line %d", line);
}

void mail_assert_encryption(const struct open_result *result, enum encryption_status status,
                            word_set problems, int line)
{
    const struct message_verdict *seen = &result->verdict;
    if (seen->encryption != status || seen->encryption_problems != problems) {
        (void)fprintf(stderr, "line %d: encryption %d\n", line, (int)seen->encryption);
        print_words("encryption problems", seen->encryption_problems);
    }
    cr_assert_eq(seen->encryption, status, "line %d", line);
    cr_assert_eq(seen->encryption_problems, problems, "line %d", line);
}

bool mail_content_has(const struct content *content, const char *text)
{
    CLEANUP(mapping_unref) struct mapping *owner = NULL;
    struct bytes view = BYTES_NONE;
    assert_ok(content_flatten(content, &owner, &view));
    return bytes_find(view, bytes_of_string(text)) != SIZE_MAX;
}
