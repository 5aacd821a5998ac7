/* One dialog through pinentry, spoken to over libassuan. While it is open the host's socket is
 * watched too: a wish to abort or the host's end closes the dialog. Shows texts, gets an answer;
 * decides nothing. */
#ifndef SEALPOST_HELPER_PINENTRY_H
#define SEALPOST_HELPER_PINENTRY_H

#include "remote/messages.h"

/* What happened on the host's socket while the dialog was open. */
struct pinentry_watch {
    int socket; /* borrowed */
    uint32_t id; /* of the dialog */
    bool aborted; /* the host wants this dialog closed */
    bool closed; /* the host is gone, or talks nonsense: the helper ends */
};

/* Shows the dialog of `request` (MESSAGE_PIN or MESSAGE_CONSENT) and waits for its end. `answer`
 * (an empty buffer) receives the PIN for MESSAGE_DONE and a reason, at most LIMIT_REMOTE_TEXT
 * bytes, for MESSAGE_UNAVAILABLE. Where the program is not named, the next one on the PATH is tried
 * when one cannot show its dialog. */
enum message_status pinentry_ask(const struct message *request, struct pinentry_watch *watch,
                                 struct buffer *answer);

#endif
