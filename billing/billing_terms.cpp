#include "billing/billing_terms.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "billing/rating.h"

namespace gardu::billing {

namespace {

constexpr int kMaxDays = 3'650;
constexpr int kMaxReminders = 10;
constexpr int kMaxReminderDays = 365;
constexpr int kMinutesOfDay = 1'440;
constexpr int kDaysOfWeek = 7;
constexpr std::size_t kMaxTaxCode = 20;

using Errors = std::vector<core::FieldError>;

// In the order in which a week is written; std::chrono counts from Sunday.
constexpr std::array<std::pair<std::string_view, int>, kDaysOfWeek> kWeekdays = {{
    {"mon", 1},
    {"tue", 2},
    {"wed", 3},
    {"thu", 4},
    {"fri", 5},
    {"sat", 6},
    {"sun", 0},
}};

std::optional<int> parseWeekday(std::string_view text) {
    for (const auto& [word, weekday] : kWeekdays) {
        if (word == text) {
            return weekday;
        }
    }
    return std::nullopt;
}

std::optional<int> parseDays(std::string_view text) {
    int days = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, days);
    return error == std::errc{} && rest == end ? std::optional(days) : std::nullopt;
}

/// What a comma separates; "" is nothing at all.
std::vector<std::string_view> splitList(std::string_view text) {
    std::vector<std::string_view> items;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        items.push_back(text.substr(0, comma));
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
        if (comma != std::string_view::npos && text.empty()) {
            items.emplace_back();
        }
    }
    return items;
}

void appendItem(std::string& text, std::string_view item) {
    if (!text.empty()) {
        text += ',';
    }
    text += item;
}

void checkDays(Errors& errors, const char* field, int days) {
    if (days < 0 || days > kMaxDays) {
        errors.push_back({field, "write a number of days from 0 to " + std::to_string(kMaxDays)});
    }
}

/// A step of the ladder comes no earlier than the one before it.
void checkStep(Errors& errors, const char* field, const std::optional<int>& days, int least) {
    if (!days) {
        return;
    }
    if (*days > kMaxDays) {
        checkDays(errors, field, *days);
    } else if (*days < least) {
        errors.push_back(
            {field, "write at least the days of the step before, which are " + std::to_string(least)});
    }
}

void checkCutTimes(Errors& errors, const DunningLadder& ladder) {
    const auto& weekdays = ladder.noCutWeekdays;
    if (!weekdays.empty() && (*weekdays.begin() < 0 || *weekdays.rbegin() >= kDaysOfWeek)) {
        errors.push_back({"no_cut_weekdays", "write days such as sat,sun"});
    } else if (weekdays.size() == kDaysOfWeek) {
        errors.push_back({"no_cut_weekdays", "leave one day on which access may end"});
    }
    if (ladder.cutFromMinute < 0 || ladder.cutUntilMinute <= ladder.cutFromMinute ||
        ladder.cutUntilMinute > kMinutesOfDay) {
        errors.push_back({"cut_hours", "write a later time after an earlier one, within 00:00 and 24:00"});
    }
}

void checkReminders(Errors& errors, const std::vector<int>& days) {
    const bool areNear = std::all_of(days.begin(), days.end(), [](int day) {
        return day >= -kMaxReminderDays && day <= kMaxReminderDays;
    });
    const std::set<int> different(days.begin(), days.end());
    if (!areNear || days.size() > kMaxReminders || different.size() != days.size()) {
        errors.push_back({"remind_days", "write at most 10 different numbers of days from -365 to 365"});
    }
}

void checkLadder(Errors& errors, const DunningLadder& ladder) {
    checkDays(errors, "grace_days", ladder.graceDays);
    const int grace = std::clamp(ladder.graceDays, 0, kMaxDays);
    checkStep(errors, "suspend_days", ladder.suspendDays, grace);
    checkStep(errors, "terminate_days", ladder.terminateDays,
              std::clamp(ladder.suspendDays.value_or(grace), grace, kMaxDays));
    checkDays(errors, "notice_days", ladder.noticeDays);
    if (ladder.tolerance < 0 || ladder.tolerance > kMaxAmount) {
        errors.push_back({"tolerance", "write an amount that is not below zero"});
    }
    checkCutTimes(errors, ladder);
    checkReminders(errors, ladder.remindDays);
}

}  // namespace

