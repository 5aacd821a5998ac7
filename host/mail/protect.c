#include "mail/protect.h"

#include "base/limits.h"
#include "certs/match.h"
#include "mail/addressees.h"
#include "mail/copies.h"
#include "mail/header_write.h"
#include "mail/outgoing_header.h"
#include "mail/recipients.h"
#include "mail/seal.h"
#include "mime/build.h"

#include <stdlib.h>
#include <string.h>

static void copy_done(struct protect_copy *copy)
{
    for (size_t i = 0; i < copy->to_count; i++) {
        free(copy->to[i]);
    }
    free((void *)copy->to);
    free(copy->from);
    content_unref(copy->content);
}

void protect_result_free(struct protect_result *result)
{
    if (!result) {
        return;
    }
    for (size_t i = 0; i < result->copy_count; i++) {
        copy_done(&result->copies[i]);
    }
    free(result->copies);
    for (size_t i = 0; i < result->encrypted_to_count; i++) {
        free(result->encrypted_to[i].address);
        cert_unref(result->encrypted_to[i].cert);
    }
    free(result->encrypted_to);
    cert_unref(result->signed_with);
    free(result);
}

void protect_warn(struct protect_result *result, const char *word)
{
    for (size_t i = 0; i + 1 < ARRAY_SIZE(result->warnings); i++) {
        if (result->warnings[i] && strcmp(result->warnings[i], word) == 0) {
            return;
        }
        if (!result->warnings[i]) {
            result->warnings[i] = word;
            return;
        }
    }
}

/* The form that survives the route (design: Gmail's API rewrites multiparts) and the content (what
 * is not 7-bit may be converted on the way). Inside encryption nothing can touch it. */
static enum protect_form choose_form(const struct protect_request *request, bool fragile,
                                     struct protect_result *result)
{
    bool rewritten = request->route == ROUTE_GMAIL && !request->encrypt;
    bool converted = fragile && request->sign && !request->encrypt;
    if (request->form == FORM_OPAQUE) {
        return FORM_OPAQUE;
    }
    if (request->form == FORM_DETACHED && rewritten) {
        protect_warn(result, "form-changed-for-route");
    } else if (converted && !rewritten) {
        protect_warn(result, "form-changed-for-content");
    }
    return rewritten || converted ? FORM_OPAQUE : FORM_DETACHED;
}

static struct error *refuse_signer(const struct recipient_choice *choice)
{
    struct error *error = choice->any
                              ? error_new(ERR_CERTIFICATE_UNUSABLE,
                                          "no certificate of the sender can be used for signing")
                              : error_new(ERR_KEY_ABSENT, "the sender has no key to sign with");
    error_set_hint(error, "Import your certificate with its key, or write from the address that it "
                          "was issued for.");
    return error;
}

static struct error *choose_signer(const struct mail_context *context,
                                   const struct protect_request *request,
                                   const struct addressees *addressees,
                                   struct protect_result *result)
{
    struct recipient_choice choice = { 0 };
    TRY(recipients_choose(context, addressees->from->addresses[0], request->signer, CHAIN_SIGN,
                          &choice));
    result->signed_with = cert_ref(choice.cert);
    struct error *error = choice.cert ? NULL : refuse_signer(&choice);
    recipient_choice_done(&choice);
    if (!error && !match_certificate(result->signed_with, addressees->from->addresses[0])) {
        protect_warn(result, "signer-is-not-from");
    }
    return error;
}

static struct error *note_recipients(const struct addressees *addressees,
                                     struct protect_result *result)
{
    result->encrypted_to =
        calloc(addressees->count ? addressees->count : 1, sizeof(*result->encrypted_to));
    if (!result->encrypted_to) {
        return error_no_memory();
    }
    for (size_t i = 0; i < addressees->count; i++) {
        struct protect_encrypted_to *to = &result->encrypted_to[i];
        to->address = strdup(addressees->entries[i].address);
        if (!to->address) {
            return error_no_memory();
        }
        to->cert = cert_ref(addressees->entries[i].cert);
        result->encrypted_to_count++;
    }
    return NULL;
}

