#pragma once
// All rules of billing: what happens to an account at a time, when money comes, and when an operator wants
// something. Changes the account in memory and notes what has to be stored. A level, not an edge: advance()
// brings the account to what it has to be at `now`, however often and late it is called. Every verb does so
// too, before and after what it is for, so that it never works on yesterday's state. Pure.
//
// Prepaid. endDate is the last paid day (BillingState::paidUntilAt by the hour); none: never billed. With
// autoRenew the next period's invoice is made terms.invoiceDays before the end (half a period at most), due
// on endDate, and paid at once as far as there is credit: before anything is declared ended. A period that
// is paid, but for what the tolerance leaves, extends endDate to its last day. Without an open invoice,
// credit that covers the price renews (autoRenew, or a payment that names the subscription). Late is who has
// no access any more; within the days of grace, or while held, one renews from the end. When late, by
// terms.lateRenewal: from-payment makes the open unpaid invoice void, as soon as its amount is there, and
// issues the same for a period that begins on the day of payment, less days of a hold after the cut; that
// day is the anchor then, but of what is left of a shorter period. From-end keeps it, unless all of it is
// gone. An invoice whose whole period went by unpaid is made void, unless a hold gave access in it; its
// charges of once wait again. After that period no invoice is made until somebody pays. New subscriptions
// have endDate = the day before startDate (after the trial) until they pay. Price zero: no invoice.
//
// Postpaid. In advance: the invoice of [billedUntil, next boundary) on its first day. In arrears: on the day
// after its last. Due terms.dueDays after the issue. A day off that was missed is caught up, at most
// `mostInvoices` invoices a subscription and call; beyond, TooMuch is thrown and nothing is to be stored. A
// package whose terms became another mode is followed: prepaid goes on as postpaid after endDate; postpaid
// sells the current period, due as ever, and is prepaid after it.
//
// The anchor is state.anchorDay, else of endDate + 1 (prepaid), else of startDate. Money: line amounts by
// rating.h; discounts as lines of their own, never below zero in sum; an invoice is Σ lines; sums below zero
// are credit notes; sums of zero leave no document, but where they use up pending charges or move days.
//
// Time without access. Pause, whileSuspended stop and credit, and the end for good close the period at a day
// and open a stub when it goes on: never a backlog. Prepaid, a pause moves the days that are left, with
// their price, by a document of sum zero; the anchor goes with them. Stop and credit give back at the return
// what was charged for the days since the cut. Terminated bills up to that day, until money or a hold comes.
//
// After every change: credit goes to open invoices (the one that the payer named first, then those of the
// subscription that he named, then the oldest), periods that are paid extend, the dunning stage is derived
// anew with `stageSince`, heldUntil from never-cut, promise and notice, accessUntil where it is not 24:00 of
// endDate, and billAt: the earliest instant at which advance() would do something.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "billing/account.h"
#include "billing/account_writer.h"
#include "billing/billing_call.h"
#include "billing/billing_facts.h"

namespace gardu::billing {

class AccountBook {
public:
    /// `rules` outlives the book.
    AccountBook(Account account, const BillingRules& rules, IdSource ids, core::Instant now);

    [[nodiscard]] const Account& account() const { return writer_.account(); }
    [[nodiscard]] AccountChanges take() { return writer_.take(); }

    /// What the clock brings. Throws TooMuch. Parked subscriptions are left alone, here and only here.
    void advance();
    /// The same later on, for simulations: `now` may not go back.
    void advanceTo(core::Instant now);
    // Operators and money. Each ends with what the header says, and throws core::Refused with nothing changed
    // where it cannot be. Money that came in is never refused for what the run would park.

