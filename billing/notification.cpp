#include "billing/notification.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "billing/notification_texts.h"
#include "core/check.h"

namespace gardu::billing {

namespace {

using Values = std::map<std::string, std::string>;

const NotificationText& textOf(std::string_view templateName) {
    const auto& texts = notificationTexts();
    const auto found = std::find_if(texts.begin(), texts.end(), [&](const NotificationText& text) {
        return text.templateName == templateName;
    });
    core::check(found != texts.end(), "a notification of a template that does not exist");
    return *found;
}

struct Filled {
    std::string text;
    /// It has names, and all of them are empty.
    bool isEmpty = false;
};

Filled fill(std::string_view pattern, const Values& values) {
    Filled filled;
    int names = 0;
    int empty = 0;
    while (!pattern.empty()) {
        const std::size_t open = std::min(pattern.find('{'), pattern.size());
        filled.text.append(pattern.substr(0, open));
        pattern.remove_prefix(open);
        const std::size_t close = pattern.find('}');
        if (pattern.empty() || close == std::string_view::npos) {
            break;
        }
        const auto value = values.find(std::string(pattern.substr(1, close - 1)));
        pattern.remove_prefix(close + 1);
        ++names;
        if (value == values.end() || value->second.empty()) {
            ++empty;
        } else {
            filled.text.append(value->second);
        }
    }
    filled.isEmpty = names != 0 && names == empty;
    return filled;
}

std::string fillLines(std::string_view pattern, const Values& values) {
    std::string text;
    while (!pattern.empty()) {
        const std::size_t end = std::min(pattern.find('\n'), pattern.size() - 1) + 1;
        const Filled line = fill(pattern.substr(0, end), values);
        // Of the lines between two blank ones all may be left out.
        const bool isSecondBlank = line.text == "\n" && text.ends_with("\n\n");
        if (!line.isEmpty && !isSecondBlank) {
            text += line.text;
        }
        pattern.remove_prefix(end);
    }
    return text;
}

/// Digits in groups of three.
std::string grouped(std::string_view digits, char separator) {
    std::string text;
    for (std::size_t at = 0; at < digits.size(); ++at) {
        if (at != 0 && (digits.size() - at) % 3 == 0) {
            text += separator;
        }
        text += digits[at];
    }
    return text;
}

std::optional<core::Date> dateOf(const Values& data, const char* key) {
    const auto found = data.find(key);
    return found == data.end() ? std::nullopt : core::parseDate(found->second);
}

std::optional<core::Money> moneyOf(const Values& data) {
    const auto amount = data.find("amount_minor");
    const auto code = data.find("currency");
    if (amount == data.end() || code == data.end()) {
        return std::nullopt;
    }
    const auto currency = core::findCurrency(code->second);
    std::int64_t minor = 0;
    const std::string& text = amount->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), minor);
    if (!currency || error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return core::Money{minor, *currency};
}

std::optional<std::string> invoiceSettled(const NotificationFacts& facts) {
    if (facts.invoiceStatus == "paid") {
        return "the invoice is paid";
    }
    return facts.invoiceStatus == "void" ? std::optional<std::string>("the invoice is void") : std::nullopt;
}

/// Of what asks for money: of an invoice, or of the end of what is paid.
std::optional<std::string> nothingOwed(const NotificationFacts& facts, bool isLate) {
    if (facts.invoiceStatus) {
        return invoiceSettled(facts);
    }
    if (facts.subscriptionStatus == "cancelled") {
        return "the subscription is cancelled";
    }
    return isLate && facts.stage == "active" ? std::optional<std::string>("nothing is owed any more")
                                             : std::nullopt;
}

/// Of "isolated" and "suspended".
std::optional<std::string> cutOver(std::string_view templateName, const NotificationFacts& facts) {
    if (facts.subscriptionStatus == "cancelled") {
        return "the subscription is cancelled";
    }
    if (facts.stage == "isolated" || facts.stage == "suspended" || facts.stage == "terminated") {
        return facts.stage == templateName
                   ? std::nullopt
                   : std::optional<std::string>("the subscription is " + *facts.stage + " by now");
    }
    return "access is not cut off any more";
}

std::optional<std::string> restorationOver(const NotificationFacts& facts) {
    if (!facts.stage || facts.subscriptionStatus != "active") {
        return "the subscription is not active any more";
    }
    const bool isCut = facts.stage == "isolated" || facts.stage == "suspended" || facts.stage == "terminated";
    return isCut ? std::optional<std::string>("access is cut off again") : std::nullopt;
}

}  // namespace

