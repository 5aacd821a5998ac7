/* The scanner's slices and GMime's tree over every message of the third-party corpus, which
 * SEALPOST_CORPUS names: part of the suite of that name, not of the unit tests. */
#include "mime/slices.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(slices_corpus, .timeout = 120);

enum { LARGEST = 1 << 24, MOST_DEPTH = 3 };

struct tally {
    unsigned files;
    unsigned agreed;
    unsigned marked; /* ambiguous */
    unsigned unmarked; /* cut in another way, and not marked */
};

static void take(const char *path, struct bytes message, struct tally *tally)
{
    CLEANUP(mime_tree_free) struct mime_tree *tree = NULL;
    struct error *error = mime_tree_parse(message, &tree);
    tally->files++;
    if (error) {
        error_free(error);
        return;
    }
    const char *wrong = slices_compare(tree, message);
    bool ambiguous = mime_tree_root(tree)->ambiguous;
    tally->agreed += wrong ? 0 : 1;
    tally->marked += ambiguous ? 1 : 0;
    if (wrong && !ambiguous) {
        printf("%s: %s\n", path, wrong);
        tally->unmarked++;
    }
}

static void take_file(const char *path, struct tally *tally)
{
    FILE *file = fopen(path, "rb");
    CLEANUP(buffer_free) struct buffer *content = NULL;
    uint8_t *tail = NULL;
    cr_assert_not_null(file, "%s", path);
    assert_ok(buffer_new(0, &content));
    assert_ok(buffer_extend(content, LARGEST, &tail));
    size_t len = fread(tail, 1, LARGEST, file);
    cr_assert_eq(fclose(file), 0);
    take(path, bytes_slice(buffer_view(content), 0, len), tally);
}

/* Messages end in .eml, .mbox or .message; those of the folder mime have no ending. */
static bool is_message(const char *path)
{
    return strstr(path, ".eml") || strstr(path, ".mbox") || strstr(path, ".message") ||
           strstr(path, "/mime/");
}

static void take_folder(const char *folder, unsigned depth, struct tally *tally)
{
    DIR *list = opendir(folder);
    if (!list) {
        if (is_message(folder)) {
            take_file(folder, tally);
        }
        return;
    }
    for (struct dirent *entry = readdir(list); entry; entry = readdir(list)) {
        CLEANUP(string_free) char *path = NULL;
        if (entry->d_name[0] != '.' && depth < MOST_DEPTH &&
            asprintf(&path, "%s/%s", folder, entry->d_name) > 0) {
            take_folder(path, depth + 1, tally);
        }
    }
    cr_assert_eq(closedir(list), 0);
}

Test(slices_corpus, agree_with_gmime_or_are_marked)
{
    const char *corpus = secure_getenv("SEALPOST_CORPUS");
    cr_assert_not_null(corpus, "SEALPOST_CORPUS names no corpus");
    mime_tree_start();
    struct tally tally = { 0 };
    take_folder(corpus, 0, &tally);
    printf("%u messages: %u cut alike, %u ambiguous\n", tally.files, tally.agreed, tally.marked);
    cr_assert_gt(tally.files, 100);
    cr_assert_eq(tally.unmarked, 0);
    cr_assert_lt(tally.marked, tally.files / 10);
}
