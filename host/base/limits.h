/* Every limit of the host, in one place, each with a name. Sizes are bytes unless the name says
 * otherwise. A limit that is exceeded gives an error (the code is named beside it), never an abort.
 * Limits that a client is told stand in host.hello's `limits`. */
#ifndef SEALPOST_BASE_LIMITS_H
#define SEALPOST_BASE_LIMITS_H

#include <stddef.h>

#define KIB ((size_t)1024)
#define MIB ((size_t)1024 * KIB)
#define GIB ((size_t)1024 * MIB)

/* wire: native messaging frames (PROTOCOL.md 1) */
#define LIMIT_FRAME_OUT (1 * MIB) /* the browser closes the port at one byte more */
#define LIMIT_FRAME_IN (64 * MIB) /* ERR_FRAME_TOO_LARGE */
#define LIMIT_FRAME_DESYNCHRONISED (1 * GIB) /* above: ERR_FRAME_DESYNCHRONISED, exit 2 */
#define LIMIT_INLINE_DATA (512 * KIB) /* larger content leaves as a blob */
#define LIMIT_JSON_DEPTH 32 /* nesting of arrays and objects, ERR_JSON */
#define LIMIT_JSON_KEYS 4096 /* members of one object, ERR_JSON */
#define LIMIT_JSON_VALUES 100000 /* of one text; a tree costs 100 times its text, ERR_JSON */
#define LIMIT_JSON_NUMBER 128 /* characters of one number, ERR_JSON */
#define LIMIT_ID_LENGTH 128 /* a request's id as a string, ERR_REQUEST */

/* rpc */
#define LIMIT_MESSAGE (256 * MIB) /* one message, ERR_MESSAGE_TOO_LARGE */
#define LIMIT_BLOBS_TOTAL (1 * GIB) /* all blobs together, ERR_BLOB_LIMIT */
#define LIMIT_BLOBS 64 /* ERR_BLOB_LIMIT */
#define LIMIT_BLOB_READ 720000 /* longest blob.read */
#define DEFAULT_BLOB_READ (512 * KIB)
#define LIMIT_IN_FLIGHT 1024 /* requests, ERR_TOO_MANY_REQUESTS */
#define LIMIT_IN_FLIGHT_BYTES (512 * MIB) /* frames of those requests, ERR_TOO_MANY_REQUESTS */
#define LIMIT_WORKERS 8 /* threads */
#define LIMIT_WORKERS_SPARE 24 /* more of them while all others wait for a person or a card */
#define LIMIT_PARAM_STRING \
    (64 * KIB) /* a string parameter without a limit of its own, ERR_PARAMS */
#define LIMIT_SITE 512 /* a web origin, ERR_PARAMS */
#define LIMIT_PARAM_PATH 128 /* of an error in the parameters */
#define GRACE_WRITE_MS 200 /* for answers that nobody reads, once the browser has hung up */
#define GRACE_HELLO_MS 300 /* for host.hello, once the browser has hung up */
#define GRACE_END_MS 400 /* for running work, after the end of the input */
#define GRACE_CLOSE_MS 300 /* for closing cards and databases after that */
#define LIMIT_ADDRESS 1024 /* bytes of an address as a parameter, ERR_PARAMS */
#define LIMIT_LIST 1000 /* items of one page of a list, ERR_PARAMS */
#define DEFAULT_LIST 100

