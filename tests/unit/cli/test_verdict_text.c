#include "cli/terminal.h"
#include "cli/verdict_text.h"
#include "ops/scene.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define CERTIFICATE \
    "\"certificates\":{\"c1\":{\"subject\":\"CN=Alice,O=X\"," \
    "\"addresses\":[\"alice@example.org\",\"second@example.org\"]}}"

TestSuite(verdict_text, .fini = fixture_remove);

static char printed[8192];

static void print_line(FILE *file, void *context)
{
    verdict_text_line(file, context);
}

static void print_details(FILE *file, void *context)
{
    verdict_text_details(file, context);
}

static const char *show(void (*print)(FILE *file, void *context), const char *json)
{
    CLEANUP(json_free) struct json_object *result = NULL;
    assert_ok(json_parse(bytes_of_string(json), &result));
    terminal_text(print, result, printed, sizeof(printed));
    return printed;
}

/* A result with one signed layer of one signer, as `certificate` and `address` tell of him. */
static const char *signed_result(const char *status, const char *certificate, const char *address)
{
    static char json[2048];
    (void)snprintf(
        json, sizeof(json),
        "{\"signature\":{\"status\":\"%s\",\"problems\":[],\"notices\":[]},"
        "\"encryption\":{\"status\":\"none\",\"problems\":[],\"notices\":[]},"
        "\"layers\":[{\"kind\":\"signed\",\"format\":\"multipart-signed\",\"part\":\"1\","
        "\"covers\":\"whole\",\"signers\":[{\"status\":\"%s\"%s%s,"
        "\"digest\":\"sha256\",\"signatureAlgorithm\":\"rsa\","
        "\"signingTime\":\"2026-01-01T00:00:00Z\"}]}]," CERTIFICATE "}",
        status, status, certificate, address);
    return json;
}

#define KNOWN ",\"certificate\":\"c1\""

Test(verdict_text, says_the_verdict_in_one_line)
{
    static const struct {
        const char *status;
        const char *certificate;
        const char *address;
        const char *line;
    } cases[] = {
        { "good", KNOWN, ",\"address\":{\"claimed\":\"second@example.org\",\"match\":\"from\"}",
          "good: signed by second@example.org; not encrypted\n" },
        { "unverified", KNOWN, ",\"address\":{\"claimed\":\"bob@example.org\",\"match\":\"none\"}",
          "unverified: the signature cannot be relied on, it names alice@example.org; "
          "not encrypted\n" },
        { "unverified", "", "", "unverified: the signature cannot be relied on; not encrypted\n" },
        { "bad", KNOWN, "",
          "bad: the signature is WRONG, it names alice@example.org; not encrypted\n" },
        { "partial", KNOWN, "", "partial: only a part is signed; not encrypted\n" },
        { "none", "", "", "none: not signed; not encrypted\n" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const char *json = signed_result(cases[i].status, cases[i].certificate, cases[i].address);
        cr_assert_str_eq(show(print_line, json), cases[i].line);
    }
}

Test(verdict_text, says_how_it_is_encrypted)
{
    static const struct {
        const char *status;
        const char *phrase;
    } cases[] = {
        { "none", "; not encrypted\n" },
        { "encrypted", "; encrypted\n" },
        { "partial", "; only a part is encrypted\n" },
        { "failed", "; encrypted, cannot be opened\n" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char json[256];
        (void)snprintf(json, sizeof(json),
                       "{\"signature\":{\"status\":\"none\"},\"encryption\":{\"status\":\"%s\"}}",
                       cases[i].status);
        cr_assert_not_null(strstr(show(print_line, json), cases[i].phrase), "%s", printed);
    }
}

Test(verdict_text, says_how_the_signer_fits_the_sender)
{
    static const struct {
        const char *address;
        const char *text;
    } cases[] = {
        { ",\"address\":{\"claimed\":\"alice@example.org\",\"match\":\"from\"}",
          "CN=Alice,O=X; alice@example.org, the address in From\n" },
        { ",\"address\":{\"claimed\":\"bob@example.org\",\"match\":\"none\"}",
          "CN=Alice,O=X; alice@example.org, but From is bob@example.org\n" },
        { ",\"address\":{\"claimed\":\"bob@example.org\",\"match\":\"sender\"}",
          "alice@example.org, the address in Sender, but From is bob@example.org\n" },
        { "", "alice@example.org, and no single address in From\n" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const char *text = show(print_details, signed_result("good", KNOWN, cases[i].address));
        cr_assert_not_null(strstr(text, cases[i].text), "%s", text);
        cr_assert_not_null(
            strstr(text, "      rsa with sha256, 2026-01-01T00:00:00Z by the signer's clock\n"));
    }
    cr_assert_not_null(strstr(show(print_details, signed_result("unverified", "", "")),
                              "signer unverified: unknown\n"));
}

Test(verdict_text, gives_each_reason_in_a_sentence)
{
    const char *text =
        show(print_details, "{\"signature\":{\"problems\":[\"digest-mismatch\"],\"notices\":"
                            "[\"revocation-unknown\"]},\"encryption\":{\"problems\":"
                            "[\"no-matching-key\"],\"notices\":[\"cipher-weak\"]}}");
    cr_assert_str_eq(text, "  ! The message was changed after it was signed. (digest-mismatch)\n"
                           "  ! None of your keys opens this message. (no-matching-key)\n"
                           "  - Whether the certificate was revoked could not be found out. "
                           "(revocation-unknown)\n"
                           "  - The cipher is an old, weak one. (cipher-weak)\n");
}

/* Texts of the message cannot make a line of their own or act on the terminal. */
Test(verdict_text, shows_foreign_text_as_text)
{
    static const char json[] =
        "{\"signature\":{\"status\":\"bad\"},\"encryption\":{\"status\":\"none\"},"
        "\"headers\":{\"shown\":[{\"name\":\"SUBJECT\",\"value\":\"a\\ngood: signed\\u001b[2J"
        "\\u009b1m\\u202eb\"},{\"name\":\"X-Other\",\"value\":\"hidden\"}]},"
        "\"layers\":[{\"covers\":\"whole\",\"signers\":[{\"certificate\":\"c\",\"address\":"
        "{\"claimed\":\"a\\u001b[31m@b\",\"match\":\"from\"}}]}],"
        "\"certificates\":{\"c\":{\"subject\":\"CN=x\\u001b]0;y\\u0007\",\"addresses\":[]}}}";
    cr_assert(terminal_safe(show(print_line, json)));
    cr_assert_eq(strchr(printed, '\n'), printed + strlen(printed) - 1);
    cr_assert(terminal_safe(show(print_details, json)));
    cr_assert_not_null(strstr(printed, "  Subject: a"));
    cr_assert_null(strstr(printed, "\ngood"));
    cr_assert_null(strstr(printed, "hidden"));
}
