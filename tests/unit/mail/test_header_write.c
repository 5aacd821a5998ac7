#include "mail/header_write.h"
#include "mail/open.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS \
    "From: a@x.org\r\nTo: b@x.org\r\nBcc: c@x.org\r\nSubject: the plan\r\nKeywords: k\r\n" \
    "comments: c\r\nHP-Outer: Subject: a lie\r\n"

static struct mime_tree *parse(const char *text)
{
    struct mime_tree *tree = NULL;
    open_start();
    assert_ok(mime_tree_parse(bytes_of_string(text), &tree));
    return tree;
}

static struct mime_header *outer_of(const struct mime_tree *tree, struct header_outside outside)
{
    struct mime_header *outer = NULL;
    assert_ok(header_write_outer(mime_tree_root(tree)->header, &outside, &outer));
    return outer;
}

static void assert_outer(struct header_outside outside, const char *expected)
{
    CLEANUP(mime_tree_free) struct mime_tree *tree = parse(FIELDS "\r\ntext");
    CLEANUP(mime_header_free) struct mime_header *outer = outer_of(tree, outside);
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    for (size_t i = 0; i < outer->count; i++) {
        assert_ok(buffer_append(text, outer->fields[i].raw));
    }
    cr_assert(bytes_equal(buffer_view(text), bytes_of_string(expected)), "%.*s", (int)text->len,
              (const char *)text->data);
}

/* The entity "Content-Type: text/plain", with the fields of `fields` inside. */
static void assert_inner(const char *fields, bool encrypted, const char *entity_text,
                         const char *expected)
{
    CLEANUP(buffer_free) struct buffer *message = NULL;
    assert_ok(buffer_new(0, &message));
    assert_ok(buffer_append_string(message, fields));
    assert_ok(buffer_append(message, (struct bytes){ (const uint8_t *)"\r\n", 3 }));
    CLEANUP(mime_tree_free) struct mime_tree *tree = parse((const char *)message->data);
    const struct header_outside outside = { .protection =
                                                encrypted ? HEADERS_CONFIDENTIAL : HEADERS_SIGNED };
    CLEANUP(mime_header_free) struct mime_header *outer = outer_of(tree, outside);
    CLEANUP(content_unref) struct content *entity = NULL;
    CLEANUP(content_unref) struct content *inner = NULL;
    CLEANUP(mapping_unref) struct mapping *flat = NULL;
    struct bytes view = BYTES_NONE;
    assert_ok(content_new(&entity));
    assert_ok(content_append_copy(entity, bytes_of_string(entity_text)));
    const struct header_inside inside = { mime_tree_root(tree)->header, outer, encrypted };
    assert_ok(header_write_inner(&inside, entity, &inner));
    assert_ok(content_flatten(inner, &flat, &view));
    cr_assert(bytes_equal(view, bytes_of_string(expected)), "%.*s", (int)view.len,
              (const char *)view.data);
}

static void assert_display(const char *message, const char *expected)
{
    CLEANUP(mime_tree_free) struct mime_tree *tree = parse(message);
    CLEANUP(mapping_unref) struct mapping *edited = NULL;
    assert_ok(header_write_display(tree, &edited));
    if (!expected) {
        cr_assert_null(edited);
        return;
    }
    cr_assert_not_null(edited);
    struct bytes view = mapping_view(edited);
    cr_assert(bytes_equal(view, bytes_of_string(expected)), "%.*s", (int)view.len,
              (const char *)view.data);
}

Test(header_write, hides_nothing_that_was_not_asked_for)
{
    assert_outer((struct header_outside){ .protection = HEADERS_SIGNED },
                 "From: a@x.org\r\nTo: b@x.org\r\nBcc: c@x.org\r\nSubject: the plan\r\n"
                 "Keywords: k\r\ncomments: c\r\n");
}

Test(header_write, hides_what_the_baseline_policy_hides)
{
    assert_outer((struct header_outside){ .protection = HEADERS_CONFIDENTIAL },
                 "From: a@x.org\r\nTo: b@x.org\r\nBcc: c@x.org\r\nSubject: [...]\r\n");
    assert_outer((struct header_outside){ HEADERS_CONFIDENTIAL, true },
                 "From: a@x.org\r\nBcc: c@x.org\r\nSubject: [...]\r\n");
}

