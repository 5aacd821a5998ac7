#include "signed_fixture.h"

#include "cms/ber.h"
#include "cms/der.h"
#include "nss/item.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <nss.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COMMAND_SIZE = 1024, PATH_SIZE = 256, FILE_MAX = 8 << 20 };

static pid_t runner; /* set in the process that makes the directory, not in the tests' own ones */

static const struct recipe {
    const char *name;
    const char *genpkey;
} recipes[] = {
    { "rsa", "-algorithm RSA -pkeyopt rsa_keygen_bits:2048" },
    { "rsa512", "-algorithm RSA -pkeyopt rsa_keygen_bits:512" },
    { "pss", "-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048" },
    { "pss256", "-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 "
                "-pkeyopt rsa_pss_keygen_md:sha256 -pkeyopt rsa_pss_keygen_mgf1_md:sha256 "
                "-pkeyopt rsa_pss_keygen_saltlen:32" },
    { "pssmix", "-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 "
                "-pkeyopt rsa_pss_keygen_md:sha256 -pkeyopt rsa_pss_keygen_mgf1_md:sha384 "
                "-pkeyopt rsa_pss_keygen_saltlen:40" },
    { "p256", "-algorithm EC -pkeyopt ec_paramgen_curve:P-256" },
    { "p384", "-algorithm EC -pkeyopt ec_paramgen_curve:P-384" },
    { "p521", "-algorithm EC -pkeyopt ec_paramgen_curve:P-521" },
    { "koblitz", "-algorithm EC -pkeyopt ec_paramgen_curve:secp256k1" },
    { "ed25519", "-algorithm ED25519" },
};

/* Criterion runs each test in a process of its own, a child of the one that made the directory. */
static int owner(void)
{
    return (int)(runner ? runner : getppid());
}

static bool run(const char *line)
{
    char command[COMMAND_SIZE + PATH_SIZE] = "";
    int len = snprintf(command, sizeof(command), "cd /tmp/sealpost-signed-%d && { %s; } >>log 2>&1",
                       owner(), line);
    cr_assert(len > 0 && (size_t)len < sizeof(command));
    char shell[] = "sh";
    char option[] = "-c";
    char path[] = "PATH=/usr/bin:/bin";
    char *const arguments[] = { shell, option, command, NULL };
    char *const environment[] = { path, NULL };
    pid_t child = 0;
    int status = 0;
    cr_assert_eq(posix_spawn(&child, "/bin/sh", NULL, NULL, arguments, environment), 0);
    cr_assert_eq(TEMP_FAILURE_RETRY(waitpid(child, &status, 0)), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool signed_fixture_try(const char *format, ...)
{
    char line[COMMAND_SIZE] = "";
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    cr_assert(len > 0 && (size_t)len < sizeof(line));
    return run(line);
}

void signed_fixture_run(const char *format, ...)
{
    char line[COMMAND_SIZE] = "";
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    cr_assert(len > 0 && (size_t)len < sizeof(line));
    cr_assert(run(line), "this failed: %s", line);
}

static const char *find_recipe(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(recipes); i++) {
        if (strcmp(recipes[i].name, name) == 0) {
            return recipes[i].genpkey;
        }
    }
    return NULL;
}

static void make_key(const char *name)
{
    if (strcmp(name, "dsa") == 0) {
        signed_fixture_run("openssl dsaparam -genkey -out dsa.key 1024");
    } else {
        signed_fixture_run("openssl genpkey %s -out %s.key", find_recipe(name), name);
    }
}

static void make_path(const char *name, const char *suffix, char path[static PATH_SIZE])
{
    int len = snprintf(path, PATH_SIZE, "/tmp/sealpost-signed-%d/%s%s", owner(), name, suffix);
    cr_assert(len > 0 && len < PATH_SIZE);
}

void signed_fixture_make(const char *const *names, size_t count)
{
    char path[PATH_SIZE] = "";
    runner = getpid();
    make_path("", "", path);
    if (mkdir(path, S_IRWXU) != 0) {
        abort();
    }
    for (size_t i = 0; i < count; i++) {
        make_key(names[i]);
        signed_fixture_run("openssl req -new -x509 -key %s.key -out %s.crt -days 3650 -subj /CN=%s "
                           "-addext keyUsage=digitalSignature "
                           "-addext extendedKeyUsage=emailProtection",
                           names[i], names[i], names[i]);
        signed_fixture_run("openssl x509 -in %s.crt -outform DER -out %s.der", names[i], names[i]);
        signed_fixture_run("openssl pkcs8 -topk8 -nocrypt -in %s.key -outform DER -out %s.p8",
                           names[i], names[i]);
    }
}

void signed_fixture_remove(void)
{
    (void)signed_fixture_try("rm -rf /tmp/sealpost-signed-%d", owner());
}

void signed_fixture_start(void)
{
    cr_assert_eq(NSS_NoDB_Init(NULL), SECSuccess);
}

static struct mapping *read_file(const char *name, const char *suffix)
{
    char path[PATH_SIZE] = "";
    make_path(name, suffix, path);
    FILE *file = fopen(path, "re");
    cr_assert_not_null(file, "%s", path);
    struct mapping *mapping = NULL;
    assert_ok(mapping_new(FILE_MAX, &mapping));
    uint8_t piece[4096];
    for (size_t len = 0; (len = fread(piece, 1, sizeof(piece), file)) > 0;) {
        assert_ok(mapping_append(mapping, (struct bytes){ piece, len }));
    }
    (void)fclose(file);
    return mapping;
}

struct mapping *signed_fixture_read(const char *name)
{
    return read_file(name, "");
}

void signed_fixture_write(const char *name, struct bytes bytes)
{
    char path[PATH_SIZE] = "";
    make_path(name, "", path);
    FILE *file = fopen(path, "we");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(bytes.data, 1, bytes.len, file), bytes.len);
    cr_assert_eq(fclose(file), 0);
}

