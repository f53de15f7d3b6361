#include "core/calendar.h"

#include <date/tz.h>

#include <algorithm>
#include <stdexcept>

#include "core/check.h"

namespace gardu::core {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_days;

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

/// Takes from the front of a text; once something was not there, all that follows fails too.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    /// Exactly `digits` digits, at most `highest`.
    int number(std::size_t digits, int highest) {
        int value = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            value = value * 10 + digit();
        }
        good_ = good_ && value <= highest;
        return value;
    }

    /// One character out of `allowed`.
    char oneOf(std::string_view allowed) {
        if (!good_ || rest_.empty() || allowed.find(rest_.front()) == std::string_view::npos) {
            good_ = false;
            return '\0';
        }
        return take();
    }

    [[nodiscard]] bool startsWith(char c) const { return good_ && rest_.starts_with(c); }
    [[nodiscard]] bool startsWithDigit() const { return good_ && !rest_.empty() && isDigit(rest_.front()); }
    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] bool goodAndDone() const { return good_ && rest_.empty(); }

    int digit() { return std::max(0, oneOf("0123456789") - '0'); }

private:
    char take() {
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }

    std::string_view rest_;
    bool good_ = true;
};

std::optional<Date> readDate(Reader& reader) {
    const int year = reader.number(4, 9999);
    reader.oneOf("-");
    const int month = reader.number(2, 12);
    reader.oneOf("-");
    const int day = reader.number(2, 31);
    const Date date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                    std::chrono::day(static_cast<unsigned>(day))};
    if (!reader.good() || !date.ok()) {
        return std::nullopt;
    }
    return date;
}

Milliseconds readFraction(Reader& reader) {
    if (!reader.startsWith('.')) {
        return Milliseconds(0);
    }
    reader.oneOf(".");
    int ms = 0;
    int unit = 100;
    do {
        ms += reader.digit() * unit;
        unit /= 10;
    } while (reader.startsWithDigit());
    return Milliseconds(ms);
}

Milliseconds readTimeOfDay(Reader& reader) {
    const hours hour(reader.number(2, 23));
    reader.oneOf(":");
    const minutes minute(reader.number(2, 59));
    reader.oneOf(":");
    const Seconds second(reader.number(2, 59));
    return hour + minute + second + readFraction(reader);
}

minutes readOffset(Reader& reader) {
    const char sign = reader.oneOf("Z+-");
    if (sign == 'Z') {
        return minutes(0);
    }
    const hours hour(reader.number(2, 23));
    reader.oneOf(":");
    const minutes size = hour + minutes(reader.number(2, 59));
    return sign == '-' ? -size : size;
}

void appendPadded(std::string& out, std::int64_t value, std::size_t width) {
    const std::string digits = std::to_string(value);
    out.append(width - std::min(width, digits.size()), '0');
    out += digits;
}

/// "13:45:00", or "13:45:00.123" where there are milliseconds.
std::string formatTimeOfDay(Milliseconds sinceMidnight) {
    const std::chrono::hh_mm_ss time(sinceMidnight);
    std::string text;
    appendPadded(text, time.hours().count(), 2);
    text += ':';
    appendPadded(text, time.minutes().count(), 2);
    text += ':';
    appendPadded(text, time.seconds().count(), 2);
    if (time.subseconds().count() != 0) {
        text += '.';
        appendPadded(text, time.subseconds().count(), 3);
    }
    return text;
}

const date::time_zone* locate(const std::string& ianaName) {
    try {
        return date::locate_zone(ianaName);
    } catch (const std::exception&) {
        throw std::invalid_argument("time zone \"" + ianaName + "\" is not in the system's tzdata");
    }
}

}  // namespace

std::int64_t toEpochMs(Instant instant) {
    return instant.time_since_epoch().count();
}

Instant fromEpochMs(std::int64_t ms) {
    return Instant(Milliseconds(ms));
}

std::string formatDate(Date date) {
    std::string text;
    appendPadded(text, static_cast<int>(date.year()), 4);
    text += '-';
    appendPadded(text, static_cast<unsigned>(date.month()), 2);
    text += '-';
    appendPadded(text, static_cast<unsigned>(date.day()), 2);
    return text;
}

std::optional<Date> parseDate(std::string_view text) {
    Reader reader(text);
    const auto date = readDate(reader);
    return reader.goodAndDone() ? date : std::nullopt;
}

std::string formatInstant(Instant instant) {
    const sys_days day = std::chrono::floor<std::chrono::days>(instant);
    return formatDate(Date(day)) + 'T' + formatTimeOfDay(instant - day) + 'Z';
}

std::optional<Instant> parseInstant(std::string_view text) {
    Reader reader(text);
    const auto day = readDate(reader);
    reader.oneOf("T ");
    const Milliseconds time = readTimeOfDay(reader);
    const minutes offset = readOffset(reader);
    if (!day || !reader.goodAndDone()) {
        return std::nullopt;
    }
    return sys_days(*day) + time - offset;
}

Date addDays(Date date, int days) {
    return sys_days(date) + std::chrono::days(days);
}

Date addMonthsAnchored(Date from, int anchorDay, int months) {
    check(anchorDay >= 1 && anchorDay <= 31, "an anchor day is 1..31");
    const auto month = from.year() / from.month() + std::chrono::months(months);
    const std::chrono::day last = (month / std::chrono::last).day();
    return month / std::min(std::chrono::day(static_cast<unsigned>(anchorDay)), last);
}

Zone::Zone(const std::string& ianaName) : name_(ianaName), zone_(locate(ianaName)) {}

const std::string& Zone::name() const {
    return name_;
}

Instant Zone::startOfDay(Date day) const {
    return at(day, Seconds(0));
}

Instant Zone::at(Date day, Seconds sinceMidnight) const {
    const date::local_seconds local{sys_days(day).time_since_epoch() + sinceMidnight};
    const date::local_info info = zone_->get_info(local);
    if (info.result == date::local_info::nonexistent) {
        return info.first.end;
    }
    // Where it comes twice, `first` is the earlier of the two.
    return Instant(local.time_since_epoch() - info.first.offset);
}

Instant Zone::endOfDay(Date day) const {
    return startOfDay(addDays(day, 1));
}

Date Zone::localDate(Instant instant) const {
    const Instant local = instant + zone_->get_info(instant).offset;
    return std::chrono::floor<std::chrono::days>(local);
}

Instant Zone::startOfHour(Instant instant) const {
    const date::sys_info info = zone_->get_info(instant);
    const Instant start = std::chrono::floor<hours>(instant + info.offset) - info.offset;
    // An offset that is no whole hour away from the last one leaves a shorter hour after its change.
    return std::max(start, Instant(info.begin));
}

std::string Zone::format(Instant instant) const {
    const auto second = std::chrono::floor<Seconds>(instant);
    const date::sys_info info = zone_->get_info(second);
    const auto local = second + info.offset;
    const sys_days day = std::chrono::floor<std::chrono::days>(local);
    return formatDate(Date(day)) + ' ' + formatTimeOfDay(local - day) + ' ' + info.abbrev;
}

}  // namespace gardu::core
