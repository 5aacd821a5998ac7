/* GMime's own reading of a whole message, to the byte, against the tree of mime/tree.h: the second
 * opinion of the tests. (The host gives GMime only an outline, which is bounded; see outline.h.) */
#ifndef SEALPOST_TESTS_UNIT_MIME_SLICES_H
#define SEALPOST_TESTS_UNIT_MIME_SLICES_H

#include "mime/tree.h"

/* What is wrong with `tree`, which was parsed from `input`, by GMime's reading of it: another type,
 * number of parts or place of a leaf's body. NULL: they agree. A static text. A message/rfc822 is a
 * leaf of whose place nothing is said. */
const char *slices_compare(const struct mime_tree *tree, struct bytes input);

#endif
