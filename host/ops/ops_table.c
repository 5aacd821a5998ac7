#include "ops/methods.h"
#include "ops/ops.h"

static const struct rpc_method *const table[] = {
    &op_certificates_list, &op_cms_decrypt,        &op_cms_describe,     &op_cms_encrypt,
    &op_cms_sign,          &op_cms_verify,         &op_databases_create, &op_databases_list,
    &op_host_hello,        &op_identities_import,  &op_message_evidence, &op_message_open,
    &op_message_protect,   &op_recipients_resolve,
};

static const struct rpc_methods methods = { .items = table, .count = ARRAY_SIZE(table) };

const struct rpc_methods *ops_methods(void)
{
    return &methods;
}
