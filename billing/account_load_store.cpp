#include <algorithm>

#include "billing/account_store.h"
#include "billing/invoice_row_store.h"
#include "billing/subscription_row_store.h"
#include "core/check.h"

namespace gardu::billing {

namespace {

// Columns of the first statement: the customer, his credit, a subscription, its billing state.
constexpr std::size_t kCreditColumn = 7;
constexpr std::size_t kSubscriptionColumn = 8;
constexpr std::size_t kStateKeyColumn = kSubscriptionColumn + kSubscriptionWidth;
constexpr std::size_t kStateColumn = kStateKeyColumn + 1;

core::Rows readSubscriptions(core::Tx& tx, const std::string& customerId) {
    return tx.query(std::string("SELECT c.id, c.name, c.email, c.phone, c.address, c.status, c.language, "
                                "(SELECT CAST(COALESCE(SUM(p.amount), 0) AS SIGNED) FROM ledger_postings p "
                                "WHERE p.customer_id = c.id AND p.account = 'customer_credit'), ")
                        .append(kSubscriptionColumns)
                        .append(", b.subscription_id, ")
                        .append(kBillingStateColumns)
                        .append(" FROM customers c LEFT JOIN subscriptions s ON s.customer_id = c.id "
                                "LEFT JOIN subscription_billing b ON b.subscription_id = s.id "
                                "WHERE c.id = ? ORDER BY s.id"),
                    {customerId});
}

Customer toCustomer(const core::Row& row) {
    const auto status = parseCustomerStatus(row.text(5));
    if (!status) {
        throw core::DbError("status of customer \"" + row.text(1) + "\" is \"" + row.text(5) +
                            "\" in the database, which it cannot be: correct it there");
    }
    return {row.text(0),         row.text(1), row.optionalText(2), row.optionalText(3),
            row.optionalText(4), *status,     row.optionalText(6)};
}

PricedPackagePtr packageOf(const PricedPackages& packages, const std::string& id) {
    const auto found = packages.find(id);
    if (found == packages.end()) {
        throw UnknownPackage("package " + id + " was not there when packages were read");
    }
    return found->second;
}

BillingState stateOf(const core::Row& row, const std::string& username) {
    try {
        return toBillingState(row, kStateColumn);
    } catch (const core::DbError& error) {
        throw core::DbError("billing of \"" + username + "\": " + error.what());
    }
}

AccountSubscription toAccountSubscription(const core::Row& row, const PricedPackages& packages) {
    AccountSubscription each;
    std::string problem;
    each.subscription = toSubscription(row, kSubscriptionColumn, problem);
    if (problem.empty() && row.isNull(kStateKeyColumn)) {
        problem = "\"" + each.subscription.username + "\" has no row in subscription_billing";
    }
    if (!problem.empty()) {
        throw core::DbError(problem);
    }
    each.usernameKey = row.text(kSubscriptionColumn + kUsernameKeyColumn);
    each.state = stateOf(row, each.subscription.username);
    each.package = packageOf(packages, each.subscription.packageId);
    if (each.state.nextPackageId) {
        each.nextPackage = packageOf(packages, *each.state.nextPackageId);
    }
    each.asRead = billedColumnsAsText(each.subscription);
    each.pausedAsRead = each.state.pausedOn;
    each.endAsRead = each.subscription.endDate;
    return each;
}

/// What readParts() reads.
enum class Part : std::int64_t { Charged = 1, Discount = 2, Pending = 3 };

/// Charged lines, discounts and pending charges of all his subscriptions, in one statement: a run reads a
/// hundred thousand accounts. The part, the subscription, the line's or charge's kind, description or name,
/// first and last (or next) day, amount; of lines net, tax, tax code, rate and sign; of discounts the rate;
/// of those and charges the id. Lines in the order of their documents, the rest as they were made.
core::Rows readParts(core::Tx& tx, const std::string& customerId, core::Date today) {
    return tx.query(
        "SELECT 1 AS part, l.subscription_id, l.kind, l.description, l.period_start, l.period_end, l.amount, "
        "l.net, l.tax, l.tax_code, l.tax_rate_ppm, "
        "CASE i.kind WHEN 'credit_note' THEN -1 ELSE 1 END AS sign, i.number AS id, i.issued_at AS made_at, "
        "l.position AS position FROM subscriptions s "
        "JOIN subscription_billing b ON b.subscription_id = s.id "
        "JOIN invoice_lines l ON l.subscription_id = s.id JOIN invoices i ON i.id = l.invoice_id "
        "WHERE s.customer_id = ? AND i.status <> 'void' AND NOT EXISTS "
        "(SELECT 1 FROM invoices v WHERE v.id = i.credits_invoice_id AND v.status = 'void') "
        "AND (l.period_end > ? OR l.period_end > b.paused_on "
        "OR l.period_end > b.stopped_on) "
        "UNION ALL SELECT 2, d.subscription_id, NULL, d.name, d.starts_on, d.ends_on, d.amount, NULL, NULL, "
        "NULL, d.rate_ppm, NULL, d.id, d.created_at, 0 FROM subscriptions s JOIN discounts d ON "
        "d.subscription_id = s.id "
        "WHERE s.customer_id = ? "
        "UNION ALL SELECT 3, p.subscription_id, p.kind, p.description, p.period_start, p.period_end, "
        "p.amount, NULL, NULL, NULL, NULL, NULL, p.id, p.created_at, 0 FROM subscriptions s "
        "JOIN pending_charges p ON p.subscription_id = s.id "
        "WHERE s.customer_id = ? AND p.invoice_id IS NULL ORDER BY part, made_at, id, position",
        {customerId, core::formatDate(today), customerId, customerId});
}

LineKind lineKind(const core::Row& row) {
    const auto kind = parseLineKind(row.text(2));
    core::check(kind.has_value(), "a line or charge holds a kind that its CHECK forbids");
    return *kind;
}

std::optional<core::Period> periodOf(const core::Row& row) {
    if (row.isNull(4) || row.isNull(5)) {
        return std::nullopt;
    }
    return core::Period{row.day(4), row.day(5)};
}

InvoiceLine toCharged(const core::Row& row) {
    const std::int64_t sign = row.integer(11);
    InvoiceLine line;
    line.kind = lineKind(row);
    line.subscriptionId = row.text(1);
    line.description = row.text(3);
    line.period = periodOf(row);
    line.amount = sign * row.integer(6);
    line.taxed = {sign * row.integer(7), sign * row.integer(8)};
    line.taxCode = row.optionalText(9);
    line.taxRatePpm = static_cast<int>(row.integer(10));
    return line;
}

void addPart(AccountSubscription& each, const core::Row& row) {
    switch (static_cast<Part>(row.integer(0))) {
        case Part::Charged:
            each.charged.push_back(toCharged(row));
            break;
        case Part::Discount:
            each.discounts.push_back({row.text(12), row.text(3), row.optionalInt(10), row.optionalInteger(6),
                                      row.day(4), row.optionalDay(5)});
            break;
        case Part::Pending:
            each.pending.push_back({row.text(12), lineKind(row), row.text(3), row.integer(6), periodOf(row)});
            break;
    }
}

void readPartsInto(core::Tx& tx, Account& account, core::Date today) {
    for (const core::Row& row : readParts(tx, account.customer.id, today)) {
        const auto found = std::find_if(
            account.subscriptions.begin(), account.subscriptions.end(),
            [&](const AccountSubscription& each) { return each.subscription.id == row.text(1); });
        if (found != account.subscriptions.end()) {
            addPart(*found, row);
        }
    }
}

/// Of his packages; of who has none, that of what he owes or has paid.
core::Currency currencyOf(core::Tx& tx, const Account& account) {
    std::optional<core::Currency> current;
    std::optional<core::Currency> former;
    for (const AccountSubscription& each : account.subscriptions) {
        const bool isOver = each.subscription.status == SubscriptionStatus::Cancelled;
        const core::Currency& currency = each.package->package.price.currency;
        if (!isOver && current && *current != currency) {
            throw core::DbError("customer \"" + account.customer.name + "\" has packages in two currencies");
        }
        (isOver ? former : current) = currency;
    }
    if (current || former) {
        return current ? *current : *former;
    }
    const auto row =
        tx.queryOne("SELECT currency FROM ledger_postings WHERE customer_id = ? ORDER BY id DESC LIMIT 1",
                    {account.customer.id});
    return core::findCurrency(row ? row->text(0) : "").value_or(core::Currency{});
}

}  // namespace

std::optional<Account> loadAccount(core::Tx& tx, const std::string& customerId,
                                   const PricedPackages& packages, core::Date today) {
    const core::Rows rows = readSubscriptions(tx, customerId);
    if (rows.empty()) {
        return std::nullopt;
    }
    Account account;
    account.customer = toCustomer(rows.front());
    account.credit = -rows.front().integer(kCreditColumn);
    const bool hasNone = rows.front().isNull(kSubscriptionColumn);
    account.subscriptions.reserve(hasNone ? 0 : rows.size());
    for (const core::Row& row : rows) {
        if (!row.isNull(kSubscriptionColumn)) {
            account.subscriptions.push_back(toAccountSubscription(row, packages));
        }
    }
    if (!hasNone) {
        readPartsInto(tx, account, today);
    }
    account.open = openInvoicesOf(tx, customerId);
    account.currency = currencyOf(tx, account);
    return account;
}

}  // namespace gardu::billing
