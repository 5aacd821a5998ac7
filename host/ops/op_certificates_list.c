/* certificates.list: the certificates of the databases, a page at a time. */
#include "base/limits.h"
#include "certs/index.h"
#include "ops/methods.h"
#include "ops/start.h"
#include "ops/verdict_json.h"
#include "store/store.h"
#include "wire/json.h"

#include <string.h>

struct request {
    struct rpc_bool mine;
    char *address;
    struct rpc_word purpose;
    char *query;
    struct rpc_integer offset;
    struct rpc_integer limit;
};

static const struct rpc_word_entry purpose_words[] = {
    { "sign", CERT_USAGE_SIGN },
    { "encrypt", CERT_USAGE_ENCRYPT },
    { "ca", CERT_USAGE_CA },
    { NULL, 0 },
};

static const struct rpc_param params[] = {
    PARAM_BOOL("mine", struct request, mine, 0, false),
    PARAM_STRING("address", struct request, address, 0, LIMIT_ADDRESS),
    PARAM_WORD("purpose", struct request, purpose, 0, purpose_words, 0),
    PARAM_STRING("query", struct request, query, 0, LIMIT_ADDRESS),
    PARAM_INTEGER("offset", struct request, offset, 0, 0, INT32_MAX, 0),
    PARAM_INTEGER("limit", struct request, limit, 0, 0, LIMIT_LIST, DEFAULT_LIST),
};

/* Whether subject or an address holds the words that were typed; ASCII case folded. */
static bool query_fits(const struct cert *cert, const char *query)
{
    if (!query || strcasestr(cert_subject(cert), query)) {
        return true;
    }
    for (size_t i = 0; i < cert_address_count(cert); i++) {
        if (strcasestr(cert_address(cert, i), query)) {
            return true;
        }
    }
    return false;
}

static bool fits(const struct mail_context *context, const struct request *request,
                 const struct cert *cert)
{
    if (request->purpose.given && !(cert_usages(cert) & (unsigned)request->purpose.value)) {
        return false;
    }
    if (!query_fits(cert, request->query)) {
        return false;
    }
    return !request->mine.given ||
           store_has_key(context->store, cert_decoded(cert)) == request->mine.value;
}

static struct error *add_items(const struct mail_context *context, const struct request *request,
                               const struct cert_list *found, struct json_object *object)
{
    struct json_object *items = NULL;
    int64_t total = 0;
    TRY(json_add_array(object, "items", &items));
    for (size_t i = 0; i < found->count; i++) {
        if (!fits(context, request, found->items[i])) {
            continue;
        }
        int64_t number = total++;
        if (number < request->offset.value ||
            number - request->offset.value >= request->limit.value) {
            continue;
        }
        struct json_object *item = NULL;
        TRY(verdict_json_certificate(context, found->items[i], &item));
        TRY(json_append_take(items, item));
    }
    return json_add_integer(object, "total", total);
}

static struct error *run(struct rpc_call *call, const void *data, struct json_object **ret_result)
{
    const struct request *request = data;
    struct mail_context context = { 0 };
    CLEANUP(json_free) struct json_object *object = NULL;
    TRY(start_context(call, START_NOW, &context));
    TRY(json_new_object(&object));
    TRY(json_add_integer(object, "generation", (int64_t)cert_index_generation(context.index)));

    struct cert_list found = { 0 };
    struct error *error = request->address
                              ? cert_index_by_address(context.index, request->address, &found)
                              : cert_index_all(context.index, &found);
    if (!error) {
        error = add_items(&context, request, &found, object);
    }
    cert_list_done(&found);
    TRY(error);
    *ret_result = TAKE_PTR(object);
    return NULL;
}

const struct rpc_method op_certificates_list = {
    .name = "certificates.list",
    .request = METHOD_REQUEST(struct request, params),
    .run = run,
};
