/* The report of an evidence archive: plain text in UTF-8 for people who were not there. Judges
 * nothing: it says what was found. Text of the message stands in it without control characters and
 * line ends, so that no header field can write lines of its own. Internal to evidence.c. */
#ifndef SEALPOST_MAIL_EVIDENCE_REPORT_H
#define SEALPOST_MAIL_EVIDENCE_REPORT_H

#include "mail/evidence_files.h"

/* Appends the report. ERR_NO_MEMORY. */
struct error *evidence_report_write(const struct mail_context *context,
                                    const struct open_result *result,
                                    const struct evidence_files *files, struct buffer *out)
    MUST_USE;

#endif
