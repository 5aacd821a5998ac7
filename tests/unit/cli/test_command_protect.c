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

TestSuite(command_protect, .init = write_letter, .fini = fixture_remove);

Test(command_protect, refuses_a_command_line_that_makes_no_sense)
{
    CLEANUP(host_free) struct host *host = scene_host();
    cr_assert_eq(terminal_run(host, "protect", "--sign", NULL)->status, EXIT_USAGE);
    cr_assert_eq(terminal_run(host, "protect", "letter.eml", NULL)->status, EXIT_USAGE);
    cr_assert_eq(terminal_run(host, "protect", "a", "b", "--sign", NULL)->status, EXIT_USAGE);
    cr_assert_eq(
        terminal_run(host, "protect", "letter.eml", "--sign", "--cipher=aes-256-gcm", NULL)->status,
        EXIT_USAGE);
    cr_assert_eq(
        terminal_run(host, "protect", "letter.eml", "--encrypt", "--form=opaque", NULL)->status,
        EXIT_USAGE);
    cr_assert_null(host->store);
}

Test(command_protect, prints_and_writes_nothing_where_it_fails)
{
    static const char *const options[] = { "--cipher=rot13", "--db=nowhere" };
    CLEANUP(host_free) struct host *host = scene_host();
    for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
        const struct terminal *ran = terminal_run(host, "protect", "letter.eml", "--encrypt",
                                                  options[i], "--output", "sealed.eml", NULL);
        cr_assert_eq(ran->status, EXIT_FAILED, "%s", options[i]);
        cr_assert_str_eq(ran->out, "");
        cr_assert_eq(ran->err[0], '{');
        cr_assert_neq(access("sealed.eml", F_OK), 0);
    }
    cr_assert_eq(terminal_run(host, "protect", "nowhere", "--sign", NULL)->status, EXIT_FAILED);
}

Test(command_protect, writes_a_file_that_only_its_owner_reads)
{
    struct stat status;
    CLEANUP(host_free) struct host *host = scene_people();
    (void)umask(0);
    const struct terminal *ran = terminal_run(host, "protect", "letter.eml", "--sign", "--encrypt",
                                              "--output", "sealed.eml", NULL);
    cr_assert_eq(ran->status, EXIT_DONE, "%s", ran->err);
    cr_assert_str_eq(ran->out, "");
    cr_assert_eq(stat("sealed.eml", &status), 0);
    cr_assert_eq(status.st_mode & (S_IRWXU | S_IRWXG | S_IRWXO), (mode_t)(S_IRUSR | S_IWUSR));
    CLEANUP(buffer_free) struct buffer *sealed = fixture_read("sealed.eml");
    cr_assert_eq(bytes_find(buffer_view(sealed), BYTES_LITERAL("Dear Bob")), SIZE_MAX);
    ran = terminal_run(host, "open", "sealed.eml", NULL);
    cr_assert_eq(ran->status, EXIT_DONE, "%s%s", ran->out, ran->err);
}

Test(command_protect, writes_to_standard_output_what_it_reads_from_standard_input)
{
    CLEANUP(host_free) struct host *host = scene_people();
    terminal_type(letter);
    const struct terminal *ran =
        terminal_run(host, "protect", "-", "--sign", "--form", "detached", NULL);
    cr_assert_eq(ran->status, EXIT_DONE, "%s", ran->err);
    cr_assert_not_null(strstr(ran->out, "multipart/signed"));
    cr_assert_not_null(strstr(ran->out, "Dear Bob"));
    fixture_write("signed.eml", bytes_of_string(ran->out));
    cr_assert_eq(terminal_run(host, "open", "signed.eml", NULL)->status, EXIT_DONE);
}

Test(command_protect, takes_form_and_cipher)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(json_free) struct json_object *result = NULL;
    const struct terminal *ran =
        terminal_run(host, "protect", "letter.eml", "--sign", "--form=opaque", "--encrypt",
                     "--cipher=aes-128-cbc", "--json", NULL);
    cr_assert_eq(ran->status, EXIT_DONE, "%s", ran->err);
    cr_assert_null(json_parse(bytes_of_string(ran->out), &result));
    cr_assert_str_eq(scene_text(result, "form"), "opaque");
    cr_assert_str_eq(scene_text(result, "cipher"), "aes-128-cbc");
    cr_assert_str_eq(scene_text(result, "copies.0.role"), "main");
}

Test(command_protect, hides_the_subject)
{
    CLEANUP(host_free) struct host *host = scene_people();
    cr_assert_eq(terminal_run(host, "protect", "letter.eml", "--sign",
                              "--header-protection=confidential", NULL)
                     ->status,
                 EXIT_FAILED, "nothing is hidden without encryption");
    const struct terminal *ran =
        terminal_run(host, "protect", "letter.eml", "--sign", "--encrypt",
                     "--header-protection=confidential", "--legacy-display", NULL);
    cr_assert_eq(ran->status, EXIT_DONE, "%s", ran->err);
    cr_assert_not_null(strstr(ran->out, "\r\nSubject: [...]\r\n"));
}

Test(command_protect, says_that_blind_recipients_need_copies_of_their_own)
{
    CLEANUP(host_free) struct host *host = scene_people();
    fixture_write("blind.eml", BYTES_LITERAL("From: alice@example.org\r\nTo: bob@example.org\r\n"
                                             "Bcc: alice@example.org\r\nSubject: x\r\n"
                                             "\r\nx\r\n"));
    const struct terminal *ran = terminal_run(host, "protect", "blind.eml", "--encrypt", NULL);
    cr_assert_eq(ran->status, EXIT_DONE, "%s", ran->err);
    cr_assert_not_null(strstr(ran->err, "blind recipient"));
    cr_assert_null(strstr(ran->out, "Bcc:"));
    ran = terminal_run(host, "protect", "letter.eml", "--encrypt", NULL);
    cr_assert_null(strstr(ran->err, "blind recipient"));
}
