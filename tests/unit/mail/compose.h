/* Entities and messages for the tests of mail, put together layer by layer from the inside out. All
 * bytes are kept by the fixture. */
#ifndef SEALPOST_TESTS_UNIT_MAIL_COMPOSE_H
#define SEALPOST_TESTS_UNIT_MAIL_COMPOSE_H

#include "mail/fixture.h"
#include "mail/protect.h"

/* The header of most messages, without the fields about the body. */
#define COMPOSE_HEADER \
    "From: Alice <alice@example.org>\r\nTo: bob@example.org\r\nSubject: trial\r\n"

struct bytes compose_printf(struct mail_fixture *fixture, const char *format, ...)
    PRINTF_LIKE(2, 3);
/* `header` (whole lines), MIME-Version, and the entity. */
struct bytes compose_message(struct mail_fixture *fixture, const char *header, struct bytes entity);
/* With COMPOSE_HEADER. */
struct bytes compose_mail(struct mail_fixture *fixture, struct bytes entity);

struct bytes compose_text(struct mail_fixture *fixture, const char *text); /* text/plain */
struct bytes compose_mixed(struct mail_fixture *fixture, struct bytes first, struct bytes second);
struct bytes compose_signed(struct mail_fixture *fixture, struct cert *signer,
                            enum protect_form form, struct bytes entity);
struct bytes compose_encrypted(struct mail_fixture *fixture, struct cert *recipient,
                               enum cms_cipher cipher, struct bytes entity);
struct bytes compose_encrypted_to(struct mail_fixture *fixture, const struct cert_list *recipients,
                                  enum cms_cipher cipher, struct bytes entity);
/* multipart/signed of `entity` with this CMS, whatever it is. */
struct bytes compose_with_signature(struct mail_fixture *fixture, struct bytes entity,
                                    struct bytes cms);
/* application/pkcs7-mime of this CMS. */
struct bytes compose_pkcs7(struct mail_fixture *fixture, const char *type, struct bytes cms);

/* application/pkcs7-mime of CompressedData (RFC 3274) with this entity in it. */
struct bytes compose_compressed(struct mail_fixture *fixture, struct bytes entity);
/* message/rfc822 of a message with COMPOSE_HEADER and this entity. */
struct bytes compose_forwarded(struct mail_fixture *fixture, struct bytes entity);

/* The CMS of an entity made above, decoded. */
struct bytes compose_cms(struct mail_fixture *fixture, struct bytes entity);

/* `whole` with the first `old` (which is there) replaced. */
struct bytes compose_replaced(struct mail_fixture *fixture, struct bytes whole, const char *old,
                              const char *new);
/* With every CRLF made LF. */
struct bytes compose_unix(struct mail_fixture *fixture, struct bytes whole);

#endif
