#include "cms/signed_protection.h"

#include <criterion/criterion.h>

#define OID_SHA256 "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
#define OID_SHA512 "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03"
#define OID_RSA "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
#define OID_PSS "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"
#define SHA256 "\x30\x0b" OID_SHA256
#define SHA256_NULL "\x30\x0d" OID_SHA256 "\x05\x00"
#define RSA "\x30\x0b" OID_RSA
#define RSA_NULL "\x30\x0d" OID_RSA "\x05\x00"
#define PSS_EMPTY "\x30\x0d" OID_PSS "\x30\x00"
#define BOTH "\x30\x1a" SHA256 "\xa1\x0b" OID_RSA

#define HOLDS(protection, digest, signature) \
    signed_protection_holds(BYTES_LITERAL(protection), BYTES_LITERAL(digest), \
                            BYTES_LITERAL(signature))

Test(signed_protection_holds, nothing_for_other_algorithms)
{
    cr_assert_not(HOLDS("\x30\x1a\x30\x0b" OID_SHA512 "\xa1\x0b" OID_RSA, SHA256, RSA));
    cr_assert_not(HOLDS("\x30\x1a" SHA256 "\xa1\x0b" OID_PSS, SHA256, RSA));
    cr_assert_not(HOLDS(BOTH, "\x30\x0b" OID_SHA512, RSA));
    cr_assert_not(HOLDS(BOTH, SHA256, PSS_EMPTY));
}

/* Parameters of RSA-PSS are part of the algorithm. */
Test(signed_protection_holds, nothing_for_other_parameters)
{
    cr_assert(HOLDS("\x30\x1c" SHA256 "\xa1\x0d" OID_PSS "\x30\x00", SHA256, PSS_EMPTY));
    cr_assert_not(HOLDS("\x30\x1a" SHA256 "\xa1\x0b" OID_PSS, SHA256, PSS_EMPTY));
    cr_assert_not(HOLDS("\x30\x1c" SHA256 "\xa1\x0d" OID_PSS "\x31\x00", SHA256, PSS_EMPTY));
}

Test(signed_protection_holds, nothing_where_it_cannot_be_read)
{
    cr_assert_not(HOLDS("\x30\x00", SHA256, RSA));
    cr_assert_not(HOLDS("\x05\x00", SHA256, RSA));
    cr_assert_not(HOLDS("\x30\x0d" SHA256, SHA256, RSA)); /* no signature algorithm */
    cr_assert_not(HOLDS("\x30\x1a" SHA256 "\xa2\x0b" OID_RSA, SHA256, RSA)); /* that of a MAC */
    cr_assert_not(HOLDS("\x30\x1c" SHA256 "\xa1\x0b" OID_RSA "\x05\x00", SHA256, RSA));
    cr_assert_not(HOLDS("\x30\x1c" SHA256 "\xa1\x0d" OID_RSA "\x05", SHA256, RSA));
    cr_assert_not(HOLDS(BOTH, "", RSA));
    cr_assert_not(HOLDS(BOTH, SHA256, "\x30\x00"));
}

Test(signed_protection_holds, where_nothing_is_protected)
{
    cr_assert(signed_protection_holds(BYTES_NONE, BYTES_LITERAL(SHA256), BYTES_LITERAL(RSA)));
}

Test(signed_protection_holds, where_both_say_the_same)
{
    cr_assert(HOLDS(BOTH, SHA256, RSA));
    /* NULL or none: both are written for one algorithm */
    cr_assert(HOLDS(BOTH, SHA256_NULL, RSA_NULL));
    cr_assert(HOLDS("\x30\x1e" SHA256_NULL "\xa1\x0d" OID_RSA "\x05\x00", SHA256, RSA));
}
