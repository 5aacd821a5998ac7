#include "certs/match.h"

#include "base/utf8.h"

#include <idn2.h>
#include <stdlib.h>
#include <string.h>

static void lower_ascii(char *text)
{
    for (; *text; text++) {
        if (*text >= 'A' && *text <= 'Z') {
            *text = (char)(*text - 'A' + 'a');
        }
    }
}

/* Exactly one @ with something on both sides; no space, control character or ill-formed UTF-8. */
static bool is_usable(struct bytes address)
{
    size_t at = bytes_find(address, BYTES_LITERAL("@"));
    if (at == SIZE_MAX || at == 0 || at + 1 == address.len || !utf8_valid(address)) {
        return false;
    }
    for (size_t i = 0; i < address.len; i++) {
        bool second = address.data[i] == '@' && i != at;
        bool c1 = address.data[i] == 0xc2 && address.data[i + 1] < 0xa0;
        if (second || address.data[i] <= 0x20 || address.data[i] == 0x7f || c1) {
            return false;
        }
    }
    return true;
}

static bool is_ascii(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text >= 0x80) {
            return false;
        }
    }
    return true;
}

/* U-labels to A-labels by IDNA 2008 alone: TR46's mapping would make NFKC look-alikes equal. The
 * result is freed with free(); NULL where the domain is none or memory is out. */
static char *a_labels(const char *domain)
{
    if (is_ascii(domain)) {
        return strdup(domain);
    }
    uint8_t *ascii = NULL;
    struct bytes name = bytes_of_string(domain);
    if (idn2_lookup_u8(name.data, &ascii, IDN2_NFC_INPUT | IDN2_NO_TR46) != IDN2_OK) {
        return NULL;
    }
    char *copy = strdup((const char *)ascii);
    idn2_free(ascii);
    return copy;
}

struct error *match_normalise(const char *address, char **ret_normal)
{
    *ret_normal = NULL;
    if (!address || !is_usable(bytes_of_string(address))) {
        return NULL;
    }
    CLEANUP(string_free) char *folded = strdup(address);
    if (!folded) {
        return error_no_memory();
    }
    lower_ascii(folded);
    char *at = strchr(folded, '@');
    CLEANUP(string_free) char *domain = at ? a_labels(at + 1) : NULL;
    if (!domain) {
        return NULL;
    }
    *at = '\0';
    CLEANUP(buffer_free) struct buffer *normal = NULL;
    TRY(buffer_new(0, &normal));
    TRY(buffer_printf(normal, "%s@%s", folded, domain));
    return bytes_to_string(buffer_view(normal), ret_normal);
}

/* NULL where the domain can't be converted or memory is out. */
static char *letters(const char *domain)
{
    char *text = NULL;
    if (idn2_to_unicode_8z8z(domain, &text, 0) != IDN2_OK) {
        return NULL;
    }
    char *copy = strdup(text);
    idn2_free(text);
    return copy;
}

static struct error *with_domain(const char *address, char *convert(const char *domain),
                                 char **ret_address)
{
    const char *at = strrchr(address, '@');
    CLEANUP(string_free) char *domain = at ? convert(at + 1) : NULL;
    if (!domain) {
        return bytes_to_string(bytes_of_string(address), ret_address);
    }
    CLEANUP(buffer_free) struct buffer *out = NULL;
    TRY(buffer_new(0, &out));
    TRY(buffer_append(out, bytes_slice(bytes_of_string(address), 0, (size_t)(at + 1 - address))));
    TRY(buffer_append_string(out, domain));
    return bytes_to_string(buffer_view(out), ret_address);
}

struct error *match_with_letters(const char *address, char **ret_address)
{
    return with_domain(address, letters, ret_address);
}

struct error *match_with_a_labels(const char *address, char **ret_address)
{
    return with_domain(address, a_labels, ret_address);
}

bool match_addresses_equal(const char *a, const char *b)
{
    CLEANUP(string_free) char *left = NULL;
    CLEANUP(string_free) char *right = NULL;
    CLEANUP(error_free) struct error *error = match_normalise(a, &left);
    if (!error) {
        error = match_normalise(b, &right);
    }
    return left && right && strcmp(left, right) == 0;
}

bool match_certificate(const struct cert *cert, const char *address)
{
    CLEANUP(string_free) char *wanted = NULL;
    CLEANUP(error_free) struct error *error = match_normalise(address, &wanted);
    bool found = false;
    for (size_t i = 0; wanted && !error && !found && i < cert_address_count(cert); i++) {
        CLEANUP(string_free) char *own = NULL;
        error = match_normalise(cert_address(cert, i), &own);
        found = own && strcmp(own, wanted) == 0;
    }
    return found;
}