Test(header_write, puts_no_blind_recipient_and_no_lie_inside)
{
    assert_inner(FIELDS, true, "Content-Type: text/plain\r\n\r\ntext",
                 "From: a@x.org\r\nTo: b@x.org\r\nSubject: the plan\r\nKeywords: k\r\n"
                 "comments: c\r\nHP-Outer: From: a@x.org\r\nHP-Outer: To: b@x.org\r\n"
                 "HP-Outer: Subject: [...]\r\nContent-Type: text/plain;\r\n hp=\"cipher\"\r\n\r\n"
                 "text");
}

Test(header_write, drops_a_parameter_that_was_there)
{
    assert_inner("From: a@x.org\r\n", false,
                 "Content-Type: text/plain; hp=cipher; charset=utf-8\r\n"
                 "Content-Transfer-Encoding: 7bit\r\n\r\ntext",
                 "From: a@x.org\r\nContent-Type: text/plain; charset=utf-8;\r\n hp=\"clear\"\r\n"
                 "Content-Transfer-Encoding: 7bit\r\n\r\ntext");
}

Test(header_write, refuses_a_type_that_others_read_in_another_way)
{
    static const char *const broken[] = {
        "Content-Type: text/plain; x=\"never closed\r\n\r\n",
        "Content-Type: text/plain\"; hp=clear; x=(\r\n\r\n",
        "Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\n",
        "Content-Foo: bar\r\n\r\n",
    };
    open_start();
    struct mime_header none = { 0 };
    const struct header_inside inside = { &none, &none, false };
    for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
        CLEANUP(content_unref) struct content *entity = NULL;
        CLEANUP(content_unref) struct content *inner = NULL;
        assert_ok(content_new(&entity));
        assert_ok(content_append_copy(entity, bytes_of_string(broken[i])));
        assert_error(header_write_inner(&inside, entity, &inner), ERR_MESSAGE_MALFORMED);
    }
}

Test(header_write, breaks_lines_that_would_be_too_long)
{
    const char *name =
        "X: 45678901234567890123456789012345678901234567890123456789012345678901\r\n";
    CLEANUP(buffer_free) struct buffer *expected = NULL;
    assert_ok(buffer_new(0, &expected));
    assert_ok(buffer_printf(expected,
                            "%sHP-Outer:\r\n %sContent-Type: text/plain;\r\n hp=\"cipher\"\r\n"
                            "\r\n",
                            name, name));
    assert_ok(buffer_append_byte(expected, '\0'));
    assert_inner(name, true, "Content-Type: text/plain\r\n\r\n", (const char *)expected->data);
}

Test(header_write, displays_nothing_where_it_would_be_unreadable)
{
    assert_display("From: a@x.org\r\n\r\ntext", NULL);
    assert_display("Subject: s\r\nContent-Type: image/png\r\n\r\nx", NULL);
    assert_display("Subject: s\r\nContent-Type: text/plain; charset=utf-16\r\n\r\nx", NULL);
    assert_display("Subject: \xc3\xbc\r\nContent-Type: text/plain\r\n\r\nx", NULL);
    assert_display("Subject: \xc3\xbc\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nx",
                   NULL);
}

Test(header_write, displays_the_subject_in_every_text)
{
    assert_display("Subject: the plan\r\n\r\ntext",
                   "Subject: the plan\r\nContent-Type: text/plain; charset=utf-8;\r\n"
                   " hp-legacy-display=\"1\"\r\n\r\nSubject: the plan\r\n\r\ntext");
    assert_display("Subject: =?utf-8?q?=C3=BC?=\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n"
                   "text",
                   "Subject: =?utf-8?q?=C3=BC?=\r\nContent-Type: text/plain; charset=UTF-8;\r\n"
                   " hp-legacy-display=\"1\"\r\n\r\nSubject: \xc3\xbc\r\n\r\ntext");
    assert_display("Subject: <s>\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n"
                   "Content-Type: text/plain\r\n\r\ntext\r\n--a\r\n"
                   "Content-Type: text/html\r\n\r\n<body>html</body>\r\n--a--\r\n",
                   "Subject: <s>\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n"
                   "Content-Type: text/plain;\r\n hp-legacy-display=\"1\"\r\n\r\nSubject: <s>\r\n"
                   "\r\ntext\r\n--a\r\n"
                   "Content-Type: text/html;\r\n hp-legacy-display=\"1\"\r\n\r\n<body>"
                   "<div class=\"header-protection-legacy-display\"><pre>Subject: &lt;s&gt;</pre>"
                   "</div>html</body>\r\n--a--\r\n");
}
