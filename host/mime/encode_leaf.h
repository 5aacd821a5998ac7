/* Which transfer encoding the body of a leaf is to have in mail that goes out, and the bytes that
 * get it. Internal to mime/. */
#ifndef SEALPOST_MIME_ENCODE_LEAF_H
#define SEALPOST_MIME_ENCODE_LEAF_H

#include "base/mapping.h"
#include "mime/tree.h"

enum encode_treatment { ENCODE_KEEP, ENCODE_LINE_ENDS, ENCODE_QUOTED, ENCODE_BASE64 };

struct encode_leaf {
    enum encode_treatment treatment;
    struct bytes body; /* what gets the encoding; a view of the entity or of `decoded` */
    struct mapping *decoded; /* owned, or NULL */
    bool fragile; /* what stays is not safe */
};

/* Decides for a leaf, where lines may have `longest` characters, by the rules of encode.h.
 * ERR_NO_MEMORY; ERR_MESSAGE_MALFORMED for an encoding that must be redone and can't be decoded. */
struct error *encode_leaf_decide(const struct mime_entity *entity, size_t longest,
                                 struct encode_leaf **ret_leaf) MUST_USE;
void encode_leaf_free(struct encode_leaf *leaf); /* NULL is fine */
DEFINE_CLEANUP(struct encode_leaf *, encode_leaf_free);

/* Whether the body is of a kind for which no other encoding can be named. */
bool encode_leaf_fixed(const struct mime_entity *entity);

#endif
