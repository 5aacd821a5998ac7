/* What one frame of the client leads to. Runs on the reader; private to rpc. */
#ifndef SEALPOST_RPC_DISPATCH_H
#define SEALPOST_RPC_DISPATCH_H

#include "base/mapping.h"

struct rpc_server;

/* Parses the frame and acts on it; whatever is wrong with it is answered. Consumes `frame`. */
void dispatch_frame(struct rpc_server *server, struct mapping *frame);

#endif
