/* cms.verify: a CMS signature without mail: no rules on addresses and coverage. */
#include "cms/content_info.h"
#include "mail/signature.h"
#include "ops/methods.h"
#include "ops/start.h"
#include "ops/verdict_json.h"
#include "wire/json.h"

struct request {
    struct rpc_data cms;
    struct rpc_data content;
    struct rpc_time at;
};

static const struct rpc_param params[] = {
    PARAM_DATA("cms", struct request, cms, PARAM_REQUIRED),
    PARAM_DATA("content", struct request, content, 0),
    PARAM_TIME("at", struct request, at, 0),
};

static struct error *add_content(struct rpc_call *call, struct json_object *object,
                                 const struct signature_report *report, struct mapping *owner)
{
    if (!report->cms || !report->has_content) {
        return NULL;
    }
    CLEANUP(mapping_unref) struct mapping *content_owner = NULL;
    CLEANUP(content_unref) struct content *content = NULL;
    struct bytes view = BYTES_NONE;
    struct json_object *data = NULL;
    TRY(signature_content(report, owner, false, &content_owner, &view));
    TRY(content_of_slice(content_owner, view, &content));
    TRY(call_data(call, content, &data));
    return json_add_take(object, "content", data);
}

/* All that came along, where that is what was sent (RFC 8551 3.8: certs-only). */
static struct error *name_carried(const struct signature_report *report, struct cert_list *named)
{
    for (size_t i = 0; report->is_certificates_only && i < report->carried.count; i++) {
        TRY(cert_list_add_once(named, report->carried.items[i]));
    }
    return NULL;
}

static struct error *fill(struct rpc_call *call, const struct mail_context *context,
                          const struct signature_report *report, struct mapping *owner,
                          struct json_object *object)
{
    struct json_object *signature = NULL;
    struct cert_list named = { 0 };
    TRY(json_add_string(object, "kind", report->is_certificates_only ? "certificates" : "signed"));
    TRY(json_add_object(object, "signature", &signature));
    TRY(verdict_json_judgement(signature, &report->judgement));
    TRY(json_add_size(signature, "signerCount", report->signer_count));
    TRY(add_content(call, object, report, owner));
    struct error *error = verdict_json_signers(object, report, NULL, &named);
    if (!error) {
        error = name_carried(report, &named);
    }
    if (!error) {
        error = verdict_json_certificates(object, context, &named);
    }
    cert_list_done(&named);
    return error;
}

static struct error *run(struct rpc_call *call, const void *data, struct json_object **ret_result)
{
    const struct request *request = data;
    struct mail_context context = { 0 };
    TRY(start_context(call, request->at.given ? request->at.value : START_NOW, &context));
    TRY(start_check_size(call->host, request->cms.view.len));
    TRY(start_check_size(call->host, request->content.view.len));

    CLEANUP(mapping_unref) struct mapping *unarmoured = NULL;
    CLEANUP(signature_report_free) struct signature_report *report = NULL;
    CLEANUP(json_free) struct json_object *object = NULL;
    struct bytes cms = BYTES_NONE;
    TRY(content_info_unarmour(request->cms.view, &unarmoured, &cms));
    const struct bytes *detached = request->content.given ? &request->content.view : NULL;
    TRY(signature_verify(&context, cms, detached, &report));
    TRY(json_new_object(&object));
    TRY(fill(call, &context, report, unarmoured ? unarmoured : request->cms.owner, object));
    *ret_result = TAKE_PTR(object);
    return NULL;
}

const struct rpc_method op_cms_verify = {
    .name = "cms.verify",
    .request = METHOD_REQUEST(struct request, params),
    .flags = METHOD_INTERACTIVE,
    .run = run,
};
