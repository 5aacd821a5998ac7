#include "mail/header_payload.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define OUTER "From: a@x.org\r\nMessage-ID: <1@x.org>\r\n"
#define WRAPPED OUTER "Subject: inside\r\n\r\ntext\r\n"
#define DISPLAY "Content-Type: text/plain; hp=cipher; hp-legacy-display=1\r\nSubject: s\r\n"

struct trial {
    struct layers_end end;
    enum header_scheme scheme;
};

static void trial_free(struct trial *trial)
{
    layers_end_done(&trial->end);
    free(trial);
}
DEFINE_CLEANUP(struct trial *, trial_free);

/* The end of a run of layers at `entity`, opened. */
static struct trial *open_payload(const char *outer_text, bool encrypted, const char *entity)
{
    CLEANUP(mime_header_free) struct mime_header *outer = NULL;
    struct bytes body = BYTES_NONE;
    struct trial *trial = calloc(1, sizeof(*trial));
    cr_assert_not_null(trial);
    open_start();
    assert_ok(mime_header_parse(bytes_of_string(outer_text), &outer, &body));
    assert_ok(mapping_new(bytes_of_string(entity).len + 1, &trial->end.owner));
    assert_ok(mapping_append(trial->end.owner, bytes_of_string(entity)));
    trial->end.input = mapping_view(trial->end.owner);
    assert_ok(mime_tree_parse(trial->end.input, &trial->end.tree));
    assert_ok(header_payload_open(outer, encrypted, &trial->end, &trial->scheme));
    return trial;
}

static void assert_scheme(const char *entity, enum header_scheme expected)
{
    CLEANUP(trial_free) struct trial *trial = open_payload(OUTER "\r\n", true, entity);
    cr_assert_eq(trial->scheme, expected, "%s", entity);
}

static void assert_left(bool encrypted, const char *entity, const char *expected)
{
    CLEANUP(trial_free) struct trial *trial = open_payload(OUTER "\r\n", encrypted, entity);
    struct bytes input = trial->end.input;
    cr_assert(bytes_equal(input, bytes_of_string(expected)), "%.*s", (int)input.len,
              (const char *)input.data);
    cr_assert_eq(mime_tree_root(trial->end.tree)->whole.data, input.data);
}

Test(header_payload, says_nothing_without_the_parameter)
{
    assert_scheme("Content-Type: text/plain\r\n\r\nx", HEADER_SCHEME_NONE);
    assert_scheme("Content-Type: text/plain; hp=\"secret\"\r\n\r\nx", HEADER_SCHEME_NONE);
    assert_scheme("Content-Type: text/plain; hp\r\n\r\nx", HEADER_SCHEME_NONE);
    assert_scheme("Content-Type: text/plain; xhp=clear\r\n\r\nx", HEADER_SCHEME_NONE);
    assert_scheme("X: hp=clear\r\n\r\nx", HEADER_SCHEME_NONE);
}

Test(header_payload, does_not_choose_among_two_parameters)
{
    assert_scheme("Content-Type: text/plain; hp=clear; hp=cipher\r\n\r\nx", HEADER_SCHEME_NONE);
    assert_scheme("Content-Type: text/plain; hp=clear\r\nContent-Type: text/plain\r\n\r\nx",
                  HEADER_SCHEME_NONE);
}

Test(header_payload, ignores_the_parameter_on_another_part)
{
    assert_scheme("Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n"
                  "Content-Type: text/plain; hp=\"clear\"\r\nSubject: x\r\n\r\nx\r\n--m--\r\n",
                  HEADER_SCHEME_NONE);
}

Test(header_payload, ignores_the_parameter_on_a_layer_that_stays)
{
    assert_scheme("Content-Type: application/pkcs7-mime; hp=cipher\r\n\r\nx", HEADER_SCHEME_NONE);
}

Test(header_payload, reads_the_parameter)
{
    assert_scheme("Content-Type: text/plain; hp=clear\r\n\r\nx", HEADER_SCHEME_CLEAR);
    assert_scheme("Content-Type: text/plain; HP=\"Cipher\"\r\n\r\nx", HEADER_SCHEME_CIPHER);
}