    /// Of a subscription that was just put into the account: trial, first invoice, anchor. An endDate that it
    /// has is paid already (prepaid), or the last day for good (postpaid). No `anchorDay`: of its first day.
    void begin(const std::string& subscriptionId, std::optional<int> anchorDay,
               const std::optional<OneOffCharge>& setup = {});
    /// kind Payment (with the customer) or Match.
    void pay(const Payment& payment);
    /// kind Refund: refused beyond the credit.
    void refund(const Payment& refund);
    /// kind Reversal of a payment of the account. `paid`: invoices of the customer that are paid in part or
    /// whole, with their lines, for taking back; the newest first after the payment's own. Gives notice.
    /// Refused where neither credit nor they hold its amount.
    void reverse(const Payment& reversal, const std::vector<Invoice>& paid);
    /// One period more from the current end on (or by lateRenewal), as invoice; paid as far as credit goes.
    /// Refused while an invoice of a period to come is open, and for postpaid.
    void renew(const std::string& subscriptionId);
    /// From today, with credit of the unused part as the exact complement and the charge for the same days;
    /// days that nothing was charged for (a trial) stay so, unless the old price is zero. By the hour, and
    /// between prepaid and postpaid: refused.
    void changePackageNow(const std::string& subscriptionId, PricedPackagePtr package);
    /// From the next period on, that is the first one that is not paid yet; the current package takes the
    /// wish back. Replaces unpaid invoices of periods to come.
    void changePackageNext(const std::string& subscriptionId, PricedPackagePtr package);
    /// Where nobody says: if it costs less for the same time, now is not possible, or it is back to before.
    [[nodiscard]] bool changesWithNextPeriod(const std::string& subscriptionId,
                                             const PricedPackage& package) const;
    /// From today until `until` (exclusive; none: until resume()). Prepaid: what is paid is kept; postpaid:
    /// not billed. Refused by the hour, and for who has no access.
    void pause(const std::string& subscriptionId, std::optional<core::Date> until);
    void resume(const std::string& subscriptionId);
    /// On that day (exclusive end; not in the past), with the last invoice or a credit of what is not used
    /// (not by the hour); none: today. Invoices of periods that never began are made void. keep(): not so.
    void cancel(const std::string& subscriptionId, std::optional<core::Date> on);
    void keep(const std::string& subscriptionId);
    /// Another last day. Prepaid: days that are given, or were never sold; invoices of periods to come are
    /// made void. Refused where it would take away what is charged. Postpaid: the last one for good.
    void moveEnd(const std::string& subscriptionId, core::Date last);
    void setAutoRenew(const std::string& subscriptionId, bool autoRenew);
    /// None takes it away. Not in the past, with a reason.
    void neverCut(const std::string& subscriptionId, std::optional<core::Date> until,
                  const std::string& reason);
    void promise(const std::string& subscriptionId, std::optional<core::Date> until);
    /// On the next invoice (`at once`: on one of its own). dropCharge(): never, where it waits for it yet.
    void charge(const std::string& subscriptionId, const OneOffCharge& charge, bool atOnce);
    void dropCharge(const std::string& subscriptionId, const std::string& chargeId);
    /// All of an invoice; what was paid on it becomes credit. Where it brought the last prepaid days they go,
    /// and with autoRenew are sold anew.
    void voidInvoice(const Invoice& invoice, const std::string& reason);
    /// A credit note about an issued invoice: `amount` before tax, as the invoice's lines are taxed; at most
    /// what it is beyond Invoice::credited. Settles the invoice first, the rest becomes credit.
    void creditInvoice(const Invoice& invoice, std::int64_t amount, const std::string& reason);
    void unpark(const std::string& subscriptionId);

private:
    AccountWriter writer_;
    const BillingRules& rules_;
    core::Instant now_;
    BillingCall call_;
    [[nodiscard]] std::size_t indexOf(const std::string& subscriptionId) const;
    [[nodiscard]] std::size_t liveIndexOf(const std::string& subscriptionId) const;
    [[nodiscard]] BillingFacts facts(std::size_t index) const;
    [[nodiscard]] core::Date today() const { return rules_.cuts.zone.localDate(now_); }
    [[nodiscard]] core::Instant startOf(core::Date day) const { return rules_.cuts.zone.startOfDay(day); }
    [[nodiscard]] core::Date dueDate(std::size_t index) const;
    [[nodiscard]] bool isLeftAlone(std::size_t index) const;
    AccountSubscription& change(std::size_t index);

