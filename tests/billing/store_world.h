#pragma once
// What the tests of billing's stores put into their databases: a package, customers, subscriptions,
// documents.

#include <string>
#include <vector>

#include "billing/customer_store.h"
#include "billing/invoice_store.h"
#include "billing/ledger_store.h"
#include "billing/package_store.h"
#include "billing/payment_store.h"
#include "billing/subscription_store.h"
#include "tests/support/database_suite.h"
#include "tests/support/subscribers.h"

namespace gardu::test {

[[nodiscard]] inline core::Currency rupiah() {
    return core::findCurrency("IDR").value();
}

[[nodiscard]] inline core::Period period(const char* first, const char* next) {
    return {day(first), day(next)};
}

[[nodiscard]] inline billing::Customer customerOf(const std::string& id) {
    return {id, "Customer " + id, std::nullopt, "0812", std::nullopt, billing::CustomerStatus::Active, "id"};
}

/// Of the package p-1.
[[nodiscard]] inline billing::Subscription subscriptionOf(const std::string& id,
                                                          const std::string& customer) {
    billing::Subscription subscription;
    subscription.id = id;
    subscription.customerId = customer;
    subscription.packageId = "p-1";
    subscription.username = "user-" + id;
    subscription.sealedPassword = "sealed";
    subscription.startDate = day("2026-11-22");
    subscription.endDate = day("2026-12-21");
    return subscription;
}

/// The package p-1 "Home 10"; customers c-1, c-2, c-3; subscriptions s-1 and s-3 of c-1, s-2 of c-2.
inline void makeSubscribers(core::Db& db) {
    db.transact([](core::Tx& tx) {
        billing::Package package = packageOf("Home 10");
        package.id = "p-1";
        billing::insertPackage(tx, package, kDatabaseMadeAt);
        billing::insertCustomers(tx, {customerOf("c-1"), customerOf("c-2"), customerOf("c-3")},
                                 kDatabaseMadeAt);
        billing::insertSubscriptions(
            tx, {subscriptionOf("s-1", "c-1"), subscriptionOf("s-2", "c-2"), subscriptionOf("s-3", "c-1")},
            kDatabaseMadeAt);
    });
}

[[nodiscard]] inline billing::InvoiceLine lineOf(std::int64_t net, std::int64_t tax = 0) {
    billing::InvoiceLine line;
    line.description = "Home 10";
    line.subscriptionId = "s-1";
    line.period = period("2026-12-22", "2027-01-22");
    line.amount = net;
    line.taxed = {net, tax};
    if (tax != 0) {
        line.taxCode = "PPN";
        line.taxRatePpm = 110'000;
    }
    return line;
}

/// Of s-1 of c-1 for 2026-12-22 to 2027-01-22: 150000 and a tax of 16500, unpaid.
[[nodiscard]] inline billing::Invoice invoiceOf(const std::string& id) {
    billing::Invoice invoice;
    invoice.id = id;
    invoice.customerId = "c-1";
    invoice.subscriptionId = "s-1";
    invoice.periodKey = "2026-12-22";
    invoice.period = period("2026-12-22", "2027-01-22");
    invoice.issuedAt = kDatabaseMadeAt;
    invoice.issueDate = day("2026-12-15");
    invoice.dueDate = day("2026-12-21");
    invoice.currency = rupiah();
    invoice.lines = {lineOf(150'000, 16'500)};
    invoice.sum = {150'000, 16'500};
    invoice.outstanding = 166'500;
    return invoice;
}

/// Of no subscription and no period: as many as one likes.
[[nodiscard]] inline billing::Invoice chargeOf(const std::string& id, std::int64_t amount) {
    billing::Invoice invoice = invoiceOf(id);
    invoice.subscriptionId.reset();
    invoice.periodKey.reset();
    invoice.period.reset();
    invoice.lines = {lineOf(amount)};
    invoice.lines.front().kind = billing::LineKind::Charge;
    invoice.lines.front().subscriptionId.reset();
    invoice.lines.front().period.reset();
    invoice.sum = {amount, 0};
    invoice.outstanding = amount;
    return invoice;
}

[[nodiscard]] inline billing::Payment paymentOf(const std::string& id, std::int64_t amount) {
    billing::Payment payment;
    payment.id = id;
    payment.source = "manual";
    payment.reference = "ref-" + id;
    payment.customerId = "c-1";
    payment.amount = {amount, rupiah()};
    payment.paidAt = kDatabaseMadeAt;
    return payment;
}

/// Numbers them and writes their postings too.
inline void issue(core::Db& db, std::vector<billing::Invoice> invoices) {
    db.transact([&](core::Tx& tx) {
        billing::issueInvoices(tx, invoices);
        std::vector<billing::LedgerEntry> entries;
        std::vector<std::string> ids;
        for (const billing::Invoice& invoice : invoices) {
            entries.push_back(billing::postingsOf(invoice));
            ids.push_back("t-" + invoice.id);
        }
        billing::appendEntries(tx, {entries, ids, kDatabaseMadeAt, day("2026-12-15")});
    });
}

/// Writes its postings too.
inline void receive(core::Db& db, const billing::Payment& payment) {
    db.transact([&](core::Tx& tx) {
        billing::insertPayment(tx, payment, kDatabaseMadeAt);
        billing::appendEntries(
            tx, {{billing::postingsOf(payment)}, {"t-" + payment.id}, kDatabaseMadeAt, day("2026-12-15")});
    });
}

}  // namespace gardu::test
