#include "support/odd.h"

#include "support/support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BOUNDARIES = 8, MOST_LINES = 400, MOST_ALTERATIONS = 5, TEXT = 200 };

/* xorshift: the same messages in every run */
static unsigned next(unsigned *state, unsigned below)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return (*state >> 3) % below;
}

struct maker {
    unsigned state;
    struct buffer *text; /* the message so far */
    char boundaries[MOST_BOUNDARIES][80];
    unsigned boundary_count;
    size_t lines[MOST_LINES]; /* where they start */
    unsigned line_count;
};

/* With strings that hold NUL bytes. */
struct piece {
    const char *text;
    size_t len;
};

#define PIECE(literal) \
    { \
        (literal), sizeof(literal) - 1 \
    }
#define CHOOSE(maker, pieces) (&(pieces)[next(&(maker)->state, ARRAY_SIZE(pieces))])

/* %s: a boundary */
static const char *const odd_lines[] = {
    "--%s\r\n",
    "--%s--\r\n",
    "--%s \r\n",
    "--%s\t\r\n",
    "--%s--\t \r\n",
    "--%s x\r\n",
    "--%sx\r\n",
    "--%s-\r\n",
    "--%s--x\r\n",
    "--%s---\r\n",
    " --%s\r\n",
    "-%s\r\n",
    "---%s\r\n",
    "%s\r\n",
    "--%s\n",
    "--%s--\n",
    "--%s\r",
    "--%s--\r",
    "\r--%s\r\n",
    "\r--%s--\r\n",
    "\r\n\r--%s\r\n",
    "x--%s\r\n",
    "\t--%s--\r\n",
    "--%s\r\r\n",
    "--%s--\r\r\n",
    "--%s\n\r",
    "\r\r\n--%s\r\n",
    "--%s\r\n\r\n",
    "--%s\r\n\r\n--%s\r\n",
    "--%s--\r\n\r\n--%s\r\n",
    "--%s\v\r\n",
    "--%s\f\r\n",
    "--%s\r\nContent-Type: text/html\r\n\r\nevil\r\n",
    "--%s--\r\nevil\r\n",
    "\n--%s\n\nevil\n",
    "--\r\n",
    "----\r\n",
    "--%s--%s\r\n",
    "--%s\\\r\n",
    "--\"%s\"\r\n",
    "-- %s\r\n",
};

static const struct piece line_ends[] = {
    PIECE("\r\n"), PIECE("\n"),       PIECE("\r"),           PIECE("\r\r\n"), PIECE("\n\r"),
    PIECE(""),     PIECE("\r\n\r\n"), PIECE("\n\n"),         PIECE("\r\n "),  PIECE("\r\n\t\r\n"),
    PIECE("\r\r"), PIECE("\n\r\n"),   PIECE("\r\n\r\n\r\n"), PIECE(" \r\n"),  PIECE("\0\r\n"),
};

static const struct piece additions[] = {
    PIECE(" "),  PIECE("\t"),   PIECE(" \t "),         PIECE("-"),
    PIECE("--"), PIECE("x"),    PIECE("\0"),           PIECE("\v"),
    PIECE("\f"), PIECE("\xa0"), PIECE("\xef\xbb\xbf"), PIECE("From "),
    PIECE(">"),  PIECE("\r"),   PIECE("\n"),           PIECE("\r\n"),
    PIECE("."),
};

/* what may stand for boundary="…" */
static const char *const parameters[] = {
    "boundary=%s",
    "boundary=\"%s \"",
    "boundary=\" %s\"",
    "boundary='%s'",
    "boundary=\"%s",
    "boundary=%s\"",
    "boundary = \"%s\"",
    "BOUNDARY=\"%s\"",
    "boundary=\"%s\"; boundary=x",
    "boundary=x; boundary=\"%s\"",
    "boundary*=us-ascii''%s",
    "boundary*0=%s",
    "boundary*0*=''%s",
    "boundary*0=x; boundary*1=%s",
    "boundary=%s; boundary*=''x",
    "boundary=(c)%s",
    "boundary=%s(c)",
    "boundary=\"\\%s\"",
    "boundary=\"%s\\\"",
    "boundary=\"%s\\\\\"",
    "boundary=\"%sx\"",
    "boundary=",
    "boundary=\"\"",
    "boundary",
    "x=\"boundary=%s\"",
    "boundary=\"%s\" x",
    "boundary=\"%s\"x",
    "boundary=\"%s\";;",
    "; boundary=\"%s\"",
    "boundary=\"%s\"\r\n ; x=y",
    "boundary=\r\n \"%s\"",
    "boundary=\"%s\r\n \"",
    "boundary=\"%s\", boundary=x",
    "boundary=%s,",
    "boundary==%s",
    "boundary=\"%s\"; charset=\"boundary=y\"",
    "boundary:\"%s\"",
    "boundary=?%s",
    "boundary=%s;x=\"",
};