/* mime */
#define LIMIT_HEADER_BLOCK (1 * MIB) /* one entity's header, ERR_MESSAGE_MALFORMED */
#define LIMIT_HEADER_FIELDS 1000 /* fields of one entity, ERR_MESSAGE_MALFORMED */
#define LIMIT_MIME_DEPTH 32 /* multiparts in each other, ERR_NESTING_TOO_DEEP */
#define LIMIT_MIME_PARTS 1000 /* entities of a message, ERR_MESSAGE_MALFORMED */
#define LIMIT_BOUNDARY 70 /* RFC 2046 5.1.1 */
#define LIMIT_ADDRESSES 1000 /* of one header field, ERR_MESSAGE_MALFORMED */
#define LIMIT_COMMENT_DEPTH 16 /* comments in each other in an address; more: malformed */
#define LIMIT_DISPLAY_NAME (8 * KIB) /* of one address; a longer name is dropped */
#define LIMIT_NAME_ADDRESSES 16 /* "@" in the text of From; with more the name misleads */
#define LIMIT_CONTENT_FIELD (8 * KIB) /* one Content-* field; more: the entity is ambiguous */
#define LIMIT_MIME_FIELDS 20000 /* header fields of all entities, ERR_MESSAGE_MALFORMED */
#define LIMIT_MESSAGES_INSIDE \
    8 /* message/rfc822 in each other that get other encodings on the way \
       * out; what is deeper stays as it is */
#define LIMIT_OUTLINE (1 * MIB) /* what GMime is given to compare; more: ambiguous */
#define LIMIT_OUTLINE_LINES 4000 /* delimiter-like lines in it; more: ambiguous */

/* cms */
#define LIMIT_BER_DEPTH 64 /* nested values, ERR_CMS_MALFORMED */
#define LIMIT_BER_SEGMENTS 1000000 /* of one constructed string, ERR_CMS_MALFORMED */
#define LIMIT_BER_VALUES 1100000 /* in one value of indefinite length, ERR_CMS_MALFORMED */
#define LIMIT_SIGNERS 64 /* of one SignedData, ERR_CMS_MALFORMED */
#define LIMIT_RECIPIENTS 4096 /* of one EnvelopedData, ERR_CMS_MALFORMED */
#define LIMIT_CERTIFICATES 256 /* carried by one SignedData, ERR_CMS_MALFORMED */
#define LIMIT_CRLS 256 /* carried by one SignedData, ERR_CMS_MALFORMED */
#define LIMIT_ATTRIBUTES 128 /* of one signer, ERR_CMS_MALFORMED */
#define LIMIT_KEYING_MATERIAL (64 * KIB) /* ukm; more: the recipient's way is not known here */
#define LIMIT_COMPRESSED_RATIO 200 /* expansion of a CompressedData, ERR_MESSAGE_TOO_LARGE */
#define LIMIT_COMPRESSED_SMALL (4 * MIB) /* up to this size any ratio is fine */
#define LIMIT_PASSWORD_ITERATIONS 5000000 /* of a recipient's PBKDF2; more: ERR_CMS_UNSUPPORTED */
#define DEFAULT_PASSWORD_ITERATIONS 600000 /* that are made; 0.1 s */
#define LIMIT_PASSWORD_SALT 1024 /* bytes, ERR_CMS_UNSUPPORTED */
#define LIMIT_KEK_ID 256 /* bytes of a keyIdentifier; more: such a key is not looked for */
#define LIMIT_OID 128 /* octets of one object identifier told as text, ERR_CMS_MALFORMED */
#define LIMIT_DESCRIBED 100 /* recipients, signers, … that cms.describe lists of each kind */
#define LIMIT_CERTIFICATE (256 * KIB) /* one certificate, ERR_CMS_MALFORMED */
#define LIMIT_CAPABILITIES 128 /* of one correspondent; more: nothing is known of him */
#define LIMIT_CAPABILITIES_SIZE (16 * KIB) /* bytes of that list, likewise */
#define LIMIT_PROFILES 2000 /* announced by correspondents; what comes after is not known */

