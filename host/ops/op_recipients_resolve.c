/* recipients.resolve: who of a list of addresses can be encrypted to. */
#include "base/limits.h"
#include "mail/recipients.h"
#include "ops/methods.h"
#include "ops/start.h"
#include "ops/verdict_json.h"
#include "policy/policy.h"
#include "wire/json.h"

#include <stdio.h>
#include <string.h>

struct request {
    struct rpc_strings addresses;
    struct rpc_word network;
};

static const struct rpc_word_entry network_words[] = {
    { "none", 0 },
    { "policy", 1 }, /* the policy of this version asks no directory */
    { NULL, 0 },
};

static const struct rpc_param params[] = {
    PARAM_STRINGS("addresses", struct request, addresses, PARAM_REQUIRED, LIMIT_ADDRESSES),
    PARAM_WORD("network", struct request, network, 0, network_words, 0),
};

static const char *status_text(const struct recipient_choice *choice)
{
    if (choice->cert) {
        return "usable";
    }
    return choice->any ? "unusable" : "missing";
}

static struct error *add_choice(struct json_object *item, const struct recipient_choice *choice,
                                struct cert_list *named)
{
    struct json_object *alternatives = NULL;
    TRY(json_add_string(item, "status", status_text(choice)));
    if (choice->cert) {
        TRY(json_add_string(item, "certificate", cert_id(choice->cert)));
        TRY(cert_list_add_once(named, choice->cert));
    }
    TRY(json_add_array(item, "alternatives", &alternatives));
    for (size_t i = 0; i < choice->alternatives.count; i++) {
        TRY(json_append_string(alternatives, cert_id(choice->alternatives.items[i])));
        TRY(cert_list_add_once(named, choice->alternatives.items[i]));
    }
    TRY(json_add_string(item, "source", "database"));
    return verdict_json_words(item, "problems", choice->problems);
}

static struct error *add_required(struct json_object *item, struct policy_required required)
{
    struct json_object *object = NULL;
    TRY(json_add_object(item, "required", &object));
    TRY(json_add_bool(object, "sign", required.sign));
    return json_add_bool(object, "encrypt", required.encrypt);
}

static struct error *resolve_one(const struct mail_context *context, const char *address,
                                 struct json_object *items, struct cert_list *named)
{
    struct json_object *item = NULL;
    struct recipient_choice choice = { 0 };
    TRY(json_append_object(items, &item));
    TRY(json_add_string(item, "address", address));
    TRY(add_required(item, policy_required_for(context->policy, address)));
    TRY(recipients_choose(context, address, NULL, CHAIN_ENCRYPT, &choice));
    struct error *error = add_choice(item, &choice, named);
    recipient_choice_done(&choice);
    return error;
}

static struct error *check_lengths(const struct rpc_strings *addresses)
{
    for (size_t i = 0; i < addresses->count; i++) {
        if (strlen(addresses->items[i]) > LIMIT_ADDRESS) {
            char path[LIMIT_PARAM_PATH];
            struct error *error = error_new(ERR_PARAMS, "an address is too long");
            (void)snprintf(path, sizeof(path), "params.addresses[%zu]", i);
            error_set_path(error, path);
            return error;
        }
    }
    return NULL;
}

static struct error *fill(const struct mail_context *context, const struct request *request,
                          struct json_object *object)
{
    struct json_object *items = NULL;
    struct cert_list named = { 0 };
    struct error *error = json_add_array(object, "items", &items);
    for (size_t i = 0; !error && i < request->addresses.count; i++) {
        error = resolve_one(context, request->addresses.items[i], items, &named);
    }
    if (!error) {
        error = verdict_json_certificates(object, context, &named);
    }
    cert_list_done(&named);
    return error;
}

static struct error *run(struct rpc_call *call, const void *data, struct json_object **ret_result)
{
    struct mail_context context = { 0 };
    CLEANUP(json_free) struct json_object *object = NULL;
    const struct request *request = data;
    TRY(check_lengths(&request->addresses));
    TRY(start_context(call, START_NOW, &context));
    TRY(json_new_object(&object));
    TRY(fill(&context, request, object));
    *ret_result = TAKE_PTR(object);
    return NULL;
}

const struct rpc_method op_recipients_resolve = {
    .name = "recipients.resolve",
    .request = METHOD_REQUEST(struct request, params),
    .flags = METHOD_INTERACTIVE,
    .run = run,
};
