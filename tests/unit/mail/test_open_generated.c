/* The summary word against a model of its own, over arrangements made by chance: signatures right,
 * by somebody else, or over something else; encryption; parts beside parts; nested, forwarded,
 * compressed. */
#include "mail/compose.h"
#include "mail/open.h"
#include "store/fixture.h"

#include <criterion/criterion.h>

TestSuite(open_generated, .fini = fixture_remove, .timeout = 110);

enum { MOST_STEPS = 6, ROUNDS = 250 };

/* What was put around the text, from the inside out. */
enum step {
    STEP_SIGN,
    STEP_SIGN_OPAQUE,
    STEP_SIGN_BY_OTHER,
    STEP_SIGN_WRONG,
    STEP_ENCRYPT_CBC,
    STEP_ENCRYPT_GCM,
    STEP_MIX_FIRST,
    STEP_MIX_SECOND,
    STEP_FORWARD,
    STEP_COMPRESS,
    STEP_COUNT
};

struct arrangement {
    enum step steps[MOST_STEPS];
    size_t count;
};

/* xorshift: the same arrangements in every run */
static unsigned next_random(unsigned *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static struct bytes take_step(struct mail_fixture *fixture, enum step step, struct bytes inner)
{
    struct bytes other = compose_text(fixture, "something else");
    switch (step) {
    case STEP_SIGN:
        return compose_signed(fixture, fixture->alice, FORM_DETACHED, inner);
    case STEP_SIGN_OPAQUE:
        return compose_signed(fixture, fixture->alice, FORM_OPAQUE, inner);
    case STEP_SIGN_BY_OTHER:
        return compose_signed(fixture, fixture->bob, FORM_DETACHED, inner);
    case STEP_SIGN_WRONG:
        other = compose_signed(fixture, fixture->alice, FORM_DETACHED, other);
        return compose_with_signature(fixture, inner, compose_cms(fixture, other));
    case STEP_ENCRYPT_CBC:
        return compose_encrypted(fixture, fixture->bob, CMS_AES_128_CBC, inner);
    case STEP_ENCRYPT_GCM:
        return compose_encrypted(fixture, fixture->bob, CMS_AES_256_GCM, inner);
    case STEP_MIX_FIRST:
        return compose_mixed(fixture, inner, other);
    case STEP_FORWARD:
        return compose_forwarded(fixture, inner);
    case STEP_COMPRESS:
        return compose_compressed(fixture, inner);
    case STEP_MIX_SECOND:
    case STEP_COUNT:
        break;
    }
    return compose_mixed(fixture, other, inner);
}

/* What is inside is but a part of what is outside. */
static bool is_mix(enum step step)
{
    return step == STEP_MIX_FIRST || step == STEP_MIX_SECOND || step == STEP_FORWARD;
}

static bool is_encrypt(enum step step)
{
    return step == STEP_ENCRYPT_CBC || step == STEP_ENCRYPT_GCM;
}

/* What has to come out, told from the outside in. */
struct expected {
    enum signature_status signature;
    enum encryption_status encryption;
    size_t layers;
};

struct seen {
    bool whole; /* so far everything covers the whole */
    bool wrong;
    bool speaks; /* a signature with no encryption inside it so far */
    bool speaker_is_from;
    bool outside;
    bool part_signed;
    bool encrypted;
    bool part_encrypted;
};

static void see(struct seen *seen, enum step step)
{
    if (is_mix(step)) {
        seen->whole = false;
    } else if (is_encrypt(step)) {
        seen->encrypted = seen->encrypted || seen->whole;
        seen->part_encrypted = seen->part_encrypted || !seen->whole;
        if (seen->whole) {
            seen->outside = seen->outside || seen->speaks;
            seen->speaks = false;
        }
    } else if (step == STEP_COMPRESS) {
        return; /* transparent */
    } else if (seen->whole) {
        seen->wrong = seen->wrong || step == STEP_SIGN_WRONG;
        seen->speaks = true;
        seen->speaker_is_from = step != STEP_SIGN_BY_OTHER;
    } else {
        seen->part_signed = true;
    }
}

static struct expected expect(const struct arrangement *arrangement)
{
    struct seen seen = { .whole = true };
    struct expected expected = { 0 };
    for (size_t i = arrangement->count; i-- > 0;) {
        see(&seen, arrangement->steps[i]);
        expected.layers += is_mix(arrangement->steps[i]) ? 0 : 1;
    }
    if (seen.wrong) {
        expected.signature = SIGNATURE_BAD;
    } else if (seen.speaks) {
        expected.signature = seen.speaker_is_from ? SIGNATURE_GOOD : SIGNATURE_UNVERIFIED;
    } else if (seen.part_signed) {
        expected.signature = SIGNATURE_PARTIAL;
    } else if (seen.outside) {
        expected.signature = SIGNATURE_UNVERIFIED;
    }
    if (seen.encrypted || seen.part_encrypted) {
        expected.encryption = seen.encrypted ? ENCRYPTION_ENCRYPTED : ENCRYPTION_PARTIAL;
    }
    return expected;
}

/* A letter for each step, the outermost first. */
static void name_arrangement(const struct arrangement *arrangement,
                             char text[static MOST_STEPS + 1])
{
    static const char letters[] = "SOBWCG12FZ";
    size_t len = 0;
    for (size_t i = arrangement->count; i-- > 0;) {
        text[len++] = letters[arrangement->steps[i]];
    }
    text[len] = '\0';
}

/* A client gets the innermost text from somewhere; the message shows it only where nothing of it
 * was encrypted as a part. */
static void check_places(const struct open_result *result, const char *name)
{
    bool in_content = mail_content_has(result->content, "the heart");
    bool found = in_content;
    bool part_encrypted = false;
    for (size_t i = 0; i < result->layer_count; i++) {
        const struct open_layer *layer = &result->layers[i];
        found = found || (layer->content && mail_content_has(layer->content, "the heart"));
        part_encrypted = part_encrypted || (layer->kind == LAYER_ENCRYPTED && !layer->whole);
    }
    cr_assert(found, "%s: the text is nowhere", name);
    cr_assert(!part_encrypted || !in_content, "%s: cleartext beside neighbours", name);
}

static void check(struct mail_fixture *fixture, const struct arrangement *arrangement)
{
    char name[MOST_STEPS + 1];
    name_arrangement(arrangement, name);
    struct bytes entity = compose_text(fixture, "the heart");
    for (size_t i = 0; i < arrangement->count; i++) {
        entity = take_step(fixture, arrangement->steps[i], entity);
    }
    const struct open_result *result = mail_open(fixture, compose_mail(fixture, entity));
    const struct judgement *signature = &result->verdict.signature;
    struct expected expected = expect(arrangement);
    cr_assert_eq(signature->status, expected.signature, "%s: signature %d, not %d", name,
                 (int)signature->status, (int)expected.signature);
    bool fine = signature->status == SIGNATURE_GOOD || signature->status == SIGNATURE_NONE;
    cr_assert_eq(signature->problems == WORDS_NONE, fine, "%s: problems", name);
    cr_assert_eq(result->verdict.encryption, expected.encryption, "%s: encryption %d", name,
                 (int)result->verdict.encryption);
    cr_assert_eq(result->layer_count, expected.layers, "%s: %zu layers", name, result->layer_count);
    check_places(result, name);
}

static void forget(struct mail_fixture *fixture)
{
    while (fixture->kept_count > 0) {
        buffer_free(fixture->kept[--fixture->kept_count]);
    }
}

Test(open_generated, agrees_with_the_model)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    unsigned state = 20240607;
    for (int round = 0; round < ROUNDS; round++) {
        struct arrangement arrangement = { .count = next_random(&state) % (MOST_STEPS + 1) };
        for (size_t i = 0; i < arrangement.count; i++) {
            arrangement.steps[i] = (enum step)(next_random(&state) % STEP_COUNT);
        }
        check(fixture, &arrangement);
        forget(fixture);
    }
}
