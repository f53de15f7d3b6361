#include "billing/quota_store.h"

#include <algorithm>

#include "billing/billing_period.h"
#include "billing/package_store.h"

namespace gardu::billing {

namespace {

constexpr const char* kSubjects =
    "SELECT s.id, s.username_key, s.package_id, s.start_date, s.end_date, b.anchor_day, b.billed_until, "
    "b.paid_until_at, b.paused_on, m.first_day, m.next_day FROM subscriptions s "
    "JOIN package_quotas q ON q.package_id = s.package_id "
    "LEFT JOIN subscription_billing b ON b.subscription_id = s.id "
    "LEFT JOIN quota_periods m ON m.subscription_id = s.id WHERE s.id IN ";

core::Values valuesOf(const std::vector<std::string>& texts) {
    return {texts.begin(), texts.end()};
}

std::vector<std::string> firstColumn(const core::Rows& rows) {
    std::vector<std::string> texts;
    texts.reserve(rows.size());
    for (const core::Row& row : rows) {
        texts.push_back(row.text(0));
    }
    return texts;
}

/// Nothing where somebody wrote what is no day.
std::optional<QuotaSubject> toSubject(const core::Row& row) {
    const auto startDate = core::parseDate(row.text(3));
    const auto endDate = row.isNull(4) ? std::nullopt : core::parseDate(row.text(4));
    if (!startDate || row.isNull(4) == endDate.has_value()) {
        return std::nullopt;
    }
    QuotaSubject subject{row.text(0),
                         row.text(1),
                         row.text(2),
                         *startDate,
                         endDate,
                         row.optionalInt(5),
                         row.optionalDay(6),
                         row.optionalInstant(7),
                         row.optionalDay(8),
                         {}};
    if (!row.isNull(9)) {
        subject.moved = core::Period{row.day(9), row.day(10)};
    }
    return subject;
}

/// How the days of periods are counted, whatever the zone.
core::Zone anyZone() {
    return core::Zone("UTC");
}

/// Nothing where periods of its quota are not those of billing, or by the hour.
std::optional<Validity> periodsOf(core::Tx& tx, const QuotaSubject& subject) {
    const std::vector<Package> packages = listPackages(tx);
    const auto found = std::find_if(packages.begin(), packages.end(),
                                    [&](const Package& package) { return package.id == subject.packageId; });
    const bool isByDays = found != packages.end() && found->quota &&
                          found->quota->period == QuotaPeriod::BillingPeriod &&
                          found->validity.unit != ValidityUnit::Hour;
    return isByDays ? std::optional(found->validity) : std::nullopt;
}

std::optional<QuotaSubject> subjectOf(core::Tx& tx, const std::string& id) {
    std::vector<QuotaSubject> subjects = quotaSubjects(tx, {id});
    return subjects.empty() ? std::nullopt : std::optional(std::move(subjects.front()));
}

}  // namespace

QuotaAnchor quotaAnchor(const QuotaSubject& subject, Validity validity, const core::Zone& zone) {
    QuotaAnchor anchor{subject.anchorDay.value_or(anchorDayOf(subject.startDate)), validity, {}};
    if (subject.paidUntilAt && validity.unit == ValidityUnit::Hour) {
        anchor.boundary = *subject.paidUntilAt;
        return anchor;
    }
    anchor.moved = subject.moved;
    if (subject.billedUntil) {
        anchor.boundary = zone.startOfDay(*subject.billedUntil);
        return anchor;
    }
    // The days that are left of what is paid wait.
    anchor.pausedOn = subject.endDate ? subject.pausedOn : std::nullopt;
    const core::Date boundary = subject.endDate ? core::addDays(*subject.endDate, 1) : subject.startDate;
    anchor.boundary = zone.startOfDay(boundary);
    return anchor;
}

std::optional<QuotaPeriodBefore> quotaPeriodOn(core::Tx& tx, const std::string& subscriptionId,
                                               core::Date day) {
    const auto subject = subjectOf(tx, subscriptionId);
    const auto validity = subject ? periodsOf(tx, *subject) : std::nullopt;
    if (!validity) {
        return std::nullopt;
    }
    const core::Zone zone = anyZone();
    return QuotaPeriodBefore{billingDays(quotaAnchor(*subject, *validity, zone), zone, day), *validity};
}

std::optional<QuotaPeriodBefore> quotaPeriodNow(core::Tx& tx, const std::string& subscriptionId,
                                                core::Instant now) {
    const auto states = findQuotaStates(tx, {subscriptionId});
    const auto state = states.find(subscriptionId);
    const auto day = state == states.end() || state->second.use.periodEnd <= now
                         ? std::nullopt
                         : core::parseDate(state->second.periodKey);
    return day ? quotaPeriodOn(tx, subscriptionId, *day) : std::nullopt;
}

void keepQuotaPeriod(core::Tx& tx, const std::string& subscriptionId, const QuotaPeriodBefore& before,
                     core::Date end) {
    const auto subject = subjectOf(tx, subscriptionId);
    if (subject) {
        const core::Zone zone = anyZone();
        const QuotaAnchor anchor = quotaAnchor(*subject, before.validity, zone);
        const core::Period days = movedPeriod(before.days, end, anchor, zone);
        tx.insertRows("REPLACE INTO quota_periods(subscription_id, first_day, next_day)",
                      {{subscriptionId, core::formatDate(days.first), core::formatDate(days.next)}});
    }
}

std::vector<QuotaSubject> quotaSubjects(core::Tx& tx, const std::vector<std::string>& ids) {
    std::vector<QuotaSubject> subjects;
    if (ids.empty()) {
        return subjects;
    }
    subjects.reserve(ids.size());
    for (const core::Row& row : tx.query(kSubjects + core::placeholders(ids.size()), valuesOf(ids))) {
        if (auto subject = toSubject(row)) {
            subjects.push_back(std::move(*subject));
        }
    }
    return subjects;
}

std::vector<std::string> quotaSubscriptionsOf(core::Tx& tx, const std::vector<std::string>& usernameKeys) {
    if (usernameKeys.empty()) {
        return {};
    }
    constexpr const char* kFind =
        "SELECT s.id FROM subscriptions s JOIN package_quotas q ON q.package_id = s.package_id "
        "WHERE s.username_key IN ";
    return firstColumn(tx.query(kFind + core::placeholders(usernameKeys.size()), valuesOf(usernameKeys)));
}

std::vector<std::string> quotaSubscriptionsAfter(core::Tx& tx, const std::string& after, int most) {
    return firstColumn(
        tx.query("SELECT s.id FROM subscriptions s JOIN package_quotas q ON q.package_id = s.package_id "
                 "WHERE s.id > ? ORDER BY s.id LIMIT ?",
                 {after, std::int64_t{most}}));
}

void lockQuotaStates(core::Tx& tx, const std::vector<std::string>& ids) {
    // SQLite has one writer at a time.
    if (tx.dialect() == core::Dialect::Mysql && !ids.empty()) {
        constexpr const char* kLock = "SELECT subscription_id FROM quota_states WHERE subscription_id IN ";
        (void)tx.query(kLock + core::placeholders(ids.size()).append(" FOR UPDATE"), valuesOf(ids));
    }
}

std::map<std::string, QuotaState> findQuotaStates(core::Tx& tx, const std::vector<std::string>& ids) {
    std::map<std::string, QuotaState> states;
    if (ids.empty()) {
        return states;
    }
    constexpr const char* kFind =
        "SELECT subscription_id, package_id, period_key, period_start, period_end, used, base, bonus, "
        "carried, tier FROM quota_states WHERE subscription_id IN ";
    for (const core::Row& row : tx.query(kFind + core::placeholders(ids.size()), valuesOf(ids))) {
        QuotaState state{row.text(0), row.text(1),    row.text(2),    row.instant(3),
                         {},          row.integer(6), row.integer(8), static_cast<int>(row.integer(9))};
        state.use = {row.instant(4), row.integer(5), row.integer(7)};
        states.emplace(row.text(0), std::move(state));
    }
    return states;
}

void putQuotaStates(core::Tx& tx, const std::vector<QuotaState>& states, core::Instant now) {
    std::vector<core::Values> rows;
    rows.reserve(states.size());
    for (const QuotaState& state : states) {
        rows.push_back({state.subscriptionId, state.packageId, state.periodKey,
                        core::toEpochMs(state.periodStart), core::toEpochMs(state.use.periodEnd),
                        state.use.used, state.base, state.use.bonus, state.carried, std::int64_t{state.tier},
                        core::toEpochMs(now)});
    }
    tx.insertRows(
        "REPLACE INTO quota_states(subscription_id, package_id, period_key, period_start, period_end, used, "
        "base, bonus, carried, tier, evaluated_at)",
        rows);
}

void insertQuotaTopup(core::Tx& tx, const QuotaTopup& topup) {
    tx.insertRows(
        "INSERT INTO quota_topups(id, subscription_id, period_key, octets, carry, note, created_at)",
        {{topup.id, topup.subscriptionId, topup.periodKey, topup.octets, std::int64_t{topup.carry ? 1 : 0},
          topup.note, core::toEpochMs(topup.createdAt)}});
}

std::vector<QuotaTopup> listQuotaTopups(core::Tx& tx, const std::string& subscriptionId, int limit) {
    const core::Rows rows = tx.query(
        "SELECT id, subscription_id, period_key, octets, carry, note, created_at FROM quota_topups "
        "WHERE subscription_id = ? ORDER BY id DESC LIMIT ?",
        {subscriptionId, std::int64_t{limit}});
    std::vector<QuotaTopup> topups;
    topups.reserve(rows.size());
    for (const core::Row& row : rows) {
        topups.push_back({row.text(0), row.text(1), row.text(2), row.integer(3), row.boolean(4), row.text(5),
                          row.instant(6)});
    }
    return topups;
}

QuotaTopups sumQuotaTopups(core::Tx& tx, const std::string& subscriptionId, const std::string& periodKey) {
    QuotaTopups sums;
    for (const core::Row& row :
         tx.query("SELECT carry, CAST(SUM(octets) AS SIGNED) FROM quota_topups WHERE subscription_id = ? "
                  "AND period_key = ? GROUP BY carry",
                  {subscriptionId, periodKey})) {
        (row.boolean(0) ? sums.carry : sums.plain) = row.integer(1);
    }
    return sums;
}

}  // namespace gardu::billing
