/* Who an outgoing message goes to: the addresses of its header with the certificate for each. */
#ifndef SEALPOST_MAIL_ENVELOPE_H
#define SEALPOST_MAIL_ENVELOPE_H

#include "mail/protect.h"
#include "mime/address.h"

struct envelope_entry {
    const char *address; /* borrowed from the lists */
    struct cert *cert; /* owned; NULL where the message is not encrypted */
    bool blind;
};

struct envelope {
    struct address_list *from; /* exactly one address */
    struct address_list *to;
    struct address_list *cc;
    struct address_list *bcc;
    struct envelope_entry *entries; /* To, Cc, Bcc in order, each address once */
    size_t count;
    struct cert *self; /* the sender's own certificate to encrypt to; NULL: none */
};

/* Reads the addresses and, where the request encrypts, finds everybody's certificate. Errors as
 * protect_message. */
struct error *envelope_read(const struct mail_context *context,
                            const struct protect_request *request, const struct mime_header *header,
                            struct envelope **ret_envelope) MUST_USE;
void envelope_free(struct envelope *envelope); /* NULL is fine */
DEFINE_CLEANUP(struct envelope *, envelope_free);

#endif