/* Who and with what, before any key is touched. */
static struct error *decide(const struct mail_context *context,
                            const struct protect_request *request,
                            const struct addressees *addressees, struct protect_result *result)
{
    if (request->sign) {
        TRY(choose_signer(context, request, addressees, result));
    }
    if (!request->encrypt) {
        return NULL;
    }
    if (!addressees->self) {
        protect_warn(result, "sender-cannot-read");
    }
    result->form = FORM_OPAQUE;
    return note_recipients(addressees, result);
}

/* What the site is known to take; 0: unknown or no matter. */
static size_t route_limit(enum protect_route route)
{
    switch (route) {
    case ROUTE_GMAIL:
        return LIMIT_ROUTE_GMAIL;
    case ROUTE_GRAPH:
        return LIMIT_ROUTE_GRAPH;
    case ROUTE_GENERIC:
    case ROUTE_JMAP:
    case ROUTE_ROUNDCUBE:
    case ROUTE_SMTP:
        break;
    }
    return SIZE_MAX;
}

static void warn_of_way(const struct protect_request *request, bool wide,
                        struct protect_result *result)
{
    if (wide) {
        protect_warn(result, "smtputf8-needed");
    }
    for (size_t i = 0; i < result->copy_count; i++) {
        if (result->copies[i].size > route_limit(request->route)) {
            protect_warn(result, "too-large-for-route");
            return;
        }
    }
}

/* The message, with a copy of the subject in its text where that is wanted and the subject hidden.
 */
static struct error *read_message(const struct protect_request *request, struct mapping **owner,
                                  struct mime_tree **ret_tree)
{
    CLEANUP(mime_tree_free) struct mime_tree *tree = NULL;
    CLEANUP(mapping_unref) struct mapping *edited = NULL;
    TRY(mime_tree_parse(request->message, &tree));
    if (request->legacy_display && request->headers == HEADERS_CONFIDENTIAL) {
        TRY(header_write_display(tree, &edited));
    }
    if (edited) {
        mime_tree_free(TAKE_PTR(tree));
        TRY(mime_tree_parse(mapping_view(edited), &tree));
        mapping_unref(*owner);
        *owner = TAKE_PTR(edited);
    }
    *ret_tree = TAKE_PTR(tree);
    return NULL;
}

struct error *protect_message(const struct mail_context *context,
                              const struct protect_request *request,
                              struct protect_result **ret_result)
{
    CLEANUP(protect_result_free) struct protect_result *result = calloc(1, sizeof(*result));
    if (!result) {
        return error_no_memory();
    }
    CLEANUP(mime_tree_free) struct mime_tree *tree = NULL;
    CLEANUP(outgoing_header_free) struct outgoing_header *header = NULL;
    CLEANUP(addressees_free) struct addressees *addressees = NULL;
    CLEANUP(content_unref) struct content *entity = NULL;
    CLEANUP(header_plan_free) struct header_plan *headers = NULL;
    CLEANUP(mapping_unref) struct mapping *owner = mapping_ref(request->owner);
    bool fragile = false;
    TRY(read_message(request, &owner, &tree));
    TRY(outgoing_header_make(mime_tree_root(tree)->header, context->at, &header));
    TRY(addressees_read(context, request, header->header, &addressees));
    TRY(build_canonical_entity(tree, owner, &entity, &fragile));
    TRY(header_plan_make(request, header->header, entity, &headers));
    result->headers = request->headers;
    enum protect_form inner_form = choose_form(request, fragile, result);
    result->form = inner_form;
    TRY(decide(context, request, addressees, result));

    const struct copies_plan plan = {
        .context = context,
        .request = request,
        .headers = headers,
        .addressees = addressees,
        .inner_form = inner_form,
    };
    TRY(copies_make(&plan, result));
    result->cipher = result->copy_count > 0 ? result->copies[0].cipher : CMS_CIPHER_UNKNOWN;
    warn_of_way(request, header->wide, result);
    *ret_result = TAKE_PTR(result);
    return NULL;
}
