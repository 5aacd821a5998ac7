/* Address header fields (RFC 5322 3.4, RFC 6532): the addr-specs of From, Sender, To, Cc, Bcc,
 * groups flattened, comments and display names apart. Reads by the grammar and guesses at nothing:
 * what is obsolete or broken makes the list malformed, and the rest is read on behind the next
 * comma. One linear pass without recursion. (GMime's reader descends once per group in a group,
 * takes quadratic time for some inputs and turns xn-- labels into other letters, so it only decodes
 * the names here.) */
#ifndef SEALPOST_MIME_ADDRESS_H
#define SEALPOST_MIME_ADDRESS_H

#include "base/bytes.h"
#include "mime/header.h"

#include <stdbool.h>

struct address_list {
    char **addresses; /* "local@domain", UTF-8, as written; at most LIMIT_ADDRESSES */
    char **names; /* decoded display names or trailing comments, clean UTF-8; NULL where there is
                   * none or it is over LIMIT_DISPLAY_NAME */
    size_t count;
    bool malformed; /* something in the field could not be read as an address */
    bool grouped; /* there is a group in it, be it empty (RFC 5322 3.4) */
};

/* All addresses of all fields named `name`. Bytes that are no UTF-8 may stand in names (they become
 * U+FFFD), and make an address malformed; control characters make the list malformed.
 * ERR_MESSAGE_MALFORMED above LIMIT_ADDRESSES, ERR_NO_MEMORY. No such field: an empty list. */
struct error *address_list_read(const struct mime_header *header, const char *name,
                                struct address_list **ret_list) MUST_USE;
void address_list_free(struct address_list *list); /* NULL is fine */
DEFINE_CLEANUP(struct address_list *, address_list_free);

#endif
