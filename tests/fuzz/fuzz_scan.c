/* What the scanner lets pass json-c must take, and write as something that the scanner lets pass
 * again; what the outline notes must lie inside the text. */
#include "wire/json.h"
#include "wire/scan.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_members(const struct scan_members *members, struct bytes text)
{
    for (size_t i = 0; i < members->count && i < SCAN_OUTLINE_MEMBERS; i++) {
        const struct bytes *value = &members->items[i].value;
        require(value->len <= text.len);
        require(value->len == 0 ||
                (value->data >= text.data && value->data + value->len <= text.data + text.len));
    }
}

static void check_tree(struct bytes text)
{
    CLEANUP(json_free) struct json_object *value = NULL;
    struct bytes written = BYTES_NONE;
    struct error *error = json_parse_scanned(text, &value);
    require(!error);
    error = json_text(value, &written);
    require(!error);
    error = scan_json(written, NULL);
    require(!error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct scan_outline outline;
    const struct bytes text = { data, size };
    CLEANUP(error_free) struct error *error = scan_json(text, &outline);
    if (!error) {
        check_members(&outline.top, text);
        check_members(&outline.params, text);
        check_tree(text);
    }
    return 0;
}
