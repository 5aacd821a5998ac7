/* message.evidence: what somebody else needs to check the signatures of a message later. */
#include "mail/evidence.h"
#include "ops/methods.h"
#include "ops/start.h"
#include "rpc/call.h"

struct request {
    struct rpc_data message;
    struct rpc_time at;
};

static const struct rpc_param params[] = {
    PARAM_DATA("message", struct request, message, PARAM_REQUIRED),
    PARAM_TIME("at", struct request, at, 0),
};

static struct error *run(struct rpc_call *call, const void *data, struct json_object **ret_result)
{
    const struct request *request = data;
    struct mail_context context = { 0 };
    CLEANUP(content_unref) struct content *zip = NULL;
    TRY(start_context(call, request->at.given ? request->at.value : START_NOW, &context));
    TRY(start_check_size(call->host, request->message.view.len));
    TRY(evidence_make(&context, request->message.owner, request->message.view, &zip));
    return call_data_result(call, "evidence", zip, ret_result);
}

const struct rpc_method op_message_evidence = {
    .name = "message.evidence",
    .request = METHOD_REQUEST(struct request, params),
    .flags = METHOD_INTERACTIVE,
    .run = run,
};