CERTCertificate *signed_fixture_certificate(const char *name)
{
    CLEANUP(mapping_unref) struct mapping *der = read_file(name, ".der");
    SECItem item = { 0 };
    cr_assert(item_set(&item, mapping_view(der)));
    CERTCertificate *certificate =
        CERT_NewTempCertificate(CERT_GetDefaultCertDB(), &item, NULL, PR_FALSE, PR_TRUE);
    cr_assert_not_null(certificate);
    return certificate;
}

/* NSS 3.87 reads no PrivateKeyInfo that says rsassaPss: the same key, saying rsaEncryption. */
static struct buffer *as_plain_rsa(struct bytes info)
{
    struct ber_reader reader = ber_reader_of(info);
    struct ber_value value = { 0 };
    uint64_t version = 0;
    struct buffer *out = NULL;
    assert_ok(ber_expect(&reader, BER_SEQUENCE, &value));
    reader = ber_reader_in(&value);
    assert_ok(ber_small_integer(&reader, &version));
    assert_ok(ber_expect(&reader, BER_SEQUENCE, &value));
    assert_ok(ber_expect(&reader, BER_OCTET_STRING, &value));
    assert_ok(buffer_new(0, &out));
    assert_ok(der_small_integer(out, version));
    assert_ok(buffer_append(
        out, BYTES_LITERAL("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00")));
    assert_ok(buffer_append(out, value.whole));
    assert_ok(der_wrap(out, 0, BER_SEQUENCE));
    return out;
}

SECKEYPrivateKey *signed_fixture_key(const char *name)
{
    CLEANUP(mapping_unref) struct mapping *der = read_file(name, ".p8");
    CLEANUP(buffer_free) struct buffer *plain = NULL;
    struct bytes info = mapping_view(der);
    if (strncmp(name, "pss", 3) == 0) {
        plain = as_plain_rsa(info);
        info = buffer_view(plain);
    }
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalSlot();
    SECItem item = { 0 };
    SECKEYPrivateKey *key = NULL;
    cr_assert(item_set(&item, info));
    cr_assert_eq(PK11_ImportDERPrivateKeyInfoAndReturnKey(slot, &item, NULL, NULL, PR_FALSE,
                                                          PR_TRUE, KU_ALL, &key, NULL),
                 SECSuccess, "no key %s: %d", name, PORT_GetError());
    return key;
}

struct mapping *signed_fixture_sign(const char *signer, const char *options)
{
    char name[32] = "";
    (void)snprintf(name, sizeof(name), "message.%d", (int)getpid());
    signed_fixture_run("openssl cms -sign -binary -in content -signer %s.crt -inkey %s.key "
                       "-outform DER -out %s %s",
                       signer, signer, name, options);
    return signed_fixture_read(name);
}

struct content *signed_fixture_content(struct bytes bytes)
{
    struct content *content = NULL;
    assert_ok(content_new(&content));
    assert_ok(content_append_copy(content, bytes));
    return content;
}

word_set signed_fixture_check(struct bytes message, const struct bytes *detached,
                              CERTCertificate *certificate, bool *ret_checked)
{
    CLEANUP(cms_signed_free) struct cms_signed *parsed = NULL;
    word_set problems = WORDS_NONE;
    assert_ok(cms_signed_parse(message, &parsed));
    cr_assert_gt(cms_signed_signer_count(parsed), 0);
    assert_ok(cms_signed_digest(parsed, detached, NULL));
    assert_ok(cms_signed_check(parsed, 0, certificate, &problems, ret_checked));
    return problems;
}

void signed_fixture_assert(struct bytes message, const struct bytes *detached,
                           CERTCertificate *certificate, word_set problems)
{
    bool checked = false;
    word_set found = signed_fixture_check(message, detached, certificate, &checked);
    for (unsigned word = 0; word < WORD_COUNT; word++) {
        cr_assert_eq(words_has(found, (enum word)word), words_has(problems, (enum word)word), "%s",
                     word_text((enum word)word));
    }
    cr_assert_eq(checked, !words_has(problems, WORD_ALGORITHM_UNSUPPORTED));
}
