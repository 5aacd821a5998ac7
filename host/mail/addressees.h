/* Who an outgoing message goes to: the addresses of its header with the certificate for each. */
#ifndef SEALPOST_MAIL_ADDRESSEES_H
#define SEALPOST_MAIL_ADDRESSEES_H

#include "mail/protect.h"
#include "mime/address.h"

struct addressee {
    const char *address; /* borrowed from the lists */
    struct cert *cert; /* owned; NULL where the message is not encrypted */
    bool blind;
};

struct addressees {
    struct address_list *from; /* exactly one address */
    struct address_list *to;
    struct address_list *cc;
    struct address_list *bcc;
    struct addressee *entries; /* To, Cc, Bcc in order, each address once */
    size_t count;
    struct cert *self; /* the sender's own certificate to encrypt to, one whose key is here where
                        * there is one; looked for where the message is signed, too; NULL: none */
};

/* Reads the addresses and, where the request encrypts, finds everybody's certificate. Errors as
 * protect_message. */
struct error *addressees_read(const struct mail_context *context,
                              const struct protect_request *request,
                              const struct mime_header *header, struct addressees **ret_addressees)
    MUST_USE;
void addressees_free(struct addressees *addressees); /* NULL is fine */
DEFINE_CLEANUP(struct addressees *, addressees_free);

#endif