Test(header_payload, does_not_take_a_forwarded_message_for_this_one)
{
    const char *entity = "Content-Type: message/rfc822\r\n\r\nFrom: b@x.org\r\n"
                         "Message-ID: <1@x.org>\r\n\r\ntext\r\n";
    assert_scheme(entity, HEADER_SCHEME_NONE);
    assert_left(true, entity, entity);
    assert_scheme(
        "Content-Type: message/rfc822\r\n\r\nFrom: a@x.org\r\nMessage-ID: <2@x.org>\r\n\r\n"
        "text\r\n",
        HEADER_SCHEME_NONE);
    assert_scheme("Content-Type: message/rfc822; forwarded=yes\r\n\r\n" WRAPPED,
                  HEADER_SCHEME_NONE);
    assert_scheme("Content-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n" WRAPPED,
                  HEADER_SCHEME_NONE);
}

Test(header_payload, does_not_unwrap_what_is_odd)
{
#define NO "Content-Type: message/rfc822; forwarded=no\r\n"
    assert_scheme(NO "\r\nno message", HEADER_SCHEME_NONE);
    assert_scheme(NO "\r\n", HEADER_SCHEME_NONE);
    assert_scheme("From: c@x.org\r\n" NO "\r\n" WRAPPED, HEADER_SCHEME_NONE);
    assert_scheme(NO "Content-Transfer-Encoding: base64\r\n\r\n" WRAPPED, HEADER_SCHEME_NONE);
    assert_scheme(NO "\r\nContent-Type: application/pkcs7-mime\r\n" WRAPPED, HEADER_SCHEME_NONE);
    assert_scheme(NO "\r\nContent-Type: text/plain; hp=clear\r\n" WRAPPED, HEADER_SCHEME_NONE);
    assert_scheme("Content-Type: message/rfc822; forwarded=no; hp=clear\r\n\r\n" WRAPPED,
                  HEADER_SCHEME_CLEAR);
    assert_scheme(NO "\r\nContent-Type: multipart/mixed\r\n" WRAPPED, HEADER_SCHEME_NONE);
}

Test(header_payload, unwraps_a_wrapped_message)
{
    assert_scheme(NO "\r\n" WRAPPED, HEADER_SCHEME_WRAPPED);
    assert_left(false, NO "\r\n" WRAPPED, WRAPPED);
    assert_left(false, "Content-Type: message/rfc822\r\n\r\n" WRAPPED, WRAPPED);
    assert_scheme("Content-Type: message/global; Forwarded=NO\r\n\r\n" WRAPPED,
                  HEADER_SCHEME_WRAPPED);
}

Test(header_payload, keeps_the_display_where_nothing_was_hidden)
{
    assert_left(false, DISPLAY "\r\nSubject: s\r\n\r\ntext", DISPLAY "\r\nSubject: s\r\n\r\ntext");
    const char *clear = "Content-Type: text/plain; hp=clear; hp-legacy-display=1\r\n"
                        "Subject: s\r\n\r\nSubject: s\r\n\r\ntext";
    assert_left(true, clear, clear);
    const char *unmarked = "Content-Type: text/plain; hp=cipher\r\n"
                           "Subject: s\r\n\r\nSubject: s\r\n\r\ntext";
    assert_left(true, unmarked, unmarked);
    const char *damaged = "Content-Type: text/plain; hp=cipher; hp-legacy-display=1\r\n"
                          "Content-Transfer-Encoding: base64\r\nSubject: s\r\n\r\n=a=b=c=";
    assert_left(true, damaged, damaged);
}

Test(header_payload, drops_the_display_of_a_text)
{
    assert_left(true, DISPLAY "\r\nSubject: s\r\n\r\ntext", DISPLAY "\r\ntext");
    assert_left(true, DISPLAY "Content-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDogcw0KDQp0ZXh0",
                DISPLAY "Content-Transfer-Encoding: base64\r\n\r\ndGV4dA==\r\n");
}

Test(header_payload, drops_the_display_of_every_marked_text)
{
#define HEAD \
    "Subject: s\r\nContent-Type: multipart/alternative; boundary=a; hp=cipher\r\n\r\n--a\r\n"
#define ONE "Content-Type: text/plain; hp-legacy-display=\"1\"\r\n\r\n"
#define TWO "\r\n--a\r\nContent-Type: text/html; hp-legacy-display=\"1\"\r\n\r\n<body>"
    assert_left(true,
                HEAD ONE "Subject: s\r\n\r\ntext" TWO
                         "<div class=\"header-protection-legacy-display\">s</div>html\r\n--a--\r\n",
                HEAD ONE "text" TWO "html\r\n--a--\r\n");
}
