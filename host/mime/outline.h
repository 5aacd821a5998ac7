/* The second opinion on a message's structure: GMime parses an outline of it (the Content-* fields
 * of every entity and all lines that could be delimiters), and entities that GMime sees otherwise
 * are marked ambiguous, and everything around them. The outline and not the message, because GMime
 * sets no limit on parts and goes into message/rfc822: a few MB of delimiter lines would cost
 * gigabytes. Internal to mime/. */
#ifndef SEALPOST_MIME_OUTLINE_H
#define SEALPOST_MIME_OUTLINE_H

#include "mime/tree.h"

/* Compares `root` and everything below it with GMime's reading. An outline over LIMIT_OUTLINE or
 * LIMIT_OUTLINE_LINES marks the root. ERR_NO_MEMORY. */
struct error *outline_compare(struct mime_entity *root) MUST_USE;

#endif
