#include "remote/messages.h"

#include "base/limits.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The length of a field that is not there. */
#define ABSENT UINT16_MAX

struct packet_header {
    uint32_t type;
    uint32_t id;
    uint16_t status;
    uint16_t field_count;
};

_Static_assert(sizeof(struct packet_header) == 12, "no padding travels");
_Static_assert(sizeof(struct packet_header) +
                       MESSAGE_FIELD_COUNT * (sizeof(uint16_t) + LIMIT_REMOTE_TEXT) <=
                   LIMIT_REMOTE_PACKET,
               "the longest message fits into a packet");

static size_t field_count(enum message_type type)
{
    switch (type) {
    case MESSAGE_PIN:
    case MESSAGE_CONSENT:
        return MESSAGE_FIELD_COUNT;
    case MESSAGE_ABORT:
        return 0;
    case MESSAGE_ANSWER:
        return 1;
    }
    return 0;
}

static struct error *put(struct buffer *packet, const void *data, size_t len)
{
    return buffer_append(packet, (struct bytes){ data, len });
}

static struct error *put_field(struct buffer *packet, struct bytes field)
{
    if (field.len > LIMIT_REMOTE_TEXT) {
        return error_new(ERR_INTERNAL, "a text of %zu bytes is too long for the helper", field.len);
    }
    uint16_t len = field.data ? (uint16_t)field.len : ABSENT;
    TRY(put(packet, &len, sizeof(len)));
    return buffer_append(packet, field);
}

struct error *message_encode(const struct message *message, struct buffer **ret_packet)
{
    CLEANUP(buffer_free) struct buffer *packet = NULL;
    TRY(buffer_new(LIMIT_REMOTE_PACKET, &packet));
    struct packet_header header = { message->type, message->id, (uint16_t)message->status,
                                    (uint16_t)field_count(message->type) };
    TRY(put(packet, &header, sizeof(header)));
    for (size_t i = 0; i < header.field_count; i++) {
        TRY(put_field(packet, message->fields[i]));
    }
    *ret_packet = TAKE_PTR(packet);
    return NULL;
}

static struct error *malformed(const char *what)
{
    return error_new(ERR_INTERNAL, "a message between host and helper is malformed: %s", what);
}

/* Takes `len` bytes off the front of `rest`. */
static struct error *get(struct bytes *rest, void *target, size_t len)
{
    if (rest->len < len) {
        return malformed("cut short");
    }
    memcpy(target, rest->data, len);
    *rest = (struct bytes){ rest->data + len, rest->len - len };
    return NULL;
}

static struct error *get_header(struct bytes *rest, struct message *message, size_t *ret_count)
{
    struct packet_header header = { 0 };
    TRY(get(rest, &header, sizeof(header)));
    if (header.type < MESSAGE_PIN || header.type > MESSAGE_ANSWER) {
        return malformed("type");
    }
    message->type = (enum message_type)header.type;
    message->id = header.id;
    if (header.status > (message->type == MESSAGE_ANSWER ? MESSAGE_ABORTED : 0)) {
        return malformed("status");
    }
    message->status = (enum message_status)header.status;
    if (header.field_count != field_count(message->type)) {
        return malformed("number of fields");
    }
    *ret_count = header.field_count;
    return NULL;
}

static struct error *get_field(struct bytes *rest, struct bytes *ret_field)
{
    uint16_t len = 0;
    TRY(get(rest, &len, sizeof(len)));
    if (len == ABSENT) {
        *ret_field = BYTES_NONE;
        return NULL;
    }
    if (len > LIMIT_REMOTE_TEXT || len > rest->len) {
        return malformed("length of a field");
    }
    *ret_field = (struct bytes){ rest->data, len };
    *rest = (struct bytes){ rest->data + len, rest->len - len };
    return NULL;
}

struct error *message_decode(struct bytes packet, struct message *ret_message)
{
    struct message message = { 0 };
    struct bytes rest = packet;
    size_t count = 0;
    TRY(get_header(&rest, &message, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(get_field(&rest, &message.fields[i]));
    }
    if (rest.len > 0) {
        return malformed("more behind the end");
    }
    *ret_message = message;
    return NULL;
}

struct error *message_send(int fd, const struct message *message)
{
    CLEANUP(buffer_free) struct buffer *packet = NULL;
    TRY(message_encode(message, &packet));
    ssize_t sent = TEMP_FAILURE_RETRY(
        send(fd, packet->data, packet->len, MSG_NOSIGNAL | MSG_DONTWAIT | MSG_EOR));
    if (sent < 0) {
        return error_wrap(error_new_errno(errno, "send"), ERR_PROMPT_UNAVAILABLE,
                          "the helper process cannot be reached");
    }
    return NULL;
}

struct error *message_receive(int fd, struct buffer **ret_packet, struct message *ret_message)
{
    CLEANUP(buffer_free) struct buffer *packet = NULL;
    uint8_t *target = NULL;
    TRY(buffer_new(LIMIT_REMOTE_PACKET, &packet));
    TRY(buffer_extend(packet, LIMIT_REMOTE_PACKET, &target));
    ssize_t got = TEMP_FAILURE_RETRY(recv(fd, target, LIMIT_REMOTE_PACKET, MSG_TRUNC));
    if (got < 0) {
        return error_wrap(error_new_errno(errno, "recv"), ERR_PROMPT_UNAVAILABLE,
                          "the other process cannot be reached");
    }
    if (got == 0) {
        return error_new(ERR_PROMPT_UNAVAILABLE, "the other process has ended");
    }
    if ((size_t)got > LIMIT_REMOTE_PACKET) {
        return malformed("too long");
    }
    packet->len = (size_t)got;
    TRY(message_decode(buffer_view(packet), ret_message));
    *ret_packet = TAKE_PTR(packet);
    return NULL;
}
