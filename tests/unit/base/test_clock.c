#include "base/clock.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <time.h>

struct moment {
    const char *text;
    int64_t seconds;
};

/* each both ways */
static const struct moment canonical[] = {
    { "1970-01-01T00:00:00Z", 0 },
    { "1969-12-31T23:59:59Z", -1 },
    { "2000-02-29T12:00:00Z", 951825600 },
    { "2026-11-23T22:56:00Z", 1795474560 },
    { "2038-01-19T03:14:08Z", 2147483648 },
    { "0000-01-01T00:00:00Z", -62167219200 },
    { "0005-01-01T00:00:00Z", -62009366400 },
    { "9999-12-31T23:59:59Z", 253402300799 },
};

/* RFC 3339 5.6: what is read besides the canonical form */
static const struct moment readable[] = {
    { "1985-04-12T23:20:50.52Z", 482196050 },
    { "1996-12-19T16:39:57-08:00", 851042397 },
    { "1937-01-01T12:00:27.87+00:20", -1041337173 },
    { "1990-12-31T23:59:60Z", 662688000 },
    { "1970-01-01t00:00:00z", 0 },
    { "1970-01-01 00:00:00Z", 0 },
    { "1970-01-01T00:00:00-00:00", 0 },
};

static const char *const unreadable[] = {
    "",
    "now",
    "1970-01-01",
    "1970-01-01T00:00:00",
    "1970-01-01T00:00Z",
    "1970-01-01T00:00:00Zx",
    "1970-01-01T00:00:00.Z",
    "1970-01-01T24:00:00Z",
    "1970-01-01T00:60:00Z",
    "1970-01-01T00:00:61Z",
    "1970-13-01T00:00:00Z",
    "1970-00-01T00:00:00Z",
    "1970-01-00T00:00:00Z",
    "1970-01-32T00:00:00Z",
    "1970-04-31T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2023-02-29T00:00:00Z",
    "1970-1-01T00:00:00Z",
    "+970-01-01T00:00:00Z",
    "19700-01-01T00:00:00Z",
    "1970-01-01T00:00:00+24:00",
    "1970-01-01T00:00:00+00:60",
    "1970-01-01T00:00:00+0000",
    "1970-01-01T00:00:00 Z",
    "1970/01/01T00:00:00Z",
};

Test(clock_parse, refuses_what_rfc_3339_does_not_allow)
{
    for (size_t i = 0; i < ARRAY_SIZE(unreadable); i++) {
        int64_t seconds = 42;
        cr_assert_not(clock_parse(bytes_of_string(unreadable[i]), &seconds), "%s", unreadable[i]);
        cr_assert_eq(seconds, 42, "%s", unreadable[i]);
    }
}

Test(clock_parse, refuses_every_cut)
{
    struct bytes whole = BYTES_LITERAL("1937-01-01T12:00:27.87+00:20");
    int64_t seconds = 0;
    for (size_t len = 0; len < whole.len; len++) {
        cr_assert_not(clock_parse(bytes_slice(whole, 0, len), &seconds), "%zu", len);
    }
    cr_assert(clock_parse(whole, &seconds));
}

Test(clock_parse, refuses_a_nul_inside)
{
    int64_t seconds = 0;
    cr_assert_not(clock_parse(BYTES_LITERAL("1970-01-01T00:00:00Z\0"), &seconds));
}

static void assert_reads(struct moment moment)
{
    int64_t seconds = 0;
    cr_assert(clock_parse(bytes_of_string(moment.text), &seconds), "%s", moment.text);
    cr_assert_eq(seconds, moment.seconds, "%s: %lld", moment.text, (long long)seconds);
}

Test(clock_parse, reads_canonical_and_other_forms)
{
    for (size_t i = 0; i < ARRAY_SIZE(canonical); i++) {
        assert_reads(canonical[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(readable); i++) {
        assert_reads(readable[i]);
    }
}

Test(clock_format, writes_utc_with_four_digits_of_the_year)
{
    for (size_t i = 0; i < ARRAY_SIZE(canonical); i++) {
        char text[CLOCK_TEXT_SIZE];
        clock_format(canonical[i].seconds, text);
        cr_assert_str_eq(text, canonical[i].text);
    }
}

Test(clock_format, gives_the_empty_string_outside_four_digit_years)
{
    static const int64_t outside[] = { 253402300800, -62167219201, INT64_MAX, INT64_MIN };
    for (size_t i = 0; i < ARRAY_SIZE(outside); i++) {
        char text[CLOCK_TEXT_SIZE] = "before";
        clock_format(outside[i], text);
        cr_assert_str_eq(text, "");
    }
}

Test(clock, day_after_day_there_and_back)
{
    /* 500 years around now, one step a day and an odd number of seconds */
    for (int64_t seconds = -7889238000; seconds < 7889238000; seconds += 86411) {
        char text[CLOCK_TEXT_SIZE];
        int64_t again = 0;
        clock_format(seconds, text);
        cr_assert(clock_parse(bytes_of_string(text), &again));
        cr_assert_eq(again, seconds, "%s", text);
    }
}

Test(clock_now, is_the_wall_clock)
{
    cr_assert_lt(llabs((long long)(clock_now() - (int64_t)time(NULL))), 3);
}

Test(clock_monotonic_ms, counts_milliseconds)
{
    uint64_t before = clock_monotonic_ms();
    struct timespec pause = { .tv_nsec = 20000000 };
    (void)nanosleep(&pause, NULL);
    uint64_t passed = clock_monotonic_ms() - before;
    cr_assert_geq(passed, 19);
    cr_assert_lt(passed, 5000);
}

Test(clock_format_mail, gives_the_date_of_a_message)
{
    char text[CLOCK_TEXT_SIZE];
    clock_format_mail(1795474560, text);
    cr_assert_str_eq(text, "Mon, 23 Nov 2026 22:56:00 +0000");
    clock_format_mail(0, text);
    cr_assert_str_eq(text, "Thu, 01 Jan 1970 00:00:00 +0000");
    clock_format_mail(INT64_MAX, text);
    cr_assert_str_eq(text, "");
}
