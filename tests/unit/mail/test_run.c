#include "base/limits.h"
#include "mail/compose.h"
#include "mail/run.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>

TestSuite(run, .fini = fixture_remove, .timeout = 60);

/* One run over a message, and what it found. */
struct scene {
    struct mail_fixture *fixture;
    struct open_result result;
    struct mime_header *outer;
    struct mapping *owner;
    struct work work;
    struct run run;
};

static void start(struct scene *scene, struct bytes message)
{
    struct bytes body = BYTES_NONE;
    scene->owner = mail_mapping(message);
    struct bytes view = mapping_view(scene->owner);
    assert_ok(mime_header_parse(view, &scene->outer, &body));
    scene->result.layers = calloc(LIMIT_LAYERS, sizeof(*scene->result.layers));
    scene->work = (struct work){ .context = &scene->fixture->context,
                                 .result = &scene->result,
                                 .outer = scene->outer,
                                 .room = LIMIT_MESSAGE };
    scene->run = (struct run){ .work = &scene->work,
                               .owner = mapping_ref(scene->owner),
                               .input = view,
                               .part = "1",
                               .inside = SIZE_MAX,
                               .whole = true };
    assert_ok(mime_tree_parse(view, &scene->run.tree));
}

static void end(struct scene *scene)
{
    run_done(&scene->run);
    for (size_t i = 0; i < scene->result.layer_count; i++) {
        free(scene->result.layers[i].part);
        signature_report_free(scene->result.layers[i].signature);
        decryption_report_free(scene->result.layers[i].encryption);
    }
    free(scene->result.layers);
    mime_header_free(scene->outer);
    mapping_unref(scene->owner);
}

static struct bytes encrypted_text(struct mail_fixture *fixture)
{
    return compose_encrypted(fixture, fixture->bob, CMS_AES_256_GCM,
                             compose_text(fixture, "the text"));
}

Test(run, ends_where_the_whole_is_no_layer)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct scene scene = { .fixture = fixture };
    start(&scene, compose_mail(fixture, compose_mixed(fixture, encrypted_text(fixture),
                                                      compose_text(fixture, "beside"))));
    assert_ok(run_take(&scene.run));
    cr_assert_eq(scene.result.layer_count, 0);
    cr_assert_eq(scene.run.input.data, mapping_view(scene.owner).data);
    end(&scene);
}

Test(run, leaves_tree_and_input_of_what_is_inside)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct scene scene = { .fixture = fixture };
    start(&scene, compose_mail(fixture, encrypted_text(fixture)));
    assert_ok(run_take(&scene.run));
    cr_assert_eq(scene.result.layer_count, 1);
    cr_assert_not(scene.run.stuck);
    cr_assert_str_eq(mime_tree_root(scene.run.tree)->type, "text/plain");
    cr_assert(bytes_equal(mime_tree_root(scene.run.tree)->whole, scene.run.input));
    end(&scene);
}

Test(run, is_stuck_at_a_layer_that_it_cannot_take_off)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct scene scene = { .fixture = fixture };
    start(&scene, compose_mail(fixture, compose_pkcs7(fixture, "enveloped-data",
                                                      BYTES_LITERAL("\x80garbage, no CMS"))));
    assert_ok(run_take(&scene.run));
    cr_assert(scene.run.stuck);
    cr_assert_eq(scene.result.layer_count, 1);
    cr_assert_eq(scene.result.layers[0].problems, WORD_BIT(WORD_CMS_MALFORMED));
    end(&scene);
}

/* A From between two layers: some program could show it. */
Test(run, compares_from_on_the_way)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    for (int other = 0; other < 2; other++) {
        struct bytes sealed = compose_signed(fixture, fixture->alice, FORM_DETACHED,
                                             compose_text(fixture, "the text"));
        struct buffer *between = mail_keep(fixture);
        assert_ok(buffer_append_string(between, other ? "From: eve@example.org\r\n"
                                                      : "From: alice@example.org\r\n"));
        assert_ok(buffer_append(between, sealed));
        struct scene scene = { .fixture = fixture };
        start(&scene,
              compose_mail(fixture, compose_encrypted(fixture, fixture->bob, CMS_AES_256_GCM,
                                                      buffer_view(between))));
        assert_ok(run_take(&scene.run));
        cr_assert_eq(scene.result.layer_count, 2);
        cr_assert_eq(scene.run.headers, other ? WORD_BIT(WORD_HEADER_MISMATCH) : WORDS_NONE);
        end(&scene);
    }
}

Test(run, can_be_cancelled)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(task_unref) struct task *task = NULL;
    struct scene scene = { .fixture = fixture };
    start(&scene, compose_mail(fixture, encrypted_text(fixture)));
    assert_ok(task_new(NULL, NULL, &task));
    cr_assert(task_cancel(task));
    fixture->context.interaction.task = task;
    assert_error(run_take(&scene.run), ERR_CANCELLED);
    fixture->context.interaction.task = NULL;
    end(&scene);
}
