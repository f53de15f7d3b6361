#pragma once
// All rules of billing: what happens to an account at a time, when money comes, and when an operator wants
// something. Changes the account in memory and notes what has to be stored; the same for the run, payments,
// the dry run, the simulation and the property tests. A level, not an edge: advance() brings the account to
// what it has to be at `now`, however often it is called and however late. Pure.
//
// Prepaid. endDate is the last paid day (BillingState::paidUntilAt by the hour); none: never billed. With
// autoRenew the next period's invoice is made terms.invoiceDays before the end, due on endDate, and paid at
// once as far as there is credit: before anything is declared ended. A period that is paid in full extends
// endDate to its last day. Without an open invoice, credit that covers the price renews (autoRenew, or a
// payment that names the subscription). After the end, by terms.lateRenewal: from-payment makes the open
// unpaid invoice void and issues one whose period begins on the day of payment, which is the anchor then;
// from-end keeps it, unless all of its period is gone. An invoice whose whole period went by unpaid is made
// void. New subscriptions have endDate = the day before startDate (after the trial) until they pay.
// Price zero: extended without an invoice.
//
// Postpaid. In advance: the invoice of [billedUntil, next boundary) on its first day. In arrears: on the day
// after its last. Due terms.dueDays after the issue. A day off that was missed is caught up, at most
// `mostInvoices` invoices an account and call; beyond, TooMuch is thrown and nothing is to be stored.
//
// The anchor is state.anchorDay, else of endDate + 1 (prepaid), else of startDate. Money: line amounts by
// rating.h; discounts as lines of their own, never below zero in sum; an invoice is Σ lines; sums below zero
// are credit notes; sums of zero leave no document.
//
// After every change: credit goes to open invoices (the one that the payer named first, then the oldest),
// periods that are paid extend, the dunning stage is derived anew with `stageSince`, heldUntil from
// never-cut, promise and notice, accessUntil where it is not 24:00 of endDate, and billAt: the earliest
// instant at which advance() would do something.

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

#include "billing/account.h"

namespace gardu::billing {

/// A bound of safety was passed: the account is to be parked and named, with nothing stored.
class TooMuch : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The house's settings.
struct BillingRules {
    CutCalendar cuts;
    /// Invoices for one account in one call.
    int mostInvoices = 3;
};

/// New UUIDs.
using IdSource = std::function<std::string()>;

class AccountBook {
public:
    /// `rules` outlives the book.
    AccountBook(Account account, const BillingRules& rules, IdSource ids, core::Instant now);

    [[nodiscard]] const Account& account() const { return account_; }
    /// All changes since the last take.
    [[nodiscard]] AccountChanges take();

    /// What the clock brings. Throws TooMuch. Parked subscriptions are left alone, here and only here.
    void advance();
    /// The same later on, for simulations: `now` may not go back.
    void advanceTo(core::Instant now);

    // Operators and money. Each ends with what the header says, and throws core::Refused with nothing
    // changed where it cannot be.

    /// Of a subscription that was just put into the account: trial, first invoice, anchor.
    /// `anchorDay`: none: of its first day.
    void begin(const std::string& subscriptionId, std::optional<int> anchorDay);
    /// kind Payment (with the customer) or Match.
    void pay(const Payment& payment);
    /// kind Refund: refused beyond the credit.
    void refund(const Payment& refund);
    /// kind Reversal of a payment of the account. `paid`: invoices of the customer that are paid in part or
    /// whole, for taking back; the newest first after the payment's own. Gives notice.
    void reverse(const Payment& reversal, const std::vector<Invoice>& paid);
    /// One period more from the current end on (or by lateRenewal), as invoice; paid as far as credit goes.
    void renew(const std::string& subscriptionId);
    /// From today, with credit of the unused part as the exact complement and the charge for the same days;
    /// by the hour: refused.
    void changePackageNow(const std::string& subscriptionId, PricedPackagePtr package);
    /// From the next period on; the current package takes the wish back. Replaces unpaid invoices of periods
    /// to come.
    void changePackageNext(const std::string& subscriptionId, PricedPackagePtr package);
    /// From today until `until` (exclusive; none: until resume()). Prepaid: what is paid is kept; postpaid:
    /// not billed.
    void pause(const std::string& subscriptionId, std::optional<core::Date> until);
    void resume(const std::string& subscriptionId);
    /// On that day (exclusive end; not in the past), with the last invoice or a credit of what is not used;
    /// none: today. Unpaid invoices of periods that never began are made void.
    void cancel(const std::string& subscriptionId, std::optional<core::Date> on);
    void setAutoRenew(const std::string& subscriptionId, bool autoRenew);
    /// None takes it away. In the future, with a reason.
    void neverCut(const std::string& subscriptionId, std::optional<core::Date> until,
                  const std::string& reason);
    void promise(const std::string& subscriptionId, std::optional<core::Date> until);
    /// Once, on the next invoice (`at once`: on one of its own). Negative: a credit.
    void charge(const std::string& subscriptionId, std::int64_t amount, const std::string& description,
                bool atOnce);
    /// Of an invoice of the account, all of it; what was paid on it becomes credit.
    void voidInvoice(const Invoice& invoice, const std::string& reason);
    /// A credit note about an issued invoice: `amount` before tax, as the invoice's lines are taxed; at most
    /// what it is. Settles the invoice first, the rest becomes credit. `credited`: by earlier credit notes.
    void creditInvoice(const Invoice& invoice, std::int64_t amount, std::int64_t credited,
                       const std::string& reason);
    void unpark(const std::string& subscriptionId);

private:
    Account account_;
    const BillingRules& rules_;
    IdSource ids_;
    core::Instant now_;
    AccountChanges changes_;
};

}  // namespace gardu::billing
