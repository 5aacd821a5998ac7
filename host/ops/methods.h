/* The methods, one a file; ops_table.c lists them. */
#ifndef SEALPOST_OPS_METHODS_H
#define SEALPOST_OPS_METHODS_H

#include "rpc/method.h"

extern const struct rpc_method op_certificates_list;
extern const struct rpc_method op_cms_decrypt;
extern const struct rpc_method op_cms_describe;
extern const struct rpc_method op_cms_encrypt;
extern const struct rpc_method op_cms_sign;
extern const struct rpc_method op_cms_verify;
extern const struct rpc_method op_databases_create;
extern const struct rpc_method op_databases_list;
extern const struct rpc_method op_host_hello;
extern const struct rpc_method op_identities_import;
extern const struct rpc_method op_message_evidence;
extern const struct rpc_method op_message_open;
extern const struct rpc_method op_message_protect;
extern const struct rpc_method op_recipients_resolve;

#endif
