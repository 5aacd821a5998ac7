#include "store/version.h"

#include <nss.h>

const char *version_nss(void)
{
    return NSS_GetVersion();
}
