#include "cli/sentence.h"

#include "base/macros.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *word;
    const char *sentence;
} sentences[] = {
    { "digest-mismatch", "The message was changed after it was signed." },
    { "signature-mismatch", "The signature does not fit the signer's key." },
    { "signer-unknown",
      "The signer's certificate is neither in the message nor in your database." },
    { "no-signers", "The message is made like a signed one, but nobody signed it." },
    { "signers-disagree", "One signature is right and another one is wrong." },
    { "content-not-covered", "The signature does not cover what is shown." },
    { "embedded-content-in-detached", "The signature carries other content than what is shown." },
    { "attributes-malformed", "The signature is made in a way that the standard forbids." },
    { "chain-incomplete", "A certificate between the signer and an authority is missing." },
    { "chain-untrusted", "The authority behind the certificate is not trusted for e-mail." },
    { "certificate-expired", "The certificate has expired." },
    { "certificate-not-yet-valid", "The certificate is not valid yet." },
    { "certificate-revoked", "The certificate was revoked." },
    { "revocation-unknown", "Whether the certificate was revoked could not be found out." },
    { "purpose-wrong", "The certificate is not meant for e-mail." },
    { "address-mismatch", "The certificate belongs to another address than the sender's." },
    { "address-missing", "There is no address to compare the certificate with." },
    { "multiple-from", "The message names more than one author." },
    { "mixed-scripts", "The sender's address mixes alphabets." },
    { "weak-digest", "The signature uses a digest that can be forged." },
    { "weak-key", "A key in the chain is too short." },
    { "algorithm-unsupported", "An algorithm of the message is not supported." },
    { "cipher-weak", "The cipher is an old, weak one." },
    { "not-authenticated", "The encryption does not protect the text from changes." },
    { "no-matching-key", "None of your keys opens this message." },
    { "token-locked", "The key is locked." },
    { "pin-cancelled", "You cancelled the PIN dialog." },
    { "decryption-failed", "The message could not be decrypted." },
    { "nesting-too-deep", "The message has too many layers." },
    { "signed-outside-encryption", "The signature is around the encryption and says nothing about "
                                   "who wrote the text." },
    { "header-mismatch", "The protected sender and the shown one differ." },
    { "mime-ambiguous", "The parts of the message can be read in more than one way." },
    { "cms-malformed", "The cryptographic part of the message is damaged." },
    { "line-ends-altered",
      "Line ends were altered on the way; but for that the signature would be right." },
    { "whitespace-altered",
      "Blanks were altered on the way; but for that the signature would be right." },
    { "from-lines-altered", "Lines that begin with \"From\" were altered on the way; "
                            "but for that the signature would be right." },
    { "name-misleading", "The sender's name looks like another address." },
    { "content-too-large", "Compressed content was left alone: it would become too large." },
    { "cipher-limited",
      "Not everybody can read the best cipher that others can: one that all read was "
      "taken." },
    { "cipher-unannounced", "A recipient's mail program may not be able to read this cipher." },
    { "form-changed-for-content", "The form was changed to one that nothing on the way converts." },
    { "form-changed-for-route", "The form was changed to one that survives this way of sending." },
    { "smtputf8-needed", "An address is not ASCII: not every mail server can deliver this." },
    { "too-large-for-route", "The message is larger than this site is known to take." },
    { "sender-cannot-read", "You are not among the recipients: you cannot read your own copy." },
    { "signer-is-not-from", "The signing certificate is not for the sender's address." },
};

const char *sentence_of(const char *word)
{
    for (size_t i = 0; i < ARRAY_SIZE(sentences); i++) {
        if (strcmp(sentences[i].word, word) == 0) {
            return sentences[i].sentence;
        }
    }
    return word;
}
