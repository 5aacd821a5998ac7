/* transfer_decode() in each encoding, never to more bytes than went in; base64 and quoted-printable
 * of the input are undone by decoding. The first byte chooses. */
#include "mime/quoted.h"
#include "mime/transfer.h"

#include <stdlib.h>

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

static void check_base64(struct bytes body)
{
    CLEANUP(mapping_unref) struct mapping *text = NULL;
    CLEANUP(mapping_unref) struct mapping *raw = NULL;
    struct bytes view = BYTES_NONE;
    struct error *error = mapping_new(body.len * 2 + 16, &text);
    error = error ? error : mapping_append(text, body);
    error = error ? error : transfer_base64_in_place(text, 0);
    error = error ? error : transfer_decode(MIME_BASE64, mapping_view(text), &raw, &view);
    check(!error && bytes_equal(view, body));
}

/* Line ends become CRLF, the rest comes back as it was. */
static void check_quoted(struct bytes body)
{
    CLEANUP(mapping_unref) struct mapping *text = NULL;
    CLEANUP(mapping_unref) struct mapping *raw = NULL;
    struct bytes view = BYTES_NONE;
    struct error *error = mapping_new(body.len * 4 + 16, &text);
    error = error ? error : quoted_encode(body, text);
    error = error ? error : transfer_decode(MIME_QUOTED_PRINTABLE, mapping_view(text), &raw, &view);
    check(!error && view.len >= body.len);
    size_t at = 0;
    for (size_t i = 0; i < body.len; i++) {
        if (body.data[i] == '\n' && view.data[at] == '\r') {
            at++;
        }
        check(at < view.len && view.data[at] == body.data[i]);
        at++;
    }
    check(at == view.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct bytes body = { data + 1, size - 1 };
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    struct bytes view = BYTES_NONE;
    error_free(transfer_decode(data[0] % (MIME_ENCODING_UNKNOWN + 1), body, &mapping, &view));
    check(view.len <= body.len);
    check_base64(body);
    check_quoted(body);
    return 0;
}
