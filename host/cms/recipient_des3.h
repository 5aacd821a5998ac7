/* Triple-DES key unwrap (RFC 3217 3.2), which OpenSSL before 3.0 chose for 3DES content to an EC
 * key. The standard has 3DES keys in it alone; OpenSSL puts keys of AES there too, when told to.
 * Reading only. NSS has no mechanism for it: the content-encryption key passes through this
 * process's memory and is wiped there. NSS is running. */
#ifndef SEALPOST_CMS_RECIPIENT_DES3_H
#define SEALPOST_CMS_RECIPIENT_DES3_H

#include "base/bytes.h"

struct PK11SymKeyStr;
struct cipher;

/* The content-encryption key for `cipher` out of `wrapped`, or NULL where anything is wrong.
 * `wrapping_key` is a 3DES key that may decrypt. */
struct PK11SymKeyStr *recipient_des3_unwrap(struct PK11SymKeyStr *wrapping_key,
                                            struct bytes wrapped, const struct cipher *cipher);

#endif
