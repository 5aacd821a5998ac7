/* A result of message.open as text for the terminal: the verdict in one line, then details. Foreign
 * text is printed without control characters. */
#ifndef SEALPOST_CLI_VERDICT_TEXT_H
#define SEALPOST_CLI_VERDICT_TEXT_H

#include <stdio.h>

struct json_object;

/* One line. */
void verdict_text_line(FILE *out, struct json_object *result);

/* The lines behind it, each indented by two blanks at least. */
void verdict_text_details(FILE *out, struct json_object *result);

#endif
