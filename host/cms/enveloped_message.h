/* The insides of struct cms_enveloped, shared by what reads it (enveloped.c) and what opens it
 * (enveloped_open.c). No one else includes this. */
#ifndef SEALPOST_CMS_ENVELOPED_MESSAGE_H
#define SEALPOST_CMS_ENVELOPED_MESSAGE_H

#include "cms/cipher.h"
#include "cms/recipient_list.h"

struct cms_enveloped {
    bool authenticated; /* AuthEnvelopedData */
    bool spent; /* the content is no longer what was received */
    bool has_attributes;
    struct recipient_list recipients;
    struct cipher cipher;
    struct ber_string content;
    struct ber_value attributes; /* authAttrs where has_attributes */
    struct bytes tag; /* mac of AuthEnvelopedData */
};

#endif
