/* host.hello: who calls, what this host can do here and now. */
#include "base/clock.h"
#include "base/limits.h"
#include "certs/index.h"
#include "cms/capabilities.h"
#include "config/load.h"
#include "ops/database_json.h"
#include "ops/methods.h"
#include "ops/start.h"
#include "store/version.h"
#include "wire/json.h"

enum { PROTOCOL = 1, EXPIRY_NOTICE_DAYS = 30, SECONDS_PER_DAY = 86400 };

struct client {
    char *name;
    char *version;
};

struct request {
    struct client *client;
    struct rpc_integer protocol;
    char *locale;
    char *site;
};

static const struct rpc_param client_params[] = {
    PARAM_STRING("name", struct client, name, PARAM_REQUIRED, LIMIT_ID_LENGTH),
    PARAM_STRING("version", struct client, version, PARAM_REQUIRED, LIMIT_ID_LENGTH),
};
static const struct rpc_table client_table = METHOD_REQUEST(struct client, client_params);

static const struct rpc_param params[] = {
    PARAM_OBJECT("client", struct request, client, PARAM_REQUIRED, &client_table),
    PARAM_INTEGER("protocol", struct request, protocol, PARAM_REQUIRED, 0, INT32_MAX, 0),
    PARAM_STRING("locale", struct request, locale, 0, LIMIT_ID_LENGTH),
    PARAM_STRING("site", struct request, site, 0, LIMIT_SITE),
};

static struct error *check_caller(const struct host *host, const struct request *request)
{
    if (host->origin && !config_origin_allowed(host->config, host->origin)) {
        struct error *error = error_new(ERR_ORIGIN_NOT_ALLOWED,
                                        "this extension is not on the list of allowed callers");
        error_set_hint(error, "Add the extension's id to allowedOrigins in Sealpost's "
                              "configuration.");
        return error;
    }
    if (request->protocol.value != PROTOCOL) {
        return error_new(ERR_PROTOCOL_UNSUPPORTED, "protocol %d is spoken here", PROTOCOL);
    }
    return NULL;
}

/* "encrypt" and "decrypt" stand under contentEncryption, the other groups by themselves. */
static struct error *add_capability(void *context, const char *group, const char *name)
{
    struct json_object *capabilities = context;
    struct json_object *parent = capabilities;
    struct json_object *array = NULL;
    bool content = bytes_equal(bytes_of_string(group), BYTES_LITERAL("encrypt")) ||
                   bytes_equal(bytes_of_string(group), BYTES_LITERAL("decrypt"));
    if (content && !json_get_object(capabilities, "contentEncryption", &parent)) {
        TRY(json_add_object(capabilities, "contentEncryption", &parent));
    }
    if (!json_get_array(parent, group, &array)) {
        TRY(json_add_array(parent, group, &array));
    }
    return json_append_string(array, name);
}

static struct error *add_capabilities(struct json_object *object)
{
    struct json_object *capabilities = NULL;
    struct json_object *headers = NULL;
    struct json_object *revocation = NULL;
    TRY(json_add_object(object, "capabilities", &capabilities));
    TRY(capabilities_list(add_capability, capabilities));
    TRY(json_add_array(capabilities, "headerProtection", &headers));
    TRY(json_append_string(headers, policy_headers_text(HEADERS_SIGNED)));
    TRY(json_append_string(headers, policy_headers_text(HEADERS_CONFIDENTIAL)));
    TRY(json_add_bool(capabilities, "directory", false));
    TRY(json_add_array(capabilities, "revocation", &revocation));
    TRY(json_append_string(revocation, "message"));
    return json_add_bool(capabilities, "sandbox", false);
}

