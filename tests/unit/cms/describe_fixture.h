/* A sink that writes what it is told as one line of text: {name:value,list:[{…}]}, hex as it is,
 * flags as true and false. */
#ifndef SEALPOST_TESTS_UNIT_CMS_DESCRIBE_FIXTURE_H
#define SEALPOST_TESTS_UNIT_CMS_DESCRIBE_FIXTURE_H

#include "cms/describe.h"

/* What is written goes to `out`, which the caller keeps. */
struct describe_sink describe_fixture_sink(struct buffer *out);

/* Asserts that all that was opened is closed and that the text is this one. */
void describe_fixture_assert(const struct buffer *out, const char *expected);

/* The same sink, which fails with ERR_NO_MEMORY at the call of this number, from 0 on. */
struct describe_failing {
    struct describe_sink sink;
    size_t calls;
    size_t fail_at;
};
void describe_fixture_failing(struct describe_failing *failing, size_t fail_at);

#endif
