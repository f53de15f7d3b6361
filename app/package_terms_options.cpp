#include "app/package_terms_options.h"

#include "billing/terms_text.h"

namespace gardu::app {

namespace {

using Text = std::optional<std::string>;

/// What a field takes, and what to write where it cannot be read.
struct Field {
    const char* name;
    const Text& text;
    const char* fix;
};

/// What was not given stays.
template <class T, class Parse>
void set(OptionReader& reader, const Field& field, Parse parse, T& value) {
    if (field.text) {
        value = reader.word({field.name, *field.text, field.fix}, parse, value);
    }
}

void setNumber(OptionReader& reader, const char* name, const Text& text, int& value) {
    set(reader, {name, text, "write a whole number"}, parseWhole, value);
}

void setOptional(OptionReader& reader, const char* name, const Text& text, std::optional<int>& value) {
    if (text) {
        value = reader.number(name, *text);
    }
}

/// "none" is no day.
std::string orEmpty(const std::string& text) {
    return orNothing(text).value_or("");
}

void applyWords(const TermsOptions& options, OptionReader& reader, billing::BillingTerms& terms) {
    set(reader, {"billing", options.billing, "write prepaid or postpaid"}, billing::parseBillingMode,
        terms.mode);
    set(reader, {"invoice_at", options.invoiceAt, "write start or end"}, billing::parseInvoiceAt,
        terms.invoiceAt);
    set(reader, {"first_period", options.firstPeriod, "write prorate, free or full"},
        billing::parseFirstPeriod, terms.firstPeriod);
    set(reader, {"late_renewal", options.lateRenewal, "write from-payment or from-end"},
        billing::parseLateRenewal, terms.lateRenewal);
    set(reader, {"while_suspended", options.whileSuspended, "write continue, stop or credit"},
        billing::parseWhileSuspended, terms.whileSuspended);
}

void applyLadder(const TermsOptions& options, OptionReader& reader, const core::Currency& currency,
                 billing::DunningLadder& ladder) {
    setNumber(reader, "grace_days", options.graceDays, ladder.graceDays);
    setOptional(reader, "suspend_days", options.suspendDays, ladder.suspendDays);
    setOptional(reader, "terminate_days", options.terminateDays, ladder.terminateDays);
    setNumber(reader, "notice_days", options.noticeDays, ladder.noticeDays);
    const auto minor = [&](const std::string& text) {
        const auto money = core::parseMoney(text, currency);
        return money ? std::optional(money->minor) : std::nullopt;
    };
    set(reader, {"tolerance", options.tolerance, "write an amount such as 1000"}, minor, ladder.tolerance);
    const auto weekdays = [](const std::string& text) { return billing::parseWeekdays(orEmpty(text)); };
    set(reader, {"no_cut_weekdays", options.noCutWeekdays, "write days such as sat,sun, or none"}, weekdays,
        ladder.noCutWeekdays);
    const auto days = [](const std::string& text) { return billing::parseDayList(orEmpty(text)); };
    set(reader, {"remind_days", options.remindDays, "write days such as 3,1,-2, or none"}, days,
        ladder.remindDays);
    billing::MinuteRange hours{ladder.cutFromMinute, ladder.cutUntilMinute};
    set(reader, {"cut_hours", options.cutHours, "write a time of the day such as 08:00-17:00"},
        billing::parseMinuteRange, hours);
    ladder.cutFromMinute = hours.from;
    ladder.cutUntilMinute = hours.until;
}

/// Whether an option but --quota itself was given.
bool hasDetails(const TermsOptions& options) {
    return options.quotaPeriod || options.quotaUploadWeight || options.quotaDownloadWeight ||
           options.quotaFreeHours || options.quotaOnPackageChange;
}

void applyDetails(const TermsOptions& options, OptionReader& reader, billing::QuotaPolicy& quota) {
    set(reader, {"quota_period", options.quotaPeriod, "write day, billing-period or month"},
        billing::parseQuotaPeriod, quota.period);
    set(reader, {"quota_on_package_change", options.quotaOnPackageChange, "write keep or reset"},
        billing::parseQuotaOnChange, quota.onPackageChange);
    setNumber(reader, "quota_upload_weight", options.quotaUploadWeight, quota.uploadWeight);
    setNumber(reader, "quota_download_weight", options.quotaDownloadWeight, quota.downloadWeight);
    billing::HourRange free{quota.freeFromHour, quota.freeUntilHour};
    const auto hours = [](const std::string& text) {
        return orNothing(text) ? billing::parseHourRange(text) : std::optional(billing::HourRange{});
    };
    set(reader, {"quota_free_hours", options.quotaFreeHours, "write hours such as 00-06, or none"}, hours,
        free);
    quota.freeFromHour = free.from;
    quota.freeUntilHour = free.until;
}

}  // namespace

void applyTerms(const TermsOptions& options, OptionReader& reader, billing::Package& package) {
    billing::BillingTerms& terms = package.terms;
    applyWords(options, reader, terms);
    setNumber(reader, "trial_days", options.trialDays, terms.trialDays);
    setNumber(reader, "invoice_days", options.invoiceDays, terms.invoiceDays);
    setNumber(reader, "due_days", options.dueDays, terms.dueDays);
    terms.taxCode = options.tax ? orNothing(*options.tax) : terms.taxCode;
    applyLadder(options, reader, package.price.currency, terms.ladder);
}

void applyQuota(const TermsOptions& options, OptionReader& reader, billing::Package& package) {
    if (options.quota && !orNothing(*options.quota)) {
        package.quota.reset();
    } else if (options.quota) {
        package.quota = package.quota.value_or(billing::QuotaPolicy{});
        set(reader,
            {"quota", options.quota, "write tiers such as 50G:2M/2M,100G:512k/512k,150G:cap, or none"},
            billing::parseQuotaTiers, package.quota->tiers);
    }
    if (package.quota) {
        applyDetails(options, reader, *package.quota);
    } else if (hasDetails(options)) {
        reader.wrong({"quota", options.quota.value_or(""), "the package has no quota: give its tiers too"});
    }
}

void addTermsOptions(CLI::App& command, TermsOptions& options) {
    command.add_option("--billing", options.billing, "prepaid (the default) or postpaid");
    command.add_option("--invoice-at", options.invoiceAt, "of postpaid: at the start or end of the period");
    command.add_option("--first-period", options.firstPeriod,
                       "where it is shorter than a whole one: prorate, free or full");
    command.add_option("--late-renewal", options.lateRenewal,
                       "of prepaid: the new period begins from-payment or from-end (of the old one)");
    command.add_option("--while-suspended", options.whileSuspended,
                       "of postpaid: billing goes on (continue), stops (stop), or is given back (credit)");
    command.add_option("--trial-days", options.trialDays, "free days before the first period");
    command.add_option("--invoice-days", options.invoiceDays,
                       "of prepaid: days before the end on which the next invoice is made");
    command.add_option("--due-days", options.dueDays, "of postpaid: days from an invoice to its due date");
    command.add_option("--tax", options.tax, "code of a tax (gardu tax list), or none");
    command.add_option("--grace-days", options.graceDays, "days after the due date with access");
    command.add_option("--suspend-days", options.suspendDays, "days after it until access is refused; none");
    command.add_option("--terminate-days", options.terminateDays, "days after it until the end; none");
    command.add_option("--notice-days", options.noticeDays, "days of notice when a payment is taken back");
    command.add_option("--tolerance", options.tolerance, "who owes no more than this is left alone");
    command.add_option("--no-cut-weekdays", options.noCutWeekdays, "nobody is cut off on: sat,sun; none");
    command.add_option("--cut-hours", options.cutHours, "people are cut off only between: 08:00-17:00");
    command.add_option("--remind-days", options.remindDays,
                       "days before (after: -2) the due date on which he is reminded: 3,1; none");
}

void addQuotaOptions(CLI::App& command, TermsOptions& options) {
    command.add_option("--quota", options.quota,
                       "from so much on that rate, or no access: 50G:2M/2M,150G:cap; none: no quota");
    command.add_option("--quota-period", options.quotaPeriod, "day, billing-period (the default) or month");
    command.add_option("--quota-upload-weight", options.quotaUploadWeight, "percent of upload that counts");
    command.add_option("--quota-download-weight", options.quotaDownloadWeight, "percent of download");
    command.add_option("--quota-free-hours", options.quotaFreeHours, "hours that do not count: 00-06; none");
    command.add_option("--quota-on-package-change", options.quotaOnPackageChange,
                       "what was used is kept (keep) or forgotten (reset)");
}

}  // namespace gardu::app
