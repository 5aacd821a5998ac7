#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_SIZE = 512 };

static const char *const names[] = { "error", "warn", "info", "debug" };
static enum log_level current_level = LOG_LEVEL_WARN;

bool log_set_level_by_name(const char *name)
{
    for (size_t i = 0; name && i < ARRAY_SIZE(names); i++) {
        if (strcmp(name, names[i]) == 0) {
            current_level = (enum log_level)i;
            return true;
        }
    }
    return false;
}

bool log_enabled(enum log_level level)
{
    return level <= current_level;
}

void log_write(enum log_level level, const char *format, ...)
{
    if (!log_enabled(level)) {
        return;
    }
    char line[LINE_SIZE];
    int used = snprintf(line, sizeof(line), "sealpost: %s: ", names[level]);
    va_list arguments;
    va_start(arguments, format);
    int more = vsnprintf(line + used, sizeof(line) - (size_t)used - 1, format, arguments);
    va_end(arguments);
    if (more < 0) {
        return;
    }
    size_t len = strlen(line);
    line[len++] = '\n';
    /* one write a line: lines of several threads don't mix, and nothing is left in a buffer */
    ssize_t written = write(STDERR_FILENO, line, len);
    (void)written; /* a log that can't be written has nobody to tell */
}
