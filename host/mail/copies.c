#include "mail/copies.h"

#include "mail/seal.h"
#include "mime/build.h"

#include <stdlib.h>
#include <string.h>

/* What a signature with its certificates, a recipient, and fields and boundaries add, with room to
 * spare, for the sizes of a dry run. */
enum { ESTIMATE_SIGNATURE = 12 * 1024, ESTIMATE_RECIPIENT = 1024, ESTIMATE_SHELL = 2 * 1024 };

struct maker {
    const struct copies_plan *plan;
    struct protect_result *result;
    struct content *inner; /* what is encrypted, or the unprotected entity; owned */
    struct content *shared; /* the finished main body with `shared_fields` in front; owned */
    struct buffer *fields; /* of main; owned */
};

static void maker_done(struct maker *maker)
{
    content_unref(maker->inner);
    content_unref(maker->shared);
    buffer_free(maker->fields);
}

/* A route that reads the recipients from the header must find only this one there. */
static bool header_is_envelope(const struct protect_request *request)
{
    return request->route == ROUTE_GMAIL || request->route == ROUTE_GRAPH;
}

static bool is_recipient_field(struct bytes name)
{
    return bytes_equal_ascii_nocase(name, BYTES_LITERAL("To")) ||
           bytes_equal_ascii_nocase(name, BYTES_LITERAL("Cc"));
}

static struct error *fields_for_blind(const struct copies_plan *plan, const char *address,
                                      struct buffer *out)
{
    if (!header_is_envelope(plan->request)) {
        return build_message_fields(plan->header, false, out);
    }
    struct mime_header reduced = *plan->header;
    reduced.fields = calloc(plan->header->count + 1, sizeof(*reduced.fields));
    if (!reduced.fields) {
        return error_no_memory();
    }
    reduced.count = 0;
    for (size_t i = 0; i < plan->header->count; i++) {
        if (!is_recipient_field(plan->header->fields[i].name)) {
            reduced.fields[reduced.count++] = plan->header->fields[i];
        }
    }
    struct error *error = build_message_fields(&reduced, false, out);
    free(reduced.fields);
    TRY(error);
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

/* Signed or not, and ready to be encrypted; for a message that is only signed, the finished main.
 */
static struct error *make_inner(struct maker *maker)
{
    const struct protect_request *request = maker->plan->request;
    if (!request->sign) {
        maker->inner = content_ref(maker->plan->entity);
        return NULL;
    }
    const struct seal_front front = {
        .fields = request->encrypt ? BYTES_NONE : buffer_view(maker->fields),
        .message = !request->encrypt,
    };
    return seal_sign(maker->plan->context, maker->result->signed_with, maker->plan->inner_form,
                     &front, maker->plan->entity, &maker->inner);
}

static struct error *encrypt_to(struct maker *maker, const struct cert_list *recipients,
                                struct bytes fields, struct content **ret_content)
{
    const struct seal_front front = { .fields = fields, .message = true };
    return seal_encrypt(maker->plan->context, recipients, maker->result->cipher, &front,
                        maker->inner, ret_content);
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

/* A message neither signed nor encrypted still goes out canonical. */
static struct error *plain_content(struct maker *maker)
{
    TRY(content_new(&maker->shared));
    TRY(content_append_copy(maker->shared, buffer_view(maker->fields)));
    TRY(content_append_copy(maker->shared, BYTES_LITERAL("MIME-Version: 1.0\r\n")));
    return content_append_content(maker->shared, maker->inner);
}

/* What main and, mostly, sent have in common. */
static struct error *make_shared(struct maker *maker)
{
    const struct protect_request *request = maker->plan->request;
    if (!request->encrypt) {
        if (!request->sign) {
            return plain_content(maker);
        }
        maker->shared = content_ref(maker->inner);
        return NULL;
    }
    struct cert_list recipients = { 0 };
    struct error *error = visible_recipients(maker, &recipients);
    if (!error && recipients.count > 0) {
        error = encrypt_to(maker, &recipients, buffer_view(maker->fields), &maker->shared);
    } else if (!error) {
        error = error_new(ERR_RECIPIENT_MISSING, "there is nobody to encrypt to");
    }
    cert_list_done(&recipients);
    return error;
}

/* In lines of 64 characters and CRLF: 66 bytes for 48. */
static size_t base64_size(size_t size)
{
    return (size / 48 + 1) * 66;
}

static size_t estimate(const struct maker *maker)
{
    const struct protect_request *request = maker->plan->request;
    size_t size = content_size(maker->plan->entity);
    if (request->sign) {
        size += ESTIMATE_SIGNATURE;
        size = maker->plan->inner_form == FORM_OPAQUE ? base64_size(size) : size;
    }
    if (request->encrypt) {
        size += (maker->plan->addressees->count + 1) * ESTIMATE_RECIPIENT;
        size = base64_size(size);
    }
    return size + ESTIMATE_SHELL + maker->fields->len;
}

static struct error *finish_copy(struct maker *maker, struct protect_copy *copy,
                                 const struct buffer *fields)
{
    TRY(build_refield(maker->shared, maker->fields->len, buffer_view(fields), &copy->content));
    copy->size = content_size(copy->content);
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
    if (maker->plan->request->dry_run) {
        copy->size = estimate(maker);
        return NULL;
    }
    copy->content = content_ref(maker->shared);
    copy->size = content_size(copy->content);
    return NULL;
}

static struct error *make_blind(struct maker *maker, const struct addressee *entry)
{
    struct protect_copy *copy = NULL;
    TRY(add_copy(maker, COPY_BCC, &copy));
    TRY(add_to(copy, entry->address));
    if (maker->plan->request->dry_run) {
        copy->size = estimate(maker);
        return NULL;
    }
    CLEANUP(buffer_free) struct buffer *fields = NULL;
    TRY(buffer_new(0, &fields));
    TRY(fields_for_blind(maker->plan, entry->address, fields));
    if (!maker->plan->request->encrypt) {
        return finish_copy(maker, copy, fields);
    }
    struct cert_list only = { 0 };
    struct error *error = cert_list_add(&only, entry->cert);
    if (!error) {
        error = encrypt_to(maker, &only, buffer_view(fields), &copy->content);
    }
    cert_list_done(&only);
    TRY(error);
    copy->size = content_size(copy->content);
    return NULL;
}

static struct error *make_sent(struct maker *maker)
{
    struct protect_copy *copy = NULL;
    TRY(add_copy(maker, COPY_SENT, &copy));
    TRY(add_to(copy, maker->plan->addressees->from->addresses[0]));
    if (maker->plan->request->dry_run) {
        copy->size = estimate(maker);
        return NULL;
    }
    CLEANUP(buffer_free) struct buffer *fields = NULL;
    TRY(buffer_new(0, &fields));
    TRY(build_message_fields(maker->plan->header, true, fields));
    return finish_copy(maker, copy, fields);
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

static struct error *make_all(struct maker *maker)
{
    const struct addressees *addressees = maker->plan->addressees;
    TRY(buffer_new(0, &maker->fields));
    TRY(build_message_fields(maker->plan->header, false, maker->fields));
    if (!maker->plan->request->dry_run) {
        TRY(make_inner(maker));
        TRY(make_shared(maker));
    }
    if (any_visible(addressees) || addressees->count == 0) {
        TRY(make_main(maker));
    }
    for (size_t i = 0; i < addressees->count; i++) {
        if (addressees->entries[i].blind) {
            TRY(make_blind(maker, &addressees->entries[i]));
        }
    }
    return make_sent(maker);
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
