#include "mime/smime_type.h"

#include <string.h>
#include <strings.h>

static bool is_signature_type(const char *type)
{
    return strcasecmp(type, "application/pkcs7-signature") == 0 ||
           strcasecmp(type, "application/x-pkcs7-signature") == 0;
}

/* RFC 8551 3.10: a generic type whose file name has one of S/MIME's endings. A lone .p7s is a
 * detached signature of something unknown, and a .p7c holds certificates: both are none. */
static bool has_smime_ending(const char *filename)
{
    if (!filename) {
        return false;
    }
    size_t len = strlen(filename);
    return len > 4 && (strcasecmp(filename + len - 4, ".p7m") == 0 ||
                       strcasecmp(filename + len - 4, ".p7z") == 0);
}

static bool is_generic_type(const char *type)
{
    static const char *const generic[] = { "application/octet-stream", "application/octetstream",
                                           "application/x-octet-stream", "application/x-unknown" };
    for (size_t i = 0; i < ARRAY_SIZE(generic); i++) {
        if (strcmp(type, generic[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* The second part of a multipart/signed that does not say what its signatures are. */
static bool is_signature(const struct mime_entity *part)
{
    size_t len = part->filename ? strlen(part->filename) : 0;
    return is_signature_type(part->type) || (is_generic_type(part->type) && len > 4 &&
                                             strcasecmp(part->filename + len - 4, ".p7s") == 0);
}

static bool is_signed_multipart(const struct mime_entity *entity)
{
    if (strcmp(entity->type, "multipart/signed") != 0 || entity->child_count != 2) {
        return false;
    }
    return entity->protocol ? is_signature_type(entity->protocol)
                            : is_signature(entity->children[1]);
}

enum mime_smime smime_type_of(const struct mime_entity *entity)
{
    if (is_signed_multipart(entity)) {
        return MIME_SMIME_SIGNED_MULTIPART;
    }
    bool pkcs7 = strcmp(entity->type, "application/pkcs7-mime") == 0 ||
                 strcmp(entity->type, "application/x-pkcs7-mime") == 0;
    bool named = has_smime_ending(entity->filename) || entity->smime_type;
    if (pkcs7 || (is_generic_type(entity->type) && named)) {
        return MIME_SMIME_PKCS7;
    }
    return MIME_SMIME_NONE;
}
