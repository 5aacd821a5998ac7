#include "base/limits.h"
#include "mail/archive.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

TestSuite(archive, .fini = fixture_remove, .timeout = 60);

static struct mapping *make(void)
{
    CLEANUP(archive_free) struct archive *archive = NULL;
    struct mapping *zip = NULL;
    assert_ok(archive_new(&archive));
    assert_ok(archive_add(archive, "first.txt", BYTES_LITERAL("one\0two\r\n")));
    assert_ok(archive_add(archive, "empty", BYTES_NONE));
    assert_ok(archive_add(archive, "second.txt", BYTES_LITERAL("three")));
    assert_ok(archive_finish(archive, &zip));
    return zip;
}

Test(archive, is_read_by_others)
{
    CLEANUP(mapping_unref) struct mapping *zip = make();
    fixture_write("made.zip", mapping_view(zip));
    fixture_run("python3", "-c",
                "import zipfile\n"
                "z = zipfile.ZipFile('made.zip')\n"
                "assert z.testzip() is None\n"
                "assert z.namelist() == ['first.txt', 'empty', 'second.txt']\n"
                "assert z.read('first.txt') == b'one\\0two\\r\\n'\n"
                "assert z.read('empty') == b'' and z.read('second.txt') == b'three'\n",
                NULL);
}

Test(archive, is_the_same_for_the_same_content)
{
    CLEANUP(mapping_unref) struct mapping *one = make();
    CLEANUP(mapping_unref) struct mapping *other = make();
    cr_assert(bytes_equal(mapping_view(one), mapping_view(other)));
}

Test(archive, refuses_what_is_too_large)
{
    CLEANUP(archive_free) struct archive *archive = NULL;
    CLEANUP(mapping_unref) struct mapping *large = NULL;
    uint8_t *space = NULL;
    assert_ok(mapping_new(LIMIT_MESSAGE, &large));
    assert_ok(mapping_extend(large, LIMIT_MESSAGE, &space)); /* zeros that nobody touches */
    assert_ok(archive_new(&archive));
    assert_error(archive_add(archive, "large", mapping_view(large)), ERR_MESSAGE_TOO_LARGE);
}

static void add_named(const char *name)
{
    CLEANUP(archive_free) struct archive *archive = NULL;
    assert_ok(archive_new(&archive));
    error_free(archive_add(archive, name, BYTES_NONE));
}

/* Names are ours: one that leads elsewhere is a mistake of the program, not of its input. */
Test(archive, takes_no_name_that_leads_elsewhere, .signal = SIGABRT)
{
    add_named("../x");
}

Test(archive, takes_no_name_with_a_folder, .signal = SIGABRT)
{
    add_named("a/b");
}

Test(archive, may_be_left_unfinished)
{
    CLEANUP(archive_free) struct archive *archive = NULL;
    assert_ok(archive_new(&archive));
    assert_ok(archive_add(archive, "x", BYTES_LITERAL("y")));
    archive_free(NULL);
}
