/* The outermost value of a CMS message (RFC 5652 3): which type it is, and where its content lies.
 */
#ifndef SEALPOST_CMS_CONTENT_INFO_H
#define SEALPOST_CMS_CONTENT_INFO_H

#include "cms/ber.h"

enum cms_type {
    CMS_TYPE_OTHER,
    CMS_TYPE_DATA,
    CMS_TYPE_SIGNED,
    CMS_TYPE_ENVELOPED,
    CMS_TYPE_AUTH_ENVELOPED,
    CMS_TYPE_COMPRESSED,
    CMS_TYPE_DIGESTED,
    CMS_TYPE_ENCRYPTED,
    CMS_TYPE_AUTHENTICATED
};

/* `input` is DER or BER (trailing bytes after the value are ignored: relays append line breaks).
 * `ret_content` reads the value inside [0] EXPLICIT. ERR_CMS_MALFORMED. */
struct error *content_info_read(struct bytes input, enum cms_type *ret_type,
                                struct ber_reader *ret_content) MUST_USE;

enum cms_type content_info_type_of_oid(struct bytes oid);

/* PEM or bare base64 to DER: `input` itself where it already is BER, else a new mapping.
 * `*ret_mapping` may stay NULL. ERR_CMS_MALFORMED where it is neither. */
struct error *content_info_unarmour(struct bytes input, struct mapping **ret_mapping,
                                    struct bytes *ret_ber) MUST_USE;

#endif
