/* What the words of a verdict mean, in plain English for the terminal, one sentence a word. The
 * extension has its own texts in every language. */
#ifndef SEALPOST_CLI_SENTENCE_H
#define SEALPOST_CLI_SENTENCE_H

/* A static string; the word itself for one that is not known. */
const char *sentence_of(const char *word);

#endif
