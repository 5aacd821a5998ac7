#include "cli/terminal.h"

#include "base/utf8.h"
#include "cli/cli.h"
#include "store/fixture.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_WORDS = 16 };

static struct terminal terminal;

/* Puts the file `name` in the place of a standard descriptor; the old one comes back. */
static int redirect(int standard, const char *name, int flags)
{
    int kept = dup(standard);
    int fd = open(name, flags | O_CLOEXEC, S_IRUSR | S_IWUSR);
    cr_assert(kept >= 0 && fd >= 0, "%s", name);
    cr_assert_geq(dup2(fd, standard), 0);
    cr_assert_eq(close(fd), 0);
    return kept;
}

static void restore(int kept, int standard)
{
    cr_assert_geq(dup2(kept, standard), 0);
    cr_assert_eq(close(kept), 0);
}

static void keep(const char *name, char *text, size_t size)
{
    CLEANUP(buffer_free) struct buffer *file = fixture_read(name);
    cr_assert_lt(file->len, size, "%s is too long", name);
    memcpy(text, file->data, file->len);
    text[file->len] = '\0';
}

void terminal_type(const char *text)
{
    fixture_write("typed", bytes_of_string(text));
    int kept = redirect(STDIN_FILENO, "typed", O_RDONLY);
    cr_assert_eq(close(kept), 0);
}

const struct terminal *terminal_run(struct host *host, ...)
{
    static char name[] = "sealpost";
    char *words[MOST_WORDS + 1] = { name };
    int count = 1;
    va_list list;
    va_start(list, host);
    for (char *word = va_arg(list, char *); word; word = va_arg(list, char *)) {
        cr_assert_lt(count, MOST_WORDS);
        words[count++] = word;
    }
    va_end(list);

    (void)fixture_directory();
    (void)fflush(NULL);
    int out = redirect(STDOUT_FILENO, "stdout", O_WRONLY | O_CREAT | O_TRUNC);
    int err = redirect(STDERR_FILENO, "stderr", O_WRONLY | O_CREAT | O_TRUNC);
    terminal.status = cli_run(count, words, host);
    (void)fflush(NULL);
    restore(out, STDOUT_FILENO);
    restore(err, STDERR_FILENO);
    keep("stdout", terminal.out, sizeof(terminal.out));
    keep("stderr", terminal.err, sizeof(terminal.err));
    cr_assert(remove("stdout") == 0 && remove("stderr") == 0);
    return &terminal;
}

/* What a terminal or the Unicode Bidirectional Algorithm acts upon. */
static const char *const acting[] = {
    "\x7f",         "\xc2\x80",     "\xc2\x85",     "\xc2\x9b",     "\xc2\x9f",
    "\xd8\x9c",     "\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x80\xa8", "\xe2\x80\xa9",
    "\xe2\x80\xaa", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa9",
};

bool terminal_safe(const char *text)
{
    for (size_t i = 0; i < ARRAY_SIZE(acting); i++) {
        if (strstr(text, acting[i])) {
            return false;
        }
    }
    for (const char *at = text; *at; at++) {
        if ((unsigned char)*at < ' ' && *at != '\n') {
            return false;
        }
    }
    return utf8_valid(bytes_of_string(text));
}

void terminal_text(void (*print)(FILE *file, void *context), void *context, char *text, size_t size)
{
    (void)fixture_directory();
    FILE *file = fopen("printed", "we");
    cr_assert_not_null(file);
    print(file, context);
    cr_assert_eq(fclose(file), 0);
    keep("printed", text, size);
}
