#include "mime/restore.h"

static bool is_line_end(uint8_t c)
{
    return c == '\r' || c == '\n';
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* Splits `text` behind its first line; the line comes without its line end. */
static struct bytes take_line(struct bytes *text, bool *ret_ended)
{
    size_t len = 0;
    while (len < text->len && !is_line_end(text->data[len])) {
        len++;
    }
    size_t end = len;
    while (end < text->len && text->data[end] == '\r') {
        end++;
    }
    if (end < text->len && text->data[end] == '\n') {
        end++; /* "\r\r\n" is one line end that was made twice */
    } else if (end > len) {
        end = len + 1;
    }
    struct bytes line = bytes_slice(*text, 0, len);
    *ret_ended = end > len;
    *text = bytes_slice(*text, end, SIZE_MAX);
    return line;
}

static struct bytes restore_line(struct bytes line, enum restore restore)
{
    switch (restore) {
    case RESTORE_BLANKS:
        while (line.len > 0 && is_blank(line.data[line.len - 1])) {
            line.len--;
        }
        return line;
    case RESTORE_DASHES:
        return bytes_equal(line, BYTES_LITERAL("--")) ? BYTES_LITERAL("-- ") : line;
    case RESTORE_FROM:
        return bytes_starts_with(line, BYTES_LITERAL(">From ")) ? bytes_slice(line, 1, SIZE_MAX)
                                                                : line;
    case RESTORE_LINE_ENDS:
    case RESTORE_UNIX:
    case RESTORE_END_NONE:
    case RESTORE_END_ONE:
    case RESTORE_END_TWO:
    case RESTORE_COUNT:
        break;
    }
    return line;
}

static struct bytes without_end(struct bytes text)
{
    while (text.len > 0 && is_line_end(text.data[text.len - 1])) {
        text.len--;
    }
    return text;
}

struct error *restore_text(struct bytes text, enum restore restore, struct mapping *target)
{
    bool at_end =
        restore == RESTORE_END_NONE || restore == RESTORE_END_ONE || restore == RESTORE_END_TWO;
    struct bytes line_end = restore == RESTORE_UNIX ? BYTES_LITERAL("\n") : BYTES_LITERAL("\r\n");
    text = at_end ? without_end(text) : text;
    while (text.len > 0) {
        bool ended = false;
        TRY(mapping_append(target, restore_line(take_line(&text, &ended), restore)));
        TRY(mapping_append(target, ended ? line_end : BYTES_NONE));
    }
    TRY(mapping_append(target, restore == RESTORE_END_ONE ? line_end : BYTES_NONE));
    return mapping_append(target,
                          restore == RESTORE_END_TWO ? BYTES_LITERAL("\r\n\r\n") : BYTES_NONE);
}
