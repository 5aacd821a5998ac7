#include "store/roots.h"

#include "base/bytes.h"
#include "nss/nss_scope.h"

#include <nss.h>
#include <prlink.h>
#include <prmem.h>
#include <secmod.h>
#include <stdio.h>
#include <string.h>

/* Where the library lies, seen from libnss3: beside it, or in Debian's older place below it. The
 * same directory comes first because its version fits the NSS in use. */
static const char *const below_nss[] = { "libnssckbi.so", "nss/libnssckbi.so" };

static SECMODModule *load(const char *directory, size_t directory_length, const char *name)
{
    CLEANUP(string_free) char *specification = NULL;
    if (asprintf(&specification, "library=\"%.*s%s\" name=\"Mozilla roots\" NSS=\"trustOrder=100\"",
                 (int)directory_length, directory, name) < 0) {
        return NULL;
    }
    SECMODModule *module = SECMOD_LoadUserModule(specification, NULL, PR_FALSE);
    if (module && !module->loaded) {
        SECMOD_DestroyModule(module);
        return NULL;
    }
    return module;
}

static SECMODModule *load_beside_nss(void)
{
    char *library = PR_GetLibraryFilePathname("libnss3.so", (PRFuncPtr)NSS_Initialize);
    if (!library) {
        return NULL;
    }
    const char *slash = strrchr(library, '/');
    size_t length = slash ? (size_t)(slash - library) + 1 : 0;
    SECMODModule *module = NULL;
    for (size_t i = 0; length > 0 && !module && i < ARRAY_SIZE(below_nss); i++) {
        module = load(library, length, below_nss[i]);
    }
    PR_Free(library);
    return module;
}

struct SECMODModuleStr *roots_load(void)
{
    if (SECMOD_HasRootCerts()) {
        return NULL;
    }
    SECMODModule *module = load_beside_nss();
    return module ? module : load("", 0, below_nss[0]); /* by the dynamic loader's search */
}

void roots_unload(struct SECMODModuleStr *module)
{
    if (module) {
        (void)SECMOD_UnloadUserModule(module);
        SECMOD_DestroyModule(module);
    }
}
