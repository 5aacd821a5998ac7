/* Test vectors of Project Wycheproof, read from its JSON files in the corpus. */
#ifndef SEALPOST_TESTS_WYCHEPROOF_VECTORS_H
#define SEALPOST_TESTS_WYCHEPROOF_VECTORS_H

#include "base/bytes.h"

struct json_object;
struct PLArenaPool;

/* One vector. All borrowed; bytes made of it live in `arena`. */
struct vector {
    struct json_object *group; /* what several vectors share: a key, sizes */
    struct json_object *test;
    struct PLArenaPool *arena;
};

/* What one of our calls made of a vector. */
enum answer {
    ANSWER_REFUSED,
    ANSWER_AGREED, /* accepted, with the result that the vector gives */
    ANSWER_DIFFERED, /* accepted, with another one */
    ANSWER_ABSENT /* the NSS in use has not got the algorithm */
};

typedef struct error *vector_check(const struct vector *vector, enum answer *ret_answer);

/* "valid", "invalid" or "acceptable". */
const char *vector_result(const struct vector *vector);
/* Hex digits in the member `name` of group or test; empty where it is absent. */
struct bytes vector_bytes(const struct vector *vector, struct json_object *from, const char *name);
struct bytes vector_of_test(const struct vector *vector, const char *name);
struct bytes vector_of_group(const struct vector *vector, const char *name);

/* Whether the member `name` of the group is this text. */
bool vector_is(const struct vector *vector, const char *name, const char *text);

/* Pieces of DER, in `arena`. */
struct bytes vector_join(const struct vector *vector, const struct bytes *parts, size_t count);
#define VECTOR_JOIN(vector, ...) \
    vector_join((vector), (struct bytes[]){ __VA_ARGS__ }, \
                sizeof((struct bytes[]){ __VA_ARGS__ }) / sizeof(struct bytes))
struct bytes vector_der(const struct vector *vector, unsigned tag, struct bytes content);
#define VECTOR_OCTETS(...) \
    ((struct bytes){ (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }) })

/* AGREED where they are equal. */
enum answer vector_compare(struct bytes ours, struct bytes theirs);

/* The checks, one a kind of vectors. */
struct error *signatures_rsa(const struct vector *vector, enum answer *ret_answer) MUST_USE;
struct error *signatures_pss(const struct vector *vector, enum answer *ret_answer) MUST_USE;
struct error *signatures_ecdsa(const struct vector *vector, enum answer *ret_answer) MUST_USE;
struct error *signatures_ed25519(const struct vector *vector, enum answer *ret_answer) MUST_USE;
struct error *contents_cbc(const struct vector *vector, enum answer *ret_answer) MUST_USE;
struct error *contents_gcm(const struct vector *vector, enum answer *ret_answer) MUST_USE;
struct error *keys_wrap(const struct vector *vector, enum answer *ret_answer) MUST_USE;
struct error *keys_pkcs1(const struct vector *vector, enum answer *ret_answer) MUST_USE;
struct error *keys_oaep(const struct vector *vector, enum answer *ret_answer) MUST_USE;
struct error *keys_ecdh(const struct vector *vector, enum answer *ret_answer) MUST_USE;

#endif
