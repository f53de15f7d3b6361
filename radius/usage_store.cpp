#include "radius/usage_store.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "core/check.h"

namespace gardu::radius {

namespace {

constexpr std::size_t kKeysPerStatement = 500;

void add(Octets& sum, const Octets& octets) {
    sum.input += octets.input;
    sum.output += octets.output;
}

/// Rows of usage_hour by hour first, so that a piece of them is of few hours.
struct HourKey {
    core::Instant hourStart;
    std::string subscriptionId;
    std::int64_t sessionId = 0;
    bool operator<(const HourKey& other) const {
        return std::tie(hourStart, subscriptionId, sessionId) <
               std::tie(other.hourStart, other.subscriptionId, other.sessionId);
    }
};
using HourSums = std::map<HourKey, Octets>;

HourSums sumByHour(const std::vector<UsagePart>& parts) {
    HourSums sums;
    for (const UsagePart& part : parts) {
        // What nobody is known to have used is in its session alone.
        if (!part.subscriptionId.empty()) {
            add(sums[{part.hourStart, part.subscriptionId, part.sessionId}], part.octets);
        }
    }
    return sums;
}

/// To the sums from `first` on, at most kKeysPerStatement of them, what is stored of the same.
HourSums::iterator addStored(core::Tx& tx, HourSums& sums, HourSums::iterator first) {
    core::Values values{core::toEpochMs(first->first.hourStart), std::int64_t{0}};
    auto end = first;
    for (; end != sums.end() && values.size() < kKeysPerStatement + 2; ++end) {
        values[1] = core::toEpochMs(end->first.hourStart);
        values.emplace_back(end->first.subscriptionId);
    }
    constexpr const char* kFind =
        "SELECT hour_start, subscription_id, session_id, input_octets, output_octets FROM usage_hour "
        "WHERE hour_start >= ? AND hour_start <= ? AND subscription_id IN ";
    const std::string list = core::placeholders(values.size() - 2);
    for (const core::Row& row : tx.query(std::string(kFind).append(list).append(tx.forUpdate()), values)) {
        const auto at = sums.find({core::fromEpochMs(row.integer(0)), row.text(1), row.integer(2)});
        // Rows of other hours between the first and the last one may belong to a later piece.
        if (at != sums.end() && !(at->first < first->first) &&
            (end == sums.end() || at->first < end->first)) {
            add(at->second, {row.integer(3), row.integer(4)});
        }
    }
    return end;
}

/// Of one day, by subscription.
using DaySums = std::map<std::string, Octets>;

void addStoredDay(core::Tx& tx, const std::string& day, DaySums& sums) {
    for (auto at = sums.begin(); at != sums.end();) {
        core::Values values{day};
        for (; at != sums.end() && values.size() <= kKeysPerStatement; ++at) {
            values.emplace_back(at->first);
        }
        constexpr const char* kFind =
            "SELECT subscription_id, input_octets, output_octets FROM usage_day "
            "WHERE day = ? AND subscription_id IN ";
        const std::string list = core::placeholders(values.size() - 1);
        for (const core::Row& row :
             tx.query(std::string(kFind).append(list).append(tx.forUpdate()), values)) {
            add(sums.at(row.text(0)), {row.integer(1), row.integer(2)});
        }
    }
}

void addToDay(core::Tx& tx, const std::string& day, DaySums sums) {
    addStoredDay(tx, day, sums);
    std::vector<core::Values> rows;
    rows.reserve(sums.size());
    for (const auto& [subscriptionId, octets] : sums) {
        rows.push_back({subscriptionId, day, octets.input, octets.output});
    }
    tx.insertRows("REPLACE INTO usage_day(subscription_id, day, input_octets, output_octets)", rows);
}

/// Calls take(hour, octets) for what is stored by the hour and what is running, of hours in [from, to).
template <class Function>
void forHours(core::Tx& tx, const std::string& subscriptionId,
              const std::pair<core::Instant, core::Instant>& time, Function&& take) {
    const core::Values values{subscriptionId, core::toEpochMs(time.first), core::toEpochMs(time.second)};
    for (const char* sql :
         {"SELECT hour_start, input_octets, output_octets FROM usage_hour WHERE subscription_id = ? "
          "AND hour_start >= ? AND hour_start < ?",
          "SELECT c.hour_start, c.hour_input, c.hour_output FROM sessions s "
          "JOIN session_counters c ON c.id = s.id WHERE s.subscription_id = ? "
          "AND c.hour_start >= ? AND c.hour_start < ?"}) {
        for (const core::Row& row : tx.query(sql, values)) {
            const Octets octets{row.integer(1), row.integer(2)};
            if (octets != Octets{}) {
                take(core::fromEpochMs(row.integer(0)), octets);
            }
        }
    }
}

}  // namespace

void addUsage(core::Tx& tx, const std::vector<UsagePart>& parts) {
    HourSums sums = sumByHour(parts);
    for (auto at = sums.begin(); at != sums.end();) {
        at = addStored(tx, sums, at);
    }
    std::vector<core::Values> rows;
    rows.reserve(sums.size());
    for (const auto& [key, octets] : sums) {
        rows.push_back(
            {key.subscriptionId, core::toEpochMs(key.hourStart), key.sessionId, octets.input, octets.output});
    }
    tx.insertRows(
        "REPLACE INTO usage_hour(subscription_id, hour_start, session_id, input_octets, output_octets)",
        rows);
}

bool rollUpHours(core::Tx& tx, const core::Zone& zone, core::Instant before, int most) {
    constexpr const char* kOldest =
        "SELECT hour_start, subscription_id, session_id, input_octets, output_octets FROM usage_hour "
        "WHERE hour_start < ? ORDER BY hour_start, subscription_id, session_id LIMIT ?";
    const core::Rows rows =
        tx.query(std::string(kOldest).append(tx.forUpdate()), {core::toEpochMs(before), std::int64_t{most}});
    if (rows.empty()) {
        return false;
    }
    std::map<core::Date, DaySums> days;
    for (const core::Row& row : rows) {
        const core::Date day = zone.localDate(core::fromEpochMs(row.integer(0)));
        add(days[day][row.text(1)], {row.integer(3), row.integer(4)});
    }
    for (auto& [day, sums] : days) {
        addToDay(tx, core::formatDate(day), std::move(sums));
    }
    // Up to and with the last one, in the order in which they were read.
    const core::Row& last = rows.back();
    tx.execute(
        "DELETE FROM usage_hour WHERE hour_start < ? OR (hour_start = ? AND (subscription_id < ? OR "
        "(subscription_id = ? AND session_id <= ?)))",
        {last.integer(0), last.integer(0), last.text(1), last.text(1), last.integer(2)});
    return static_cast<int>(rows.size()) == most;
}

std::vector<UsageHour> usageByHour(core::Tx& tx, const std::string& subscriptionId, core::Instant from,
                                   core::Instant to) {
    std::map<core::Instant, Octets> sums;
    forHours(tx, subscriptionId, {from, to},
             [&](core::Instant hour, const Octets& octets) { add(sums[hour], octets); });
    std::vector<UsageHour> hours;
    hours.reserve(sums.size());
    for (const auto& [hour, octets] : sums) {
        hours.push_back({hour, octets});
    }
    return hours;
}

std::vector<UsageDay> usageByDay(core::Tx& tx, const core::Zone& zone, const std::string& subscriptionId,
                                 const core::Period& period) {
    std::map<core::Date, Octets> sums;
    for (const core::Row& row :
         tx.query("SELECT day, input_octets, output_octets FROM usage_day WHERE subscription_id = ? "
                  "AND day >= ? AND day < ?",
                  {subscriptionId, core::formatDate(period.first), core::formatDate(period.next)})) {
        const auto day = core::parseDate(row.text(0));
        core::check(day.has_value(), "the table usage_day holds a day that is none");
        add(sums[*day], {row.integer(1), row.integer(2)});
    }
    forHours(tx, subscriptionId, {zone.startOfDay(period.first), zone.startOfDay(period.next)},
             [&](core::Instant hour, const Octets& octets) { add(sums[zone.localDate(hour)], octets); });
    std::vector<UsageDay> days;
    days.reserve(sums.size());
    for (const auto& [day, octets] : sums) {
        days.push_back({day, octets});
    }
    return days;
}

Octets usageBetween(core::Tx& tx, const std::string& subscriptionId, core::Instant from, core::Instant to) {
    Octets sum;
    const core::Values values{subscriptionId, core::toEpochMs(from), core::toEpochMs(to)};
    for (const char* sql :
         {"SELECT CAST(SUM(input_octets) AS SIGNED), CAST(SUM(output_octets) AS SIGNED) FROM usage_hour "
          "WHERE subscription_id = ? AND hour_start >= ? AND hour_start < ?",
          "SELECT CAST(SUM(c.hour_input) AS SIGNED), CAST(SUM(c.hour_output) AS SIGNED) FROM sessions s "
          "JOIN session_counters c ON c.id = s.id WHERE s.subscription_id = ? "
          "AND c.hour_start >= ? AND c.hour_start < ?"}) {
        const auto row = tx.queryOne(sql, values);
        add(sum, {row->optionalInteger(0).value_or(0), row->optionalInteger(1).value_or(0)});
    }
    return sum;
}

Octets rolledUpUsage(core::Tx& tx, const std::string& subscriptionId, const core::Period& period) {
    const auto row = tx.queryOne(
        "SELECT CAST(SUM(input_octets) AS SIGNED), CAST(SUM(output_octets) AS SIGNED) "
        "FROM usage_day WHERE subscription_id = ? AND day >= ? AND day < ?",
        {subscriptionId, core::formatDate(period.first), core::formatDate(period.next)});
    return {row->optionalInteger(0).value_or(0), row->optionalInteger(1).value_or(0)};
}

Octets usageIn(core::Tx& tx, const core::Zone& zone, const std::string& subscriptionId,
               const core::Period& period) {
    Octets sum;
    for (const UsageDay& day : usageByDay(tx, zone, subscriptionId, period)) {
        add(sum, day.octets);
    }
    return sum;
}

}  // namespace gardu::radius
