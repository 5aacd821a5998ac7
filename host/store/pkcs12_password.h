/* The forms in which programs have fed a password to PKCS#12's key derivation. The standard has one
 * (RFC 7292 B.1: BMPString, big-endian, with two bytes of zero behind it); older and careless
 * exporters made others, and which one was used can only be tried. */
#ifndef SEALPOST_STORE_PKCS12_PASSWORD_H
#define SEALPOST_STORE_PKCS12_PASSWORD_H

#include "base/bytes.h"

enum pkcs12_password_form {
    PKCS12_PASSWORD_STANDARD, /* UTF-16, big-endian */
    PKCS12_PASSWORD_ABSENT, /* no bytes at all, not even the zeros: only for the empty password */
    PKCS12_PASSWORD_WIDENED, /* each byte of the UTF-8 text made 16 bits (OpenSSL before 1.1) */
    PKCS12_PASSWORD_FORMS
};

/* Whether the form differs from the standard one for this password. */
bool pkcs12_password_applies(struct bytes password, enum pkcs12_password_form form);

/* The password in that form, wiped by buffer_free. ERR_IMPORT_PASSWORD where it is not UTF-8, has a
 * NUL in it or is longer than LIMIT_PIN bytes. */
struct error *pkcs12_password_encode(struct bytes password, enum pkcs12_password_form form,
                                     struct buffer **ret_encoded) MUST_USE;

#endif
