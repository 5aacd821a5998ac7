#include "cms/ber.h"

#include <time.h>

/* A row of digits taken from the front of `text`. */
static bool take_number(struct bytes *text, size_t digits, int *ret_number)
{
    if (text->len < digits) {
        return false;
    }
    int number = 0;
    for (size_t i = 0; i < digits; i++) {
        uint8_t digit = text->data[i];
        if (digit < '0' || digit > '9') {
            return false;
        }
        number = number * 10 + (digit - '0');
    }
    *text = bytes_slice(*text, digits, text->len - digits);
    *ret_number = number;
    return true;
}

static bool take_byte(struct bytes *text, uint8_t byte)
{
    if (text->len == 0 || text->data[0] != byte) {
        return false;
    }
    *text = bytes_slice(*text, 1, text->len - 1);
    return true;
}

static bool take_year(struct bytes *text, unsigned tag, int *ret_year)
{
    if (tag == BER_GENERALIZED_TIME) {
        return take_number(text, 4, ret_year);
    }
    if (!take_number(text, 2, ret_year)) {
        return false;
    }
    /* RFC 5652 11.3: 50 to 99 are 19YY, the others 20YY */
    *ret_year += *ret_year >= 50 ? 1900 : 2000;
    return true;
}

static bool starts_with_digit(struct bytes text)
{
    return text.len > 0 && text.data[0] >= '0' && text.data[0] <= '9';
}

/* Seconds may be missing in a UTCTime of old writers; fractions of a GeneralizedTime are dropped.
 */
static bool take_seconds(struct bytes *text, unsigned tag, int *ret_second)
{
    *ret_second = 0;
    if (tag == BER_UTC_TIME) {
        return !starts_with_digit(*text) || take_number(text, 2, ret_second);
    }
    if (!take_number(text, 2, ret_second)) {
        return false;
    }
    if (take_byte(text, '.')) {
        if (!starts_with_digit(*text)) {
            return false;
        }
        for (int digit = 0; starts_with_digit(*text);) {
            (void)take_number(text, 1, &digit);
        }
    }
    return true;
}

/* "Z", or the offset from UTC that X.690 allows in BER; in seconds. */
static bool take_zone(struct bytes *text, int *ret_offset)
{
    *ret_offset = 0;
    if (take_byte(text, 'Z')) {
        return true;
    }
    int sign = take_byte(text, '-') ? -1 : 1;
    if (sign == 1 && !take_byte(text, '+')) {
        return false;
    }
    int hours = 0;
    int minutes = 0;
    if (!take_number(text, 2, &hours) || !take_number(text, 2, &minutes) || hours > 23 ||
        minutes > 59) {
        return false;
    }
    *ret_offset = sign * (hours * 3600 + minutes * 60);
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool read_time(struct bytes text, unsigned tag, int64_t *ret_seconds)
{
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int offset = 0;
    if (!take_year(&text, tag, &year) || !take_number(&text, 2, &month) ||
        !take_number(&text, 2, &day) || !take_number(&text, 2, &hour) ||
        !take_number(&text, 2, &minute) || !take_seconds(&text, tag, &second) ||
        !take_zone(&text, &offset) || text.len != 0) {
        return false;
    }
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || hour > 23 ||
        minute > 59 || second > 60) {
        return false;
    }
    struct tm parts = { .tm_year = year - 1900,
                        .tm_mon = month - 1,
                        .tm_mday = day,
                        .tm_hour = hour,
                        .tm_min = minute,
                        .tm_sec = second };
    *ret_seconds = (int64_t)timegm(&parts) - offset;
    return true;
}

struct error *ber_time(struct ber_reader *reader, int64_t *ret_seconds)
{
    struct ber_value value = { 0 };
    int tag = ber_peek(reader);
    if (tag != BER_UTC_TIME && tag != BER_GENERALIZED_TIME) {
        return error_new(ERR_CMS_MALFORMED, "expected a time, found %d", tag);
    }
    TRY(ber_next(reader, &value));
    if (!read_time(value.contents, value.tag, ret_seconds)) {
        return error_new(ERR_CMS_MALFORMED, "a time that is none");
    }
    return NULL;
}
