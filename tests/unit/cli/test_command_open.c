#include "cli/commands.h"
#include "cli/terminal.h"
#include "ops/scene.h"
#include "store/fixture.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char letter[] = "From: Alice <alice@example.org>\r\nTo: bob@example.org\r\n"
                             "Subject: Hello\r\nMIME-Version: 1.0\r\n"
                             "Content-Type: text/plain\r\n\r\nDear Bob\r\n";

static void write_letter(void)
{
    fixture_write("letter.eml", bytes_of_string(letter));
}

TestSuite(command_open, .init = write_letter, .fini = fixture_remove);

/* Protects `from` into `to`. */
static void protect(struct host *host, const char *from, const char *to, const char *how)
{
    const struct terminal *ran =
        terminal_run(host, "protect", from, "--sign", how, "--output", to, NULL);
    cr_assert_eq(ran->status, EXIT_DONE, "%s", ran->err);
}

Test(command_open, takes_one_file)
{
    CLEANUP(host_free) struct host *host = scene_host();
    cr_assert_eq(terminal_run(host, "open", NULL)->status, EXIT_USAGE);
    cr_assert_eq(terminal_run(host, "open", "a", "b", NULL)->status, EXIT_USAGE);
}

Test(command_open, tells_what_cannot_be_answered_as_json)
{
    CLEANUP(host_free) struct host *host = scene_host();
    const struct terminal *ran = terminal_run(host, "open", "nowhere.eml", NULL);
    cr_assert_eq(ran->status, EXIT_FAILED);
    cr_assert_str_eq(ran->out, "");
    cr_assert_not_null(strstr(ran->err, "\"internal\""));
    ran = terminal_run(host, "open", "letter.eml", "--at", "yesterday", NULL);
    cr_assert_eq(ran->status, EXIT_FAILED);
    cr_assert_not_null(strstr(ran->err, "\"params.at\""));
}

Test(command_open, exits_with_another_status_where_the_verdict_is_not_good)
{
    CLEANUP(host_free) struct host *host = scene_people();
    const struct terminal *ran = terminal_run(host, "open", "letter.eml", NULL);
    cr_assert_eq(ran->status, EXIT_NOT_GOOD);
    cr_assert_str_eq(ran->err, "");
    protect(host, "letter.eml", "sealed.eml", "--encrypt");
    cr_assert_eq(terminal_run(host, "open", "sealed.eml", NULL)->status, EXIT_DONE);
    ran = terminal_run(host, "open", "sealed.eml", "--at=2099-01-01T00:00:00Z", NULL);
    cr_assert_eq(ran->status, EXIT_NOT_GOOD);
    cr_assert_not_null(strstr(ran->out, "(certificate-expired)"));
    cr_assert_eq(
        terminal_run(host, "open", "sealed.eml", "--json", "--at=2099-01-01T00:00:00Z", NULL)
            ->status,
        EXIT_NOT_GOOD);
}

Test(command_open, says_the_verdict_first_in_one_line)
{
    static const char line[] = "good: signed by alice@example.org; encrypted\n";
    CLEANUP(host_free) struct host *host = scene_people();
    protect(host, "letter.eml", "sealed.eml", "--encrypt");
    const struct terminal *ran = terminal_run(host, "open", "sealed.eml", NULL);
    cr_assert_eq(strncmp(ran->out, line, strlen(line)), 0, "%s", ran->out);
    cr_assert_not_null(strstr(ran->out, "\n  From: Alice <alice@example.org>\n"));
    cr_assert_not_null(strstr(ran->out, "CN=Alice; alice@example.org, the address in From\n"));
}

Test(command_open, gives_as_json_what_the_method_gives)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(json_free) struct json_object *printed = NULL;
    CLEANUP(json_free) struct json_object *parsed = NULL;
    protect(host, "letter.eml", "sealed.eml", "--encrypt");
    fixture_run("sh", "-c",
                "printf '{\"message\":{\"base64\":\"%s\"}}' \"$(base64 -w0 sealed.eml)\" >params",
                NULL);
    CLEANUP(buffer_free) struct buffer *params = fixture_read("params");
    cr_assert_null(buffer_append_byte(params, 0));
    CLEANUP(json_free)
    struct json_object *result = scene_call(host, "message.open", "%s", (const char *)params->data);
    CLEANUP(string_free) char *text = scene_json(result, "");
    cr_assert_null(json_parse(bytes_of_string(text), &parsed));
    const struct terminal *ran = terminal_run(host, "open", "sealed.eml", "--json", NULL);
    cr_assert_eq(ran->status, EXIT_DONE);
    cr_assert_null(json_parse(bytes_of_string(ran->out), &printed));
    cr_assert(json_object_equal(printed, parsed));
}

