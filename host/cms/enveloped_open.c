#include "base/limits.h"
#include "cms/der.h"
#include "cms/enveloped.h"
#include "cms/enveloped_message.h"
#include "cms/recipient_kari.h"
#include "cms/recipient_kek.h"
#include "cms/recipient_ktri.h"
#include "cms/recipient_pwri.h"
#include "nss/nss_scope.h"

#include <stdlib.h>
#include <string.h>

struct cms_cek {
    PK11SymKey *key;
};

void cms_cek_free(struct cms_cek *cek)
{
    if (cek) {
        nss_sym_key_free(cek->key);
        free(cek);
    }
}

/* A cipher that is known and belongs into this type: RFC 5652 6 has none with a tag, RFC 5083 none
 * without. */
static struct error *check_cipher(const struct cms_enveloped *message)
{
    const struct cms_cipher_info *info = message->cipher.info;
    if (!info || info->authenticated != message->authenticated) {
        return error_new(ERR_CMS_UNSUPPORTED, "the content's cipher is not supported");
    }
    return NULL;
}

/* What may open a message: of these only what the recipient's type asks for is there. */
struct opener {
    CERTCertificate *certificate;
    SECKEYPrivateKey *key;
    PK11SymKey *kek;
    const struct bytes *password;
};

static struct error *unwrap(const struct cms_enveloped *message,
                            const struct recipient_entry *entry, const struct opener *opener,
                            PK11SymKey **ret_key)
{
    const struct cipher *cipher = &message->cipher;
    switch (entry->recipient.type) {
    case CMS_KEY_TRANSPORT:
        if (opener->key) {
            return recipient_ktri_unwrap(entry, opener->key, cipher, ret_key);
        }
        break;
    case CMS_KEY_AGREEMENT:
        if (opener->key) {
            return recipient_kari_unwrap(entry, opener->certificate, opener->key, cipher, ret_key);
        }
        break;
    case CMS_KEK:
        if (opener->kek) {
            return recipient_kek_unwrap(entry, opener->kek, cipher, ret_key);
        }
        break;
    case CMS_PASSWORD:
        if (opener->password) {
            return recipient_pwri_unwrap(entry, *opener->password, cipher, ret_key);
        }
        break;
    case CMS_KEM:
    case CMS_RECIPIENT_OTHER:
        break;
    }
    return error_new(ERR_CMS_UNSUPPORTED, "this type of recipient is not supported");
}

static struct error *open_key(const struct cms_enveloped *message, size_t number,
                              const struct opener *opener, struct cms_cek **ret_cek)
{
    TRY(check_cipher(message));
    if (number >= message->recipients.count) {
        return error_new(ERR_INTERNAL, "there is no recipient %zu", number);
    }
    CLEANUP(cms_cek_free) struct cms_cek *cek = calloc(1, sizeof(*cek));
    if (!cek) {
        return error_no_memory();
    }
    TRY(unwrap(message, &message->recipients.entries[number], opener, &cek->key));
    *ret_cek = TAKE_PTR(cek);
    return NULL;
}

struct error *cms_enveloped_unwrap(const struct cms_enveloped *message, size_t number,
                                   struct CERTCertificateStr *certificate,
                                   struct SECKEYPrivateKeyStr *key, struct cms_cek **ret_cek)
{
    const struct opener opener = { .certificate = certificate, .key = key };
    return open_key(message, number, &opener, ret_cek);
}

struct error *cms_enveloped_unwrap_kek(const struct cms_enveloped *message, size_t number,
                                       struct PK11SymKeyStr *kek, struct cms_cek **ret_cek)
{
    const struct opener opener = { .kek = kek };
    return open_key(message, number, &opener, ret_cek);
}

struct error *cms_enveloped_unwrap_password(const struct cms_enveloped *message, size_t number,
                                            struct bytes password, struct cms_cek **ret_cek)
{
    const struct opener opener = { .password = &password };
    return open_key(message, number, &opener, ret_cek);
}

/* The ciphertext as one run of bytes that may be altered, for GCM with the tag behind. */
struct run {
    struct mapping *owner; /* one reference */
    uint8_t *data;
    size_t len; /* without the tag */
};

static void run_done(struct run *run)
{
    mapping_unref(run->owner);
}
DEFINE_CLEANUP(struct run *, run_done);

