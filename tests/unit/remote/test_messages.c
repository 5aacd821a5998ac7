#include "base/limits.h"
#include "remote/messages.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct message example(void)
{
    struct message message = { .type = MESSAGE_PIN, .id = 7 };
    message.fields[MESSAGE_FIELD_SITE] = BYTES_LITERAL("https://mail.example");
    message.fields[MESSAGE_FIELD_TEXT] = BYTES_LITERAL("PIN for a card");
    message.fields[MESSAGE_FIELD_PROMPT] = BYTES_LITERAL("");
    return message;
}

static struct buffer *encoded(const struct message *message)
{
    struct buffer *packet = NULL;
    assert_ok(message_encode(message, &packet));
    return packet;
}

static struct error *decode(struct bytes packet)
{
    struct message message = { 0 };
    return message_decode(packet, &message);
}

/* Decodes the example with one byte of its header replaced. */
static struct error *decode_changed(size_t offset, uint8_t value)
{
    struct message message = example();
    CLEANUP(buffer_free) struct buffer *packet = encoded(&message);
    packet->data[offset] = value;
    return decode(buffer_view(packet));
}

Test(message_decode, rejects_every_cut)
{
    struct message message = example();
    CLEANUP(buffer_free) struct buffer *packet = encoded(&message);
    for (size_t len = 0; len < packet->len; len++) {
        assert_error(decode(bytes_slice(buffer_view(packet), 0, len)), ERR_INTERNAL);
    }
    assert_ok(decode(buffer_view(packet)));
}

Test(message_decode, rejects_what_stands_behind_the_end)
{
    struct message message = example();
    CLEANUP(buffer_free) struct buffer *packet = encoded(&message);
    assert_ok(buffer_append_byte(packet, 0));
    assert_error(decode(buffer_view(packet)), ERR_INTERNAL);
}

Test(message_decode, rejects_unknown_types)
{
    assert_error(decode_changed(0, 0), ERR_INTERNAL);
    assert_error(decode_changed(0, MESSAGE_ANSWER + 1), ERR_INTERNAL);
    assert_error(decode_changed(0, 0xff), ERR_INTERNAL);
}

Test(message_decode, rejects_a_status_where_none_belongs)
{
    assert_error(decode_changed(8, 1), ERR_INTERNAL);
}

Test(message_decode, rejects_an_unknown_status)
{
    struct message message = { .type = MESSAGE_ANSWER, .status = MESSAGE_ABORTED + 1 };
    CLEANUP(buffer_free) struct buffer *packet = encoded(&message);
    assert_error(decode(buffer_view(packet)), ERR_INTERNAL);
}

Test(message_decode, rejects_another_number_of_fields)
{
    assert_error(decode_changed(10, MESSAGE_FIELD_COUNT - 1), ERR_INTERNAL);
    assert_error(decode_changed(10, MESSAGE_FIELD_COUNT + 1), ERR_INTERNAL);
}

Test(message_decode, rejects_a_field_over_the_limit)
{
    uint8_t packet[12 + 2 + LIMIT_REMOTE_TEXT + 1] = { MESSAGE_ANSWER };
    packet[10] = 1;
    uint16_t len = LIMIT_REMOTE_TEXT + 1;
    memcpy(packet + 12, &len, sizeof(len));
    assert_error(decode((struct bytes){ packet, sizeof(packet) }), ERR_INTERNAL);
}

Test(message_encode, rejects_a_field_over_the_limit)
{
    static const uint8_t text[LIMIT_REMOTE_TEXT + 1] = { 'x' };
    struct message message = { .type = MESSAGE_CONSENT };
    message.fields[MESSAGE_FIELD_TEXT] = (struct bytes){ text, sizeof(text) };
    CLEANUP(buffer_free) struct buffer *packet = NULL;
    assert_error(message_encode(&message, &packet), ERR_INTERNAL);
    message.fields[MESSAGE_FIELD_TEXT].len = LIMIT_REMOTE_TEXT;
    assert_ok(message_encode(&message, &packet));
}

Test(message_encode, fits_the_longest_message_into_a_packet)
{
    static const uint8_t text[LIMIT_REMOTE_TEXT] = { 'x' };
    struct message message = { .type = MESSAGE_PIN };
    for (size_t i = 0; i < MESSAGE_FIELD_COUNT; i++) {
        message.fields[i] = (struct bytes){ text, sizeof(text) };
    }
    CLEANUP(buffer_free) struct buffer *packet = encoded(&message);
    cr_assert_leq(packet->len, LIMIT_REMOTE_PACKET);
}

Test(message_decode, gives_back_what_was_encoded)
{
    struct message message = example();
    CLEANUP(buffer_free) struct buffer *packet = encoded(&message);
    struct message seen = { 0 };
    assert_ok(message_decode(buffer_view(packet), &seen));
    cr_assert_eq(seen.type, MESSAGE_PIN);
    cr_assert_eq(seen.id, 7);
    cr_assert(bytes_equal(seen.fields[MESSAGE_FIELD_SITE], BYTES_LITERAL("https://mail.example")));
    cr_assert(bytes_equal(seen.fields[MESSAGE_FIELD_TEXT], BYTES_LITERAL("PIN for a card")));
    cr_assert_null(seen.fields[MESSAGE_FIELD_TOKEN].data, "absent stays absent");
    cr_assert_not_null(seen.fields[MESSAGE_FIELD_PROMPT].data, "empty stays there");
    cr_assert_eq(seen.fields[MESSAGE_FIELD_PROMPT].len, 0);
}

Test(message_receive, tells_that_the_other_side_is_gone)
{
    int ends[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    cr_assert_eq(close(ends[1]), 0);
    CLEANUP(buffer_free) struct buffer *packet = NULL;
    struct message message = { .type = MESSAGE_ABORT };
    assert_error(message_receive(ends[0], &packet, &message), ERR_PROMPT_UNAVAILABLE);
    assert_error(message_send(ends[0], &message), ERR_PROMPT_UNAVAILABLE);
    cr_assert_eq(close(ends[0]), 0);
}

Test(message_receive, rejects_a_packet_over_the_limit)
{
    static const uint8_t packet[LIMIT_REMOTE_PACKET + 1] = { MESSAGE_ABORT };
    int ends[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    cr_assert_eq(send(ends[1], packet, sizeof(packet), 0), sizeof(packet));
    CLEANUP(buffer_free) struct buffer *received = NULL;
    struct message message = { 0 };
    assert_error(message_receive(ends[0], &received, &message), ERR_INTERNAL);
    cr_assert_eq(close(ends[0]), 0);
    cr_assert_eq(close(ends[1]), 0);
}

Test(message_receive, takes_what_was_sent)
{
    int ends[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    struct message message = example();
    assert_ok(message_send(ends[0], &message));
    CLEANUP(buffer_free) struct buffer *packet = NULL;
    struct message seen = { 0 };
    assert_ok(message_receive(ends[1], &packet, &seen));
    cr_assert(bytes_equal(seen.fields[MESSAGE_FIELD_TEXT], message.fields[MESSAGE_FIELD_TEXT]));
    cr_assert_eq(close(ends[0]), 0);
    cr_assert_eq(close(ends[1]), 0);
}
