#include "mail/header_plan.h"

#include "mail/header_write.h"

#include <stdlib.h>

void header_plan_free(struct header_plan *plan)
{
    if (plan) {
        mime_header_free(plan->outer);
        mime_header_free(plan->blind_outer);
        content_unref(plan->entity);
        content_unref(plan->blind_entity);
        free(plan);
    }
}

/* A route that reads the recipients from the header must find only the blind one there. */
static bool header_is_envelope(const struct protect_request *request)
{
    return request->route == ROUTE_GMAIL || request->route == ROUTE_GRAPH;
}

static struct error *plan_main(const struct protect_request *request,
                               const struct mime_header *header, struct content *entity,
                               struct header_plan *plan)
{
    const struct header_outside outside = { .protection = request->headers };
    TRY(header_write_outer(header, &outside, &plan->outer));
    bool protects = request->headers == HEADERS_CONFIDENTIAL ||
                    (request->headers == HEADERS_SIGNED && request->sign);
    if (!protects) {
        plan->entity = content_ref(entity);
        return NULL;
    }
    const struct header_inside inside = { header, plan->outer, request->encrypt };
    return header_write_inner(&inside, entity, &plan->entity);
}

/* Here the protected header is needed whatever was asked for: it is where the reader learns to whom
 * the message went. */
static struct error *plan_blind(const struct protect_request *request,
                                const struct mime_header *header, const struct content *entity,
                                struct header_plan *plan)
{
    const struct header_outside outside = {
        .protection = request->headers,
        .without_recipients = true,
    };
    TRY(header_write_outer(header, &outside, &plan->blind_outer));
    if (!request->sign && !request->encrypt) {
        return NULL;
    }
    const struct header_inside inside = { header, plan->blind_outer, request->encrypt };
    return header_write_inner(&inside, entity, &plan->blind_entity);
}

struct error *header_plan_make(const struct protect_request *request,
                               const struct mime_header *header, struct content *entity,
                               struct header_plan **ret_plan)
{
    if (request->headers == HEADERS_CONFIDENTIAL && !request->encrypt) {
        struct error *error = error_new(ERR_PARAMS, "nothing is hidden without encryption");
        error_set_path(error, "params.headerProtection");
        return error;
    }
    CLEANUP(header_plan_free) struct header_plan *plan = calloc(1, sizeof(*plan));
    if (!plan) {
        return error_no_memory();
    }
    TRY(plan_main(request, header, entity, plan));
    if (header_is_envelope(request)) {
        TRY(plan_blind(request, header, entity, plan));
    }
    *ret_plan = TAKE_PTR(plan);
    return NULL;
}
