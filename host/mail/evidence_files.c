#include "mail/evidence_files.h"

#include "cms/signed.h"
#include "cms/signed_digest.h"
#include "mime/transfer.h"

#include <assert.h>
#include <stdio.h>

void evidence_files_done(struct evidence_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        mapping_unref(files->items[i].owner);
        string_free(files->items[i].sha256);
    }
    *files = (struct evidence_files){ 0 };
}

/* Takes a reference of its own to the owner. */
static struct error *add(struct evidence_files *files, const char *name, struct mapping *owner,
                         struct bytes content, const struct evidence_file **ret_file)
{
    assert(files->count < EVIDENCE_FILES);
    uint8_t digest[SIGNED_DIGEST_MAX] = { 0 };
    struct evidence_file *file = &files->items[files->count];
    TRY(signed_digest_hash(CMS_SHA256, content, digest));
    TRY(bytes_to_hex((struct bytes){ digest, cms_digest_info(CMS_SHA256)->len }, &file->sha256));
    (void)snprintf(file->name, sizeof(file->name), "%s", name);
    file->owner = mapping_ref(owner);
    file->content = content;
    files->count++;
    *ret_file = file;
    return NULL;
}

/* "signature-2-chain.pem" */
static struct error *add_for(struct evidence_files *files, const char *suffix,
                             struct mapping *owner, struct bytes content,
                             const struct evidence_file **ret_file)
{
    char name[EVIDENCE_NAME];
    (void)snprintf(name, sizeof(name), "signature-%zu%s", files->signature_count, suffix);
    return add(files, name, owner, content, ret_file);
}

static struct error *add_content(struct evidence_files *files, const char *suffix,
                                 const struct content *content,
                                 const struct evidence_file **ret_file)
{
    CLEANUP(mapping_unref) struct mapping *owner = NULL;
    struct bytes view = BYTES_NONE;
    TRY(content_flatten(content, &owner, &view));
    return add_for(files, suffix, owner, view, ret_file);
}

/* RFC 7468 */
static struct error *append_pem(struct mapping *out, const char *label, struct bytes der)
{
    CLEANUP(buffer_free) struct buffer *line = NULL;
    TRY(buffer_new(0, &line));
    TRY(buffer_printf(line, "-----BEGIN %s-----\r\n", label));
    TRY(mapping_append(out, buffer_view(line)));
    TRY(transfer_base64(der, out));
    line->len = 0;
    TRY(buffer_printf(line, "-----END %s-----\r\n", label));
    return mapping_append(out, buffer_view(line));
}

bool evidence_files_is_anchored(const struct signer_report *signer)
{
    return signer->chain && signer->chain->chain.count > 0 &&
           !words_has(signer->chain->problems, WORD_CHAIN_INCOMPLETE) &&
           !words_has(signer->chain->problems, WORD_CHAIN_UNTRUSTED);
}

/* All signers' chains together, each certificate once. */
static struct error *split_chains(const struct signature_report *report, struct cert_list *chain,
                                  struct cert_list *anchors)
{
    for (size_t i = 0; i < report->signer_count; i++) {
        const struct signer_report *signer = &report->signers[i];
        for (size_t k = 0; signer->chain && k < signer->chain->chain.count; k++) {
            bool last = k + 1 == signer->chain->chain.count;
            bool anchor = last && evidence_files_is_anchored(signer);
            TRY(cert_list_add_once(anchor ? anchors : chain, signer->chain->chain.items[k]));
        }
    }
    return NULL;
}

static struct error *add_certificates(struct evidence_files *files, const char *suffix,
                                      const struct cert_list *list,
                                      const struct evidence_file **ret_file)
{
    if (list->count == 0) {
        return NULL;
    }
    CLEANUP(mapping_unref) struct mapping *text = NULL;
    TRY(mapping_new(LIMIT_MESSAGE, &text));
    for (size_t i = 0; i < list->count; i++) {
        TRY(append_pem(text, "CERTIFICATE", cert_der(list->items[i])));
    }
    return add_for(files, suffix, text, mapping_view(text), ret_file);
}

static struct error *add_chains(struct evidence_files *files, const struct signature_report *report,
                                struct evidence_signature *signature)
{
    struct cert_list chain = { 0 };
    struct cert_list anchors = { 0 };
    struct error *error = split_chains(report, &chain, &anchors);
    if (!error) {
        error = add_certificates(files, "-chain.pem", &chain, &signature->chain);
    }
    if (!error) {
        error = add_certificates(files, "-anchors.pem", &anchors, &signature->anchors);
    }
    cert_list_done(&chain);
    cert_list_done(&anchors);
    return error;
}

static struct error *write_crls(const struct cms_signed *message, struct mapping *text)
{
    for (size_t i = 0; i < cms_signed_crl_count(message); i++) {
        TRY(append_pem(text, "X509 CRL", cms_signed_crl(message, i)));
    }
    return NULL;
}

/* Those that the CMS carries: the only revocation answers that are used (chain.h). */
static struct error *add_crls(struct evidence_files *files, struct evidence_signature *signature)
{
    CLEANUP(cms_signed_free) struct cms_signed *message = NULL;
    struct error *error = cms_signed_parse(signature->cms->content, &message);
    if (error && error_get_code(error) == ERR_CMS_MALFORMED) {
        error_free(error); /* the report tells it */
        return NULL;
    }
    TRY(error);
    if (cms_signed_crl_count(message) == 0) {
        return NULL;
    }
    CLEANUP(mapping_unref) struct mapping *text = NULL;
    TRY(mapping_new(LIMIT_MESSAGE, &text));
    TRY(write_crls(message, text));
    return add_for(files, "-crls.pem", text, mapping_view(text), &signature->crls);
}

static struct error *add_signature(struct evidence_files *files, const struct open_layer *layer)
{
    struct evidence_signature *signature = &files->signatures[files->signature_count++];
    signature->layer = layer;
    TRY(add_content(files, layer->multipart ? ".p7s" : ".p7m", layer->cms, &signature->cms));
    if (layer->covered) {
        TRY(add_content(files, "-content.mime", layer->covered, &signature->content));
    }
    TRY(add_chains(files, layer->signature, signature));
    return add_crls(files, signature);
}

struct error *evidence_files_collect(struct mapping *owner, struct bytes message,
                                     const struct open_result *result, struct evidence_files *files)
{
    const struct evidence_file *ignored = NULL;
    TRY(add(files, "message.eml", owner, message, &ignored));
    for (size_t i = 0; i < result->layer_count; i++) {
        const struct open_layer *layer = &result->layers[i];
        if (layer->kind == LAYER_SIGNED && layer->signature && layer->cms) {
            TRY(add_signature(files, layer));
        }
    }
    return NULL;
}
