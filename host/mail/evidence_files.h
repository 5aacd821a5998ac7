/* The files of one evidence archive before they are packed: names of our own making, contents, and
 * their SHA-256. Internal to evidence.c and evidence_report.c. */
#ifndef SEALPOST_MAIL_EVIDENCE_FILES_H
#define SEALPOST_MAIL_EVIDENCE_FILES_H

#include "base/content.h"
#include "base/limits.h"
#include "mail/open.h"

enum {
    EVIDENCE_NAME = 48, /* bytes of a file's name */
    EVIDENCE_PER_SIGNATURE = 5,
    EVIDENCE_FILES = LIMIT_LAYERS * EVIDENCE_PER_SIGNATURE + 1
};

struct evidence_file {
    char name[EVIDENCE_NAME];
    struct mapping *owner; /* owned */
    struct bytes content; /* inside owner */
    char *sha256; /* hex; owned */
};

/* Which of its files a signature has; NULL where there is none. Borrowed from the list. */
struct evidence_signature {
    const struct open_layer *layer;
    const struct evidence_file *cms;
    const struct evidence_file *content;
    const struct evidence_file *chain;
    const struct evidence_file *anchors;
    const struct evidence_file *crls;
};

/* Zero-initialised is empty. */
struct evidence_files {
    struct evidence_file items[EVIDENCE_FILES];
    size_t count;
    struct evidence_signature signatures[LIMIT_LAYERS];
    size_t signature_count;
};

/* `message.eml`, then the files of every signature of `result`, which was opened with
 * keep_signatures and outlives the list. ERR_NO_MEMORY, ERR_MESSAGE_TOO_LARGE, ERR_INTERNAL. */
struct error *evidence_files_collect(struct mapping *owner, struct bytes message,
                                     const struct open_result *result, struct evidence_files *files)
    MUST_USE;
void evidence_files_done(struct evidence_files *files);

/* Whether the chain of the signer was believed to end in an anchor. */
bool evidence_files_is_anchored(const struct signer_report *signer);

#endif
