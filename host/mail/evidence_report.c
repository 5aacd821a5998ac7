#include "mail/evidence_report.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "policy/verdict.h"

#include <inttypes.h>
#include <string.h>

enum { SHOWN_VALUE = 1000 /* bytes of one value */ };

/* Marks that turn the order of letters around or end a line: U+200E, U+200F, U+2028 to U+202E,
 * U+2066 to U+2069. */
static bool is_deceptive(struct bytes character)
{
    if (character.len != 3 || character.data[0] != 0xe2) {
        return false;
    }
    unsigned tail = (unsigned)character.data[1] << 8 | character.data[2];
    return tail == 0x808e || tail == 0x808f || (tail >= 0x80a8 && tail <= 0x80ae) ||
           (tail >= 0x81a6 && tail <= 0x81a9);
}

/* Foreign text: one line of it, whatever it holds. */
static struct error *put_foreign(struct buffer *out, const char *text)
{
    CLEANUP(string_free) char *clean = NULL;
    TRY(utf8_sanitise(bytes_of_string(text ? text : "(none)"), &clean));
    struct bytes rest = bytes_of_string(clean);
    size_t start = out->len;
    while (rest.len > 0 && out->len - start < SHOWN_VALUE) {
        size_t len = utf8_character(rest);
        struct bytes character = bytes_slice(rest, 0, len ? len : 1);
        bool shown = !is_deceptive(character) && character.data[0] != '\t';
        TRY(buffer_append(out, shown ? character : BYTES_LITERAL(" ")));
        rest = bytes_slice(rest, character.len, SIZE_MAX);
    }
    return buffer_append_string(out, rest.len > 0 ? "…\n" : "\n");
}

static struct error *put_value(struct buffer *out, const char *label, const char *text)
{
    TRY(buffer_printf(out, "  %-16s ", label));
    return put_foreign(out, text);
}

static struct error *put_time(struct buffer *out, const char *label, int64_t seconds)
{
    char text[CLOCK_TEXT_SIZE];
    clock_format(seconds, text);
    return put_value(out, label, text);
}

static struct error *put_words(struct buffer *out, const char *label, word_set words)
{
    TRY(buffer_printf(out, "  %-16s", label));
    for (int word = 0; word < WORD_COUNT; word++) {
        if (words_has(words, (enum word)word)) {
            TRY(buffer_printf(out, " %s", word_text((enum word)word)));
        }
    }
    return buffer_append_string(out, words == WORDS_NONE ? " (none)\n" : "\n");
}

static struct error *put_title(struct buffer *out, const char *title)
{
    return buffer_printf(out, "\n%s\n", title);
}

static struct error *put_verdict(struct buffer *out, const struct open_result *result)
{
    const struct message_verdict *verdict = &result->verdict;
    TRY(put_title(out, "VERDICT on the message as a whole"));
    TRY(put_value(out, "signature", signature_status_text(verdict->signature.status)));
    TRY(put_words(out, "problems", verdict->signature.problems));
    TRY(put_words(out, "notices", verdict->signature.notices));
    TRY(put_value(out, "encryption", encryption_status_text(verdict->encryption)));
    return put_words(out, "its problems", verdict->encryption_problems);
}

static struct error *put_header(struct buffer *out, const struct open_result *result)
{
    static const char *const names[] = { "From",    "Sender", "To",        "Cc",
                                         "Subject", "Date",   "Message-ID" };
    TRY(put_title(out, "HEADER of the message as it came (not signed, unless said below)"));
    for (size_t i = 0; i < result->outer.count; i++) {
        const struct open_field *field = &result->outer.items[i];
        for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
            if (strcasecmp(field->name, names[k]) == 0) {
                TRY(put_value(out, names[k], field->value));
            }
        }
    }
    return NULL;
}

static const char *revocation_text(enum revocation_status status)
{
    switch (status) {
    case REVOCATION_GOOD:
        return "not revoked, by lists that the message carries";
    case REVOCATION_REVOKED:
        return "REVOKED, by lists that the message carries";
    case REVOCATION_UNKNOWN:
        return "unknown: the lists at hand leave it open";
    case REVOCATION_NOT_CHECKED:
        return "NOT CHECKED";
    }
    return "unknown";
}

static struct error *put_certificate(struct buffer *out, const struct cert *cert)
{
    TRY(put_value(out, "certificate of", cert_subject(cert)));
    TRY(put_value(out, "issued by", cert_issuer(cert)));
    TRY(put_value(out, "serial number", cert_serial(cert)));
    TRY(put_value(out, "SHA-256", cert_id(cert)));
    TRY(put_time(out, "valid from", cert_not_before(cert)));
    TRY(put_time(out, "valid to", cert_not_after(cert)));
    for (size_t i = 0; i < cert_address_count(cert); i++) {
        TRY(put_value(out, "address", cert_address(cert, i)));
    }
    return NULL;
}

static struct error *put_chain(struct buffer *out, const struct signer_report *signer)
{
    for (size_t i = 1; i < signer->chain->chain.count; i++) {
        TRY(put_value(out, "chain", cert_subject(signer->chain->chain.items[i])));
    }
    TRY(put_value(out, "anchor",
                  evidence_files_is_anchored(signer)
                      ? "the last of the chain is trusted for e-mail in the databases used"
                      : "NONE: the chain does not end in a certificate that is trusted"));
    return put_value(out, "revocation", revocation_text(signer->chain->revocation));
}

