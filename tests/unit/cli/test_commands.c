#include "base/limits.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "ops/scene.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <string.h>

TestSuite(commands, .fini = fixture_remove);

static void print_json(FILE *file, void *context)
{
    commands_print_json(file, context);
}

Test(commands, tells_an_error_as_json_on_standard_error, .init = cr_redirect_stderr)
{
    struct error *error = error_wrap(error_new(ERR_TOKEN_ABSENT, "inner"), ERR_KEY_ABSENT, "outer");
    error_set_path(error, "params.x");
    cr_assert_eq(commands_fail(error), EXIT_FAILED);
    (void)fflush(stderr);
    char text[1024] = { 0 };
    FILE *printed = cr_get_redirected_stderr();
    cr_assert_gt(fread(text, 1, sizeof(text) - 1, printed), 0);
    CLEANUP(json_free) struct json_object *object = NULL;
    assert_ok(json_parse(bytes_of_string(text), &object));
    cr_assert_eq(json_object_get_int(scene_at(object, "code")), -32000);
    cr_assert_str_eq(scene_text(object, "data.reason"), "key-absent");
    cr_assert_str_eq(scene_text(object, "data.path"), "params.x");
}

Test(commands, tells_a_usage_error_in_words, .init = cr_redirect_stderr)
{
    cr_assert_eq(commands_usage("open takes one file"), EXIT_USAGE);
    (void)fflush(stderr);
    cr_assert_stderr_eq_str("sealpost: open takes one file\nTry sealpost --help.\n");
}

/* The edges of base64 and of the pieces that it is made in. */
Test(commands, hand_on_any_message_unchanged)
{
    static const size_t sizes[] = { 0, 1, 2, 3, 4, 1000, 49151, 49152, 49153, 300001 };
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        CLEANUP(buffer_free) struct buffer *message = NULL;
        CLEANUP(json_free) struct json_object *params = NULL;
        CLEANUP(mapping_unref) struct mapping *back = NULL;
        uint8_t *bytes = NULL;
        assert_ok(buffer_new(0, &message));
        assert_ok(buffer_extend(message, sizes[i] + 1, &bytes));
        for (size_t k = 0; k < sizes[i]; k++) {
            bytes[k] = (uint8_t)(k * 37 + k / 256);
        }
        message->len = sizes[i];
        assert_ok(commands_message_params(buffer_view(message), &params));
        assert_ok(commands_data(scene_at(params, "message"), &back));
        cr_assert(bytes_equal(mapping_view(back), buffer_view(message)), "%zu", sizes[i]);
    }
}

Test(commands, refuse_a_result_without_data)
{
    CLEANUP(json_free) struct json_object *object = NULL;
    CLEANUP(mapping_unref) struct mapping *bytes = NULL;
    assert_ok(json_new_object(&object));
    assert_error(commands_data(object, &bytes), ERR_INTERNAL);
    assert_ok(json_add_string(object, "blob", "b1"));
    assert_error(commands_data(object, &bytes), ERR_INTERNAL);
    cr_assert_null(bytes);
}

Test(commands, print_json_that_a_terminal_shows_as_it_stands)
{
    char text[256];
    CLEANUP(json_free) struct json_object *object = NULL;
    assert_ok(json_new_object(&object));
    assert_ok(json_add_string(object, "a/b",
                              "\x1b[31m\xc2\x9b"
                              "2J\x7f\xe2\x80\xae"));
    terminal_text(print_json, object, text, sizeof(text));
    cr_assert(terminal_safe(text));
    cr_assert_not_null(strstr(text, "\"a/b\": \"\\u001b[31m"));
    cr_assert_not_null(strstr(text, "2J"));
}
