/* The tree of a message's entities. GMime parses; the exact bytes of every entity come from our own
 * bounded boundary scanner (boundary.h). Where the two disagree about the structure, the entity and
 * everything around it is marked ambiguous, and no signature over it may be called good.
 * All views are of the input, which must outlive the tree. */
#ifndef SEALPOST_MIME_TREE_H
#define SEALPOST_MIME_TREE_H

#include "base/bytes.h"
#include "mime/header.h"

#include <stdbool.h>

enum mime_encoding {
    MIME_7BIT,
    MIME_8BIT,
    MIME_BINARY,
    MIME_QUOTED_PRINTABLE,
    MIME_BASE64,
    MIME_UUENCODE,
    MIME_ENCODING_UNKNOWN
};

/* What an entity says about itself that has to do with S/MIME (smime_type.c decides). */
enum mime_smime { MIME_SMIME_NONE, MIME_SMIME_SIGNED_MULTIPART, MIME_SMIME_PKCS7 };

struct mime_entity {
    const char *number; /* "1" for the root, "1.2" for its second child */
    const char *type; /* "multipart/signed", lower case; "text/plain" where none is given */
    const char *filename; /* UTF-8, of disposition or type; NULL: none */
    const char *protocol; /* parameters of Content-Type, NULL: absent */
    const char *micalg;
    const char *smime_type;
    const char *header_protection; /* the hp parameter, RFC 9788 */
    const char *forwarded; /* RFC 8551 3.1: "no" where message/rfc822 only wraps the message */
    const char *charset;
    bool legacy_display; /* hp-legacy-display="1": the text starts with a copy of header fields */
    const char *boundary; /* of a multipart; NULL: absent or unusable (then it is a leaf) */
    bool attachment; /* Content-Disposition: attachment */
    enum mime_encoding encoding;
    enum mime_smime smime;
    bool ambiguous; /* scanner and GMime disagree here or below, the boundary is odd, or it is used
                     * again inside, be it in a message/rfc822 */
    struct bytes whole; /* header, empty line and body: what a multipart/signed covers */
    struct bytes body; /* behind the empty line, without the line break before a delimiter */
    const struct mime_header *header;
    const struct mime_entity *parent; /* NULL for the root */
    struct mime_entity **children; /* of a multipart; message/rfc822 is a leaf here */
    size_t child_count;
    bool extra_text; /* a multipart with a preamble or epilogue that holds more than blanks
                      * (the preamble "This is a … message" of mail programs counts too) */
};

struct mime_tree;

/* Parses a message or a bare entity. ERR_MESSAGE_MALFORMED, ERR_NESTING_TOO_DEEP,
 * ERR_NO_MEMORY. A multipart without a usable boundary is a leaf marked ambiguous. */
struct error *mime_tree_parse(struct bytes input, struct mime_tree **ret_tree) MUST_USE;
void mime_tree_free(struct mime_tree *tree); /* NULL is fine */
DEFINE_CLEANUP(struct mime_tree *, mime_tree_free);

const struct mime_entity *mime_tree_root(const struct mime_tree *tree); /* borrowed */
/* Calls `visit` for every entity, parents first, in order; stops at the first error. */
typedef struct error *mime_visit_fn(void *context, const struct mime_entity *entity);
struct error *mime_tree_walk(const struct mime_tree *tree, mime_visit_fn *visit, void *context)
    MUST_USE;

/* Must run once before any tree is parsed, before threads start. */
void mime_tree_start(void);

#endif
