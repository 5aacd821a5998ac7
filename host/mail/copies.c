#include "mail/copies.h"

#include "base/limits.h"
#include "mail/seal.h"
#include "mime/build.h"

#include <stdlib.h>
#include <string.h>

struct maker {
    const struct copies_plan *plan;
    struct protect_result *result;
    struct content *inner; /* signed or not: what is encrypted, or all that is done; owned */
    struct content *blind_inner; /* the same with the message's fields inside; owned, or NULL */
    struct content *shared; /* the finished body of main, without fields; owned, or NULL */
    struct buffer *fields; /* of main; owned */
    struct smime_profiles *profiles; /* owned; NULL where nothing is encrypted */
};

static void maker_done(struct maker *maker)
{
    content_unref(maker->inner);
    content_unref(maker->blind_inner);
    content_unref(maker->shared);
    buffer_free(maker->fields);
    smime_profiles_free(maker->profiles);
}

static struct error *fields_for_blind(const struct copies_plan *plan, const char *address,
                                      struct buffer *out)
{
    if (!plan->headers->blind_outer) {
        return build_message_fields(plan->headers->outer, false, out);
    }
    TRY(build_message_fields(plan->headers->blind_outer, false, out));
    return buffer_printf(out, "To: <%s>\r\n", address);
}

static struct error *add_copy(struct maker *maker, enum copy_role role,
                              struct protect_copy **ret_copy)
{
    struct protect_copy *copy = &maker->result->copies[maker->result->copy_count++];
    copy->role = role;
    copy->from = strdup(maker->plan->addressees->from->addresses[0]);
    copy->to = calloc(maker->plan->addressees->count + 1, sizeof(*copy->to));
    *ret_copy = copy;
    return copy->from && copy->to ? NULL : error_no_memory();
}

static struct error *add_to(struct protect_copy *copy, const char *address)
{
    char *text = strdup(address);
    if (!text) {
        return error_no_memory();
    }
    copy->to[copy->to_count++] = text;
    return NULL;
}

/* A message neither signed nor encrypted still goes out canonical. */
static struct error *plain_content(const struct content *entity, struct content **ret_content)
{
    CLEANUP(content_unref) struct content *content = NULL;
    TRY(content_new(&content));
    TRY(content_append_copy(content, BYTES_LITERAL("MIME-Version: 1.0\r\n")));
    TRY(content_append_content(content, entity));
    *ret_content = TAKE_PTR(content);
    return NULL;
}

/* `entity` signed or not, and ready to be encrypted; for a message that is not encrypted, what
 * stands behind its fields. */
static struct error *make_inner(const struct maker *maker, struct content *entity,
                                struct content **ret_content)
{
    const struct protect_request *request = maker->plan->request;
    const struct seal_front front = { .message = !request->encrypt };
    if (request->sign) {
        const struct seal_signer signer = {
            .cert = maker->result->signed_with,
            .encryption = maker->plan->addressees->self,
            .form = maker->plan->inner_form,
            .stand_in = request->dry_run,
        };
        return seal_sign(maker->plan->context, &signer, &front, entity, ret_content);
    }
    if (!request->encrypt) {
        return plain_content(entity, ret_content);
    }
    *ret_content = content_ref(entity);
    return NULL;
}

/* The cipher is each copy's own: main's must not tell what a blind recipient can read. */
static struct error *encrypt_to(const struct maker *maker, const struct cert_list *recipients,
                                const struct content *inner, struct protect_copy *copy,
                                struct content **ret_content)
{
    const struct seal_front front = { .message = true };
    const struct seal_recipients to = {
        .certs = recipients,
        .self = maker->plan->addressees->self,
        .profiles = maker->profiles,
        .wish = maker->plan->request->cipher,
    };
    struct cipher_choice choice = { 0 };
    TRY(seal_encrypt(maker->plan->context, &to, &front, inner, &choice, ret_content));
    copy->cipher = choice.cipher;
    if (choice.limited) {
        protect_warn(maker->result, "cipher-limited");
    }
    if (choice.unannounced) {
        protect_warn(maker->result, "cipher-unannounced");
    }
    return NULL;
}

static struct error *encrypt_to_one(const struct maker *maker, struct cert *cert,
                                    const struct content *inner, struct protect_copy *copy,
                                    struct content **ret_content)
{
    struct cert_list only = { 0 };
    struct error *error = cert_list_add(&only, cert);
    if (!error) {
        error = encrypt_to(maker, &only, inner, copy, ret_content);
    }
    cert_list_done(&only);
    return error;
}

static bool any_visible(const struct addressees *addressees)
{
    for (size_t i = 0; i < addressees->count; i++) {
        if (!addressees->entries[i].blind) {
            return true;
        }
    }
    return false;
}

static struct error *visible_recipients(const struct maker *maker, struct cert_list *list)
{
    const struct addressees *addressees = maker->plan->addressees;
    for (size_t i = 0; i < addressees->count; i++) {
        if (!addressees->entries[i].blind) {
            TRY(cert_list_add_once(list, addressees->entries[i].cert));
        }
    }
    if (addressees->self && (maker->plan->request->to_self || list->count == 0)) {
        TRY(cert_list_add_once(list, addressees->self));
    }
    return NULL;
}