static const char *const fields[] = {
    "Content-Type: multipart/mixed; boundary=%s\r\n",
    "Content-Type: text/html\r\n",
    "Content-Type : multipart/mixed; boundary=%s\r\n",
    "content-type:multipart/mixed;boundary=%s\r\n",
    "Content-Type: multipart/digest; boundary=\"%s\"\r\n",
    "Content-Type:\r\n",
    "Content-Type: x\r\n",
    "Content-Type: message/rfc822\r\n",
    "Content-Type: multipart/mixed\r\n",
    "no field\r\n",
    ": x\r\n",
    "Content-Transfer-Encoding: base64\r\n",
    "Content-Transfer-Encoding: quoted-printable\r\n",
    "X: y\rContent-Type: text/html\r\n",
    " folded\r\n",
    "X:\r\n\r\n",
    "X: y\n\n",
    "From me\r\n",
    "X\r\n: y\r\n",
    "Content-Type: multipart/mixed; boundary=%s\r\n\r\n--%s\r\n\r\nevil\r\n",
    "\t\r\n",
    " \r\n",
};

static void find_boundaries(struct maker *maker)
{
    struct bytes rest = buffer_view(maker->text);
    const struct bytes mark = BYTES_LITERAL("boundary=\"");
    for (size_t at = bytes_find(rest, mark); at != SIZE_MAX; at = bytes_find(rest, mark)) {
        rest = bytes_slice(rest, at + mark.len, SIZE_MAX);
        const uint8_t *end = rest.len ? memchr(rest.data, '"', rest.len) : NULL;
        size_t len = end ? (size_t)(end - rest.data) : 0;
        if (len > 0 && len < sizeof(maker->boundaries[0]) - 2 &&
            maker->boundary_count < MOST_BOUNDARIES) {
            memcpy(maker->boundaries[maker->boundary_count++], rest.data, len);
        }
    }
}

/* One that is in the message, or almost. */
static void choose_boundary(struct maker *maker, char target[static 82])
{
    const char *boundary =
        maker->boundary_count ? maker->boundaries[next(&maker->state, maker->boundary_count)] : "b";
    unsigned change = next(&maker->state, 12);
    size_t len = strlen(boundary) - (change == 0 ? 1 : 0);
    memset(target, 0, 82);
    memcpy(target, boundary, len);
    if (change == 1) {
        target[len] = 'x';
    }
}

/* `pattern` with a boundary for each %s, of which there are two at the most. */
static struct piece fill_in(struct maker *maker, const char *pattern, char target[static TEXT])
{
    char first[82] = "";
    char second[82] = "";
    choose_boundary(maker, first);
    choose_boundary(maker, second);
    const char *values[] = { first, second };
    size_t used = 0;
    size_t value = 0;
    for (const char *at = pattern; *at && used + 84 < TEXT; at++) {
        if (at[0] == '%' && at[1] == 's') {
            used += (size_t)snprintf(target + used, TEXT - used, "%s", values[value++ % 2]);
            at++;
        } else {
            target[used++] = *at;
        }
    }
    return (struct piece){ target, used };
}

static void find_lines(struct maker *maker)
{
    struct bytes text = buffer_view(maker->text);
    maker->line_count = 0;
    for (size_t at = 0; at < text.len && maker->line_count < MOST_LINES;) {
        maker->lines[maker->line_count++] = at;
        const uint8_t *end = memchr(text.data + at, '\n', text.len - at);
        at = end ? (size_t)(end - text.data) + 1 : text.len;
    }
}

/* Mostly lines that matter: delimiters, fields, and those beside them. */
static unsigned choose_line(struct maker *maker)
{
    unsigned chosen = 0;
    for (int tries = 0; tries < 6; tries++) {
        chosen = next(&maker->state, maker->line_count);
        const uint8_t *line = maker->text->data + maker->lines[chosen];
        if (*line == '-' || *line == 'C' || *line == '\r' || *line == '\n') {
            break;
        }
    }
    return chosen;
}

static size_t line_end(const struct maker *maker, unsigned line)
{
    return line + 1 < maker->line_count ? maker->lines[line + 1] : maker->text->len;
}

