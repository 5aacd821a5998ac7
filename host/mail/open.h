/* Opening a received message: its layers are taken off from the outside in, each is judged, and
 * what is left is put together as the message to show. The rules are those of PROTOCOL.md
 * (message.open). Nothing decrypted is ever merged with a neighbour: a layer that covers only a
 * part leaves that part as it came, and its cleartext stands alone in the layer. */
#ifndef SEALPOST_MAIL_OPEN_H
#define SEALPOST_MAIL_OPEN_H

#include "base/content.h"
#include "mail/context.h"
#include "mail/decryption.h"
#include "mail/signature.h"
#include "mime/header.h"
#include "mime/tree.h"
#include "policy/facts.h"

/* One layer, outermost first; a part's layers stand behind those of what it is a part of. */
struct open_layer {
    enum layer_kind kind;
    bool multipart; /* multipart/signed, else application/pkcs7-mime */
    char *part; /* owned; number in the content that holds it */
    size_t inside; /* index of the partial layer whose content holds it;
                    * SIZE_MAX: the message itself */
    bool whole; /* covers all of the message */
    word_set problems; /* of the layer itself */
    struct signature_report *signature; /* owned; of a signed layer, and of certificates */
    struct decryption_report *encryption; /* owned; of an encrypted layer */
    struct content *content; /* owned; of a layer that covers only a part */
    struct content *cms; /* owned, as the next; NULL unless context->keep_signatures */
    struct content *covered; /* the bytes that the signature is over, as they were checked */
};

enum header_protection { HEADER_UNPROTECTED, HEADER_SIGNED, HEADER_ENCRYPTED, HEADER_BOTH };

struct open_field {
    char *name; /* owned */
    char *value; /* decoded, clean UTF-8; owned */
    uint64_t hash; /* of both, as they are compared (fields.h) */
    enum header_protection protection;
};

struct open_fields {
    struct open_field *items;
    size_t count;
};

struct open_part {
    char *number; /* owned, as the next three */
    char *type;
    char *filename; /* NULL: none */
    size_t size; /* bytes as they stand there, before transfer decoding */
    uint32_t encrypted_by; /* bit n: layer n */
    uint32_t signed_by;
};

struct open_result {
    struct message_verdict verdict;
    char *claimed; /* the address of From; owned; NULL unless there is exactly one */
    struct open_layer *layers; /* at most LIMIT_LAYERS */
    size_t layer_count;
    struct open_fields outer;
    struct open_fields protected;
    struct open_fields shown;
    struct open_fields differences; /* names only */
    struct content *content; /* the message to show; owned */
    struct open_part *parts;
    size_t part_count;
};

/* Must run once, before the first message is opened or protected. */
void open_start(void);

/* `message` lies in `owner` (both stay unchanged) and is a message or a bare entity.
 * ERR_MESSAGE_MALFORMED where it can't be read as mail, ERR_NESTING_TOO_DEEP for MIME nesting (too
 * many cryptographic layers are a problem word), ERR_CANCELLED, ERR_NO_MEMORY, ERR_INTERNAL. */
struct error *open_message(const struct mail_context *context, struct mapping *owner,
                           struct bytes message, struct open_result **ret_result) MUST_USE;
void open_result_free(struct open_result *result); /* NULL is fine */
DEFINE_CLEANUP(struct open_result *, open_result_free);

#endif