static struct error *put_signer(struct buffer *out, size_t number,
                                const struct signer_report *signer)
{
    TRY(buffer_printf(out, "\n  Signer %zu\n", number));
    TRY(put_value(out, "status", signature_status_text(signer->judgement.status)));
    TRY(put_words(out, "problems", signer->judgement.problems));
    TRY(put_words(out, "notices", signer->judgement.notices));
    TRY(put_value(out, "digest", signer->digest));
    TRY(put_value(out, "algorithm", signer->signature_algorithm));
    if (signer->has_signing_time) {
        TRY(put_time(out, "claimed time", signer->signing_time));
    }
    TRY(buffer_printf(out, "  %-16s %zu\n", "countersigned", signer->countersignatures));
    TRY(put_value(out, "is the author", address_match_text(signer->match)));
    if (!signer->cert) {
        return put_value(out, "certificate", "NOT FOUND: who signed is not known");
    }
    TRY(put_certificate(out, signer->cert));
    return signer->chain ? put_chain(out, signer) : NULL;
}

/* What anybody with OpenSSL can do with the files alone. */
static struct error *put_command(struct buffer *out, const struct mail_context *context,
                                 const struct evidence_signature *signature)
{
    if (!signature->content) {
        return put_value(out, "check", "nothing that this signature covers could be found");
    }
    TRY(buffer_printf(out,
                      "\n  To check it with OpenSSL:\n    openssl cms -verify -binary -inform "
                      "DER -in %s",
                      signature->cms->name));
    if (signature->layer->multipart) {
        TRY(buffer_printf(out, " -content %s", signature->content->name));
    }
    if (signature->chain) {
        TRY(buffer_printf(out, " -certfile %s", signature->chain->name));
    }
    if (!signature->anchors) {
        TRY(buffer_append_string(out, " -noverify -out /dev/null\n"));
        return put_value(out, "note", "-noverify: the mathematics alone, as no chain was trusted");
    }
    return buffer_printf(out,
                         " -CAfile %s -no-CApath -partial_chain -purpose smimesign -attime "
                         "%" PRId64 " -out /dev/null\n",
                         signature->anchors->name, context->at);
}

static struct error *put_signature(struct buffer *out, const struct mail_context *context,
                                   size_t number, const struct evidence_signature *signature)
{
    const struct open_layer *layer = signature->layer;
    TRY(buffer_printf(out, "\nSIGNATURE %zu\n", number));
    TRY(put_value(out, "form", layer->multipart ? "multipart/signed (detached)" : "opaque"));
    TRY(put_value(out, "covers",
                  layer->whole ? "the whole body of the message" : "only a part of the message"));
    TRY(put_value(out, "part", layer->part));
    TRY(put_value(out, "status", signature_status_text(layer->signature->judgement.status)));
    TRY(put_words(out, "problems", layer->signature->judgement.problems | layer->problems));
    for (size_t i = 0; i < layer->signature->signer_count; i++) {
        TRY(put_signer(out, i + 1, &layer->signature->signers[i]));
    }
    return put_command(out, context, signature);
}

static struct error *put_files(struct buffer *out, const struct evidence_files *files)
{
    TRY(put_title(out, "FILES beside this report, with their SHA-256"));
    for (size_t i = 0; i < files->count; i++) {
        TRY(buffer_printf(out, "%s  %s\n", files->items[i].sha256, files->items[i].name));
    }
    return NULL;
}

static bool any_encrypted(const struct open_result *result)
{
    for (size_t i = 0; i < result->layer_count; i++) {
        if (result->layers[i].kind == LAYER_ENCRYPTED) {
            return true;
        }
    }
    return false;
}

static struct error *put_limits(struct buffer *out, const struct open_result *result,
                                const struct evidence_files *files)
{
    TRY(put_title(out, "WHAT WAS NOT CHECKED, AND WHAT THIS CANNOT SHOW"));
    if (files->signature_count == 0) {
        TRY(buffer_append_string(out, "- No signature was found that could be kept here.\n"));
    }
    TRY(buffer_append_string(
        out,
        "- The time of signing is what the signer's program claimed; nobody has confirmed it.\n"
        "- No network was asked. Whether a certificate was revoked is told only where the message\n"
        "  itself carried lists of revoked certificates.\n"
        "- A signature covers the bytes of its content file and nothing else. Header fields that\n"
        "  are not in there (From, Subject, Date, …) could have been changed on the way.\n"
        "- Countersignatures are counted, not checked.\n"
        "- Which anchors are trusted is for the reader to decide: the files name those that the\n"
        "  databases used here trusted. This report itself is not signed.\n"));
    if (any_encrypted(result)) {
        TRY(buffer_append_string(
            out,
            "- The message was encrypted and was decrypted with a key of its receiver. That the\n"
            "  signature files came out of message.eml can only be shown with such a key, which\n"
            "  is not part of this archive. The signature's own proof does not rest on that.\n"
            "- The content files hold what was encrypted, in the clear.\n"));
    }
    return NULL;
}

struct error *evidence_report_write(const struct mail_context *context,
                                    const struct open_result *result,
                                    const struct evidence_files *files, struct buffer *out)
{
    TRY(buffer_append_string(out, "Evidence of a signed message, made by Sealpost " SEALPOST_VERSION
                                  "\n\n"));
    TRY(put_time(out, "judged as of", context->at));
    TRY(put_verdict(out, result));
    TRY(put_header(out, result));
    for (size_t i = 0; i < files->signature_count; i++) {
        TRY(put_signature(out, context, i + 1, &files->signatures[i]));
    }
    TRY(put_files(out, files));
    return put_limits(out, result, files);
}