std::string_view name(Language language) {
    return language == Language::Indonesian ? "id" : "en";
}

std::optional<Language> parseLanguage(std::string_view text) {
    if (text == "id") {
        return Language::Indonesian;
    }
    return text == "en" ? std::optional(Language::English) : std::nullopt;
}

const std::vector<std::string_view>& notificationTemplates() {
    static const std::vector<std::string_view> names = [] {
        std::vector<std::string_view> all;
        all.reserve(notificationTexts().size());
        for (const NotificationText& text : notificationTexts()) {
            all.push_back(text.templateName);
        }
        return all;
    }();
    return names;
}

Message renderNotification(std::string_view templateName, Language language, const Values& values) {
    const NotificationText& text = textOf(templateName);
    const NotificationWords& words = language == Language::Indonesian ? text.indonesian : text.english;
    return {fill(words.subject, values).text, fillLines(words.body, values)};
}

std::string amountInWords(const core::Money& money, Language language) {
    const bool isIndonesian = language == Language::Indonesian;
    const std::string plain = core::formatMoney(money);
    const std::size_t sign = plain.starts_with('-') ? 1 : 0;
    const std::size_t point = std::min(plain.find('.'), plain.size());
    std::string text = plain.substr(0, sign);
    text.append(isIndonesian && money.currency.code == "IDR" ? "Rp" : money.currency.code).append(" ");
    text.append(grouped(std::string_view(plain).substr(sign, point - sign), isIndonesian ? '.' : ','));
    if (point < plain.size()) {
        text.append(isIndonesian ? "," : ".").append(plain, point + 1);
    }
    return text;
}

std::string dateInWords(core::Date date, Language language) {
    static constexpr std::array<std::string_view, 12> kIndonesian = {
        "Januari", "Februari", "Maret",     "April",   "Mei",      "Juni",
        "Juli",    "Agustus",  "September", "Oktober", "November", "Desember"};
    static constexpr std::array<std::string_view, 12> kEnglish = {
        "January", "February", "March",     "April",   "May",      "June",
        "July",    "August",   "September", "October", "November", "December"};
    const auto& months = language == Language::Indonesian ? kIndonesian : kEnglish;
    std::string text = std::to_string(static_cast<unsigned>(date.day()));
    text.append(" ").append(months.at(static_cast<unsigned>(date.month()) - 1)).append(" ");
    return text.append(std::to_string(static_cast<int>(date.year())));
}

Values notificationValues(Values data, Language language) {
    if (const auto money = moneyOf(data)) {
        data["amount"] = amountInWords(*money, language);
    }
    if (const auto due = dateOf(data, "due_date")) {
        data["due_date"] = dateInWords(*due, language);
    }
    const auto first = dateOf(data, "period_start");
    const auto next = dateOf(data, "period_end");
    if (first && next) {
        data["period"] = dateInWords(*first, language);
        // A plan by the hour, or of one day, has no other last day.
        if (const core::Date last = core::addDays(*next, -1); last > *first) {
            data["period"].append(" - ").append(dateInWords(last, language));
        }
    }
    return data;
}

std::optional<std::string> notificationObsolete(std::string_view templateName, const NotificationFacts& facts,
                                                core::Date today) {
    static_cast<void>(textOf(templateName));
    if (templateName == "reminder" && facts.dueDate && *facts.dueDate < today) {
        return "the due date is over: it waited for too long";
    }
    if (templateName == "invoice_issued" || templateName == "reminder" ||
        templateName == "payment_reversed") {
        return nothingOwed(facts, false);
    }
    if (templateName == "overdue") {
        return nothingOwed(facts, true);
    }
    if (templateName == "isolated" || templateName == "suspended") {
        return cutOver(templateName, facts);
    }
    if (templateName == "restored") {
        return restorationOver(facts);
    }
    if (templateName == "terminated" && facts.stage != "terminated") {
        return "the subscription is not terminated any more";
    }
    if (templateName == "quota_reached" && facts.subscriptionStatus != "active") {
        return "the subscription is not active any more";
    }
    return std::nullopt;
}

}  // namespace gardu::billing
