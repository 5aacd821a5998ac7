#include "mail/recipients.h"

#include "certs/chain_cache.h"
#include "certs/index.h"
#include "store/store.h"

void recipient_choice_done(struct recipient_choice *choice)
{
    cert_unref(choice->cert);
    cert_list_done(&choice->alternatives);
    *choice = (struct recipient_choice){ 0 };
}

static struct error *judge(const struct mail_context *context, unsigned long generation,
                           struct cert *cert, enum chain_purpose purpose, word_set *ret_problems)
{
    const struct chain_request request = {
        .cert = cert,
        .purpose = purpose,
        .at = context->at,
        .policy = context->policy,
    };
    return chain_cache_problems(context->chains, generation, &request, ret_problems);
}

static bool newer(const struct cert *a, const struct cert *b)
{
    return !b || cert_not_before(a) > cert_not_before(b);
}

/* One more that can be used: the best so far stands in `cert`, the rest in `alternatives`. */
static struct error *add_usable(struct recipient_choice *choice, struct cert *cert)
{
    if (!newer(cert, choice->cert)) {
        return cert_list_add_once(&choice->alternatives, cert);
    }
    if (choice->cert) {
        TRY(cert_list_add_once(&choice->alternatives, choice->cert));
    }
    cert_unref(choice->cert);
    choice->cert = cert_ref(cert);
    return NULL;
}

static struct error *choose_from(const struct mail_context *context, unsigned long generation,
                                 const struct cert_list *found, enum chain_purpose purpose,
                                 struct recipient_choice *choice)
{
    word_set problems = WORDS_NONE;
    for (size_t i = 0; i < found->count; i++) {
        struct cert *cert = found->items[i];
        if (purpose == CHAIN_SIGN && !store_has_key(context->store, cert_decoded(cert))) {
            continue;
        }
        choice->any = true;
        word_set here = WORDS_NONE;
        TRY(judge(context, generation, cert, purpose, &here));
        if (here == WORDS_NONE) {
            TRY(add_usable(choice, cert));
        }
        problems |= here;
    }
    choice->problems = choice->cert ? WORDS_NONE : problems;
    return NULL;
}

struct error *recipients_choose(const struct mail_context *context, const char *address,
                                const char *wanted, enum chain_purpose purpose,
                                struct recipient_choice *ret_choice)
{
    struct cert_list found = { 0 };
    struct recipient_choice choice = { 0 };
    unsigned long generation = cert_index_generation(context->index);
    struct error *error = wanted ? cert_index_by_id(context->index, wanted, &found)
                                 : cert_index_by_address(context->index, address, &found);
    if (!error && wanted && found.count == 0) {
        error = error_new(ERR_CERTIFICATE_UNKNOWN, "there is no certificate with the id given");
    }
    if (!error) {
        error = choose_from(context, generation, &found, purpose, &choice);
    }
    cert_list_done(&found);
    if (error) {
        recipient_choice_done(&choice);
        return error;
    }
    *ret_choice = choice;
    return NULL;
}
