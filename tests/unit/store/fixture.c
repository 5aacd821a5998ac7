#include "store/fixture.h"

#include "nss/item.h"
#include "nss/nss_scope.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <secerr.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_ARGUMENTS = 32, MOST_BYTES = 1 << 20, OPEN_DIRECTORIES = 16 };

/* one a test process: Criterion forks for each test */
static char directory[64];

const char *fixture_directory(void)
{
    if (!directory[0]) {
        (void)snprintf(directory, sizeof(directory), "/tmp/sealpost-store.XXXXXX");
        cr_assert_not_null(mkdtemp(directory));
        cr_assert_eq(setenv("HOME", directory, 1), 0);
        cr_assert_eq(chdir(directory), 0);
    }
    return directory;
}

static int remove_one(const char *path, const struct stat *status, int flag, struct FTW *walk)
{
    (void)status;
    (void)flag;
    (void)walk;
    return remove(path);
}

void fixture_remove(void)
{
    if (directory[0]) {
        (void)nftw(directory, remove_one, OPEN_DIRECTORIES, FTW_DEPTH | FTW_PHYS);
        directory[0] = '\0';
    }
}

static _Noreturn void become(const char *program, char *const *arguments)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    (void)dup2(null, STDIN_FILENO);
    (void)dup2(null, STDOUT_FILENO);
    (void)dup2(null, STDERR_FILENO);
    (void)execvp(program, arguments);
    _exit(127);
}

void fixture_run(const char *program, ...)
{
    char *arguments[MOST_ARGUMENTS] = { 0 };
    va_list list;
    va_start(list, program);
    size_t count = 0;
    for (const char *word = program; word; word = va_arg(list, const char *)) {
        cr_assert_lt(count, (size_t)MOST_ARGUMENTS - 1);
        arguments[count++] = (char *)(uintptr_t)word; /* execvp takes them without const */
    }
    va_end(list);

    (void)fixture_directory();
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        become(program, arguments);
    }
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s %s %s failed", program,
              count > 1 ? arguments[1] : "", count > 2 ? arguments[2] : "");
}

void fixture_write(const char *name, struct bytes text)
{
    (void)fixture_directory();
    FILE *file = fopen(name, "we");
    cr_assert_not_null(file);
    if (text.len > 0) {
        cr_assert_eq(fwrite(text.data, 1, text.len, file), text.len);
    }
    cr_assert_eq(fclose(file), 0);
}

struct buffer *fixture_read(const char *name)
{
    struct buffer *buffer = NULL;
    uint8_t *space = NULL;
    assert_ok(buffer_new(MOST_BYTES, &buffer));
    assert_ok(buffer_extend(buffer, MOST_BYTES, &space));
    FILE *file = fopen(name, "re");
    cr_assert_not_null(file, "%s is not there", name);
    buffer->len = fread(space, 1, MOST_BYTES, file);
    cr_assert_eq(fclose(file), 0);
    return buffer;
}

static void database_argument(char *text, size_t size, const char *name)
{
    (void)snprintf(text, size, "sql:%s", name);
}

void fixture_database(const char *name, const char *password)
{
    char argument[128];
    database_argument(argument, sizeof(argument), name);
    (void)fixture_directory();
    cr_assert_eq(mkdir(name, S_IRWXU), 0);
    fixture_write("password", bytes_of_string(password ? password : ""));
    fixture_run("certutil", "-N", "-d", argument, "-f", "password", NULL);
}

void fixture_identity(const char *name)
{
    char key[64];
    char certificate[64];
    char package[64];
    char subject[160];
    (void)snprintf(key, sizeof(key), "%s.key", name);
    (void)snprintf(certificate, sizeof(certificate), "%s.crt", name);
    (void)snprintf(package, sizeof(package), "%s.p12", name);
    (void)snprintf(subject, sizeof(subject), "/CN=%s", name);
    fixture_run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes", "-keyout", key, "-out", certificate, "-subj", subject, NULL);
    fixture_run("openssl", "pkcs12", "-export", "-in", certificate, "-inkey", key, "-name", name,
                "-out", package, "-passout", "pass:p12", NULL);
}

void fixture_import(const char *database, const char *password, const char *name)
{
    char argument[128];
    char package[64];
    database_argument(argument, sizeof(argument), database);
    (void)snprintf(package, sizeof(package), "%s.p12", name);
    fixture_write("password", bytes_of_string(password ? password : ""));
    fixture_run("pk12util", "-i", package, "-d", argument, "-W", "p12", "-k", "password", NULL);
}

void fixture_secret_key(const char *nickname, struct bytes value)
{
    uint8_t copy[32] = { 0 };
    cr_assert_leq(value.len, sizeof(copy));
    memcpy(copy, value.data, value.len);
    SECItem item = { siBuffer, copy, (unsigned int)value.len };
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalKeySlot();
    CLEANUP(nss_sym_key_free)
    PK11SymKey *key =
        PK11_ImportSymKeyWithFlags(slot, CKM_AES_CBC, PK11_OriginUnwrap, CKA_FLAGS_ONLY, &item,
                                   CKF_WRAP | CKF_UNWRAP, PR_TRUE, NULL);
    cr_assert_not_null(key);
    cr_assert_eq(PK11_SetSymKeyNickname(key, nickname), SECSuccess);
}

struct CERTCertificateStr *fixture_certificate(const char *name)
{
    char file[64];
    (void)snprintf(file, sizeof(file), "%s.crt", name);
    CLEANUP(buffer_free) struct buffer *text = fixture_read(file);
    CERTCertificate *certificate = CERT_DecodeCertFromPackage((char *)text->data, (int)text->len);
    cr_assert_not_null(certificate);
    return certificate;
}

struct store *fixture_open(const struct store_options *options)
{
    struct store *store = NULL;
    assert_ok(store_open(options, &store));
    return store;
}

void fixture_close(struct store *store)
{
    PORT_SetError(0);
    store_close(store);
    cr_assert_neq(PORT_GetError(), SEC_ERROR_BUSY, "something of NSS was not freed");
}
