/* The messages between the host and its helper: one packet each over a SOCK_SEQPACKET socketpair
 * of two processes of the same program, so numbers are in native byte order and there is no
 * version. Encodes and decodes; knows nothing of sockets beyond sending and receiving one packet,
 * and nothing of dialogs. */
#ifndef SEALPOST_REMOTE_MESSAGES_H
#define SEALPOST_REMOTE_MESSAGES_H

#include "base/bytes.h"

enum message_type {
    MESSAGE_PIN = 1, /* host: ask for a PIN */
    MESSAGE_CONSENT, /* host: ask yes or no */
    MESSAGE_ABORT, /* host: close the dialog with this id; no answer is waited for */
    MESSAGE_ANSWER, /* helper: how the dialog with this id ended */
};

enum message_status {
    MESSAGE_DONE, /* a PIN was given, or yes said */
    MESSAGE_REFUSED, /* cancelled, or no said */
    MESSAGE_UNAVAILABLE, /* no dialog could be shown; the answer's text says why */
    MESSAGE_TOO_LONG, /* the PIN is over LIMIT_PIN */
    MESSAGE_ABORTED, /* closed on the host's wish */
};

/* Fields of MESSAGE_PIN and MESSAGE_CONSENT … */
enum message_dialog_field {
    MESSAGE_FIELD_PINENTRY, /* path of the program; absent: found on the PATH */
    MESSAGE_FIELD_SITE,
    MESSAGE_FIELD_TEXT, /* the title or the question */
    MESSAGE_FIELD_TOKEN,
    MESSAGE_FIELD_ERROR,
    MESSAGE_FIELD_PROMPT,
    MESSAGE_FIELD_COUNT
};
/* … and the only one of MESSAGE_ANSWER: the PIN, or why there is no dialog */
#define MESSAGE_FIELD_ANSWER 0

struct message {
    enum message_type type;
    uint32_t id; /* of the dialog; chosen by the host */
    enum message_status status; /* of answers; 0 elsewhere */
    struct bytes fields[MESSAGE_FIELD_COUNT]; /* data NULL: absent. Views, owned elsewhere */
};

/* The packet of a message. ERR_INTERNAL for a text over LIMIT_REMOTE_TEXT; ERR_NO_MEMORY. */
struct error *message_encode(const struct message *message, struct buffer **ret_packet) MUST_USE;

/* Reads a packet; the fields are borrowed from `packet`. ERR_INTERNAL for anything but what
 * message_encode makes. */
struct error *message_decode(struct bytes packet, struct message *ret_message) MUST_USE;

/* Sends without waiting. ERR_PROMPT_UNAVAILABLE where the other side is gone or does not read;
 * those of message_encode. */
struct error *message_send(int fd, const struct message *message) MUST_USE;

/* Receives one packet into `ret_packet` (new, wiped when freed), waiting for it, and decodes it;
 * `ret_message` borrows from it. ERR_PROMPT_UNAVAILABLE where the other side is gone, ERR_INTERNAL
 * for a malformed packet, ERR_NO_MEMORY. */
struct error *message_receive(int fd, struct buffer **ret_packet, struct message *ret_message)
    MUST_USE;

#endif
