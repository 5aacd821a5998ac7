/* Owned locals of GMime's and GLib's types: CLEANUP(gmime_scope_…). GLib ends the process where
 * memory is out, so everything that is handed to GMime is bounded in size before. */
#ifndef SEALPOST_MIME_GMIME_SCOPE_H
#define SEALPOST_MIME_GMIME_SCOPE_H

#include "base/macros.h"

#include <gmime/gmime.h>

/* For any GObject; NULL is fine. */
static inline void gmime_scope_unref(void *object)
{
    if (object) {
        g_object_unref(object);
    }
}

static inline void gmime_scope_options_free(GMimeParserOptions *options)
{
    if (options) {
        g_mime_parser_options_free(options);
    }
}
DEFINE_CLEANUP(GMimeParserOptions *, gmime_scope_options_free);

static inline void gmime_scope_string_free(char *text)
{
    g_free(text);
}
DEFINE_CLEANUP(char *, gmime_scope_string_free);

static inline void gmime_scope_type_unref(GMimeContentType *type)
{
    gmime_scope_unref(type);
}
DEFINE_CLEANUP(GMimeContentType *, gmime_scope_type_unref);

static inline void gmime_scope_disposition_unref(GMimeContentDisposition *disposition)
{
    gmime_scope_unref(disposition);
}
DEFINE_CLEANUP(GMimeContentDisposition *, gmime_scope_disposition_unref);

static inline void gmime_scope_stream_unref(GMimeStream *stream)
{
    gmime_scope_unref(stream);
}
DEFINE_CLEANUP(GMimeStream *, gmime_scope_stream_unref);

static inline void gmime_scope_parser_unref(GMimeParser *parser)
{
    gmime_scope_unref(parser);
}
DEFINE_CLEANUP(GMimeParser *, gmime_scope_parser_unref);

static inline void gmime_scope_object_unref(GMimeObject *object)
{
    gmime_scope_unref(object);
}
DEFINE_CLEANUP(GMimeObject *, gmime_scope_object_unref);

static inline void gmime_scope_addresses_unref(InternetAddressList *list)
{
    gmime_scope_unref(list);
}
DEFINE_CLEANUP(InternetAddressList *, gmime_scope_addresses_unref);

#endif
