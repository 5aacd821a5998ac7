#include "base/clock.h"

#include <stdio.h>
#include <time.h>

enum { SECONDS_PER_MINUTE = 60, SECONDS_PER_HOUR = 3600, SECONDS_PER_DAY = 86400 };

int64_t clock_now(void)
{
    struct timespec now = { 0 };
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

uint64_t clock_monotonic_ms(void)
{
    struct timespec now = { 0 };
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000U + (uint64_t)now.tv_nsec / 1000000U;
}

void clock_format(int64_t seconds, char text[static CLOCK_TEXT_SIZE])
{
    struct tm parts = { 0 };
    time_t moment = seconds;
    text[0] = '\0';
    if (gmtime_r(&moment, &parts) && parts.tm_year >= -1900 && parts.tm_year <= 9999 - 1900) {
        /* strftime's %Y has no leading zeros, RFC 3339 5.6 wants four digits */
        unsigned year = ((unsigned)parts.tm_year + 1900U) % 10000U;
        size_t used = (size_t)snprintf(text, CLOCK_TEXT_SIZE, "%04u", year);
        (void)strftime(text + used, CLOCK_TEXT_SIZE - used, "-%m-%dT%H:%M:%SZ", &parts);
    }
}

void clock_format_mail(int64_t seconds, char text[static CLOCK_TEXT_SIZE])
{
    /* strftime would take the names from the locale */
    static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    struct tm parts = { 0 };
    time_t moment = seconds;
    text[0] = '\0';
    if (gmtime_r(&moment, &parts) && parts.tm_year >= -1900 && parts.tm_year <= 9999 - 1900) {
        unsigned year = ((unsigned)parts.tm_year + 1900U) % 10000U;
        (void)snprintf(text, CLOCK_TEXT_SIZE, "%s, %02u %s %04u %02u:%02u:%02u +0000",
                       days[(unsigned)parts.tm_wday % 7U], (unsigned)parts.tm_mday % 100U,
                       months[(unsigned)parts.tm_mon % 12U], year, (unsigned)parts.tm_hour % 100U,
                       (unsigned)parts.tm_min % 100U, (unsigned)parts.tm_sec % 100U);
    }
}

/* `count` digits as a number, moving `*at` behind them; false where there are fewer. */
static bool take_number(struct bytes *at, size_t count, int *ret_number)
{
    int number = 0;
    if (at->len < count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        uint8_t c = at->data[i];
        if (c < '0' || c > '9') {
            return false;
        }
        number = number * 10 + (c - '0');
    }
    *at = bytes_slice(*at, count, at->len);
    *ret_number = number;
    return true;
}

static bool take_one_of(struct bytes *at, const char *allowed, uint8_t *ret_found)
{
    for (; at->len > 0 && *allowed; allowed++) {
        if (at->data[0] == (uint8_t)*allowed) {
            *ret_found = at->data[0];
            *at = bytes_slice(*at, 1, at->len);
            return true;
        }
    }
    return false;
}

static void skip_fraction(struct bytes *at)
{
    uint8_t found = 0;
    int digit = 0;
    struct bytes behind = *at;
    if (take_one_of(&behind, ".", &found) && take_number(&behind, 1, &digit)) {
        while (take_number(&behind, 1, &digit)) {
        }
        *at = behind;
    }
}

/* Days since 1970-01-01 of a date of the Gregorian calendar (Howard Hinnant's days_from_civil). */
static int64_t days_of_date(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static bool date_exists(int year, int month, int day)
{
    static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    if (month < 1 || month > 12 || day < 1) {
        return false;
    }
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= lengths[month - 1] + (month == 2 && leap ? 1 : 0);
}

static bool take_date(struct bytes *at, int64_t *ret_days)
{
    int year = 0;
    int month = 0;
    int day = 0;
    uint8_t dash = 0;
    if (!take_number(at, 4, &year) || !take_one_of(at, "-", &dash) || !take_number(at, 2, &month) ||
        !take_one_of(at, "-", &dash) || !take_number(at, 2, &day) ||
        !date_exists(year, month, day)) {
        return false;
    }
    *ret_days = days_of_date(year, month, day);
    return true;
}

static bool take_time(struct bytes *at, int64_t *ret_seconds)
{
    int hour = 0;
    int minute = 0;
    int second = 0;
    uint8_t colon = 0;
    if (!take_number(at, 2, &hour) || !take_one_of(at, ":", &colon) ||
        !take_number(at, 2, &minute) || !take_one_of(at, ":", &colon) ||
        !take_number(at, 2, &second) || hour > 23 || minute > 59 || second > 60) {
        return false;
    }
    skip_fraction(at);
    *ret_seconds = hour * SECONDS_PER_HOUR + minute * SECONDS_PER_MINUTE + second;
    return true;
}

/* Seconds to add to reach UTC. */
static bool take_offset(struct bytes *at, int64_t *ret_seconds)
{
    uint8_t sign = 0;
    uint8_t colon = 0;
    int hours = 0;
    int minutes = 0;
    *ret_seconds = 0;
    if (take_one_of(at, "Zz", &sign)) {
        return true;
    }
    if (!take_one_of(at, "+-", &sign) || !take_number(at, 2, &hours) ||
        !take_one_of(at, ":", &colon) || !take_number(at, 2, &minutes) || hours > 23 ||
        minutes > 59) {
        return false;
    }
    int64_t offset = hours * SECONDS_PER_HOUR + minutes * SECONDS_PER_MINUTE;
    *ret_seconds = sign == '+' ? -offset : offset;
    return true;
}

bool clock_parse(struct bytes text, int64_t *ret_seconds)
{
    int64_t days = 0;
    int64_t seconds = 0;
    int64_t offset = 0;
    uint8_t separator = 0;
    if (!take_date(&text, &days) || !take_one_of(&text, "Tt ", &separator) ||
        !take_time(&text, &seconds) || !take_offset(&text, &offset) || text.len != 0) {
        return false;
    }
    *ret_seconds = days * SECONDS_PER_DAY + seconds + offset;
    return true;
}
