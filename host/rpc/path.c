#include "rpc/path.h"

#include <stdio.h>

/* snprintf tells how long the text would have been; the path stops at its end instead. */
static void advance(struct path *path, int wanted)
{
    size_t room = sizeof(path->text) - 1 - path->len;
    size_t more = wanted > 0 ? (size_t)wanted : 0;
    path->len += more < room ? more : room;
}

void path_start(struct path *path, const char *root)
{
    path->len = 0;
    advance(path, snprintf(path->text, sizeof(path->text), "%s", root));
}

size_t path_enter(struct path *path, const char *name)
{
    size_t mark = path->len;
    advance(path, snprintf(path->text + mark, sizeof(path->text) - mark, ".%s", name));
    return mark;
}

size_t path_enter_index(struct path *path, size_t index)
{
    size_t mark = path->len;
    advance(path, snprintf(path->text + mark, sizeof(path->text) - mark, "[%zu]", index));
    return mark;
}

void path_leave(struct path *path, size_t mark)
{
    path->len = mark;
    path->text[mark] = '\0';
}

struct error *path_error(const struct path *path, enum error_code code, const char *text)
{
    struct error *error = error_new(code, "%s %s", path->text, text);
    error_set_path(error, path->text);
    return error;
}
