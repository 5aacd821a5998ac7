/* cms.decrypt: CMS content encrypted to one of the user's keys, without mail. */
#include "cms/content_info.h"
#include "mail/decryption.h"
#include "ops/methods.h"
#include "ops/start.h"
#include "ops/verdict_json.h"
#include "policy/verdict.h"
#include "wire/json.h"

struct request {
    struct rpc_data cms;
};

static const struct rpc_param params[] = {
    PARAM_DATA("cms", struct request, cms, PARAM_REQUIRED),
};

static struct error *add_encryption(struct json_object *object,
                                    const struct decryption_report *report)
{
    struct json_object *encryption = NULL;
    enum encryption_status status = report->decrypted ? ENCRYPTION_ENCRYPTED : ENCRYPTION_FAILED;
    TRY(json_add_object(object, "encryption", &encryption));
    TRY(json_add_string(encryption, "status", encryption_status_text(status)));
    TRY(json_add_bool(encryption, "authenticated", report->authenticated));
    TRY(verdict_json_words(encryption, "problems", report->problems));
    return verdict_json_words(encryption, "notices", report->notices);
}

static struct error *add_content(struct rpc_call *call, struct json_object *object,
                                 const struct decryption_report *report)
{
    if (!report->decrypted) {
        return NULL;
    }
    CLEANUP(content_unref) struct content *content = NULL;
    struct json_object *data = NULL;
    TRY(content_of_slice(report->owner, report->plain, &content));
    TRY(call_data(call, content, &data));
    return json_add_take(object, "content", data);
}

static struct error *fill(struct rpc_call *call, const struct mail_context *context,
                          const struct decryption_report *report, struct json_object *object)
{
    struct cert_list named = { 0 };
    TRY(add_encryption(object, report));
    TRY(add_content(call, object, report));
    struct error *error = verdict_json_recipients(object, report, &named);
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
    TRY(start_context(call, START_NOW, &context));
    TRY(start_check_size(call->host, request->cms.view.len));

    CLEANUP(mapping_unref) struct mapping *unarmoured = NULL;
    CLEANUP(decryption_report_free) struct decryption_report *report = NULL;
    CLEANUP(json_free) struct json_object *object = NULL;
    struct bytes cms = BYTES_NONE;
    TRY(content_info_unarmour(request->cms.view, &unarmoured, &cms));
    TRY(decryption_open(&context, cms, NULL, 0, &report));
    TRY(json_new_object(&object));
    TRY(fill(call, &context, report, object));
    *ret_result = TAKE_PTR(object);
    return NULL;
}

const struct rpc_method op_cms_decrypt = {
    .name = "cms.decrypt",
    .request = METHOD_REQUEST(struct request, params),
    .flags = METHOD_INTERACTIVE,
    .run = run,
};
