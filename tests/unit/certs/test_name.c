#include "certs/name.h"
#include "certs/pki.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

Test(name_text, is_empty_for_what_is_no_name)
{
    struct pki pki;
    pki_begin(&pki);
    const struct bytes inputs[] = { BYTES_NONE, BYTES_LITERAL("0"), BYTES_LITERAL("\x30\x05xx") };
    for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
        CLEANUP(string_free) char *text = NULL;
        assert_ok(name_text(inputs[i], &text));
        cr_assert_str_empty(text);
    }
    pki_end(&pki);
}

Test(name_text, writes_a_name)
{
    struct pki pki;
    pki_begin(&pki);
    CLEANUP(string_free) char *text = NULL;
    assert_ok(name_text(pki_name(&pki, "J\xc3\xb6rg", false), &text));
    cr_assert_str_eq(text, "CN=J\xc3\xb6rg");
    pki_end(&pki);
}
