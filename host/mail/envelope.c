#include "mail/envelope.h"

#include "certs/match.h"
#include "mail/recipients.h"

#include <stdio.h>
#include <stdlib.h>

void envelope_free(struct envelope *envelope)
{
    if (!envelope) {
        return;
    }
    for (size_t i = 0; i < envelope->count; i++) {
        cert_unref(envelope->entries[i].cert);
    }
    free(envelope->entries);
    cert_unref(envelope->self);
    address_list_free(envelope->from);
    address_list_free(envelope->to);
    address_list_free(envelope->cc);
    address_list_free(envelope->bcc);
    free(envelope);
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

static bool known(const struct envelope *envelope, const char *address)
{
    for (size_t i = 0; i < envelope->count; i++) {
        if (match_addresses_equal(envelope->entries[i].address, address)) {
            return true;
        }
    }
    return false;
}

static void add_entries(struct envelope *envelope, const struct address_list *list, bool blind)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!known(envelope, list->addresses[i])) {
            envelope->entries[envelope->count++] = (struct envelope_entry){
                .address = list->addresses[i],
                .blind = blind,
            };
        }
    }
}

static struct error *read_addresses(const struct mime_header *header, struct envelope *envelope)
{
    TRY(read_list(header, "From", &envelope->from));
    TRY(read_list(header, "To", &envelope->to));
    TRY(read_list(header, "Cc", &envelope->cc));
    TRY(read_list(header, "Bcc", &envelope->bcc));
    if (envelope->from->count != 1 || mime_header_count(header, "From") != 1) {
        return error_new(ERR_MESSAGE_MALFORMED, "From must name exactly one address");
    }
    size_t most = envelope->to->count + envelope->cc->count + envelope->bcc->count;
    envelope->entries = calloc(most ? most : 1, sizeof(*envelope->entries));
    if (!envelope->entries) {
        return error_no_memory();
    }
    add_entries(envelope, envelope->to, false);
    add_entries(envelope, envelope->cc, false);
    add_entries(envelope, envelope->bcc, true);
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

static struct error *refuse(const struct recipient_choice *choice, size_t number)
{
    char path[48];
    (void)snprintf(path, sizeof(path), "recipients[%zu]", number);
    struct error *error = choice->any
                              ? error_new(ERR_RECIPIENT_UNUSABLE,
                                          "no certificate of recipient %zu can be used", number + 1)
                              : error_new(ERR_RECIPIENT_MISSING,
                                          "there is no certificate for recipient %zu", number + 1);
    error_set_path(error, path);
    error_set_hint(error, "Ask the recipient for a signed message and import its certificate, or "
                          "send this message without encryption.");
    return error;
}

static struct error *find_certificates(const struct mail_context *context,
                                       const struct protect_request *request,
                                       struct envelope *envelope)
{
    for (size_t i = 0; i < envelope->count; i++) {
        struct envelope_entry *entry = &envelope->entries[i];
        struct recipient_choice choice = { 0 };
        TRY(recipients_choose(context, entry->address, wish_for(request, entry->address),
                              CHAIN_ENCRYPT, &choice));
        entry->cert = cert_ref(choice.cert);
        struct error *error = choice.cert ? NULL : refuse(&choice, i);
        recipient_choice_done(&choice);
        TRY(error);
    }
    struct recipient_choice self = { 0 };
    TRY(recipients_choose(context, envelope->from->addresses[0], NULL, CHAIN_ENCRYPT, &self));
    envelope->self = cert_ref(self.cert);
    recipient_choice_done(&self);
    return NULL;
}

struct error *envelope_read(const struct mail_context *context,
                            const struct protect_request *request, const struct mime_header *header,
                            struct envelope **ret_envelope)
{
    CLEANUP(envelope_free) struct envelope *envelope = calloc(1, sizeof(*envelope));
    if (!envelope) {
        return error_no_memory();
    }
    TRY(read_addresses(header, envelope));
    if (request->encrypt) {
        TRY(find_certificates(context, request, envelope));
    }
    *ret_envelope = TAKE_PTR(envelope);
    return NULL;
}
