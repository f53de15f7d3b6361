#include "billing/package_terms_store.h"

#include "core/check.h"

namespace gardu::billing {

namespace {

using PackagesById = std::map<std::string, Package*>;

template <class T>
T stored(const std::optional<T>& value) {
    core::check(value.has_value(), "a package's terms hold what no program of ours writes");
    return *value;
}

int intOf(const core::Row& row, std::size_t column) {
    return static_cast<int>(row.integer(column));
}

core::Values termsRow(const Package& package) {
    const BillingTerms& terms = package.terms;
    const DunningLadder& ladder = terms.ladder;
    return {package.id,
            std::string(name(terms.mode)),
            std::string(name(terms.invoiceAt)),
            std::string(name(terms.firstPeriod)),
            std::string(name(terms.lateRenewal)),
            std::string(name(terms.whileSuspended)),
            std::int64_t{terms.trialDays},
            std::int64_t{terms.invoiceDays},
            std::int64_t{terms.dueDays},
            core::toValue(terms.taxCode),
            std::int64_t{ladder.graceDays},
            core::toValue(ladder.suspendDays),
            core::toValue(ladder.terminateDays),
            std::int64_t{ladder.noticeDays},
            ladder.tolerance,
            formatWeekdays(ladder.noCutWeekdays),
            std::int64_t{ladder.cutFromMinute},
            std::int64_t{ladder.cutUntilMinute},
            formatDayList(ladder.remindDays)};
}

/// Of a row whose first column is the package's id.
BillingTerms toTerms(const core::Row& row) {
    BillingTerms terms;
    terms.mode = stored(parseBillingMode(row.text(1)));
    terms.invoiceAt = stored(parseInvoiceAt(row.text(2)));
    terms.firstPeriod = stored(parseFirstPeriod(row.text(3)));
    terms.lateRenewal = stored(parseLateRenewal(row.text(4)));
    terms.whileSuspended = stored(parseWhileSuspended(row.text(5)));
    terms.trialDays = intOf(row, 6);
    terms.invoiceDays = intOf(row, 7);
    terms.dueDays = intOf(row, 8);
    terms.taxCode = row.optionalText(9);
    DunningLadder& ladder = terms.ladder;
    ladder.graceDays = intOf(row, 10);
    ladder.suspendDays = row.optionalInt(11);
    ladder.terminateDays = row.optionalInt(12);
    ladder.noticeDays = intOf(row, 13);
    ladder.tolerance = row.integer(14);
    ladder.noCutWeekdays = stored(parseWeekdays(row.text(15)));
    ladder.cutFromMinute = intOf(row, 16);
    ladder.cutUntilMinute = intOf(row, 17);
    ladder.remindDays = stored(parseDayList(row.text(18)));
    return terms;
}

QuotaPolicy toQuota(const core::Row& row) {
    QuotaPolicy quota;
    quota.period = stored(parseQuotaPeriod(row.text(1)));
    quota.uploadWeight = intOf(row, 2);
    quota.downloadWeight = intOf(row, 3);
    quota.freeFromHour = intOf(row, 4);
    quota.freeUntilHour = intOf(row, 5);
    quota.onPackageChange = stored(parseQuotaOnChange(row.text(6)));
    return quota;
}

void putQuota(core::Tx& tx, const std::string& packageId, const QuotaPolicy& quota) {
    tx.insertRows(
        "REPLACE INTO package_quotas(package_id, quota_period, upload_weight, download_weight, "
        "free_from_hour, free_until_hour, on_package_change)",
        {{packageId, std::string(name(quota.period)), std::int64_t{quota.uploadWeight},
          std::int64_t{quota.downloadWeight}, std::int64_t{quota.freeFromHour},
          std::int64_t{quota.freeUntilHour}, std::string(name(quota.onPackageChange))}});
    std::vector<core::Values> rows;
    rows.reserve(quota.tiers.size());
    for (const QuotaTier& tier : quota.tiers) {
        rows.push_back({packageId, tier.fromOctets, core::toValue(tier.rateLimit)});
    }
    tx.insertRows("INSERT INTO package_quota_tiers(package_id, from_octets, rate_limit)", rows);
}

struct Selection {
    /// Gives the package's id first.
    const char* select = "";
    const char* order = "";
};

/// Calls take(package, row) for the rows of those packages: one statement, whatever their number.
template <class Function>
void forRowsOf(core::Tx& tx, const PackagesById& packages, const Selection& rowsOf, Function&& take) {
    const bool isOne = packages.size() == 1;
    constexpr const char* kOfOne = " WHERE package_id = ?";
    const core::Rows rows = isOne ? tx.query(std::string(rowsOf.select).append(kOfOne).append(rowsOf.order),
                                             {packages.begin()->first})
                                  : tx.query(std::string(rowsOf.select).append(rowsOf.order));
    for (const core::Row& row : rows) {
        const auto at = packages.find(row.text(0));
        if (at != packages.end()) {
            take(*at->second, row);
        }
    }
}

}  // namespace

void putPackageTerms(core::Tx& tx, const Package& package) {
    tx.insertRows(
        "REPLACE INTO package_terms(package_id, billing, invoice_at, first_period, late_renewal, "
        "while_suspended, trial_days, invoice_days, due_days, tax_code, grace_days, suspend_days, "
        "terminate_days, notice_days, tolerance, no_cut_weekdays, cut_from_minute, cut_until_minute, "
        "remind_days)",
        {termsRow(package)});
    tx.execute("DELETE FROM package_quota_tiers WHERE package_id = ?", {package.id});
    if (package.quota) {
        putQuota(tx, package.id, *package.quota);
    } else {
        tx.execute("DELETE FROM package_quotas WHERE package_id = ?", {package.id});
    }
}

void readPackageTerms(core::Tx& tx, std::vector<Package>& packages) {
    if (packages.empty()) {
        return;
    }
    PackagesById byId;
    for (Package& package : packages) {
        byId.emplace(package.id, &package);
    }
    forRowsOf(tx, byId,
              {"SELECT package_id, billing, invoice_at, first_period, late_renewal, while_suspended, "
               "trial_days, invoice_days, due_days, tax_code, grace_days, suspend_days, terminate_days, "
               "notice_days, tolerance, no_cut_weekdays, cut_from_minute, cut_until_minute, remind_days "
               "FROM package_terms"},
              [](Package& package, const core::Row& row) { package.terms = toTerms(row); });
    forRowsOf(tx, byId,
              {"SELECT package_id, quota_period, upload_weight, download_weight, free_from_hour, "
               "free_until_hour, on_package_change FROM package_quotas"},
              [](Package& package, const core::Row& row) { package.quota = toQuota(row); });
    forRowsOf(tx, byId,
              {"SELECT package_id, from_octets, rate_limit FROM package_quota_tiers",
               " ORDER BY package_id, from_octets"},
              [](Package& package, const core::Row& row) {
                  core::check(package.quota.has_value(), "tiers of a package that has no quota");
                  package.quota->tiers.push_back({row.integer(1), row.optionalText(2)});
              });
}

void insertTax(core::Tx& tx, const Tax& tax, core::Instant now) {
    tx.insertRows("INSERT INTO taxes(code, name, rate_ppm, inclusive, created_at)",
                  {{tax.code, tax.name, std::int64_t{tax.ratePpm}, std::int64_t{tax.inclusive ? 1 : 0},
                    core::toEpochMs(now)}});
}

std::vector<Tax> listTaxes(core::Tx& tx) {
    const core::Rows rows = tx.query("SELECT code, name, rate_ppm, inclusive FROM taxes ORDER BY code");
    std::vector<Tax> taxes;
    taxes.reserve(rows.size());
    for (const core::Row& row : rows) {
        taxes.push_back({row.text(0), row.text(1), intOf(row, 2), row.boolean(3)});
    }
    return taxes;
}

void putHoliday(core::Tx& tx, const Holiday& holiday) {
    tx.insertRows("REPLACE INTO holidays(day, name)", {{core::formatDate(holiday.day), holiday.name}});
}

void deleteHoliday(core::Tx& tx, core::Date day) {
    tx.execute("DELETE FROM holidays WHERE day = ?", {core::formatDate(day)});
}

std::vector<Holiday> listHolidays(core::Tx& tx) {
    const core::Rows rows = tx.query("SELECT day, name FROM holidays ORDER BY day");
    std::vector<Holiday> holidays;
    holidays.reserve(rows.size());
    for (const core::Row& row : rows) {
        holidays.push_back({row.day(0), row.text(1)});
    }
    return holidays;
}

}  // namespace gardu::billing
