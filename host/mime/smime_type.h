/* Which entities are S/MIME (RFC 8551 3.10): by type, parameters, and for gateways that lose the
 * type, by the file name or what is left of the parameters. Looks at no CMS bytes. Internal to
 * mime/. */
#ifndef SEALPOST_MIME_SMIME_TYPE_H
#define SEALPOST_MIME_SMIME_TYPE_H

#include "mime/tree.h"

/* `entity` with all fields but `smime` set, and its children. */
enum mime_smime smime_type_of(const struct mime_entity *entity);

#endif
