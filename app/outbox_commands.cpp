// outbox list, outbox retry, notify test.

#include <algorithm>
#include <memory>

#include "app/billing_desk.h"
#include "app/notify_settings.h"
#include "billing/outbox_store.h"
#include "core/clock.h"
#include "core/entropy.h"

namespace gardu::app {

namespace {

constexpr int kShownByDefault = 100;

struct OutboxArguments {
    std::optional<std::string> status;
    std::string before;
    ListOptions list;
    std::string id;
    std::string to;
};

Json orNull(const std::optional<std::string>& text) {
    return text ? Json(*text) : Json(nullptr);
}

Json toJson(const billing::OutboxRow& row) {
    const Json data = Json::parse(row.item.data, nullptr, false);
    return {{"id", row.item.id},
            {"template", row.item.templateName},
            {"customer", row.item.customerName},
            {"customer_id", row.item.customerId},
            {"subscription_id", orNull(row.item.subscriptionId)},
            {"invoice_id", orNull(row.item.invoiceId)},
            {"status", row.status},
            {"attempts", row.item.attempts},
            {"result", row.lastResult},
            {"sent_by", row.sentBy.empty() ? Json(nullptr) : Json(row.sentBy)},
            {"created_at", core::formatInstant(row.item.createdAt)},
            {"finished_at", row.finishedAt ? Json(core::formatInstant(*row.finishedAt)) : Json(nullptr)},
            {"data", data.is_object() ? data : Json::object()}};
}

Result list(BillingDesk& desk, const OutboxArguments& arguments) {
    constexpr std::string_view kStatuses[] = {"waiting", "sent", "dropped", "failed"};
    const auto parse = [&](const std::string& text) {
        const auto found = std::find(std::begin(kStatuses), std::end(kStatuses), text);
        return found != std::end(kStatuses) ? std::optional(text) : std::nullopt;
    };
    const auto status = arguments.status
                            ? std::optional(desk.options().word(
                                  {"status", *arguments.status, "write waiting, sent, dropped or failed"},
                                  parse, std::string()))
                            : std::nullopt;
    const int limit = limitOf(desk, arguments.list, kShownByDefault);
    desk.checkOptions();
    Json all = Json::array();
    auto rows = desk.db().read(
        [&](core::Tx& tx) { return billing::listOutbox(tx, status, arguments.before, limit + 1); });
    const std::string more = cutTo(limit, rows);
    for (const billing::OutboxRow& row : rows) {
        all.push_back(toJson(row));
    }
    return {all, table(localTimes(all, desk.zone()), {{"WHEN", "created_at"},
                                                      {"WHAT", "template"},
                                                      {"CUSTOMER", "customer"},
                                                      {"STATUS", "status"},
                                                      {"ATTEMPTS", "attempts"},
                                                      {"RESULT", "result"},
                                                      {"ID", "id"}}) +
                     more};
}

Result retry(BillingDesk& desk, const std::string& id) {
    const core::Instant now = desk.now();
    const bool isWaiting =
        desk.db().transact([&](core::Tx& tx) { return billing::retryNotification(tx, id, now); });
    if (!isWaiting) {
        throw core::Refused("there is no notification \"" + id +
                            "\" that could be sent again: gardu outbox list shows all");
    }
    return {{{"waiting", id}}, "it is sent again as soon as the server gets to it\n"};
}

/// As a customer's: what an address would be sent by.
billing::OutboxItem customerWith(const std::string& to) {
    billing::OutboxItem item;
    if (to.find('@') == std::string::npos) {
        item.phone = to;
    } else {
        item.email = to;
    }
    return item;
}

Result testSender(Workplace& workplace, const std::string& to) {
    const NotifySettings settings = notifySettings(workplace.config(), {});
    const std::string company = settings.company.empty() ? "Gardu" : settings.company;
    const bool isIndonesian = settings.language == billing::Language::Indonesian;
    for (const NotificationSender& sender : settings.senders) {
        const auto address = sender.addressOf(customerWith(to));
        if (!address) {
            continue;
        }
        const SendResult sent = sender.send(
            {core::newId(core::wallNow()),
             *address,
             {isIndonesian ? "Pesan uji" : "Test message",
              (isIndonesian ? "Ini pesan uji dari " : "This is a test message from ") + company + ".\n"}});
        if (sent.status != SendStatus::Sent) {
            throw core::Refused(sender.name + ": " + sent.words);
        }
        return {{{"sent_by", sender.name}, {"to", *address}, {"result", sent.words}},
                "sent by " + sender.name + " to " + *address + ": " + sent.words + "\n"};
    }
    throw core::Refused(settings.senders.empty()
                            ? "no sender is configured: set notify.smtp.host or notify.http.url"
                            : "no configured sender can use this address: e-mail addresses are for "
                              "notify.smtp.host, telephone numbers for notify.http.url");
}

}  // namespace

void addOutboxCommands(CommandLine& line) {
    const auto arguments = std::make_shared<OutboxArguments>();
    BillingGroup outbox(line, line.group("outbox", "what customers are told"));
    CLI::App& listCommand = outbox.command("list", "show notifications, newest first",
                                           [arguments](BillingDesk& desk) { return list(desk, *arguments); });
    listCommand.add_option("--status", arguments->status, "only waiting, sent, dropped or failed ones");
    listCommand.add_option("--before", arguments->before, "only older ones than the one with this id");
    addLimit(listCommand, arguments->list, "100");
    CLI::App& retryCommand =
        outbox.command("retry", "send one that was dropped, failed or waits",
                       [arguments](BillingDesk& desk) { return retry(desk, arguments->id); });
    retryCommand.add_option("ID", arguments->id, "as outbox list shows it")->required();

    CLI::App& notify = line.group("notify", "the senders of notifications");
    CLI::App& testCommand =
        line.command(notify, "test", "send a test message now",
                     [arguments](Workplace& workplace) { return testSender(workplace, arguments->to); });
    testCommand.add_option("--to", arguments->to, "an e-mail address or a telephone number")->required();
}

}  // namespace gardu::app