/* Replaces the bytes from `from` to `to`. */
static void splice(struct maker *maker, size_t from, size_t to, struct piece piece)
{
    CLEANUP(buffer_free) struct buffer *tail = NULL;
    assert_ok(buffer_new(0, &tail));
    assert_ok(buffer_append(tail, bytes_slice(buffer_view(maker->text), to, SIZE_MAX)));
    maker->text->len = from;
    assert_ok(buffer_append(maker->text, (struct bytes){ (const uint8_t *)piece.text, piece.len }));
    assert_ok(buffer_append(maker->text, buffer_view(tail)));
}

static void alter_parameter(struct maker *maker)
{
    struct bytes text = buffer_view(maker->text);
    size_t skip = next(&maker->state, (unsigned)text.len);
    size_t at = bytes_find(bytes_slice(text, skip, SIZE_MAX), BYTES_LITERAL("boundary=\""));
    if (at == SIZE_MAX) {
        skip = 0;
        at = bytes_find(text, BYTES_LITERAL("boundary=\""));
    }
    if (at == SIZE_MAX) {
        return;
    }
    at += skip;
    size_t value = at + strlen("boundary=\"");
    const uint8_t *end = memchr(text.data + value, '"', text.len - value);
    if (!end) {
        return;
    }
    struct bytes own = { text.data + value, (size_t)(end - text.data) - value };
    const char *chosen = parameters[next(&maker->state, ARRAY_SIZE(parameters))];
    const char *mark = strstr(chosen, "%s");
    size_t before = mark ? (size_t)(mark - chosen) : strlen(chosen);
    CLEANUP(buffer_free) struct buffer *made = NULL;
    assert_ok(buffer_new(0, &made));
    assert_ok(buffer_append(made, bytes_slice(bytes_of_string(chosen), 0, before)));
    if (mark) {
        assert_ok(buffer_append(made, own));
        assert_ok(buffer_append_string(made, mark + 2));
    }
    splice(maker, at, (size_t)(end - text.data) + 1,
           (struct piece){ (const char *)made->data, made->len });
}

/* `line` with its line end taken away. */
static size_t text_end(const struct maker *maker, unsigned line)
{
    size_t end = line_end(maker, line);
    while (end > maker->lines[line] &&
           (maker->text->data[end - 1] == '\n' || maker->text->data[end - 1] == '\r')) {
        end--;
    }
    return end;
}

static void alter_line(struct maker *maker, unsigned line)
{
    char target[TEXT];
    size_t start = maker->lines[line];
    size_t end = line_end(maker, line);
    size_t text = text_end(maker, line);
    switch (next(&maker->state, 10)) {
    case 0:
    case 1:
        splice(maker, start, start,
               fill_in(maker, odd_lines[next(&maker->state, ARRAY_SIZE(odd_lines))], target));
        break;
    case 2:
    case 3:
        splice(maker, text, end, *CHOOSE(maker, line_ends));
        break;
    case 4:
        splice(maker, text, text, *CHOOSE(maker, additions));
        break;
    case 5:
        splice(maker, start, start, *CHOOSE(maker, additions));
        break;
    case 6:
        splice(maker, start, end, (struct piece){ "", 0 });
        break;
    case 7:
        snprintf(target, sizeof(target), "%.*s", (int)(end - start < 100 ? end - start : 100),
                 (const char *)maker->text->data + start);
        splice(maker, start, start, (struct piece){ target, strlen(target) });
        break;
    case 8:
        splice(maker, start, start,
               fill_in(maker, fields[next(&maker->state, ARRAY_SIZE(fields))], target));
        break;
    default:
        if (next(&maker->state, 4) == 0) { /* cut off, but not so often */
            maker->text->len = next(&maker->state, 2) ? start : text;
        }
        break;
    }
}

void odd_alter(struct bytes message, unsigned seed, struct buffer *out)
{
    struct maker maker = { .state = seed * 2654435761U + 1, .text = out };
    if (maker.state == 0) {
        maker.state = 1;
    }
    assert_ok(buffer_append(out, message));
    find_boundaries(&maker);
    unsigned count = 1 + next(&maker.state, MOST_ALTERATIONS);
    for (unsigned i = 0; i < count && out->len > 0; i++) {
        find_lines(&maker);
        if (next(&maker.state, 5) == 0) {
            alter_parameter(&maker);
        } else {
            alter_line(&maker, choose_line(&maker));
        }
    }
}

unsigned odd_rounds(unsigned normal, unsigned more)
{
    const char *wanted = secure_getenv("SEALPOST_LONG");
    return wanted && strcmp(wanted, "1") == 0 ? more : normal;
}
