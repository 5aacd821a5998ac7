#include "mail/addressees.h"

#include "base/task.h"
#include "certs/match.h"
#include "mail/recipients.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>

void addressees_free(struct addressees *addressees)
{
    if (!addressees) {
        return;
    }
    for (size_t i = 0; i < addressees->count; i++) {
        cert_unref(addressees->entries[i].cert);
    }
    free(addressees->entries);
    cert_unref(addressees->self);
    address_list_free(addressees->from);
    address_list_free(addressees->to);
    address_list_free(addressees->cc);
    address_list_free(addressees->bcc);
    free(addressees);
}

static struct error *read_list(const struct mime_header *header, const char *name,
                               struct address_list **ret_list)
{
    CLEANUP(address_list_free) struct address_list *list = NULL;
    TRY(address_list_read(header, name, &list));
    if (list->malformed) {
        /* an address that isn't understood might be one that the mail server understands */
        return error_new(ERR_MESSAGE_MALFORMED, "the field %s has an unreadable address", name);
    }
    *ret_list = TAKE_PTR(list);
    return NULL;
}

static bool known(const struct addressees *addressees, const char *address)
{
    for (size_t i = 0; i < addressees->count; i++) {
        if (match_addresses_equal(addressees->entries[i].address, address)) {
            return true;
        }
    }
    return false;
}

static void add_entries(struct addressees *addressees, const struct address_list *list, bool blind)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!known(addressees, list->addresses[i])) {
            addressees->entries[addressees->count++] = (struct addressee){
                .address = list->addresses[i],
                .blind = blind,
            };
        }
    }
}

static struct error *read_addresses(const struct mime_header *header, struct addressees *addressees)
{
    TRY(read_list(header, "From", &addressees->from));
    TRY(read_list(header, "To", &addressees->to));
    TRY(read_list(header, "Cc", &addressees->cc));
    TRY(read_list(header, "Bcc", &addressees->bcc));
    if (addressees->from->count != 1 || mime_header_count(header, "From") != 1) {
        return error_new(ERR_MESSAGE_MALFORMED, "From must name exactly one address");
    }
    size_t most = addressees->to->count + addressees->cc->count + addressees->bcc->count;
    addressees->entries = calloc(most ? most : 1, sizeof(*addressees->entries));
    if (!addressees->entries) {
        return error_no_memory();
    }
    add_entries(addressees, addressees->to, false);
    add_entries(addressees, addressees->cc, false);
    add_entries(addressees, addressees->bcc, true);
    return NULL;
}

static const char *wish_for(const struct protect_request *request, const char *address)
{
    for (size_t i = 0; i < request->recipient_count; i++) {
        if (match_addresses_equal(request->recipients[i].address, address)) {
            return request->recipients[i].certificate;
        }
    }
    return NULL;
}

static enum error_code reason_of(const struct recipient_choice *choice)
{
    return choice->any ? ERR_RECIPIENT_UNUSABLE : ERR_RECIPIENT_MISSING;
}

/* Starts the refusal with the first recipient who has none, whose reason is the one told. */
static struct error *refuse(enum error_code reason, size_t number)
{
    char path[48];
    (void)snprintf(path, sizeof(path), "recipients[%zu]", number);
    struct error *error = reason == ERR_RECIPIENT_UNUSABLE
                              ? error_new(reason, "no certificate of a recipient can be used")
                              : error_new(reason, "there is no certificate for a recipient");
    error_set_path(error, path);
    error_set_hint(error, "Ask the recipient for a signed message and import its certificate, or "
                          "send this message without encryption.");
    return error;
}

static struct error *find_certificate(const struct mail_context *context,
                                      const struct protect_request *request,
                                      struct addressee *entry, enum error_code *ret_reason)
{
    struct recipient_choice choice = { 0 };
    TRY(recipients_choose(context, entry->address, wish_for(request, entry->address), CHAIN_ENCRYPT,
                          &choice));
    entry->cert = cert_ref(choice.cert);
    *ret_reason = reason_of(&choice);
    recipient_choice_done(&choice);
    return NULL;
}

/* One recipient without a usable certificate stops the whole message; all of them are named, so
 * that a person need not mend one after the other. */
static struct error *find_certificates(const struct mail_context *context,
                                       const struct protect_request *request,
                                       struct addressees *addressees)
{
    CLEANUP(error_free) struct error *refusal = NULL;
    for (size_t i = 0; i < addressees->count; i++) {
        struct addressee *entry = &addressees->entries[i];
        enum error_code reason = ERR_RECIPIENT_MISSING;
        TRY(task_check(context->interaction.task));
        TRY(find_certificate(context, request, entry, &reason));
        if (!entry->cert) {
            refusal = refusal ? refusal : refuse(reason, i);
            error_add_recipient(refusal, entry->address, reason);
        }
    }
    return TAKE_PTR(refusal);
}

/* Of several certificates of the sender's the one that he can decrypt with here. */
static struct cert *own_of(const struct mail_context *context,
                           const struct recipient_choice *choice)
{
    if (!choice->cert || store_has_key(context->store, cert_decoded(choice->cert))) {
        return choice->cert;
    }
    for (size_t i = 0; i < choice->alternatives.count; i++) {
        struct cert *other = choice->alternatives.items[i];
        if (store_has_key(context->store, cert_decoded(other))) {
            return other;
        }
    }
    return choice->cert;
}

static struct error *find_own(const struct mail_context *context, struct addressees *addressees)
{
    struct recipient_choice choice = { 0 };
    TRY(recipients_choose(context, addressees->from->addresses[0], NULL, CHAIN_ENCRYPT, &choice));
    addressees->self = cert_ref(own_of(context, &choice));
    recipient_choice_done(&choice);
    return NULL;
}

struct error *addressees_read(const struct mail_context *context,
                              const struct protect_request *request,
                              const struct mime_header *header, struct addressees **ret_addressees)
{
    CLEANUP(addressees_free) struct addressees *addressees = calloc(1, sizeof(*addressees));
    if (!addressees) {
        return error_no_memory();
    }
    TRY(read_addresses(header, addressees));
    if (request->encrypt) {
        TRY(find_certificates(context, request, addressees));
    }
    if (request->encrypt || request->sign) {
        TRY(find_own(context, addressees));
    }
    *ret_addressees = TAKE_PTR(addressees);
    return NULL;
}
