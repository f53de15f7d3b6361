// payment add, list, show, match, refund, reverse.

#include <algorithm>
#include <iostream>
#include <limits>
#include <map>

#include "app/account_work.h"
#include "app/billing_views.h"
#include "billing/customer_store.h"
#include "billing/payment_store.h"

namespace gardu::app {

namespace {

constexpr int kPage = 1'000;
constexpr int kShownByDefault = 100;

struct PaymentOptions {
    std::string payment;
    std::string amount;
    std::optional<std::string> customer;
    std::optional<std::string> subscription;
    std::optional<std::string> invoice;
    std::optional<std::string> method;
    std::optional<std::string> source;
    std::optional<std::string> reference;
    std::optional<std::string> paidAt;
    std::optional<std::string> note;
    std::string reason;
    bool suspense = false;
    bool again = false;
    ListOptions list;
};

billing::PaymentInput inputOf(BillingDesk& desk, const PaymentOptions& options) {
    billing::PaymentInput input;
    input.source = options.source.value_or(input.source);
    if (options.reference && options.reference->empty()) {
        // Taken for none, each try of a script whose variable is empty would be a payment more.
        desk.options().wrong({"reference", "",
                              "is empty: write that of the bank or the gateway, or leave "
                              "--reference out"});
    }
    input.reference = options.reference.value_or("");
    input.again = options.again;
    if (options.method) {
        input.method =
            desk.options().word({"method", *options.method, "write cash, transfer, qris, ewallet or other"},
                                billing::parsePaymentMethod, input.method);
    }
    input.amount =
        options.amount.empty() ? core::Money{0, desk.currency()} : desk.money("amount", options.amount);
    input.customer = options.customer;
    input.subscription = options.subscription;
    input.invoice = options.invoice;
    input.paidAt = desk.moment("paid_at", options.paidAt);
    input.note = options.note.value_or("");
    return input;
}

void onlyOneTarget(BillingDesk& desk, const PaymentOptions& options) {
    if (options.customer.has_value() + options.subscription.has_value() + options.invoice.has_value() > 1) {
        desk.options().wrong({"customer", options.customer.value_or(""),
                              "give one of --customer, --subscription and --invoice"});
    }
}

/// Of those that are not paid in full too: what the money went to.
Json invoicesOf(const billing::AccountChanges& changes, core::Date today) {
    Json list = Json::array();
    for (const auto* invoices : {&changes.updated, &changes.issued}) {
        for (const billing::Invoice& invoice : *invoices) {
            const bool isAsked = invoice.kind == billing::DocumentKind::Invoice &&
                                 invoice.status != billing::InvoiceStatus::Void;
            if (isAsked) {
                const Json json = toJson(invoice, today);
                list.push_back({{"id", json.at("id")},
                                {"number", json.at("number")},
                                {"period_start", json.at("period_start")},
                                {"period_end", json.at("period_end")},
                                {"total", json.at("total")},
                                {"outstanding", json.at("outstanding")},
                                {"status", json.at("status")}});
            }
        }
    }
    return list;
}

/// The subscription that the payment is about: the named one, else the only one.
std::optional<std::string> subjectOf(core::Tx& tx, const billing::Payment& payment,
                                     const billing::Account& account) {
    if (payment.subscriptionId) {
        return payment.subscriptionId;
    }
    if (payment.invoiceId) {
        return billing::invoiceNamed(tx, *payment.invoiceId).subscriptionId;
    }
    return account.subscriptions.size() == 1 ? std::optional(account.subscriptions.front().subscription.id)
                                             : std::nullopt;
}

/// Of a subscription, what a payment can change.
Json standing(const Json& subscription) {
    Json json = Json::object();
    for (const char* member :
         {"id", "username", "status", "stage", "end_date", "access", "access_reason", "access_until"}) {
        json[member] = subscription.at(member);
    }
    return json;
}

void addAccount(BillingDesk& desk, const billing::PaymentResult& result, Json& document) {
    const billing::AccountResult& account = *result.account;
    const AccountMoment moment = momentOf(desk);
    const auto subject =
        desk.db().read([&](core::Tx& tx) { return subjectOf(tx, result.payment, account.account); });
    document["invoices"] = invoicesOf(account.changes, moment.today());
    document["balance"] = moneyJson(billing::balanceOf(account.account), account.account.currency);
    document["credit"] = moneyJson(account.account.credit, account.account.currency);
    const auto missing = subject ? toPay(desk, account.account, *subject) : std::nullopt;
    document["missing_minor"] = missing ? missing->amount : 0;
    for (const billing::AccountSubscription& each : account.account.subscriptions) {
        const Json json = standing(subscriptionJson(account.account, each, moment));
        if (each.subscription.id == subject) {
            document["access_until"] = json.at("access_until");
            document["stage"] = json.at("stage");
        }
        document["subscriptions"].push_back(json);
    }
}

/// What a payment that was too small leaves to be paid.
std::string missingText(const Json& document, const billing::AccountResult& account) {
    const auto missing = document.at("missing_minor").get<std::int64_t>();
    return missing == 0 ? ""
                        : plain(moneyJson(missing, account.account.currency)) +
                              " are missing for the next period, or what is owed\n";
}

std::string resultText(const Json& document, const billing::PaymentResult& result) {
    std::string text;
    if (result.repeated) {
        text = "This payment was here before: nothing was done.\n\n";
    } else if (!result.account) {
        text = "Nobody is known for it: it waits in suspense (gardu payment match " + result.payment.id +
               " --customer NAME).\n\n";
    } else {
        text = eventLines(result.account->changes.events) + missingText(document, *result.account) + "\n";
    }
    Json shown = document;
    shown.erase("missing_minor");
    return text + page(shown, {{"Went to",
                                "invoices",
                                {{"NUMBER", "number"},
                                 {"FROM", "period_start"},
                                 {"UNTIL", "period_end"},
                                 {"TOTAL", "total"},
                                 {"OUTSTANDING", "outstanding"},
                                 {"STATUS", "status"}}},
                               {"Subscriptions",
                                "subscriptions",
                                {{"USERNAME", "username"},
                                 {"STAGE", "stage"},
                                 {"END DATE", "end_date"},
                                 {"ACCESS", "access"},
                                 {"UNTIL", "access_until"}}}});
}

Result shown(BillingDesk& desk, const billing::PaymentResult& result) {
    Json document = toJson(result.payment);
    document["repeated"] = result.repeated;
    document["in_suspense"] = !result.account;
    document["invoices"] = Json::array();
    document["access_until"] = nullptr;
    document["stage"] = nullptr;
    document["balance"] = nullptr;
    document["credit"] = nullptr;
    document["missing_minor"] = nullptr;
    document["subscriptions"] = Json::array();
    if (result.account) {
        addAccount(desk, result, document);
    }
    return {document, resultText(localTimes(document, desk.zone()), result)};
}

/// By its id, or by a reference that only one has.
billing::Payment existing(core::Tx& tx, const std::string& which) {
    if (auto payment = billing::findPayment(tx, which)) {
        return std::move(*payment);
    }
    auto found = billing::findPaymentsOfReference(tx, which);
    if (found.size() > 1) {
        throw core::Refused("several payments have the reference \"" + which +
                            "\"; write the id of one, as gardu payment list shows it");
    }
    if (found.empty()) {
        throw core::Refused("there is no payment \"" + which +
                            "\": write its id or its reference, as gardu payment list shows them");
    }
    return std::move(found.front());
}

std::string idOf(BillingDesk& desk, const PaymentOptions& options) {
    return desk.db().read([&](core::Tx& tx) { return existing(tx, options.payment).id; });
}

/// A person who names an invoice that is void has the wrong one before him. What is known already is answered
/// as ever.
void refuseVoid(BillingDesk& desk, const billing::PaymentInput& input) {
    desk.db().read([&](core::Tx& tx) {
        if (!input.invoice || billing::findPaymentByReference(tx, input.source, input.reference)) {
            return;
        }
        const billing::Invoice invoice = billing::invoiceNamed(tx, *input.invoice);
        if (invoice.status == billing::InvoiceStatus::Void) {
            throw core::Refused(std::vector<core::FieldError>{
                {"invoice", invoice.number + " is void (" + invoice.voidReason.value_or("") +
                                "); give --subscription or --customer instead of it"}});
        }
    });
}

Result add(BillingDesk& desk, const PaymentOptions& options) {
    const billing::PaymentInput input = inputOf(desk, options);
    onlyOneTarget(desk, options);
    desk.checkOptions();
    refuseVoid(desk, input);
    return shown(desk, billing::recordPayment(desk.db(), desk.settings(), desk.act(), input));
}

Result match(BillingDesk& desk, const PaymentOptions& options) {
    billing::PaymentInput target = inputOf(desk, options);
    onlyOneTarget(desk, options);
    if (!options.customer && !options.subscription && !options.invoice) {
        desk.options().wrong({"customer", "", "give one of --customer, --subscription and --invoice"});
    }
    desk.checkOptions();
    target.ofPayment = idOf(desk, options);
    return shown(desk, billing::matchPayment(desk.db(), desk.settings(), desk.act(), target));
}

/// By the way the money came, unless another is named.
Result refund(BillingDesk& desk, const PaymentOptions& options) {
    billing::PaymentInput input = inputOf(desk, options);
    desk.checkOptions();
    if (!options.method) {
        input.method = desk.db().read([&](core::Tx& tx) { return existing(tx, options.payment).method; });
    }
    input.ofPayment = idOf(desk, options);
    return shown(desk, billing::refundPayment(desk.db(), desk.settings(), desk.act(), input));
}

Result reverse(BillingDesk& desk, const PaymentOptions& options) {
    desk.checkOptions();
    billing::PaymentInput input;
    input.ofPayment = idOf(desk, options);
    input.note = options.reason;
    return shown(desk, billing::reversePayment(desk.db(), desk.settings(), desk.act(), input));
}

Result show(BillingDesk& desk, const PaymentOptions& options) {
    desk.checkOptions();
    const Json document = desk.db().read([&](core::Tx& tx) {
        const billing::Payment payment = existing(tx, options.payment);
        Json json = toJson(payment);
        json["about"] = Json::array();
        for (const billing::Payment& each : billing::paymentsAbout(tx, payment.id)) {
            json["about"].push_back(toJson(each));
        }
        return json;
    });
    return {document, page(localTimes(document, desk.zone()), {{"What became of it",
                                                                "about",
                                                                {{"KIND", "kind"},
                                                                 {"AMOUNT", "amount"},
                                                                 {"WHEN", "paid_at"},
                                                                 {"NOTE", "note"},
                                                                 {"ID", "id"}}}})};
}

billing::PaymentFilter filterOf(BillingDesk& desk, const PaymentOptions& options) {
    billing::PaymentFilter filter;
    filter.inSuspense = options.suspense;
    const auto from = desk.day("from", options.list.from);
    const auto to = desk.day("to", options.list.to);
    filter.customerId = desk.customerId(options.list.customer);
    filter.from = from ? std::optional(desk.zone().startOfDay(*from)) : std::nullopt;
    filter.to = to ? std::optional(desk.zone().endOfDay(*to)) : std::nullopt;
    return filter;
}

/// With the names of whose they are.
Json namedRows(core::Tx& tx, const std::vector<billing::Payment>& payments) {
    std::map<std::string, std::string> names;
    Json rows = Json::array();
    for (const billing::Payment& payment : payments) {
        Json row = toJson(payment);
        row["customer"] = nullptr;
        if (payment.customerId) {
            const auto [name, isNew] = names.try_emplace(*payment.customerId);
            if (isNew) {
                const auto customer = billing::findCustomer(tx, *payment.customerId);
                name->second = customer ? customer->name : *payment.customerId;
            }
            row["customer"] = name->second;
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

/// Printed page by page: all of them need not fit into memory.
Result list(BillingDesk& desk, const PaymentOptions& options, bool json) {
    const int limit = limitOf(desk, options.list, json ? std::numeric_limits<int>::max() : kShownByDefault);
    const billing::PaymentFilter filter = filterOf(desk, options);
    ListPrinter printer(std::cout, json,
                        {{"WHEN", "paid_at"},
                         {"CUSTOMER", "customer"},
                         {"KIND", "kind"},
                         {"AMOUNT", "amount"},
                         {"METHOD", "method"},
                         {"SOURCE", "source"},
                         {"REFERENCE", "reference"},
                         {"ID", "id"}});
    std::string before;
    int left = limit;
    bool isCut = false;
    for (bool isLast = false; !isLast;) {
        // One more than is wanted tells whether there are more.
        const int wanted = std::min(left, kPage);
        Json rows = Json::array();
        desk.db().read([&](core::Tx& tx) {
            auto payments = billing::listPayments(tx, filter, before, wanted + 1);
            isCut = !cutTo(wanted, payments).empty();
            rows = namedRows(tx, payments);
            before = payments.empty() ? before : payments.back().id;
        });
        if (!json) {
            rows = localTimes(std::move(rows), desk.zone());
        }
        printer.print(rows);
        left -= wanted;
        isLast = left == 0 || !isCut;
    }
    printer.finish();
    return {nullptr, isCut ? moreThan(limit) : ""};
}

void addTarget(CLI::App& command, PaymentOptions& options) {
    command.add_option("--customer", options.customer, "whose: name or id");
    command.add_option("--subscription", options.subscription, "for which: user name or id");
    command.add_option("--invoice", options.invoice, "for which: number or id");
}

void addAgain(CLI::App& command, PaymentOptions& options) {
    command.add_flag("--again", options.again,
                     "another one of the same amount within a day, and not the same one typed twice");
}

void addMoney(CLI::App& command, PaymentOptions& options) {
    command.add_option("--amount", options.amount, "150000")->required();
    command.add_option("--method", options.method, "cash, transfer, qris, ewallet or other");
    command.add_option("--source", options.source, "who tells of it: manual, or a gateway's name");
    command.add_option("--reference", options.reference,
                       "its number there: the same one again is the same payment");
    command.add_option("--paid-at", options.paidAt, "when (now)");
    command.add_option("--note", options.note, "for the record");
}

void addChanges(BillingGroup& group) {
    const auto options = std::make_shared<PaymentOptions>();
    CLI::App& matchCommand = group.command("match", "money in suspense finds its customer",
                                           [options](BillingDesk& desk) { return match(desk, *options); });
    matchCommand.add_option("PAYMENT", options->payment, "id or reference")->required();
    addTarget(matchCommand, *options);
    addAgain(matchCommand, *options);

    CLI::App& refundCommand = group.command("refund", "give credit back that came by this payment",
                                            [options](BillingDesk& desk) { return refund(desk, *options); });
    refundCommand.add_option("PAYMENT", options->payment, "id or reference")->required();
    addMoney(refundCommand, *options);

    CLI::App& reverseCommand =
        group.command("reverse", "it was taken back: a chargeback, a bounced transfer",
                      [options](BillingDesk& desk) { return reverse(desk, *options); });
    reverseCommand.add_option("PAYMENT", options->payment, "id or reference")->required();
    reverseCommand.add_option("--reason", options->reason, "why")->required();
}

}  // namespace

void addPaymentCommands(CommandLine& line) {
    BillingGroup group(line, line.group("payment", "money that came in"));
    const auto options = std::make_shared<PaymentOptions>();
    CLI::App& addCommand = group.command("add", "one that came; without a customer it waits in suspense",
                                         [options](BillingDesk& desk) { return add(desk, *options); });
    addMoney(addCommand, *options);
    addTarget(addCommand, *options);
    addAgain(addCommand, *options);

    CLI::App& listCommand = group.command("list", "newest first", [&line, options](BillingDesk& desk) {
        return list(desk, *options, line.wantsJson());
    });
    listCommand.add_option("--customer", options->list.customer, "only of this customer (name or id)");
    listCommand.add_flag("--suspense", options->suspense, "only those that wait for a customer");
    addDays(listCommand, options->list, " of payment");
    addLimit(listCommand, options->list, std::to_string(kShownByDefault) + "; with --json all");

    CLI::App& showCommand = group.command("show", "one, and what became of it",
                                          [options](BillingDesk& desk) { return show(desk, *options); });
    showCommand.add_option("PAYMENT", options->payment, "id or reference")->required();
    addChanges(group);
}

}  // namespace gardu::app
