#include "mime/smime_type.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

static enum mime_smime leaf(const char *type, const char *filename)
{
    const struct mime_entity entity = { .type = type, .filename = filename };
    return smime_type_of(&entity);
}

/* A multipart/signed whose last child has this type. */
static enum mime_smime signed_with(const char *protocol, const char *second, size_t count)
{
    struct mime_entity text = { .type = "text/plain" };
    struct mime_entity signature = { .type = second };
    struct mime_entity *children[] = { &text, &signature, &signature };
    const struct mime_entity entity = {
        .type = "multipart/signed", .protocol = protocol, .children = children, .child_count = count
    };
    return smime_type_of(&entity);
}

Test(smime_type_of, leaves_openpgp_alone)
{
    cr_assert_eq(signed_with("application/pgp-signature", "application/pgp-signature", 2),
                 MIME_SMIME_NONE);
    cr_assert_eq(signed_with(NULL, "application/pgp-signature", 2), MIME_SMIME_NONE);
    cr_assert_eq(signed_with("application/pgp-signature", "application/pkcs7-signature", 2),
                 MIME_SMIME_NONE);
}

Test(smime_type_of, wants_two_children)
{
    cr_assert_eq(signed_with("application/pkcs7-signature", "application/pkcs7-signature", 1),
                 MIME_SMIME_NONE);
    cr_assert_eq(signed_with("application/pkcs7-signature", "application/pkcs7-signature", 3),
                 MIME_SMIME_NONE);
    cr_assert_eq(signed_with("application/pkcs7-signature", "text/plain", 0), MIME_SMIME_NONE);
}

Test(smime_type_of, knows_signed_multiparts)
{
    cr_assert_eq(signed_with("application/pkcs7-signature", "application/pkcs7-signature", 2),
                 MIME_SMIME_SIGNED_MULTIPART);
    cr_assert_eq(signed_with("Application/X-pkcs7-signature", "a/b", 2),
                 MIME_SMIME_SIGNED_MULTIPART);
    cr_assert_eq(signed_with(NULL, "application/x-pkcs7-signature", 2),
                 MIME_SMIME_SIGNED_MULTIPART);
}

Test(smime_type_of, knows_pkcs7_by_type_and_by_name)
{
    cr_assert_eq(leaf("application/pkcs7-mime", NULL), MIME_SMIME_PKCS7);
    cr_assert_eq(leaf("application/x-pkcs7-mime", "x"), MIME_SMIME_PKCS7);
    cr_assert_eq(leaf("application/octet-stream", "smime.p7m"), MIME_SMIME_PKCS7);
    cr_assert_eq(leaf("application/octet-stream", "SMIME.P7Z"), MIME_SMIME_PKCS7);
}

Test(smime_type_of, takes_nothing_else_by_its_name)
{
    cr_assert_eq(leaf("application/octet-stream", "smime.p7s"), MIME_SMIME_NONE);
    cr_assert_eq(leaf("application/octet-stream", "smime.p7c"), MIME_SMIME_NONE);
    cr_assert_eq(leaf("application/octet-stream", ".p7m"), MIME_SMIME_NONE);
    cr_assert_eq(leaf("application/octet-stream", NULL), MIME_SMIME_NONE);
    cr_assert_eq(leaf("text/plain", "smime.p7m"), MIME_SMIME_NONE);
    cr_assert_eq(leaf("application/pkcs7-signature", "smime.p7s"), MIME_SMIME_NONE);
}

Test(smime_type_of, knows_what_gateways_left)
{
    const struct mime_entity typed = { .type = "application/octet-stream",
                                       .smime_type = "enveloped-data" };
    cr_assert_eq(smime_type_of(&typed), MIME_SMIME_PKCS7);
    const struct mime_entity text = { .type = "text/plain", .smime_type = "enveloped-data" };
    cr_assert_eq(smime_type_of(&text), MIME_SMIME_NONE);

    struct mime_entity first = { .type = "text/plain" };
    struct mime_entity signature = { .type = "application/octet-stream", .filename = "Smime.P7s" };
    struct mime_entity *children[] = { &first, &signature };
    struct mime_entity multipart = { .type = "multipart/signed",
                                     .children = children,
                                     .child_count = 2 };
    cr_assert_eq(smime_type_of(&multipart), MIME_SMIME_SIGNED_MULTIPART);
    signature.filename = "smime.txt";
    cr_assert_eq(smime_type_of(&multipart), MIME_SMIME_NONE);
    signature.filename = "smime.p7s";
    multipart.protocol = "application/pgp-signature";
    cr_assert_eq(smime_type_of(&multipart), MIME_SMIME_NONE);
}
