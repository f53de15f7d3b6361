#include "app/subscription_verbs.h"

#include "app/account_work.h"

namespace gardu::app {

namespace {

struct VerbOptions {
    std::string subscription;
    std::string package;
    std::optional<std::string> at;
    std::string onOff;
    std::optional<std::string> day;
    std::optional<std::string> reason;
    std::optional<std::string> description;
    std::string amount;
    std::string charge;
    bool off = false;
    bool atOnce = false;
};
using Options = std::shared_ptr<VerbOptions>;

Result renew(BillingDesk& desk, const VerbOptions& options) {
    return onSubscription(
        desk, {"subscription renew", options.subscription,
               [](core::Tx&, billing::AccountBook& book, const std::string& id) { book.renew(id); }});
}

Result resume(BillingDesk& desk, const VerbOptions& options) {
    return onSubscription(
        desk, {"subscription resume", options.subscription,
               [](core::Tx&, billing::AccountBook& book, const std::string& id) { book.resume(id); }});
}

Result unpark(BillingDesk& desk, const VerbOptions& options) {
    return onSubscription(
        desk, {"subscription unpark", options.subscription,
               [](core::Tx&, billing::AccountBook& book, const std::string& id) { book.unpark(id); }});
}

std::optional<bool> parseNowOrEnd(const std::string& text) {
    return text == "now" || text == "period-end" ? std::optional(text == "now") : std::nullopt;
}

std::optional<bool> parseOnOff(const std::string& text) {
    return text == "on" || text == "off" ? std::optional(text == "on") : std::nullopt;
}

Result changePackage(BillingDesk& desk, const VerbOptions& options) {
    std::optional<bool> now;
    if (options.at) {
        now = desk.options().word({"at", *options.at, "write now or period-end"}, parseNowOrEnd, true);
    }
    const std::string id = desk.subscriptionId(options.subscription).value();
    return shown(
        desk, billing::changePackage(desk.db(), desk.settings(), desk.act(), {id, options.package, now}), id);
}

Result pause(BillingDesk& desk, const VerbOptions& options) {
    const auto until = desk.day("until", options.day);
    return onSubscription(desk, {"subscription pause", options.subscription,
                                 [until](core::Tx&, billing::AccountBook& book, const std::string& id) {
                                     book.pause(id, until);
                                 }});
}

Result cancel(BillingDesk& desk, const VerbOptions& options) {
    const auto on = desk.day("on", options.day);
    if (options.off && options.day) {
        desk.options().wrong({"on", *options.day, "give --on DAY, or --off"});
    }
    if (options.off) {
        return onSubscription(
            desk, {"subscription cancel", options.subscription,
                   [](core::Tx&, billing::AccountBook& book, const std::string& id) { book.keep(id); }});
    }
    return onSubscription(
        desk, {"subscription cancel", options.subscription,
               [on](core::Tx&, billing::AccountBook& book, const std::string& id) { book.cancel(id, on); }});
}

Result autoRenew(BillingDesk& desk, const VerbOptions& options) {
    const bool on = desk.options().word({"on_off", options.onOff, "write on or off"}, parseOnOff, true);
    return onSubscription(desk, {"subscription auto-renew", options.subscription,
                                 [on](core::Tx&, billing::AccountBook& book, const std::string& id) {
                                     book.setAutoRenew(id, on);
                                 }});
}

/// The day, or none with --off; one of both must be there.
std::optional<core::Date> dayOrOff(BillingDesk& desk, const VerbOptions& options) {
    if (options.off == options.day.has_value()) {
        desk.options().wrong({"until", options.day.value_or(""), "give --until DAY, or --off"});
    }
    return desk.day("until", options.day);
}

Result neverCut(BillingDesk& desk, const VerbOptions& options) {
    const auto until = dayOrOff(desk, options);
    const std::string reason = options.reason.value_or("");
    if (!options.off && reason.empty()) {
        desk.options().wrong({"reason", reason, "write why he is not cut off"});
    }
    return onSubscription(desk,
                          {"subscription never-cut", options.subscription,
                           [until, reason](core::Tx&, billing::AccountBook& book, const std::string& id) {
                               book.neverCut(id, until, reason);
                           }});
}

Result promise(BillingDesk& desk, const VerbOptions& options) {
    const auto until = dayOrOff(desk, options);
    return onSubscription(desk, {"subscription promise", options.subscription,
                                 [until](core::Tx&, billing::AccountBook& book, const std::string& id) {
                                     book.promise(id, until);
                                 }});
}

Result charge(BillingDesk& desk, const VerbOptions& options) {
    const std::int64_t amount = desk.money("amount", options.amount).minor;
    return onSubscription(desk,
                          {"subscription charge", options.subscription,
                           [&](core::Tx&, billing::AccountBook& book, const std::string& id) {
                               book.charge(id, {amount, options.description.value_or("")}, options.atOnce);
                           }});
}

Result dropCharge(BillingDesk& desk, const VerbOptions& options) {
    return onSubscription(desk, {"subscription drop-charge", options.subscription,
                                 [&](core::Tx&, billing::AccountBook& book, const std::string& id) {
                                     book.dropCharge(id, options.charge);
                                 }});
}

/// A command with its options and the subscription that it is about.
class Verb {
public:
    Verb(BillingGroup& group, const char* name, const char* help,
         Result (*run)(BillingDesk&, const VerbOptions&))
        : options_(std::make_shared<VerbOptions>()),
          app_(group.command(name, help,
                             [options = options_, run](BillingDesk& desk) { return run(desk, *options); })) {
        app_.add_option("SUBSCRIPTION", options_->subscription, "user name or id")->required();
    }
    [[nodiscard]] VerbOptions& options() { return *options_; }
    [[nodiscard]] CLI::App& app() { return app_; }

private:
    Options options_;
    CLI::App& app_;
};

void addPlanVerbs(BillingGroup& group) {
    const Verb renewed(group, "renew", "one period more from the current end on, as an invoice", renew);
    Verb change(group, "change-package", "another package", changePackage);
    change.app().add_option("--package", change.options().package, "its name")->required();
    change.app().add_option("--at", change.options().at,
                            "now: unused days are given back; or period-end (a cheaper one: period-end; "
                            "else now)");
    Verb paused(group, "pause", "no access and no billing from today on; what is paid is kept", pause);
    paused.app().add_option("--until", paused.options().day,
                            "first day with access again, YYYY-MM-DD (until resume)");
    const Verb resumed(group, "resume", "end a pause", resume);
    Verb cancelled(group, "cancel", "end it for good; what is paid and not used is given back", cancel);
    cancelled.app().add_option("--on", cancelled.options().day, "first day without it, YYYY-MM-DD (today)");
    cancelled.app().add_flag("--off", cancelled.options().off, "take a planned one back");
    Verb renewing(group, "auto-renew", "whether the next period comes by itself", autoRenew);
    renewing.app().add_option("ON_OFF", renewing.options().onOff, "on or off")->required();
}

void addMoneyVerbs(BillingGroup& group) {
    Verb never(group, "never-cut", "not cut off, whatever is owed; invoices and reminders go on", neverCut);
    never.app().add_option("--until", never.options().day, "up to and with that day, YYYY-MM-DD");
    never.app().add_option("--reason", never.options().reason, "why");
    never.app().add_flag("--off", never.options().off, "take it away");
    Verb promised(group, "promise", "promised to pay: not cut off until then", promise);
    promised.app().add_option("--until", promised.options().day, "up to and with that day, YYYY-MM-DD");
    promised.app().add_flag("--off", promised.options().off, "take it away");
    Verb charged(group, "charge", "something once, on the next invoice; below 0: a credit", charge);
    charged.app()
        .add_option("--amount", charged.options().amount, "before tax: 50000, or -50000")
        ->required();
    charged.app()
        .add_option("--description", charged.options().description, "as the invoice says it")
        ->required();
    charged.app().add_flag("--at-once", charged.options().atOnce, "on an invoice of its own, now");
    Verb dropped(group, "drop-charge", "a charge that waits for the next invoice, taken back", dropCharge);
    dropped.app().add_option("CHARGE", dropped.options().charge, "id, as show has it")->required();
    const Verb unparked(group, "unpark", "billing goes on after somebody has looked", unpark);
}

}  // namespace

void addSubscriptionVerbs(BillingGroup& group) {
    addPlanVerbs(group);
    addMoneyVerbs(group);
    addDiscountCommands(group.group("discount", "a part of the price of each period"));
}

}  // namespace gardu::app
