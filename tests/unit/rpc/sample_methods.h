/* Methods for the tests of rpc. */
#ifndef SEALPOST_TESTS_UNIT_RPC_SAMPLE_METHODS_H
#define SEALPOST_TESTS_UNIT_RPC_SAMPLE_METHODS_H

#include "rpc/method.h"

/* host.hello {refuse?, delay?}; echo {data} → its bytes as Data; sleep {ms} ends early when
 * cancelled; stubborn {ms} sleeps and never looks; change {ms} begins to change state, then
 * sleeps; large {size} → a result of that many bytes of JSON; content {size} → Data of that many
 * bytes; who → {site, interaction}; progress {ms} tells its progress all the time; fail → an
 * error with everything. */
extern const struct rpc_methods sample_methods;

#endif
