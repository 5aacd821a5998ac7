/* Runs the vectors of Project Wycheproof through the calls that mail goes through:
 *
 *     wycheproof FOLDER
 *
 * Prints a line a vector: file, number, result that is wanted, what came out, comment. What that
 * means is for suite.py. */
#include "base/error.h"
#include "nss/nss_scope.h"
#include "vectors.h"

#include <json-c/json.h>
#include <nss.h>
#include <stdio.h>
#include <string.h>

static const struct kind {
    const char *file;
    vector_check *check;
} kinds[] = {
    { "rsa_signature_2048_sha256_test", signatures_rsa },
    { "rsa_pss_2048_sha256_mgf1_32_test", signatures_pss },
    { "ecdsa_secp256r1_sha256_test", signatures_ecdsa },
    { "ed25519_test", signatures_ed25519 },
    { "aes_cbc_pkcs5_test", contents_cbc },
    { "aes_gcm_test", contents_gcm },
    { "aes_wrap_test", keys_wrap },
    { "rsa_pkcs1_2048_test", keys_pkcs1 },
    { "rsa_oaep_2048_sha1_mgf1sha1_test", keys_oaep },
    { "rsa_oaep_2048_sha256_mgf1sha256_test", keys_oaep },
    { "ecdh_secp256r1_test", keys_ecdh },
};

static const char *const answers[] = {
    [ANSWER_REFUSED] = "refused",
    [ANSWER_AGREED] = "agreed",
    [ANSWER_DIFFERED] = "differed",
    [ANSWER_ABSENT] = "absent",
};

static void run_vector(const struct kind *kind, struct json_object *group, struct json_object *test)
{
    CLEANUP(nss_arena_free) PLArenaPool *arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE);
    const struct vector vector = { group, test, arena };
    enum answer answer = ANSWER_ABSENT;
    CLEANUP(error_free) struct error *error = kind->check(&vector, &answer);
    (void)printf("%s\t%d\t%s\t%s\t%s\n", kind->file,
                 json_object_get_int(json_object_object_get(test, "tcId")), vector_result(&vector),
                 error ? error_get_message(error) : answers[answer],
                 json_object_get_string(json_object_object_get(test, "comment")));
}

static void run_group(const struct kind *kind, struct json_object *group)
{
    struct json_object *tests = json_object_object_get(group, "tests");
    for (size_t i = 0; i < json_object_array_length(tests); i++) {
        run_vector(kind, group, json_object_array_get_idx(tests, i));
    }
}

static int run_file(const struct kind *kind, const char *folder)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s.json", folder, kind->file);
    struct json_object *file = json_object_from_file(path);
    if (!file) {
        (void)fprintf(stderr, "%s cannot be read\n", path);
        return 1;
    }
    struct json_object *groups = json_object_object_get(file, "testGroups");
    for (size_t i = 0; i < json_object_array_length(groups); i++) {
        run_group(kind, json_object_array_get_idx(groups, i));
    }
    (void)json_object_put(file);
    return 0;
}

int main(int count, char **arguments)
{
    if (count != 2 || NSS_NoDB_Init(NULL) != SECSuccess) {
        (void)fputs("usage: wycheproof FOLDER\n", stderr);
        return 2;
    }
    int status = 0;
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        status |= run_file(&kinds[i], arguments[1]);
    }
    return NSS_Shutdown() == SECSuccess ? status : 1;
}