/* The body of main, and of everything else that may be read by the same people. */
static struct error *make_shared(struct maker *maker, struct protect_copy *copy)
{
    if (!maker->plan->request->encrypt) {
        maker->shared = content_ref(maker->inner);
        return NULL;
    }
    struct cert_list recipients = { 0 };
    struct error *error = visible_recipients(maker, &recipients);
    if (!error) {
        error = encrypt_to(maker, &recipients, maker->inner, copy, &maker->shared);
    }
    cert_list_done(&recipients);
    return error;
}

/* `body` behind `fields`. Of a dry run only the size is kept: its signature is none. */
static struct error *finish_copy(const struct maker *maker, struct protect_copy *copy,
                                 const struct content *body, const struct buffer *fields)
{
    CLEANUP(content_unref) struct content *content = NULL;
    TRY(build_refield(body, 0, buffer_view(fields), &content));
    copy->size = content_size(content);
    copy->content = maker->plan->request->dry_run ? NULL : TAKE_PTR(content);
    return NULL;
}

static struct error *make_main(struct maker *maker)
{
    const struct addressees *addressees = maker->plan->addressees;
    struct protect_copy *copy = NULL;
    TRY(add_copy(maker, COPY_MAIN, &copy));
    for (size_t i = 0; i < addressees->count; i++) {
        if (!addressees->entries[i].blind) {
            TRY(add_to(copy, addressees->entries[i].address));
        }
    }
    TRY(make_shared(maker, copy));
    return finish_copy(maker, copy, maker->shared, maker->fields);
}

/* What the copies of blind recipients hold, signed once for all of them. */
static struct error *find_blind_inner(struct maker *maker)
{
    if (maker->blind_inner) {
        return NULL;
    }
    if (!maker->plan->headers->blind_entity) {
        maker->blind_inner = content_ref(maker->inner);
        return NULL;
    }
    return make_inner(maker, maker->plan->headers->blind_entity, &maker->blind_inner);
}

static struct error *make_blind(struct maker *maker, const struct addressee *entry)
{
    struct protect_copy *copy = NULL;
    TRY(add_copy(maker, COPY_BCC, &copy));
    TRY(add_to(copy, entry->address));
    CLEANUP(buffer_free) struct buffer *fields = NULL;
    TRY(buffer_new(0, &fields));
    TRY(fields_for_blind(maker->plan, entry->address, fields));
    TRY(find_blind_inner(maker));
    if (!maker->plan->request->encrypt) {
        return finish_copy(maker, copy, maker->blind_inner, fields);
    }
    CLEANUP(content_unref) struct content *body = NULL;
    TRY(encrypt_to_one(maker, entry->cert, maker->blind_inner, copy, &body));
    return finish_copy(maker, copy, body, fields);
}

/* The sender can read main's body where that is encrypted to him; else he gets one of his own. */
static struct error *sent_body(const struct maker *maker, struct protect_copy *copy,
                               struct content **ret_body)
{
    const struct protect_request *request = maker->plan->request;
    struct cert *self = maker->plan->addressees->self;
    if (!request->encrypt) {
        *ret_body = content_ref(maker->inner);
        return NULL;
    }
    if (maker->shared && (request->to_self || !self)) {
        *ret_body = content_ref(maker->shared);
        copy->cipher = maker->result->copies[0].cipher; /* main's, whose body it is */
        return NULL;
    }
    return encrypt_to_one(maker, self, maker->inner, copy, ret_body);
}

static struct error *make_sent(struct maker *maker)
{
    struct protect_copy *copy = NULL;
    TRY(add_copy(maker, COPY_SENT, &copy));
    TRY(add_to(copy, maker->plan->addressees->from->addresses[0]));
    CLEANUP(buffer_free) struct buffer *fields = NULL;
    CLEANUP(content_unref) struct content *body = NULL;
    TRY(buffer_new(0, &fields));
    TRY(build_message_fields(maker->plan->headers->outer, true, fields));
    TRY(sent_body(maker, copy, &body));
    return finish_copy(maker, copy, body, fields);
}

static struct error *make_all(struct maker *maker)
{
    const struct addressees *addressees = maker->plan->addressees;
    const struct protect_request *request = maker->plan->request;
    bool open = any_visible(addressees) || addressees->count == 0;
    if (request->encrypt && addressees->count == 0 && !addressees->self) {
        return error_new(ERR_RECIPIENT_MISSING, "there is nobody to encrypt to");
    }
    if (request->encrypt) {
        TRY(smime_profiles_new(LIMIT_PROFILES, &maker->profiles));
    }
    TRY(buffer_new(0, &maker->fields));
    TRY(build_message_fields(maker->plan->headers->outer, false, maker->fields));
    TRY(make_inner(maker, maker->plan->headers->entity, &maker->inner));
    if (open) {
        TRY(make_main(maker));
    }
    for (size_t i = 0; i < addressees->count; i++) {
        if (addressees->entries[i].blind) {
            TRY(make_blind(maker, &addressees->entries[i]));
        }
    }
    /* with blind recipients only and no certificate of his own there is nobody to encrypt it to */
    bool nobody = request->encrypt && !open && !addressees->self;
    return nobody ? NULL : make_sent(maker);
}

struct error *copies_make(const struct copies_plan *plan, struct protect_result *result)
{
    result->copies = calloc(plan->addressees->count + 2, sizeof(*result->copies));
    if (!result->copies) {
        return error_no_memory();
    }
    struct maker maker = { .plan = plan, .result = result };
    struct error *error = make_all(&maker);
    maker_done(&maker);
    return error;
}
