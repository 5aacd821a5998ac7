#include "ops/prompt_notice.h"
#include "rpc/server.h"
#include "support/support.h"
#include "wire/frame.h"
#include "wire/json.h"

#include <criterion/criterion.h>
#include <unistd.h>

static void assert_notice(struct frame_reader *reader, const char *wanted)
{
    CLEANUP(mapping_unref) struct mapping *frame = NULL;
    assert_ok(frame_read(reader, &frame));
    struct bytes text = mapping_view(frame);
    cr_assert(bytes_equal(text, bytes_of_string(wanted)), "%.*s", (int)text.len, text.data);
}

Test(prompt_notice, tells_that_a_dialog_opened_and_closed)
{
    static const struct rpc_methods none = { NULL, 0 };
    CLEANUP(server_free) struct rpc_server *server = NULL;
    CLEANUP(frame_reader_free) struct frame_reader *reader = NULL;
    int out[2];
    int in[2];
    cr_assert(pipe(out) == 0 && pipe(in) == 0);
    const struct server_options options = { .input = in[0], .output = out[1], .methods = &none };
    assert_ok(server_new(&options, &server));
    assert_ok(frame_reader_new(out[0], &reader));
    prompt_notice_tell(server, NULL, true, "pin", "Card");
    prompt_notice_tell(server, NULL, false, "consent", NULL);
    assert_notice(reader,
                  "{\"jsonrpc\":\"2.0\",\"method\":\"prompt.opened\",\"params\":{\"kind\":\"pin\","
                  "\"token\":\"Card\"}}");
    assert_notice(reader, "{\"jsonrpc\":\"2.0\",\"method\":\"prompt.closed\",\"params\":{\"kind\":"
                          "\"consent\"}}");
}