static struct error *add_limits(struct json_object *object, const struct host *host)
{
    struct json_object *limits = NULL;
    TRY(json_add_object(object, "limits", &limits));
    TRY(json_add_size(limits, "frameIn", LIMIT_FRAME_IN));
    TRY(json_add_size(limits, "frameOut", LIMIT_FRAME_OUT));
    TRY(json_add_size(limits, "inlineData", LIMIT_INLINE_DATA));
    TRY(json_add_size(limits, "message", host->config->policy.max_message));
    TRY(json_add_size(limits, "blobs", LIMIT_BLOBS));
    TRY(json_add_size(limits, "blobsTotal", LIMIT_BLOBS_TOTAL));
    TRY(json_add_size(limits, "blobRead", LIMIT_BLOB_READ));
    return json_add_size(limits, "requests", LIMIT_IN_FLIGHT);
}

static const char *revocation_text(enum revocation_mode mode)
{
    switch (mode) {
    case REVOCATION_OFF:
        return "off";
    case REVOCATION_SOFT:
        return "soft";
    case REVOCATION_HARD:
        return "hard";
    }
    return "soft";
}

static struct error *add_policy(struct json_object *object, const struct policy *policy)
{
    struct json_object *item = NULL;
    TRY(json_add_object(object, "policy", &item));
    TRY(json_add_integer(item, "minRsaBits", policy->min_rsa_bits));
    TRY(json_add_integer(item, "minDsaBits", policy->min_dsa_bits));
    TRY(json_add_bool(item, "allowSha1", policy->allow_sha1));
    TRY(json_add_string(item, "revocation", revocation_text(policy->revocation)));
    TRY(json_add_bool(item, "network", policy->network));
    TRY(json_add_bool(item, "collect", policy->collect));
    TRY(json_add_bool(item, "mozillaRoots", policy->mozilla_roots));
    TRY(json_add_size(item, "maxMessage", policy->max_message));
    TRY(json_add_string(item, "headerProtection", policy_headers_text(policy->headers)));
    return json_add_integer(item, "keepUnlocked", policy->keep_unlocked);
}

static struct error *add_expiring(struct json_object *object, struct cert_index *index)
{
    struct json_object *array = NULL;
    struct cert_list mine = { 0 };
    int64_t now = clock_now();
    struct error *error = json_add_array(object, "expiring", &array);
    if (!error) {
        error = cert_index_mine(index, &mine);
    }
    for (size_t i = 0; !error && i < mine.count; i++) {
        int64_t end = cert_not_after(mine.items[i]);
        if (end < now || end > now + (int64_t)EXPIRY_NOTICE_DAYS * SECONDS_PER_DAY) {
            continue;
        }
        struct json_object *item = NULL;
        error = json_append_object(array, &item);
        if (!error) {
            error = json_add_string(item, "id", cert_id(mine.items[i]));
        }
        if (!error) {
            error = json_add_time(item, "notAfter", end);
        }
    }
    cert_list_done(&mine);
    return error;
}

static struct error *fill(struct rpc_call *call, struct json_object *object)
{
    const struct host *host = call->host;
    struct json_object *methods = NULL;
    TRY(json_add_string(object, "version", SEALPOST_VERSION));
    TRY(json_add_integer(object, "protocol", PROTOCOL));
    TRY(json_add_string(object, "nss", version_nss()));
    TRY(json_add_string(object, "origin", host->origin));
    TRY(method_describe(call->methods, &methods));
    TRY(json_add_take(object, "methods", methods));
    TRY(add_capabilities(object));
    TRY(add_limits(object, host));
    TRY(database_json_add(object, "databases", host->store));
    TRY(add_expiring(object, host->index));
    return add_policy(object, &host->config->policy);
}

static struct error *run(struct rpc_call *call, const void *data, struct json_object **ret_result)
{
    const struct request *request = data;
    CLEANUP(json_free) struct json_object *object = NULL;
    TRY(start_config(call->host));
    TRY(check_caller(call->host, request));
    TRY(start_store(call->host));
    TRY(json_new_object(&object));
    TRY(fill(call, object));
    TRY(call_set_session(call, request->site, call->host->config->policy.max_message));
    *ret_result = TAKE_PTR(object);
    return NULL;
}

const struct rpc_method op_host_hello = {
    .name = "host.hello",
    .request = METHOD_REQUEST(struct request, params),
    .flags = METHOD_HELLO,
    .run = run,
};
