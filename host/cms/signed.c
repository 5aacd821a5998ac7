#include "cms/signed.h"

#include "cms/content_info.h"
#include "cms/signed_message.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Longest content that is looked at as signed attributes. */
#define ATTRIBUTES_MAX (64 * KIB)

void cms_signed_free(struct cms_signed *message)
{
    if (message) {
        explicit_bzero(message->digests, sizeof(message->digests));
        free(message);
    }
}

const struct ber_string *cms_signed_content(const struct cms_signed *message)
{
    return message->has_content ? &message->content : NULL;
}

bool cms_signed_content_is_data(const struct cms_signed *message)
{
    return content_info_type_of_oid(message->content_type) == CMS_TYPE_DATA;
}

size_t cms_signed_certificate_count(const struct cms_signed *message)
{
    return message->certificate_count;
}

struct bytes cms_signed_certificate(const struct cms_signed *message, size_t number)
{
    assert(number < message->certificate_count);
    return message->certificates[number];
}

size_t cms_signed_crl_count(const struct cms_signed *message)
{
    return message->crl_count;
}

struct bytes cms_signed_crl(const struct cms_signed *message, size_t number)
{
    assert(number < message->crl_count);
    return message->crls[number];
}

size_t cms_signed_signer_count(const struct cms_signed *message)
{
    return message->signer_count;
}

const struct cms_signer *cms_signed_signer(const struct cms_signed *message, size_t number)
{
    assert(number < message->signer_count);
    return &message->signers[number].view;
}

static struct error *digest_string(struct signed_digest *pass, const struct ber_string *string)
{
    struct ber_string_iterator iterator = { 0 };
    struct bytes segment = BYTES_NONE;
    while (ber_string_next(string, &iterator, &segment)) {
        TRY(signed_digest_add(pass, segment));
    }
    return NULL;
}

/* Removing the signed attributes and passing off their encoding, which is what was signed, as the
 * content makes another valid message (RFC 5652 has no defence but its rule for other content
 * types; mail is id-data). Real content does not look like that. */
static struct error *find_attributes(struct cms_signed *message, const struct bytes *detached)
{
    CLEANUP(buffer_free) struct buffer *whole = NULL;
    size_t len = detached ? detached->len : message->content.len;
    message->content_is_attributes = false;
    if (len > ATTRIBUTES_MAX) {
        return NULL;
    }
    TRY(buffer_new(ATTRIBUTES_MAX, &whole));
    struct bytes segment = BYTES_NONE;
    struct ber_string_iterator iterator = { 0 };
    if (detached) {
        TRY(buffer_append(whole, *detached));
    } else {
        while (ber_string_next(&message->content, &iterator, &segment)) {
            TRY(buffer_append(whole, segment));
        }
    }
    message->content_is_attributes = signed_attributes_are(buffer_view(whole));
    return NULL;
}

static struct error *run(struct cms_signed *message, const struct bytes *detached,
                         struct signed_digest *pass)
{
    TRY(detached ? signed_digest_add(pass, *detached) : digest_string(pass, &message->content));
    for (unsigned which = 0; which < SIGNED_DIGEST_COUNT; which++) {
        struct signed_content_digest *digest = &message->digests[which];
        TRY(signed_digest_end(pass, (enum cms_digest)which, digest->value, &digest->there));
    }
    return NULL;
}

struct error *cms_signed_digest(struct cms_signed *message, const struct bytes *detached,
                                struct task *task)
{
    bool wanted[SIGNED_DIGEST_COUNT] = { false };
    for (size_t i = 0; i < message->signer_count; i++) {
        wanted[message->signers[i].view.digest] = true;
    }
    wanted[CMS_DIGEST_UNKNOWN] = false;
    message->digested = false;
    message->content_given = detached || message->has_content;
    if (message->content_given) {
        size_t total = detached ? detached->len : message->content.len;
        CLEANUP(signed_digest_free) struct signed_digest *pass = NULL;
        TRY(task_check(task));
        TRY(signed_digest_new(wanted, total, task, &pass));
        TRY(run(message, detached, pass));
        TRY(find_attributes(message, detached));
        task_progress(task, total, total);
    }
    message->digested = true;
    return NULL;
}
