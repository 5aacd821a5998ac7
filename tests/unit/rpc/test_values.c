#include "rpc/values.h"
#include "support/support.h"
#include "wire/json.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct inner {
    char *name;
};

struct outer {
    char *name;
    struct rpc_bool truth;
    struct rpc_integer number;
    struct rpc_time time;
    struct rpc_word word;
    struct rpc_data data;
    struct rpc_strings strings;
    struct inner *object;
    struct rpc_objects objects;
    struct json_object *raw;
};

static const struct rpc_param inner_params[] = {
    PARAM_STRING("name", struct inner, name, 0, 0),
};
static const struct rpc_table inner = METHOD_REQUEST(struct inner, inner_params);
static const struct rpc_param params[] = {
    PARAM_STRING("name", struct outer, name, 0, 0),
    PARAM_BOOL("truth", struct outer, truth, 0, true),
    PARAM_INTEGER("number", struct outer, number, 0, 0, 10, 7),
    PARAM_TIME("time", struct outer, time, 0),
    PARAM_WORD("word", struct outer, word, 0, NULL, 2),
    PARAM_DATA("data", struct outer, data, 0),
    PARAM_STRINGS("strings", struct outer, strings, 0, 3),
    PARAM_OBJECT("object", struct outer, object, 0, &inner),
    PARAM_OBJECTS("objects", struct outer, objects, 0, 3, &inner),
    PARAM_RAW("raw", struct outer, raw, 0),
};
static const struct rpc_table table = METHOD_REQUEST(struct outer, params);

static char *text(void)
{
    char *copy = NULL;
    assert_ok(bytes_to_string(BYTES_LITERAL("text"), &copy));
    return copy;
}

Test(values, are_at_least_one_and_zero)
{
    const struct outer zero = { 0 };
    struct outer *outer = values_new(0, sizeof(*outer));
    cr_assert_not_null(outer);
    cr_assert_eq(memcmp(outer, &zero, sizeof(zero)), 0);
    free(outer);
    cr_assert_null(values_new(SIZE_MAX, 16));
}

Test(values, have_fallbacks_without_being_given)
{
    struct outer outer = { 0 };
    for (size_t i = 0; i < table.count; i++) {
        values_set_fallback(&params[i], (uint8_t *)&outer + params[i].offset);
    }
    cr_assert(outer.truth.value && !outer.truth.given);
    cr_assert(outer.number.value == 7 && !outer.number.given);
    cr_assert(outer.word.value == 2 && !outer.word.given);
    cr_assert_null(outer.name);
    cr_assert_null(outer.object);
}

/* What is forgotten here a leak sanitizer finds. */
Test(values, release_all_that_they_own)
{
    struct outer outer = { .name = text() };
    struct inner *items = values_new(2, sizeof(*items));
    char **strings = values_new(1, sizeof(*strings));
    assert_ok(mapping_new(10, &outer.data.owner));
    assert_ok(json_new_object(&outer.raw));
    outer.object = values_new(1, sizeof(*outer.object));
    outer.object->name = text();
    items[1].name = text();
    strings[0] = text();
    outer.objects = (struct rpc_objects){ true, 2, items };
    outer.strings = (struct rpc_strings){ true, 1, strings };
    struct mapping *owner = mapping_ref(outer.data.owner);
    values_release(&table, &outer);
    cr_assert_eq(mapping_len(owner), 0, "a reference of one's own outlives the request");
    mapping_unref(owner);
    values_release(&table, NULL);
}
