#include "mail/encrypting.h"

#include "mail/password.h"
#include "store/store.h"

#include <stdlib.h>

/* One row for each certificate. */
struct parties {
    struct CERTCertificateStr **certificates;
    struct cms_recipient_way *ways;
};

static void parties_done(struct parties *parties)
{
    free((void *)parties->certificates);
    free(parties->ways);
}
DEFINE_CLEANUP(struct parties *, parties_done);

static struct error *find_parties(const struct encrypting_request *request, struct parties *parties)
{
    size_t count = request->recipients->count;
    parties->certificates = calloc(count + 1, sizeof(struct CERTCertificateStr *));
    parties->ways = calloc(count + 1, sizeof(*parties->ways));
    if (!parties->certificates || !parties->ways) {
        return error_no_memory();
    }
    for (size_t i = 0; i < count; i++) {
        parties->certificates[i] = cert_nss(request->recipients->items[i]);
        parties->ways[i] = request->way;
    }
    return NULL;
}

struct error *encrypting_make(const struct mail_context *context,
                              const struct encrypting_request *request,
                              const struct content *content, struct mapping **ret_der)
{
    struct parties parties = { 0 };
    CLEANUP(parties_done) struct parties *owned = &parties;
    CLEANUP(store_secret_key_free) struct PK11SymKeyStr *kek = NULL;
    CLEANUP(buffer_free) struct buffer *password = NULL;
    TRY(find_parties(request, owned));
    if (request->secret_key.len > 0) {
        TRY(store_secret_key(context->store, request->secret_key, &context->interaction, &kek));
    }
    if (request->password) {
        TRY(password_ask_new(context, &password));
    }
    const struct cms_encrypt_request encrypt = {
        .recipients = parties.certificates,
        .recipient_count = request->recipients->count,
        .ways = parties.ways,
        .kek = kek,
        .kek_id = request->secret_key,
        .password = password ? buffer_view(password) : BYTES_NONE,
        .cipher = request->cipher,
        .task = context->interaction.task,
    };
    return cms_enveloped_make(&encrypt, content, ret_der);
}
