#include "base/limits.h"
#include "ops/ops.h"
#include "ops/scene.h"
#include "store/fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(ops_table, .fini = fixture_remove);

static bool takes(const struct rpc_method *method, const char *name)
{
    for (size_t i = 0; i < method->request.count; i++) {
        if (strcmp(method->request.params[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

Test(ops_table, lists_each_method_once_in_order)
{
    const struct rpc_methods *methods = ops_methods();
    cr_assert_gt(methods->count, 0);
    for (size_t i = 0; i < methods->count; i++) {
        const struct rpc_method *method = methods->items[i];
        cr_assert_not_null(method->run);
        cr_assert_gt(method->request.size, 0);
        cr_assert_eq(method_find(methods, method->name), method);
        cr_assert(i == 0 || strcmp(methods->items[i - 1]->name, method->name) < 0, "%s",
                  method->name);
    }
}

Test(ops_table, refuses_a_parameter_that_no_method_knows)
{
    CLEANUP(host_free) struct host *host = scene_host();
    for (size_t i = 0; i < ops_methods()->count; i++) {
        const char *name = ops_methods()->items[i]->name;
        scene_refused(host, ERR_PARAMS, "params.nobody", name, "{\"nobody\":1}");
        scene_refused(host, ERR_PARAMS, "params", name, "[]");
    }
    cr_assert_null(host->config, "a refused call has begun to work");
}

Test(ops_table, refuses_a_call_without_what_it_needs)
{
    CLEANUP(host_free) struct host *host = scene_host();
    for (size_t i = 0; i < ops_methods()->count; i++) {
        const struct rpc_method *method = ops_methods()->items[i];
        for (size_t k = 0; k < method->request.count; k++) {
            const struct rpc_param *param = &method->request.params[k];
            char path[LIMIT_PARAM_PATH];
            (void)snprintf(path, sizeof(path), "params.%s", param->name);
            if (param->flags & PARAM_REQUIRED) {
                scene_refused(host, ERR_PARAMS, path, method->name, "{}");
                break;
            }
        }
    }
}

Test(ops_table, refuses_every_parameter_of_the_wrong_type)
{
    CLEANUP(host_free) struct host *host = scene_host();
    for (size_t i = 0; i < ops_methods()->count; i++) {
        const struct rpc_method *method = ops_methods()->items[i];
        for (size_t k = 0; k < method->request.count; k++) {
            const char *name = method->request.params[k].name;
            char path[LIMIT_PARAM_PATH];
            char params[LIMIT_PARAM_PATH];
            (void)snprintf(path, sizeof(path), "params.%s", name);
            (void)snprintf(params, sizeof(params), "{\"%s\":[1.5]}", name);
            if (method->request.params[k].type == RPC_STRINGS) {
                (void)snprintf(path, sizeof(path), "params.%s[0]", name);
            }
            scene_refused(host, ERR_PARAMS, path, method->name, params);
        }
    }
}

Test(ops_table, takes_site_and_interaction_only_where_a_dialog_can_be)
{
    CLEANUP(host_free) struct host *host = scene_host();
    for (size_t i = 0; i < ops_methods()->count; i++) {
        const struct rpc_method *method = ops_methods()->items[i];
        bool interactive = (method->flags & METHOD_INTERACTIVE) != 0;
        const char *path = interactive || takes(method, "site") ? "params.nobody" : "params.site";
        scene_refused(host, ERR_PARAMS, path, method->name,
                      "{\"site\":\"https://mail.example\",\"nobody\":1}");
        scene_refused(host, ERR_PARAMS, "params.interaction", method->name,
                      "{\"interaction\":\"perhaps\"}");
        if (interactive) {
            scene_refused_long(host, "params.site", method->name, "{\"site\":\"", LIMIT_SITE + 1,
                               "\"}");
        }
    }
}
