/* Name constraints on rfc822Name held against SmtpUTF8Mailbox, as RFC 9598 section 6 wants: NSS
 * knows that form of address not, and a CA allowed to issue for one domain alone could otherwise
 * issue for any. Internal to certs. */
#ifndef SEALPOST_CERTS_CHAIN_MAILBOX_H
#define SEALPOST_CERTS_CHAIN_MAILBOX_H

#include "certs/cert.h"

/* Whether no CA of the path forbids an internationalised address of its first certificate. False
 * also where constraints can't be read or memory is out. */
bool chain_mailbox_is_permitted(const struct cert_list *path);

#endif
