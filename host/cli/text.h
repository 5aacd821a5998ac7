/* Foreign text on its way to a terminal: nothing in it may move the cursor, colour, hide or reorder
 * what stands beside it. */
#ifndef SEALPOST_CLI_TEXT_H
#define SEALPOST_CLI_TEXT_H

#include "base/bytes.h"

#include <stdio.h>

/* Prints one line's worth of text: a tab becomes a blank; control characters (C0, DEL, C1), line
 * and paragraph separators, marks of writing direction and ill-formed bytes become U+FFFD. */
void text_print(FILE *file, struct bytes text);

/* Prints JSON as it is written by json-c: the same characters become \uXXXX, which means the same;
 * line breaks, which stand only between values, stay. */
void text_print_json(FILE *file, struct bytes json);

#endif
