#include "app/billing_desk.h"

#include "app/billing_loop.h"

namespace gardu::app {

namespace {

/// Of a list; so that one more is a number too.
constexpr int kMostRows = 1'000'000'000;

/// The digits of "150.000" or "1,500,000": what somebody means who groups them; "" of anything else.
std::string ungrouped(const std::string& text) {
    std::string digits;
    std::size_t inGroup = 0;
    bool isFirst = true;
    for (const char c : text) {
        const bool isSeparator = c == '.' || c == ',';
        if (!isSeparator && (c < '0' || c > '9')) {
            return "";
        }
        if (isSeparator && (isFirst ? inGroup == 0 || inGroup > 3 : inGroup != 3)) {
            return "";
        }
        isFirst = isFirst && !isSeparator;
        inGroup = isSeparator ? 0 : inGroup + 1;
        digits.append(isSeparator ? 0 : 1, c);
    }
    return isFirst || inGroup != 3 ? "" : digits;
}

/// What to write instead of an amount that is none.
std::string amountFix(const std::string& text, const core::Currency& currency) {
    const std::string places = std::to_string(currency.exponent);
    if (text.find_first_not_of("0123456789") == std::string::npos && !text.empty()) {
        return "this amount is too large";
    }
    const std::string meant = ungrouped(text);
    if (!meant.empty()) {
        return "write " + meant + ": no grouping, and " + currency.code + " has " +
               (currency.exponent == 0 ? "no" : "at most " + places) + " digits after the point";
    }
    return "write an amount in " + currency.code + " with at most " + places +
           " digits after the point, no grouping";
}

}  // namespace

std::optional<core::Instant> parseMoment(const std::string& text, const core::Zone& zone) {
    if (const auto date = core::parseDate(text)) {
        return zone.startOfDay(*date);
    }
    const bool hasSeconds = text.size() == 19;
    if (text.size() != 16 && !hasSeconds) {
        return core::parseInstant(text);
    }
    // Read as if it were UTC: what that is after its own midnight is the time of day.
    const auto asUtc = core::parseInstant(text + (hasSeconds ? "Z" : ":00Z"));
    if (!asUtc) {
        return core::parseInstant(text);
    }
    const auto midnight = std::chrono::floor<std::chrono::days>(*asUtc);
    return zone.at(core::Date(midnight), std::chrono::floor<core::Seconds>(*asUtc - midnight));
}

BillingDesk::BillingDesk(Workplace& workplace, const std::optional<std::string>& now)
    : workplace_(workplace),
      settings_(billingSettings(workplace.config())),
      currency_(workplace.config().currency()),
      act_(workplace.act()) {
    act_.now = moment("now", now).value_or(act_.now);
}

std::optional<core::Date> BillingDesk::day(const std::string& field, const std::optional<std::string>& text) {
    return options_.day(field, text);
}

std::optional<core::Instant> BillingDesk::moment(const std::string& field,
                                                 const std::optional<std::string>& text) {
    if (!text) {
        return std::nullopt;
    }
    const auto parse = [this](const std::string& written) { return parseMoment(written, zone()); };
    return options_.word(
        {field, *text,
         "write a time as 2027-02-15T13:00:00+07:00, or \"2027-02-15 13:00\" in the zone " + zone().name()},
        parse, core::Instant{});
}

core::Money BillingDesk::money(const std::string& field, const std::string& text) {
    const auto parse = [this](const std::string& written) { return core::parseMoney(written, currency_); };
    return options_.word({field, text, amountFix(text, currency_)}, parse, core::Money{0, currency_});
}

core::Period BillingDesk::days(const std::optional<std::string>& from, const std::optional<std::string>& to,
                               const core::Period& otherwise) {
    const auto first = day("from", from);
    const auto last = day("to", to);
    checkOptions();
    const core::Period period{first.value_or(otherwise.first),
                              last ? core::addDays(*last, 1) : otherwise.next};
    if (period.next <= period.first) {
        throw WrongUsage({{"to", "the last day is before the first one, " + core::formatDate(period.first) +
                                     ": write a later one, or an earlier --from"}});
    }
    return period;
}

const billing::Act& BillingDesk::act() const {
    checkOptions();
    return act_;
}

std::optional<std::string> BillingDesk::customerId(const std::optional<std::string>& customer) {
    checkOptions();
    if (!customer) {
        return std::nullopt;
    }
    return db().read([&](core::Tx& tx) { return billing::customerIdOf(tx, *customer); });
}

std::optional<std::string> BillingDesk::subscriptionId(const std::optional<std::string>& subscription) {
    checkOptions();
    if (!subscription) {
        return std::nullopt;
    }
    return db().read(
        [&](core::Tx& tx) { return billing::subscriptionNamed(tx, *subscription).subscription.id; });
}

CLI::App& BillingGroup::command(const std::string& name, const std::string& help, Command command) {
    const auto now = std::make_shared<std::optional<std::string>>();
    CLI::App& added = line_.command(app_, name, help, [now, run = std::move(command)](Workplace& workplace) {
        BillingDesk desk(workplace, *now);
        return run(desk);
    });
    added.add_option("--now", *now,
                     "what time it is for this call: 2027-02-15T13:00:00+07:00, or \"2027-02-15 13:00\"");
    return added;
}

BillingGroup BillingGroup::group(const std::string& name, const std::string& help) {
    return {line_, CommandLine::group(app_, name, help)};
}

int limitOf(BillingDesk& desk, const ListOptions& options, int otherwise) {
    const auto parse = [](const std::string& text) {
        const auto number = parseWhole(text);
        return number && *number >= 1 && *number <= kMostRows ? number : std::nullopt;
    };
    return options.limit ? desk.options().word({"limit", *options.limit, "write a whole number above 0"},
                                               parse, otherwise)
                         : otherwise;
}

void addLimit(CLI::App& command, ListOptions& options, const std::string& otherwise) {
    command.add_option("--limit", options.limit, "how many at most (" + otherwise + ")");
}

std::string moreThan(int limit) {
    return "the newest " + std::to_string(limit) + " of more; --limit N shows more\n";
}

void addDays(CLI::App& command, ListOptions& options, const std::string& what) {
    command.add_option("--from", options.from, "first day, YYYY-MM-DD" + what);
    command.add_option("--to", options.to, "last day, YYYY-MM-DD" + what);
}

}  // namespace gardu::app
