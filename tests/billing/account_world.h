#pragma once
// One account with a virtual clock, and all that the database would keep of it: documents, ledger, events.
// check() weighs one against the other.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "billing/account_book.h"

namespace gardu::test {

/// "Home 10" for 150000 a month, prepaid, in IDR, without tax.
[[nodiscard]] billing::Package monthly(std::int64_t price);
[[nodiscard]] billing::Package postpaid(std::int64_t price, billing::InvoiceAt at);
[[nodiscard]] billing::PricedPackagePtr priced(billing::Package package);
/// PPN of 11 %.
[[nodiscard]] billing::PricedPackagePtr pricedWithTax(billing::Package package, bool inclusive);

class AccountWorld {
public:
    /// Today at 09:00, in that zone.
    explicit AccountWorld(const std::string& today, const std::string& zone = "Asia/Jakarta");

    // The clock.
    /// 09:00 of that day, and what the clock brings.
    void goTo(const std::string& day);
    void goTo(core::Instant now);
    /// One day after the other, as a run does every night at 00:05, up to 09:00 of that day.
    void liveTo(const std::string& day);
    [[nodiscard]] core::Instant now() const { return now_; }
    [[nodiscard]] core::Date today() const { return zone().localDate(now_); }
    [[nodiscard]] const core::Zone& zone() const { return rules.cuts.zone; }

    /// A subscription of today, begun; its id.
    std::string add(const billing::PricedPackagePtr& package, std::optional<int> anchorDay = {});
    /// The same, not begun.
    std::string put(const billing::PricedPackagePtr& package);
    void pay(std::int64_t amount, const std::optional<std::string>& subscriptionId = {},
             const std::optional<std::string>& invoiceId = {});
    /// At 00:00 of an earlier day, entered now.
    void payOn(const std::string& day, std::int64_t amount);
    void refund(std::int64_t amount);
    /// Takes back the payment with that number, from 0.
    void reverse(std::size_t payment);

    [[nodiscard]] billing::AccountBook& book() { return *book_; }
    [[nodiscard]] const billing::Account& account() const { return book_->account(); }
    [[nodiscard]] const billing::AccountSubscription& sub(std::size_t index = 0) const;
    [[nodiscard]] const billing::Subscription& row(std::size_t index = 0) const;
    [[nodiscard]] std::string stage(std::size_t index = 0) const;
    [[nodiscard]] std::string endDate(std::size_t index = 0) const;
    [[nodiscard]] std::int64_t credit() const { return account().credit; }
    [[nodiscard]] std::int64_t owed() const { return billing::balanceOf(account()); }

    /// Documents as they are now, in the order of their issue: "2027-02-15 to 2027-03-14 150000 paid".
    [[nodiscard]] std::vector<std::string> documents() const;
    /// The last one.
    [[nodiscard]] const billing::Invoice& last() const;
    [[nodiscard]] const std::vector<billing::Invoice>& invoices() const { return documents_; }
    /// "charge 100; credit -50": its lines, by kind and amount.
    [[nodiscard]] static std::string lines(const billing::Invoice& document);
    /// All of it, for a test that failed.
    [[nodiscard]] static std::string story(const billing::Invoice& document);
    /// How often that happened.
    [[nodiscard]] std::size_t count(const std::string& action) const;
    [[nodiscard]] const std::vector<billing::BillingEvent>& events() const { return events_; }
    [[nodiscard]] const std::vector<billing::Payment>& payments() const { return payments_; }

    /// Takes what changed, and weighs everything: throws std::runtime_error with what is wrong.
    void check();
    /// The account as a store would load it, in place of the one in memory; with what was charged since that
    /// day, to take back an older document.
    void reload(std::optional<core::Date> chargedSince = {});
    /// Makes the document void, or gives back a part of it, as a service does.
    void voidInvoice(const billing::Invoice& invoice, const std::string& reason);
    void creditInvoice(const billing::Invoice& invoice, std::int64_t amount, const std::string& reason);
    /// The only one of that subscription.
    void discount(const std::string& subscriptionId, const billing::Discount& discount);

    billing::BillingRules rules;
    /// Takes away what somebody would have to be told twice, or that cannot be seen from outside.
    struct Loose {
        /// Postpaid days without a charge.
        bool gaps = false;
        /// Prepaid days that end elsewhere than the charged ones.
        bool end = false;
    };
    std::map<std::string, Loose> loose;

private:
    core::Instant now_;
    int ids_ = 0;
    int looks_ = 0;
    std::unique_ptr<billing::AccountBook> book_;
    std::vector<billing::Invoice> documents_;
    std::vector<billing::LedgerEntry> entries_;
    std::vector<billing::BillingEvent> events_;
    std::vector<billing::Payment> payments_;
    std::set<std::string> told_;
    std::map<std::string, std::int64_t> receivable_;
    std::int64_t creditPosted_ = 0;

    struct Paid {
        std::optional<std::string> subscriptionId;
        std::optional<std::string> invoiceId;
        core::Instant paidAt;
    };

    void open(billing::Account account);
    void pay(const Paid& how, std::int64_t amount);
    [[nodiscard]] std::string newId();
    void absorb();
    void post(const billing::LedgerEntry& entry);
    void checkMoney() const;
    void checkKeys() const;
    /// How often each day is charged, from the first one on.
    struct DayCounts {
        int first = 0;
        std::vector<int> counts;
        void add(int from, int to, int times);
    };
    [[nodiscard]] DayCounts dayCounts(const billing::AccountSubscription& it) const;
    void checkDays(const billing::AccountSubscription& it);
    void checkStage(const billing::AccountSubscription& it) const;
    void checkAtRest();
    /// An amount of more than was charged for days that end together was credited.
    void checkCredits() const;
    void about(const billing::Invoice& invoice, const std::function<void()>& verb);
    [[nodiscard]] std::vector<billing::InvoiceLine> chargedOf(const billing::AccountSubscription& it,
                                                              core::Date after) const;
};

/// Added today, and its first invoice paid; its id.
std::string addPaid(AccountWorld& world, const billing::Package& package);

}  // namespace gardu::test
