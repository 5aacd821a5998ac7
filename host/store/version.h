/* Which NSS runs. */
#ifndef SEALPOST_STORE_VERSION_H
#define SEALPOST_STORE_VERSION_H

/* NSS's version at run time ("3.87.1"); a static string. */
const char *version_nss(void);

#endif
