#include "mime/fold.h"

#include <string.h>

/* Where in a structured field one stands (RFC 5322 3.2.1, 3.2.2, 3.2.4). */
struct inside {
    bool quoted;
    bool escaped; /* by the backslash just passed */
    unsigned comments;
};

/* What is known while a line is gone through. */
struct line {
    struct bytes text;
    size_t head; /* the name and the colon: a line of their own would be odd */
    size_t start; /* of what is not written yet */
    size_t place; /* where it can be broken; `start`: nowhere */
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

/* Moves behind the character `c`. */
static void pass(struct inside *inside, uint8_t c)
{
    if (inside->escaped) {
        inside->escaped = false;
    } else if (c == '\\') {
        inside->escaped = inside->quoted || inside->comments > 0;
    } else if (c == '"' && inside->comments == 0) {
        inside->quoted = !inside->quoted;
    } else if (c == '(' && !inside->quoted) {
        inside->comments++;
    } else if (c == ')' && !inside->quoted && inside->comments > 0) {
        inside->comments--;
    }
}

/* Whether a line may end before `at`. A blank put in where there was none must not get into quotes:
 * there it is content. */
static bool may_break(const struct line *line, size_t at, const struct inside *inside,
                      enum fold_kind kind)
{
    const uint8_t *data = line->text.data;
    if (at <= line->start || at <= line->head || inside->quoted || is_blank(data[at - 1])) {
        return false;
    }
    return is_blank(data[at]) || (kind == FOLD_STRUCTURED && inside->comments == 0 &&
                                  (data[at - 1] == ';' || data[at - 1] == ','));
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

/* Whether the character at `at` no longer fits in the line. */
static bool is_full(const struct line *line, size_t at)
{
    size_t space = line->start > 0 && !is_blank(line->text.data[line->start]) ? 1 : 0;
    return space + at - line->start + 1 > FOLD_LINE;
}

/* `inside` goes on from the line before. */
static struct error *fold_line(struct bytes text, enum fold_kind kind, struct inside *inside,
                               struct buffer *out)
{
    struct line line = { .text = text };
    if (text.len > 0 && !is_blank(text.data[0])) {
        size_t colon = bytes_find(text, BYTES_LITERAL(":"));
        line.head = colon == SIZE_MAX ? 0 : colon + 1;
    }
    bool fits = text.len <= FOLD_LINE;
    for (size_t i = 0; i < text.len; i++) {
        if (!fits && is_full(&line, i) && line.place > line.start) {
            TRY(write_piece(&line, line.place, out));
        }
        if (may_break(&line, i, inside, kind)) {
            line.place = i;
        }
        if (kind == FOLD_STRUCTURED) {
            pass(inside, text.data[i]);
        }
    }
    return write_piece(&line, text.len, out);
}

struct error *fold_field(struct bytes field, enum fold_kind kind, struct buffer *out)
{
    struct inside inside = { .quoted = false };
    while (field.len > 0) {
        TRY(fold_line(take_line(&field), kind, &inside, out));
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