static struct error *copy_out(const struct cms_enveloped *message, struct task *task,
                              struct run *run)
{
    size_t room = message->content.len + message->tag.len;
    TRY(mapping_new(room > 0 ? room : 1, &run->owner));
    struct ber_string_iterator iterator = { .started = false };
    struct bytes segment;
    while (ber_string_next(&message->content, &iterator, &segment)) {
        TRY(task_check(task));
        TRY(mapping_append(run->owner, segment));
    }
    run->len = mapping_len(run->owner);
    TRY(mapping_append(run->owner, message->tag));
    run->data = mapping_data(run->owner);
    return NULL;
}

static bool lies_in(struct bytes part, const struct mapping *mapping)
{
    struct bytes all = mapping_view(mapping);
    return part.len > 0 && part.len <= all.len && part.data >= all.data &&
           part.data <= all.data + (all.len - part.len);
}

/* The tag's own place lies further behind, so that there is room for it behind the content. A
 * message without a tag is still whole afterwards: its content's segments have come together. */
static struct error *compact(struct cms_enveloped *message, struct mapping *writable,
                             struct run *run)
{
    if (!lies_in(message->content.whole, writable)) {
        return error_new(ERR_INTERNAL, "the message does not lie in the mapping");
    }
    struct bytes view = ber_string_compact(&message->content, writable);
    if (!lies_in(view, writable)) {
        return error_new(ERR_INTERNAL, "the content does not lie in the mapping");
    }
    message->content =
        (struct ber_string){ .whole = view, .len = view.len, .segments = 1, .first = view };
    run->owner = mapping_ref(writable);
    run->data = mapping_data(writable) + (view.data - mapping_data(writable));
    run->len = view.len;
    if (message->tag.len > 0) {
        memmove(run->data + run->len, message->tag.data, message->tag.len);
    }
    return NULL;
}

/* RFC 5083 2.2: what is authenticated is the DER encoding of a SET OF, not of [1]. */
static struct error *authenticated_data(const struct cms_enveloped *message, struct buffer *out)
{
    if (!message->has_attributes) {
        return NULL;
    }
    struct ber_reader reader = ber_reader_in(&message->attributes);
    for (size_t i = 0; !ber_at_end(&reader); i++) {
        struct ber_value attribute;
        if (i == LIMIT_ATTRIBUTES) {
            return error_new(ERR_CMS_MALFORMED, "more than %d attributes", LIMIT_ATTRIBUTES);
        }
        TRY(ber_next(&reader, &attribute));
        TRY(buffer_append(out, attribute.whole));
    }
    return der_wrap_set_of(out, 0, BER_SET);
}

/* RFC 5084 3.2: the tag is as long as the parameters say; a sender who could choose anew would make
 * forging easier. */
static struct error *check_tag(const struct cms_enveloped *message)
{
    return message->tag.len == message->cipher.tag_len ? NULL : cipher_failed();
}

static struct error *decrypt_run(struct cms_enveloped *message, struct cipher_job *job,
                                 struct run *run, bool in_place, size_t *ret_plain_len)
{
    size_t len = run->len + message->tag.len;
    TRY(cipher_look(job, (struct bytes){ run->data, len }, ret_plain_len));
    message->spent = in_place;
    return cipher_decrypt(job, run->data, len);
}

struct error *cms_enveloped_decrypt(struct cms_enveloped *message, struct cms_cek *cek,
                                    struct mapping *writable, struct task *task,
                                    struct mapping **ret_owner, struct bytes *ret_plain)
{
    if (message->spent) {
        return error_new(ERR_INTERNAL, "the message was opened before");
    }
    TRY(check_cipher(message));
    TRY(check_tag(message));
    TRY(task_check(task));
    CLEANUP(buffer_free) struct buffer *authenticated = NULL;
    TRY(buffer_new(0, &authenticated));
    TRY(authenticated_data(message, authenticated));
    /* an empty content has no place */
    bool in_place = writable && message->content.len > 0;
    struct run run = { .owner = NULL };
    CLEANUP(run_done) struct run *owned = &run;
    TRY(in_place ? compact(message, writable, &run) : copy_out(message, task, &run));
    struct cipher_job job = {
        .cipher = &message->cipher,
        .key = cek->key,
        .authenticated = buffer_view(authenticated),
        .task = task,
    };
    size_t plain_len = 0;
    TRY(decrypt_run(message, &job, owned, in_place, &plain_len));
    if (!in_place) {
        mapping_truncate(run.owner, plain_len);
    }
    *ret_plain = (struct bytes){ run.data, plain_len };
    *ret_owner = TAKE_PTR(run.owner);
    return NULL;
}
