/* message.open: everything that is needed to show a received message. */
#include "mail/open.h"
#include "ops/methods.h"
#include "ops/open_json.h"
#include "ops/start.h"
#include "ops/verdict_json.h"
#include "policy/policy.h"
#include "wire/json.h"

struct request {
    struct rpc_data message;
    struct rpc_time at;
    struct rpc_word revocation;
    struct rpc_bool collect;
};

enum { REVOCATION_BY_POLICY, REVOCATION_SWITCHED_OFF };

static const struct rpc_word_entry revocation_words[] = {
    { "policy", REVOCATION_BY_POLICY },
    { "off", REVOCATION_SWITCHED_OFF },
    { NULL, 0 },
};

static const struct rpc_param params[] = {
    PARAM_DATA("message", struct request, message, PARAM_REQUIRED),
    PARAM_TIME("at", struct request, at, 0),
    PARAM_WORD("revocation", struct request, revocation, 0, revocation_words, REVOCATION_BY_POLICY),
    PARAM_BOOL("collect", struct request, collect, 0, false),
};

static struct error *answer(struct rpc_call *call, const struct mail_context *context,
                            const struct open_result *result, struct json_object **ret_result)
{
    CLEANUP(json_free) struct json_object *object = NULL;
    struct cert_list named = { 0 };
    struct error *error = open_json(call, result, &named, &object);
    if (!error) {
        error = verdict_json_certificates(object, context, &named);
    }
    cert_list_done(&named);
    TRY(error);
    *ret_result = TAKE_PTR(object);
    return NULL;
}

static struct error *run(struct rpc_call *call, const void *data, struct json_object **ret_result)
{
    const struct request *request = data;
    struct mail_context context = { 0 };
    TRY(start_context(call, request->at.given ? request->at.value : START_NOW, &context));
    TRY(start_check_size(call->host, request->message.view.len));

    struct policy policy = *context.policy;
    if (request->revocation.value == REVOCATION_SWITCHED_OFF) {
        policy.revocation = REVOCATION_OFF;
        context.policy = &policy;
    }
    CLEANUP(open_result_free) struct open_result *result = NULL;
    TRY(open_message(&context, request->message.owner, request->message.view, &result));
    return answer(call, &context, result, ret_result);
}

const struct rpc_method op_message_open = {
    .name = "message.open",
    .request = METHOD_REQUEST(struct request, params),
    .flags = METHOD_INTERACTIVE,
    .run = run,
};
