/* Looks over a PKCS#12 file before NSS decodes it. NSS's decoder allocates and clears whatever
 * length an element declares (twelve bytes of input took 2.1 GB in NSS 3.87) and derives keys with
 * whatever iteration count the file names. This walk refuses both; it understands nothing else. */
#ifndef SEALPOST_STORE_PKCS12_FRAME_H
#define SEALPOST_STORE_PKCS12_FRAME_H

#include "base/bytes.h"

/* ERR_IMPORT_MALFORMED unless `file` begins with a SEQUENCE, in which, and in the contents that it
 * carries in clear, every element lies inside its parent, at most LIMIT_BER_DEPTH deep, and no
 * iteration count is over LIMIT_PKCS12_ITERATIONS. What is encrypted can't be looked at: it takes
 * the password to reach it. ERR_NO_MEMORY. */
struct error *pkcs12_frame_check(struct bytes file) MUST_USE;

#endif
