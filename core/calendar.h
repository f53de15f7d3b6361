#pragma once
// Instants (UTC, milliseconds), business days, and the IANA zone that joins them. Pure, but for the
// system's tzdata, which is read through the date library when a Zone is made.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace date {
class time_zone;
}

namespace gardu::core {

using Instant = std::chrono::sys_time<std::chrono::milliseconds>;
using Milliseconds = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;
/// A local calendar day; always a valid one.
using Date = std::chrono::year_month_day;

/// Milliseconds since 1970-01-01T00:00:00Z: how the database keeps an instant.
[[nodiscard]] std::int64_t toEpochMs(Instant instant);
[[nodiscard]] Instant fromEpochMs(std::int64_t ms);

/// "2027-02-15"; parseDate refuses anything else, and days that do not exist.
[[nodiscard]] std::string formatDate(Date date);
[[nodiscard]] std::optional<Date> parseDate(std::string_view text);

/// RFC 3339. Printed in UTC with "Z" and milliseconds only where they are not zero.
[[nodiscard]] std::string formatInstant(Instant instant);
/// Takes "Z" or a numeric offset, any number of fraction digits (cut to milliseconds), 'T' or a blank.
/// Refuses second 60: an instant here has no leap seconds.
[[nodiscard]] std::optional<Instant> parseInstant(std::string_view text);

[[nodiscard]] Date addDays(Date date, int days);

/// The `months`-th anniversary of a period that began in the month of `from` with this anchor day (1..31):
/// the anchor is kept and clamped to each month's length, so 31 gives 01-31, 02-28, 03-31 (never drifts).
/// `months` may be negative.
[[nodiscard]] Date addMonthsAnchored(Date from, int anchorDay, int months);

/// Half-open: `first` is in it, `next` is not.
struct Period {
    Date first;
    Date next;
    [[nodiscard]] bool contains(Date day) const { return first <= day && day < next; }
    bool operator==(const Period&) const = default;
};

/// An IANA time zone. Cheap to copy; safe to share between threads.
class Zone {
public:
    /// Throws std::invalid_argument that names the zone when tzdata does not have it.
    explicit Zone(const std::string& ianaName);

    [[nodiscard]] const std::string& name() const;
    /// The first instant of that local day: 00:00, or the first instant after a gap, or the first of two.
    [[nodiscard]] Instant startOfDay(Date day) const;
    /// When the clock on the wall of that day first shows this time; the first instant after a gap that
    /// swallows it.
    [[nodiscard]] Instant at(Date day, Seconds sinceMidnight) const;
    /// 24:00 of that day, which is the start of the next one.
    [[nodiscard]] Instant endOfDay(Date day) const;
    [[nodiscard]] Date localDate(Instant instant) const;
    /// When the clock on the wall last showed a full hour, or was set since; differs from UTC's hours in
    /// zones such as +05:45.
    [[nodiscard]] Instant startOfHour(Instant instant) const;
    /// "2027-02-15 13:45:00 WIB", for people.
    [[nodiscard]] std::string format(Instant instant) const;

private:
    std::string name_;
    const date::time_zone* zone_;
};

}  // namespace gardu::core
