/* CompressedData (RFC 3274): what was compressed with zlib comes out again, within bounds, whatever
 * the message says. Knows nothing of what is inside. */
#ifndef SEALPOST_CMS_COMPRESSED_H
#define SEALPOST_CMS_COMPRESSED_H

#include "base/mapping.h"
#include "base/task.h"

/* Expands `cms` (a ContentInfo, stays unchanged) into a new mapping, owned by the caller. It may
 * become `room` bytes at most (0: none at all), and, over LIMIT_COMPRESSED_SMALL, no more than
 * LIMIT_COMPRESSED_RATIO times what was compressed; beyond either ERR_MESSAGE_TOO_LARGE, before the
 * memory is used. ERR_CMS_MALFORMED where it is damaged, cut off or has bytes behind its end;
 * ERR_CMS_UNSUPPORTED where it is of another type or compressed in another way than zlib's;
 * ERR_CANCELLED, ERR_NO_MEMORY. */
struct error *compressed_open(struct bytes cms, size_t room, struct task *task,
                              struct mapping **ret_content) MUST_USE;

#endif
