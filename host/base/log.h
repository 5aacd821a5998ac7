/* The log: one line an event, on stderr, for whoever runs the host. Only main, rpc and ops write to
 * it. Never the text, the subject or an address of a message, never a PIN or key bytes.
 * The level is the one piece of global state besides static tables (set once, before threads). */
#ifndef SEALPOST_BASE_LOG_H
#define SEALPOST_BASE_LOG_H

#include "base/macros.h"

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* "error", "warn", "info" or "debug"; false (and the level as it was) for anything else or NULL. */
bool log_set_level_by_name(const char *name);
bool log_enabled(enum log_level level);
void log_write(enum log_level level, const char *format, ...) PRINTF_LIKE(2, 3);

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) log_write(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
