#pragma once
// Accounts of a test's own on either database: packages, subscribers, money, and what the books say in the
// end.

#include <string>
#include <vector>

#include "billing/account_service.h"
#include "billing/ledger_store.h"
#include "billing/payment_store.h"
#include "billing/records_store.h"
#include "tests/support/database_suite.h"
#include "tests/support/subscribers.h"

namespace gardu::test {

[[nodiscard]] inline core::Money idr(std::int64_t minor) {
    return {minor, core::findCurrency("IDR").value()};
}

/// A suite with billing in Jakarta, the packages "Home 10" (150000 IDR a month, prepaid) and "Dollar" (USD).
class BillingTest : public DatabaseTest {
public:
    void setUp() override {
        DatabaseTest::setUp();
        billing::addPackage(db(), packageOf("Home 10"), actAt());
        billing::Package dollar = packageOf("Dollar");
        dollar.price = {1'000, core::findCurrency("USD").value()};
        billing::addPackage(db(), dollar, actAt());
    }

protected:
    /// Noon of that day in Jakarta.
    [[nodiscard]] billing::Act on(const char* date) const {
        return actAt(settings_.zone.at(day(date), core::Seconds(12 * 3600)));
    }
    [[nodiscard]] const billing::BillingSettings& settings() const { return settings_; }
    [[nodiscard]] const core::Vault& vault() const { return vault_; }

    /// A prepaid one that has yet to pay its first month, from 2026-11-22 on.
    billing::AccountResult subscribe(const std::string& username, const std::string& customer = "") {
        billing::NewSubscription wanted{vault_};
        wanted.input = subscriberOf(username);
        wanted.input.endDate.reset();
        wanted.input.customerName = customer;
        return billing::addSubscription(db(), settings_, on("2026-11-22"), wanted);
    }
    /// Paid until 2026-12-21 elsewhere.
    billing::SubscriberRecord takeOver(const std::string& username, const std::string& customer = "") {
        billing::SubscriberInput input = subscriberOf(username);
        input.customerName = customer;
        return billing::addSubscriber(db(), vault_, input, actAt());
    }
    billing::PaymentResult pay(const billing::PaymentInput& input, const char* date = "2026-11-22") {
        return billing::recordPayment(db(), settings_, on(date), input);
    }
    /// About that payment; no amount: a match or reversal.
    [[nodiscard]] static billing::PaymentInput about(const std::string& paymentId, std::int64_t amount = 0) {
        billing::PaymentInput input = cash(amount, "");
        input.ofPayment = paymentId;
        return input;
    }
    [[nodiscard]] static billing::PaymentInput cash(std::int64_t amount, const std::string& subscription,
                                                    const std::string& reference = "") {
        billing::PaymentInput input;
        input.amount = idr(amount);
        input.reference = reference;
        if (!subscription.empty()) {
            input.subscription = subscription;
        }
        return input;
    }
    /// "2027-01-21", "none"
    std::string endOf(const std::string& username) {
        const auto end = billing::getSubscriber(db(), username).subscription.endDate;
        return end ? core::formatDate(*end) : "none";
    }
    std::string customerOf(const std::string& username) {
        return billing::getSubscriber(db(), username).subscription.customerId;
    }
    std::int64_t creditOf(const std::string& username) {
        const std::string customer = customerOf(username);
        return db().read([&](core::Tx& tx) { return billing::creditOf(tx, customer); });
    }
    /// "customer_credit -50000; money:cash 150000; ...", what is zero left out.
    std::string balances() {
        std::string text;
        for (const auto& each :
             db().read([](core::Tx& tx) { return billing::ledgerBalances(tx, std::nullopt); })) {
            if (each.balance != 0) {
                text.append(text.empty() ? "" : "; ").append(each.account).append(" ");
                text.append(std::to_string(each.balance));
            }
        }
        return text;
    }
    void expectRightBooks() {
        std::string text;
        for (const std::string& finding : db().read([](core::Tx& tx) { return billing::auditLedger(tx); })) {
            text.append(finding).append("; ");
        }
        CPPUNIT_ASSERT_EQUAL(std::string(), text);
    }
    /// Newest last: "actor action entity", each with "-" and "+" where there is a before or an after.
    std::string audited() {
        std::string text;
        const auto rows = db().read([](core::Tx& tx) { return billing::listAudit(tx, {}, 0, 1'000); });
        for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
            text.append(text.empty() ? "" : ", ").append(row->action).append(" ").append(row->entity);
            text.append(row->before ? "-" : "").append(row->after ? "+" : "");
        }
        return text;
    }

private:
    billing::BillingSettings settings_{core::Zone("Asia/Jakarta"), 3};
    core::Vault vault_ = testVault();
};

}  // namespace gardu::test