Test(command_open, writes_what_was_inside_for_its_owner_only)
{
    struct stat status;
    CLEANUP(host_free) struct host *host = scene_people();
    protect(host, "letter.eml", "sealed.eml", "--encrypt");
    (void)umask(0);
    const struct terminal *ran =
        terminal_run(host, "open", "sealed.eml", "--output", "opened.eml", NULL);
    cr_assert_eq(ran->status, EXIT_DONE, "%s", ran->err);
    cr_assert_eq(strncmp(ran->out, "good:", 5), 0);
    cr_assert_eq(stat("opened.eml", &status), 0);
    cr_assert_eq(status.st_mode & (S_IRWXU | S_IRWXG | S_IRWXO), (mode_t)(S_IRUSR | S_IWUSR));
    CLEANUP(buffer_free) struct buffer *opened = fixture_read("opened.eml");
    cr_assert_neq(bytes_find(buffer_view(opened), BYTES_LITERAL("\r\n\r\nDear Bob\r\n")), SIZE_MAX);
    cr_assert_neq(bytes_find(buffer_view(opened), BYTES_LITERAL("From: Alice <alice@")), SIZE_MAX);
}

Test(command_open, keeps_the_verdict_apart_from_content_on_standard_output)
{
    CLEANUP(host_free) struct host *host = scene_people();
    protect(host, "letter.eml", "sealed.eml", "--encrypt");
    const struct terminal *ran = terminal_run(host, "open", "sealed.eml", "--output=-", NULL);
    cr_assert_eq(ran->status, EXIT_DONE);
    cr_assert_eq(strncmp(ran->err, "good:", 5), 0, "%s", ran->err);
    cr_assert_null(strstr(ran->out, "good:"));
    cr_assert_not_null(strstr(ran->out, "\r\n\r\nDear Bob\r\n"));
}

Test(command_open, fails_where_the_content_cannot_be_written)
{
    CLEANUP(host_free) struct host *host = scene_host();
    const struct terminal *ran =
        terminal_run(host, "open", "letter.eml", "--output", "nowhere/opened.eml", NULL);
    cr_assert_eq(ran->status, EXIT_FAILED);
    cr_assert_not_null(strstr(ran->err, "nowhere/opened.eml"));
}

/* ESC, C1 and marks of direction in the header, encoded and as they are, and in the certificate. */
Test(command_open, lets_no_foreign_text_act_on_the_terminal)
{
    static const char hostile[] =
        "From: =?utf-8?q?Bank_=1b=5B31m=c2=9b2J=e2=80=ae?= <mallory@example.org>\r\n"
        "To: bob@example.org\r\n"
        "Subject: =?utf-8?q?=1b]0;x=07=0agood:_signed?= \x1b[2J\xc2\x9b\x7f\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nx\r\n";
    CLEANUP(host_free) struct host *host = scene_people();
    scene_person(host,
                 "Mallory\x1b[31m\xc2\x9b"
                 "2J\xe2\x80\xae",
                 "mallory@example.org", 0, 0);
    fixture_write("hostile.eml", bytes_of_string(hostile));
    protect(host, "hostile.eml", "signed.eml", "--form=opaque");
    static const char *const files[] = { "hostile.eml", "signed.eml" };
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        const struct terminal *ran = terminal_run(host, "open", files[i], NULL);
        cr_assert(terminal_safe(ran->out), "%s", files[i]);
        cr_assert(terminal_safe(ran->err), "%s", files[i]);
        cr_assert_null(strstr(ran->out, "\ngood"));
        cr_assert(i == 0 || strstr(ran->out, "CN=Mallory"));
        ran = terminal_run(host, "open", files[i], "--json", NULL);
        cr_assert(terminal_safe(ran->out), "%s", files[i]);
    }
}
