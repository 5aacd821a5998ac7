/* Mozilla's list of root certificates, a PKCS#11 module (libnssckbi.so) that comes with NSS and is
 * not loaded by itself. Says nothing about which roots are trusted for e-mail: NSS does. */
#ifndef SEALPOST_STORE_ROOTS_H
#define SEALPOST_STORE_ROOTS_H

#include "base/error.h"

struct SECMODModuleStr;

/* Loads the module unless a token with root certificates is there already. NULL where none was
 * loaded: one was there, or the library is not installed (nothing is trusted then, which is safe).
 */
struct SECMODModuleStr *roots_load(void);
void roots_unload(struct SECMODModuleStr *module); /* NULL is fine */

#endif
