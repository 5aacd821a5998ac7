#include "describe_fixture.h"

#include "support/support.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <string.h>

/* A comma unless something was just opened. */
static void start(struct buffer *out, const char *name)
{
    bool first = out->len == 0 || out->data[out->len - 1] == '{' || out->data[out->len - 1] == '[';
    assert_ok(buffer_printf(out, "%s%s%s", first ? "" : ",", name ? name : "", name ? ":" : ""));
}

static struct error *open_value(void *context, const char *name, bool list)
{
    start(context, name);
    return buffer_append_byte(context, list ? '[' : '{');
}

/* What it closes, the nearest open bracket says. */
static void close_value(void *context)
{
    struct buffer *out = context;
    int depth = 0;
    for (size_t i = out->len; i > 0; i--) {
        uint8_t c = out->data[i - 1];
        depth += c == ']' || c == '}' ? 1 : 0;
        if ((c == '[' || c == '{') && depth-- == 0) {
            assert_ok(buffer_append_byte(out, c == '[' ? ']' : '}'));
            return;
        }
    }
    cr_assert_fail("closed more than was open");
}

static struct error *add_text(void *context, const char *name, const char *text)
{
    start(context, name);
    return buffer_append_string(context, text);
}

static struct error *add_number(void *context, const char *name, uint64_t number)
{
    start(context, name);
    return buffer_printf(context, "%" PRIu64, number);
}

static struct error *add_flag(void *context, const char *name, bool flag)
{
    return add_text(context, name, flag ? "true" : "false");
}

static struct error *add_hex(void *context, const char *name, struct bytes octets)
{
    start(context, name);
    for (size_t i = 0; i < octets.len; i++) {
        TRY(buffer_printf(context, "%02x", octets.data[i]));
    }
    return NULL;
}

static struct error *add_time(void *context, const char *name, int64_t seconds)
{
    start(context, name);
    return buffer_printf(context, "%" PRId64, seconds);
}

struct describe_sink describe_fixture_sink(struct buffer *out)
{
    return (struct describe_sink){
        .context = out,
        .open = open_value,
        .close = close_value,
        .text = add_text,
        .number = add_number,
        .flag = add_flag,
        .hex = add_hex,
        .time = add_time,
    };
}

void describe_fixture_assert(const struct buffer *out, const char *expected)
{
    cr_assert(bytes_equal(buffer_view(out), bytes_of_string(expected)), "%.*s", (int)out->len,
              (const char *)out->data);
}

static struct error *count(void *context)
{
    struct describe_failing *failing = context;
    return failing->calls++ == failing->fail_at ? error_no_memory() : NULL;
}

static struct error *failing_open(void *context, const char *name, bool list)
{
    (void)name;
    (void)list;
    return count(context);
}

static void failing_close(void *context)
{
    (void)context;
}

static struct error *failing_text(void *context, const char *name, const char *text)
{
    (void)name;
    (void)text;
    return count(context);
}

static struct error *failing_number(void *context, const char *name, uint64_t number)
{
    (void)name;
    (void)number;
    return count(context);
}

static struct error *failing_flag(void *context, const char *name, bool flag)
{
    (void)name;
    (void)flag;
    return count(context);
}

static struct error *failing_hex(void *context, const char *name, struct bytes octets)
{
    (void)name;
    (void)octets;
    return count(context);
}

static struct error *failing_time(void *context, const char *name, int64_t seconds)
{
    (void)name;
    (void)seconds;
    return count(context);
}

void describe_fixture_failing(struct describe_failing *failing, size_t fail_at)
{
    *failing = (struct describe_failing){
        .sink = { failing, failing_open, failing_close, failing_text, failing_number, failing_flag,
                  failing_hex, failing_time },
        .fail_at = fail_at,
    };
}