/* mail */
#define LIMIT_ROUTE_GMAIL (25 * MIB) /* what the sites take, word too-large-for-route */
#define LIMIT_ROUTE_GRAPH (3 * MIB) /* 4 MiB of base64 */
#define LIMIT_LAYERS 16 /* cryptographic layers, word nesting-too-deep */
#define LIMIT_CLAIMED 8 /* addresses of From, and of Sender, that signers are compared with */
#define LIMIT_FORWARDED 64 /* messages in messages that are looked into; more are left alone */
#define LIMIT_RESTORED (8 * MIB) /* text that is compared as it was before relays altered it */
#define LIMIT_OWN_RECIPIENTS 8 /* recipients of one layer that the user's keys are tried for */
#define LIMIT_GUESSES 16 /* tries of recipients with keys that they don't name */
#define LIMIT_KEK_RECIPIENTS 4 /* recipients of one layer that a secret key is looked for */
#define LIMIT_PASSWORD_RECIPIENTS 4 /* recipients of one layer that a password is tried for */
#define LIMIT_PASSWORD_TRIES 3 /* passwords that are asked for one layer */
#define LIMIT_CANDIDATES 8 /* certificates tried for one SignerInfo */
#define LIMIT_CHECKS 400 /* signatures checked for one message, see signature.h */
#define LIMIT_CONTENT_PIECES 64 /* slices of a result's content */
#define LIMIT_LEGACY_DISPLAY (16 * KIB) /* header fields in a text; more is text */
#define LIMIT_MAIN_PARTS 16 /* texts of a message that such a copy is looked for in */

/* certs */
#define LIMIT_RSA_BITS 8192 /* of a key that signatures are checked with; more: unsupported */
#define LIMIT_CHAIN 16 /* certificates of a path */
#define LIMIT_CHAIN_CACHE 4096 /* answers of chain_verify that are remembered; older ones go */
#define CHAIN_CACHE_SECONDS 60 /* how long */
#define LIMIT_OFFER 20 /* certificates of a message that can be issuers of one path */
#define LIMIT_OFFER_CHECKS 64 /* signatures that are checked to find those */
#define LIMIT_NAME 2048 /* bytes of a name's DER that is compared other than octet by octet */
#define LIMIT_CERT_ADDRESSES 256 /* addresses of one certificate */
#define LIMIT_NAME_ATTRIBUTES 64 /* attributes of one distinguished name, ERR_CMS_MALFORMED */
#define LIMIT_GENERAL_NAMES 300 /* names of one subjectAltName, ERR_CMS_MALFORMED */
#define LIMIT_POLICIES 64 /* that one certificate names or maps; with more no path holds */
#define LIMIT_CERT_EXTENSIONS 128 /* extensions of one certificate, ERR_CMS_MALFORMED */
#define LIMIT_INDEX 200000 /* certificates of all databases; what comes after is not found */
#define LIMIT_CRL (16 * MIB) /* one CRL of a message; a larger one tells nothing */

/* prompts and files */
#define LIMIT_PIN 255 /* bytes, ERR_PIN_INCORRECT */
#define LIMIT_PIN_TRIES 3 /* wrong ones of one login, ERR_PIN_INCORRECT */
#define LIMIT_REMOTE_TEXT 1023 /* one text of a message to or from the helper, ERR_INTERNAL */
#define LIMIT_REMOTE_PACKET (8 * KIB) /* one such message, ERR_INTERNAL */
#define LIMIT_CONFIG_FILE (1 * MIB) /* ERR_POLICY_FORBIDS with the file's name */
#define LIMIT_ORIGINS 64 /* callers that a configuration allows, ERR_POLICY_FORBIDS */
#define LIMIT_ORIGIN 255 /* bytes of one of them, ERR_POLICY_FORBIDS */
#define LIMIT_PKCS12 (16 * MIB) /* ERR_IMPORT_MALFORMED */
#define LIMIT_PKCS12_ITERATIONS 10000000 /* of a key derivation (some seconds), likewise */

/* store */
#define LIMIT_SESSION_KEYS 64 /* session copies of private keys; the oldest goes */
#define LIMIT_OWN_KEYS 10000 /* keys listed over all tokens; more are not seen without a login */
#define LIMIT_DATABASE_PATH 4096 /* ERR_DATABASE_UNAVAILABLE */

#endif
