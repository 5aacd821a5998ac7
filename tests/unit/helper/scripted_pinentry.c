#include "helper/scripted_pinentry.h"

#include "base/clock.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAIT_MS 5000

static void path_in(const struct scripted_pinentry *pinentry, const char *name,
                    char path[static 96])
{
    cr_assert_lt(snprintf(path, 96, "%s/%s", pinentry->folder, name), 96);
}

void scripted_pinentry_make(struct scripted_pinentry *pinentry, const char *start,
                            const char *get_pin, const char *confirm)
{
    (void)snprintf(pinentry->folder, sizeof(pinentry->folder), "/tmp/sealpost-pinentry-XXXXXX");
    cr_assert_not_null(mkdtemp(pinentry->folder));
    path_in(pinentry, "pinentry", pinentry->path);
    FILE *script = fopen(pinentry->path, "we");
    cr_assert_not_null(script);
    cr_assert_gt(fprintf(script,
                         "#!/bin/sh\n"
                         "cd %s || exit 1\n"
                         "echo $PPID >parent.new; mv parent.new parent\n"
                         "echo $$ >pid.new; mv pid.new pid\n"
                         "%s\n"
                         "echo 'OK ready'\n"
                         "while IFS= read -r line; do\n"
                         "  printf '%%s\\n' \"$line\" >>heard\n"
                         "  case \"$line\" in\n"
                         "  GETPIN) %s ;;\n"
                         "  CONFIRM) %s ;;\n"
                         "  BYE) echo OK; exit 0 ;;\n"
                         "  *) echo OK ;;\n"
                         "  esac\n"
                         "done\n",
                         pinentry->folder, start, get_pin, confirm),
                 0);
    cr_assert_eq(fchmod(fileno(script), S_IRWXU), 0);
    cr_assert_eq(fclose(script), 0);
}

void scripted_pinentry_remove(struct scripted_pinentry *pinentry)
{
    static const char *const names[] = { "pinentry", "heard", "pid", "parent", "extra" };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[96];
        path_in(pinentry, names[i], path);
        (void)unlink(path);
    }
    (void)rmdir(pinentry->folder);
}

bool scripted_pinentry_heard(const struct scripted_pinentry *pinentry, const char *wanted)
{
    char path[96];
    path_in(pinentry, "heard", path);
    FILE *heard = fopen(path, "re");
    if (!heard) {
        return false;
    }
    char line[1200];
    bool found = false;
    while (fgets(line, sizeof(line), heard)) {
        line[strcspn(line, "\n")] = '\0';
        found = found || strcmp(line, wanted) == 0;
    }
    cr_assert_eq(fclose(heard), 0);
    return found;
}

static pid_t wait_for_number(const struct scripted_pinentry *pinentry, const char *name)
{
    char path[96];
    path_in(pinentry, name, path);
    uint64_t until = clock_monotonic_ms() + WAIT_MS;
    int number = 0;
    while (number == 0) {
        cr_assert_lt(clock_monotonic_ms(), until, "the script does not run");
        FILE *file = fopen(path, "re");
        if (!file) {
            (void)usleep(2000);
            continue;
        }
        char line[32] = "";
        cr_assert_not_null(fgets(line, sizeof(line), file));
        number = (int)strtol(line, NULL, 10);
        cr_assert_eq(fclose(file), 0);
    }
    return number;
}

pid_t scripted_pinentry_pid(const struct scripted_pinentry *pinentry)
{
    return wait_for_number(pinentry, "pid");
}

pid_t scripted_pinentry_parent(const struct scripted_pinentry *pinentry)
{
    return wait_for_number(pinentry, "parent");
}

pid_t scripted_pinentry_extra(const struct scripted_pinentry *pinentry)
{
    return wait_for_number(pinentry, "extra");
}

void scripted_pinentry_wait_open(const struct scripted_pinentry *pinentry)
{
    uint64_t until = clock_monotonic_ms() + WAIT_MS;
    while (!scripted_pinentry_heard(pinentry, "GETPIN") &&
           !scripted_pinentry_heard(pinentry, "CONFIRM")) {
        cr_assert_lt(clock_monotonic_ms(), until, "the dialog does not open");
        (void)usleep(2000);
    }
}

/* A process that has ended but that nobody has collected is gone too. */
static bool runs(pid_t pid)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    if (!file) {
        return false;
    }
    char line[512] = "";
    bool read = fgets(line, sizeof(line), file) != NULL;
    cr_assert_eq(fclose(file), 0);
    if (!read) { /* it went just now */
        return false;
    }
    const char *after_name = strrchr(line, ')');
    return after_name && after_name[1] == ' ' && !strchr("ZX", after_name[2]);
}

bool process_gone(pid_t pid, unsigned milliseconds)
{
    uint64_t until = clock_monotonic_ms() + milliseconds;
    while (runs(pid)) {
        if (clock_monotonic_ms() > until) {
            return false;
        }
        (void)usleep(2000);
    }
    return true;
}
