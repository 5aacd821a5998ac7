/* Verdicts, signers and certificates as JSON, in the words of PROTOCOL.md; shared by the methods.
 */
#ifndef SEALPOST_OPS_VERDICT_JSON_H
#define SEALPOST_OPS_VERDICT_JSON_H

#include "mail/context.h"
#include "mail/decryption.h"
#include "mail/signature.h"
#include "wire/json.h"

/* Adds `name`: [word, …]. */
struct error *verdict_json_words(struct json_object *object, const char *name, word_set words)
    MUST_USE;

/* Adds status, problems and notices. */
struct error *verdict_json_judgement(struct json_object *object, const struct judgement *judgement)
    MUST_USE;

/* Adds `signers`: […]. `claimed` is the author's address or NULL: then no `address` is told.
 * Certificates that are named are collected in `named`. */
struct error *verdict_json_signers(struct json_object *object,
                                   const struct signature_report *report, const char *claimed,
                                   struct cert_list *named) MUST_USE;

/* Adds `cipher`, `keyBits` and `recipients`. */
struct error *verdict_json_recipients(struct json_object *object,
                                      const struct decryption_report *report,
                                      struct cert_list *named) MUST_USE;

/* Adds `certificates`: {id: certificate} for all of `named`. */
struct error *verdict_json_certificates(struct json_object *object,
                                        const struct mail_context *context,
                                        const struct cert_list *named) MUST_USE;

/* One certificate as PROTOCOL.md describes it. */
struct error *verdict_json_certificate(const struct mail_context *context, const struct cert *cert,
                                       struct json_object **ret_object) MUST_USE;

#endif
