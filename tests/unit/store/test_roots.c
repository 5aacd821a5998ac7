#include "nss/nss_scope.h"
#include "store/roots.h"

#include <criterion/criterion.h>
#include <nss.h>
#include <secmod.h>

TestSuite(roots, .timeout = 30);

Test(roots, loads_the_list_and_takes_it_away)
{
    cr_assert_eq(NSS_NoDB_Init("."), SECSuccess);
    cr_assert_not(SECMOD_HasRootCerts());
    SECMODModule *module = roots_load();
    cr_assert_not_null(module);
    cr_assert(SECMOD_HasRootCerts());
    roots_unload(module);
    cr_assert_not(SECMOD_HasRootCerts());
    cr_assert_eq(NSS_Shutdown(), SECSuccess);
}

Test(roots, does_not_load_the_list_twice)
{
    cr_assert_eq(NSS_NoDB_Init("."), SECSuccess);
    SECMODModule *module = roots_load();
    cr_assert_null(roots_load());
    roots_unload(module);
    roots_unload(NULL);
    cr_assert_eq(NSS_Shutdown(), SECSuccess);
}
