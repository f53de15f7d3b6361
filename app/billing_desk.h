#pragma once
// What all billing commands share: --now, and who acts, when, under which settings. One thread's.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "billing/account_service.h"

namespace gardu::app {

/// "2026-11-22", which is 00:00 of that day, or "2026-11-22 19:00", with seconds or not, as the clock on the
/// wall of the zone shows it, or RFC 3339.
[[nodiscard]] std::optional<core::Instant> parseMoment(const std::string& text, const core::Zone& zone);

/// A billing command at work. Its options are read through it, so that everything wrong is told at once.
class BillingDesk {
public:
    BillingDesk(Workplace& workplace, const std::optional<std::string>& now);

    [[nodiscard]] Workplace& workplace() { return workplace_; }
    [[nodiscard]] core::Db& db() { return workplace_.db(); }
    [[nodiscard]] const core::Zone& zone() const { return settings_.zone; }
    [[nodiscard]] const core::Currency& currency() const { return currency_; }
    [[nodiscard]] const billing::BillingSettings& settings() const { return settings_; }

    /// For options that have a form; wrong ones are kept until checkOptions().
    [[nodiscard]] OptionReader& options() { return options_; }
    [[nodiscard]] std::optional<core::Date> day(const std::string& field,
                                                const std::optional<std::string>& text);
    /// A day, which is 00:00 of it, or a time of it.
    [[nodiscard]] std::optional<core::Instant> moment(const std::string& field,
                                                      const std::optional<std::string>& text);
    [[nodiscard]] core::Money money(const std::string& field, const std::string& text);
    /// Of days, both in it; what is not said is open or, with `otherwise`, that.
    [[nodiscard]] core::Period days(const std::optional<std::string>& from,
                                    const std::optional<std::string>& to, const core::Period& otherwise);
    /// Throws WrongUsage with every option that is wrong, --now too.
    void checkOptions() const { options_.finish(); }

    // Only where the options are right; they check that.

    [[nodiscard]] const billing::Act& act() const;
    [[nodiscard]] core::Instant now() const { return act().now; }
    [[nodiscard]] core::Date today() const { return zone().localDate(now()); }

    /// The customer's or the subscription's id; nothing where nothing was said.
    [[nodiscard]] std::optional<std::string> customerId(const std::optional<std::string>& customer);
    [[nodiscard]] std::optional<std::string> subscriptionId(const std::optional<std::string>& subscription);

private:
    Workplace& workplace_;
    billing::BillingSettings settings_;
    core::Currency currency_;
    OptionReader options_;
    billing::Act act_;
};

/// A group of commands such as "invoice"; each of them takes --now.
class BillingGroup {
public:
    using Command = std::function<Result(BillingDesk&)>;

    BillingGroup(CommandLine& line, CLI::App& app) : line_(line), app_(app) {}
    CLI::App& command(const std::string& name, const std::string& help, Command command);
    /// A group within, such as "subscription discount".
    [[nodiscard]] BillingGroup group(const std::string& name, const std::string& help);

private:
    CommandLine& line_;
    CLI::App& app_;
};

/// Options that several commands have.
struct ListOptions {
    std::optional<std::string> customer;
    std::optional<std::string> subscription;
    std::optional<std::string> from;
    std::optional<std::string> to;
    std::optional<std::string> limit;
};
/// How many rows of a list are shown; a wrong one is kept until checkOptions().
[[nodiscard]] int limitOf(BillingDesk& desk, const ListOptions& options, int otherwise);
/// `otherwise`: how many without it, in words.
void addLimit(CLI::App& command, ListOptions& options, const std::string& otherwise);
/// What tells people that a list goes on after `limit` rows.
[[nodiscard]] std::string moreThan(int limit);
/// Of rows that were read with one more than `limit`: that one goes. Returns what people are told then.
template <class Rows>
[[nodiscard]] std::string cutTo(int limit, Rows& rows) {
    if (rows.size() <= static_cast<std::size_t>(limit)) {
        return "";
    }
    rows.resize(static_cast<std::size_t>(limit));
    return moreThan(limit);
}
void addDays(CLI::App& command, ListOptions& options, const std::string& what);

}  // namespace gardu::app
