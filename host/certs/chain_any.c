#include "certs/chain_any.h"

#include "certs/cert_key.h"
#include "certs/chain_path.h"
#include "certs/chain_pkix.h"

struct error *chain_any_holds(const struct chain_request *request, const struct cert_list *path,
                              bool *ret_holds)
{
    *ret_holds = false;
    const struct cert *anchor = path->items[path->count - 1];
    if (path->count < 2 || !cert_key_is_for_any(cert_decoded(request->cert)) ||
        chain_path_trust(anchor) != CHAIN_TRUST_ANCHOR) {
        return NULL;
    }
    for (size_t i = 1; i < path->count; i++) {
        if (!cert_key_is_for_mail(cert_decoded(path->items[i]))) {
            return NULL;
        }
    }
    struct chain_question question = {
        .cert = request->cert, .any = true, .anchor = anchor, .at = request->at
    };
    return chain_pkix_holds(request, &question, path, ret_holds);
}
