#include "cms/signed_digest.h"

#include "base/limits.h"
#include "nss/item.h"
#include "nss/nss_error.h"
#include "nss/nss_scope.h"

#include <pk11pub.h>
#include <stdlib.h>

/* How much is digested between two looks at the task. */
#define STEP (1 * MIB)

struct signed_digest {
    PK11Context *contexts[SIGNED_DIGEST_COUNT];
    struct task *task; /* borrowed */
    size_t done; /* bytes */
    size_t total; /* bytes */
};

/* No context for a digest that the tokens don't have. */
static void start(struct signed_digest *digest, enum cms_digest which)
{
    const struct cms_digest_info *info = cms_digest_info(which);
    PK11Context *context = info ? PK11_CreateDigestContext((SECOidTag)info->nss_tag) : NULL;
    if (context && PK11_DigestBegin(context) != SECSuccess) {
        PK11_DestroyContext(context, PR_TRUE);
        context = NULL;
    }
    digest->contexts[which] = context;
}

struct error *signed_digest_new(const bool wanted[static SIGNED_DIGEST_COUNT], size_t total,
                                struct task *task, struct signed_digest **ret_digest)
{
    struct signed_digest *digest = calloc(1, sizeof(*digest));
    if (!digest) {
        return error_no_memory();
    }
    digest->task = task;
    digest->total = total;
    for (unsigned which = 0; which < SIGNED_DIGEST_COUNT; which++) {
        if (wanted[which]) {
            start(digest, (enum cms_digest)which);
        }
    }
    *ret_digest = digest;
    return NULL;
}

void signed_digest_free(struct signed_digest *digest)
{
    if (!digest) {
        return;
    }
    for (unsigned which = 0; which < SIGNED_DIGEST_COUNT; which++) {
        nss_context_free(digest->contexts[which]);
    }
    free(digest);
}

static struct error *add_step(struct signed_digest *digest, struct bytes step)
{
    for (unsigned which = 0; which < SIGNED_DIGEST_COUNT; which++) {
        PK11Context *context = digest->contexts[which];
        if (context && PK11_DigestOp(context, step.data, (unsigned)step.len) != SECSuccess) {
            return nss_error(ERR_INTERNAL, "while digesting the content");
        }
    }
    return NULL;
}

struct error *signed_digest_add(struct signed_digest *digest, struct bytes input)
{
    while (input.len > 0) {
        /* short segments are common: the task is asked once a step, not once a segment */
        size_t step = STEP - digest->done % STEP;
        if (step == STEP) {
            TRY(task_check(digest->task));
            task_progress(digest->task, digest->done, digest->total);
        }
        struct bytes now = bytes_slice(input, 0, step);
        TRY(add_step(digest, now));
        digest->done += now.len;
        input = bytes_slice(input, now.len, input.len - now.len);
    }
    return NULL;
}

struct error *signed_digest_end(struct signed_digest *digest, enum cms_digest which,
                                uint8_t value[static SIGNED_DIGEST_MAX], bool *ret_there)
{
    PK11Context *context = digest->contexts[which];
    *ret_there = context != NULL;
    if (!context) {
        return NULL;
    }
    unsigned len = 0;
    if (PK11_DigestFinal(context, value, &len, SIGNED_DIGEST_MAX) != SECSuccess ||
        len != cms_digest_info(which)->len) {
        return nss_error(ERR_INTERNAL, "while ending a digest");
    }
    return NULL;
}

struct error *signed_digest_hash(enum cms_digest which, struct bytes input,
                                 uint8_t value[static SIGNED_DIGEST_MAX])
{
    bool wanted[SIGNED_DIGEST_COUNT] = { false };
    bool there = false;
    wanted[which] = true;
    CLEANUP(signed_digest_free) struct signed_digest *digest = NULL;
    TRY(signed_digest_new(wanted, input.len, NULL, &digest));
    TRY(signed_digest_add(digest, input));
    TRY(signed_digest_end(digest, which, value, &there));
    return there ? NULL : error_new(ERR_INTERNAL, "no token computes this digest");
}
