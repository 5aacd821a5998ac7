#include "base/limits.h"
#include "mail/header_display.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

#define ELEMENT \
    "<div class=\"header-protection-legacy-display\"><pre>Subject: a &lt;b&gt;</pre></div>"

/* How many bytes of a text are a display, with these protected fields around it. */
static size_t in_text(const char *text)
{
    CLEANUP(mime_header_free) struct mime_header *header = NULL;
    struct bytes body = BYTES_NONE;
    assert_ok(
        mime_header_parse(BYTES_LITERAL("Subject: x\r\nFrom: a@b.org\r\n\r\n"), &header, &body));
    struct header_display display = header_display_in_text(bytes_of_string(text), header);
    cr_assert_eq(display.start, 0);
    return display.len;
}

static struct header_display in_html(const char *text)
{
    return header_display_in_html(bytes_of_string(text));
}

Test(header_display, is_not_what_the_author_wrote)
{
    cr_assert_eq(in_text(""), 0);
    cr_assert_eq(in_text("\r\nSubject: x\r\n\r\n"), 0);
    cr_assert_eq(in_text("Hello Bob,\r\n\r\n"), 0);
    cr_assert_eq(in_text("Subject: x\r\nHello Bob,\r\n\r\n"), 0);
    cr_assert_eq(in_text("Warning: do not pay\r\n\r\n"), 0, "no protected field");
    cr_assert_eq(in_text("Subject\r\n\r\n"), 0);
    cr_assert_eq(in_text("Subject : x\r\n\r\n"), 0);
    cr_assert_eq(in_text(" Subject: x\r\n\r\n"), 0, "a fold of nothing");
    cr_assert_eq(in_text("Subject: x\r\n \r\n"), 0, "no empty line");
    cr_assert_eq(in_text("Subject: x\r\n"), 0);
}

Test(header_display, is_found_in_text_with_any_line_ends)
{
    cr_assert_eq(in_text("Subject: x\r\n\r\nHello"), 14);
    cr_assert_eq(in_text("Subject: x\n\nHello"), 12);
    cr_assert_eq(in_text("subject: x\r\n y\r\nFROM: a\r\n\r\nSubject: mine\r\n\r\n"), 27);
}

Test(header_display, is_not_longer_than_the_limit)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    while (text->len <= LIMIT_LEGACY_DISPLAY) {
        assert_ok(buffer_append_string(text, "Subject: x\r\n"));
    }
    assert_ok(buffer_append(text, (struct bytes){ (const uint8_t *)"\r\n", 3 }));
    cr_assert_eq(in_text((const char *)text->data), 0);
}

Test(header_display, is_not_any_other_element)
{
    cr_assert_eq(in_html("").len, 0);
    cr_assert_eq(in_html("<div>" ELEMENT "</div>").len, 0, "not the first thing");
    cr_assert_eq(in_html("<body>Hello " ELEMENT).len, 0, "text in front");
    cr_assert_eq(in_html("<div class=\"header\">x</div>").len, 0);
    cr_assert_eq(in_html("<div class=\"header-protection-legacy-display\">x").len, 0, "no end");
    cr_assert_eq(in_html("<div class=\"header-protection-legacy-display\"").len, 0);
    cr_assert_eq(in_html("<div class=\"header-protection-legacy-display\">a<div>b</div></div>").len,
                 0, "another one inside");
    cr_assert_eq(in_html("<divclass=\"header-protection-legacy-display\">x</div>").len, 0);
    cr_assert_eq(in_html("<div class=\"header-protection-legacy-display2\">x</div>").len, 0);
    cr_assert_eq(in_html("<div class=\"header-protection-legacy-display\">x</div").len, 0);
}

Test(header_display, is_found_in_html)
{
    struct header_display display = in_html("<html><BODY bgcolor=\"red\">\r\n" ELEMENT "<p>Hello");
    cr_assert_eq(display.start, strlen("<html><body bgcolor=\"red\">\r\n"));
    cr_assert_eq(display.len, strlen(ELEMENT));
    cr_assert_eq(in_html(ELEMENT).len, strlen(ELEMENT), "no body element");
    cr_assert_eq(in_html("<body>" ELEMENT "<div>mine</div>").len, strlen(ELEMENT));
}

Test(header_display, of_html_is_not_longer_than_the_limit)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    assert_ok(buffer_append_string(text, "<div class=\"header-protection-legacy-display\">"));
    while (text->len <= 2 * LIMIT_LEGACY_DISPLAY) {
        assert_ok(buffer_append_string(text, "text "));
    }
    assert_ok(buffer_append_string(text, "</div>"));
    cr_assert_eq(header_display_in_html(buffer_view(text)).len, 0);
}

Test(header_display, is_found_where_it_was_written)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    CLEANUP(buffer_free) struct buffer *html = NULL;
    assert_ok(buffer_new(0, &text));
    assert_ok(buffer_new(0, &html));
    assert_ok(header_display_write_text("a <b>", text));
    cr_assert(bytes_equal(buffer_view(text), BYTES_LITERAL("Subject: a <b>\r\n\r\n")));
    assert_ok(header_display_write_html("a <b>", html));
    cr_assert(bytes_equal(buffer_view(html), BYTES_LITERAL(ELEMENT)));
    cr_assert_eq(header_display_in_html(buffer_view(html)).len, html->len);
    cr_assert_eq(header_display_html_start(BYTES_LITERAL("<body x>y")), 8);
    cr_assert_eq(header_display_html_start(BYTES_LITERAL("<bodyx>y")), 0);
}

Test(header_display, leaves_no_markup_in_html)
{
    CLEANUP(buffer_free) struct buffer *html = NULL;
    assert_ok(buffer_new(0, &html));
    assert_ok(header_display_write_html("</pre></div><script>&amp;", html));
    cr_assert_eq(bytes_find(buffer_view(html), BYTES_LITERAL("<script")), SIZE_MAX);
    cr_assert_neq(bytes_find(buffer_view(html), BYTES_LITERAL("&amp;amp;")), SIZE_MAX);
}