std::string_view name(BillingMode mode) {
    return mode == BillingMode::Prepaid ? "prepaid" : "postpaid";
}

std::string_view name(InvoiceAt at) {
    return at == InvoiceAt::Start ? "start" : "end";
}

std::string_view name(FirstPeriod first) {
    constexpr std::array<std::string_view, 3> names = {"prorate", "free", "full"};
    return names.at(static_cast<std::size_t>(first));
}

std::string_view name(LateRenewal late) {
    return late == LateRenewal::FromPayment ? "from-payment" : "from-end";
}

std::string_view name(WhileSuspended whileSuspended) {
    constexpr std::array<std::string_view, 3> names = {"continue", "stop", "credit"};
    return names.at(static_cast<std::size_t>(whileSuspended));
}

std::optional<BillingMode> parseBillingMode(std::string_view text) {
    for (const BillingMode mode : {BillingMode::Prepaid, BillingMode::Postpaid}) {
        if (name(mode) == text) {
            return mode;
        }
    }
    return std::nullopt;
}

std::optional<InvoiceAt> parseInvoiceAt(std::string_view text) {
    for (const InvoiceAt at : {InvoiceAt::Start, InvoiceAt::End}) {
        if (name(at) == text) {
            return at;
        }
    }
    return std::nullopt;
}

std::optional<FirstPeriod> parseFirstPeriod(std::string_view text) {
    for (const FirstPeriod first : {FirstPeriod::Prorate, FirstPeriod::Free, FirstPeriod::Full}) {
        if (name(first) == text) {
            return first;
        }
    }
    return std::nullopt;
}

std::optional<LateRenewal> parseLateRenewal(std::string_view text) {
    for (const LateRenewal late : {LateRenewal::FromPayment, LateRenewal::FromEnd}) {
        if (name(late) == text) {
            return late;
        }
    }
    return std::nullopt;
}

std::optional<WhileSuspended> parseWhileSuspended(std::string_view text) {
    for (const auto each : {WhileSuspended::Continue, WhileSuspended::Stop, WhileSuspended::Credit}) {
        if (name(each) == text) {
            return each;
        }
    }
    return std::nullopt;
}

std::vector<core::FieldError> termsProblems(const BillingTerms& terms) {
    Errors errors;
    checkDays(errors, "trial_days", terms.trialDays);
    checkDays(errors, "invoice_days", terms.invoiceDays);
    checkDays(errors, "due_days", terms.dueDays);
    if (terms.taxCode && (terms.taxCode->empty() || terms.taxCode->size() > kMaxTaxCode)) {
        errors.push_back({"tax", "write the code of a tax, of 1 to 20 characters"});
    }
    checkLadder(errors, terms.ladder);
    return errors;
}

std::string formatWeekdays(const std::set<int>& weekdays) {
    std::string text;
    for (const auto& [word, weekday] : kWeekdays) {
        if (weekdays.contains(weekday)) {
            appendItem(text, word);
        }
    }
    return text;
}

std::optional<std::set<int>> parseWeekdays(std::string_view text) {
    std::set<int> weekdays;
    for (const std::string_view item : splitList(text)) {
        const auto weekday = parseWeekday(item);
        if (!weekday) {
            return std::nullopt;
        }
        weekdays.insert(*weekday);
    }
    return weekdays;
}

std::string formatDayList(const std::vector<int>& days) {
    std::string text;
    for (const int day : days) {
        appendItem(text, std::to_string(day));
    }
    return text;
}

std::optional<std::vector<int>> parseDayList(std::string_view text) {
    std::vector<int> list;
    for (const std::string_view item : splitList(text)) {
        const auto days = parseDays(item);
        if (!days) {
            return std::nullopt;
        }
        list.push_back(*days);
    }
    return list;
}

}  // namespace gardu::billing
