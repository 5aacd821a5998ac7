/* What the Content-* fields of one entity say, read by GMime: type, parameters, disposition, file
 * name, transfer encoding. Also whether they can be read in more than one way, in which case other
 * mail programs may see another structure. Knows nothing of the body. */
#ifndef SEALPOST_MIME_CONTENT_FIELDS_H
#define SEALPOST_MIME_CONTENT_FIELDS_H

#include "mime/tree.h"

struct content_fields {
    char *type; /* lower case, never NULL */
    char *filename; /* NULL where absent, like all below; clean UTF-8 */
    char *protocol;
    char *micalg;
    char *smime_type;
    char *header_protection;
    char *forwarded;
    char *charset;
    bool legacy_display;
    char *boundary; /* NULL: absent, empty or not usable */
    bool attachment;
    enum mime_encoding encoding;
    bool odd; /* two Content-Type or Content-Transfer-Encoding fields; a Content-Type that is none
               * or is over LIMIT_CONTENT_FIELD; a structural parameter twice, or in an encoding; a
               * multipart without a usable boundary or with base64 or quoted-printable */
};

/* `in_digest`: the entity is a child of a multipart/digest, whose default type is message/rfc822
 * (RFC 2046 5.1.5). ERR_NO_MEMORY. */
struct error *content_fields_read(const struct mime_header *header, bool in_digest,
                                  struct content_fields **ret_fields) MUST_USE;
void content_fields_free(struct content_fields *fields); /* NULL is fine */
DEFINE_CLEANUP(struct content_fields *, content_fields_free);

bool content_fields_multipart(const char *type); /* "multipart/…" */

#endif