    void act(BillingCall call, const std::function<void()>& verb);
    void attempt(const BillingCall& call, const std::function<void()>& verb);
    void bringUpToDate();
    bool stepAll();
    [[nodiscard]] DueStep nextStep(std::size_t index) const;
    void addPrepaidSteps(std::vector<DueStep>& steps, std::size_t index) const;
    [[nodiscard]] bool mustAdopt(std::size_t index) const;
    void doStep(std::size_t index, BillingStep step);
    void finish(std::size_t index);
    [[nodiscard]] std::optional<core::Instant> nextLook(std::size_t index) const;
    [[nodiscard]] std::vector<core::Instant> cheaperAt(std::size_t index) const;

    // Prepaid.
    void offer(std::size_t index, const RenewalPlan& plan, InvoiceDraft draft);
    void extend(std::size_t index, core::Instant begins, core::Instant ends);
    void extendBy(const Invoice& paid);
    void extendByPaid();
    void voidWaiting(std::size_t index, const Invoice& waiting, const std::string& reason,
                     bool isEnd = false);
    bool voidAllWaiting(std::size_t index, const std::string& reason, bool isEnd = false);
    void offerAnew(std::size_t index, bool isWanted = false);
    void lapse(std::size_t index);
    bool settle();
    [[nodiscard]] const Invoice* nextToPay() const;
    bool restartLate(const Invoice& invoice);
    [[nodiscard]] bool mayRenew(std::size_t index) const;
    [[nodiscard]] bool waitsForCredit(std::size_t index) const;
    bool renewFromCredit(std::size_t index);
    bool renewNamed();
    void takeBackDays(std::size_t index, const Invoice& invoice);

    // Postpaid, and what is common to both.
    void billPeriod(std::size_t index);
    void closeBilling(std::size_t index, core::Date day);
    void stopBilling(std::size_t index);
    void reopenBilling(std::size_t index);
    void reopenInArrears(std::size_t index, core::Date stoppedOn);
    void switchPackage(std::size_t index);
    void goPrepaid(std::size_t index);
    void goPostpaid(std::size_t index);
    void setPackage(std::size_t index, const PricedPackagePtr& package);
    void forgetNextPackage(std::size_t index);
    void chargeAnew(std::size_t index, const PricedPackagePtr& package);
    void rateAnew(std::size_t index, const PricedPackagePtr& package);
    void waitForNext(std::size_t index, core::Date from, core::Date to);
    void cancelOn(std::size_t index, core::Date day);
    void cancelNow(std::size_t index, core::Date day);
    void addCharge(std::size_t index, const OneOffCharge& charge, bool atOnce);
    void resumeNow(std::size_t index);
    void movePaidDays(std::size_t index, core::Date pausedOn);
    void requireWhole(const Invoice& invoice) const;
    void takeBackWhole(std::size_t index, const Invoice& invoice);
    void sellAgain(std::size_t index, const Invoice& invoice);
    void takeFromInvoices(const std::vector<Invoice>& paid);
    void giveNotice(const Invoice& reopened);
    [[nodiscard]] std::optional<std::string> onlyUnrenewed() const;

    // Dunning.
    [[nodiscard]] Dunning stageNow(std::size_t index) const;
    [[nodiscard]] Dunning whenOver(std::size_t index, DunningFacts owed, const Dunning& found) const;
    [[nodiscard]] std::vector<Debt> debtsOf(std::size_t index) const;
    bool updateStage(std::size_t index);
    bool followStage(std::size_t index, DunningStage before);
    void tellStage(std::size_t index, DunningStage before);
    void remind(std::size_t index);
};

}  // namespace gardu::billing
