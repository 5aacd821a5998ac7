#include "mime/fold.h"

#include <string.h>

/* What is known while a line is gone through. */
struct line {
    struct bytes text;
    size_t start; /* of what is not written yet */
    size_t place; /* where it can be broken; `start`: nowhere */
    bool quoted;
};

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* Without its CRLF; takes it off `text`. */
static struct bytes take_line(struct bytes *text)
{
    size_t end = bytes_find(*text, BYTES_LITERAL("\r\n"));
    size_t len = end == SIZE_MAX ? text->len : end;
    struct bytes line = bytes_slice(*text, 0, len);
    *text = bytes_slice(*text, len + strlen("\r\n"), SIZE_MAX);
    return line;
}

static void note_quote(struct line *line, size_t at)
{
    const uint8_t *data = line->text.data;
    bool escaped = line->quoted && at > 0 && data[at - 1] == '\\';
    if (data[at] == '"' && !escaped) {
        line->quoted = !line->quoted;
    }
}

static bool only_name_before(const struct line *line, size_t at)
{
    return line->start == 0 && line->text.data[at - 1] == ':';
}

/* Whether a line may end before `at`. */
static bool may_break(const struct line *line, size_t at, enum fold_kind kind)
{
    const uint8_t *data = line->text.data;
    if (at <= line->start || line->quoted || is_blank(data[at - 1]) || only_name_before(line, at)) {
        return false;
    }
    return is_blank(data[at]) ||
           (kind == FOLD_STRUCTURED && (data[at - 1] == ';' || data[at - 1] == ','));
}

static struct error *write_piece(struct line *line, size_t end, struct buffer *out)
{
    struct bytes piece = bytes_slice(line->text, line->start, end - line->start);
    bool first = line->start == 0;
    if (!first && piece.len > 0 && !is_blank(piece.data[0])) {
        TRY(buffer_append_byte(out, ' '));
    }
    TRY(buffer_append(out, piece));
    TRY(buffer_append_string(out, "\r\n"));
    line->start = end;
    line->place = end;
    return NULL;
}

static struct error *fold_line(struct bytes text, enum fold_kind kind, struct buffer *out)
{
    struct line line = { .text = text };
    for (size_t i = 0; i < text.len; i++) {
        if (kind == FOLD_STRUCTURED) {
            note_quote(&line, i);
        }
        /* one character stays for a space that has to be put in */
        if (i - line.start >= FOLD_LINE - 1 && line.place > line.start) {
            TRY(write_piece(&line, line.place, out));
        }
        if (may_break(&line, i, kind)) {
            line.place = i;
        }
    }
    return write_piece(&line, text.len, out);
}

struct error *fold_field(struct bytes field, enum fold_kind kind, struct buffer *out)
{
    while (field.len > 0) {
        struct bytes text = take_line(&field);
        if (text.len > FOLD_LINE) {
            TRY(fold_line(text, kind, out));
        } else {
            TRY(buffer_append(out, text));
            TRY(buffer_append_string(out, "\r\n"));
        }
    }
    return NULL;
}

bool fold_too_long(struct bytes text, size_t most)
{
    while (text.len > 0) {
        if (take_line(&text).len > most) {
            return true;
        }
    }
    return false;
}
