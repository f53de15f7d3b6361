#pragma once
// What is true of a subscription's billing at a time: what is paid, when access ends, which period comes
// next. Answers AccountBook's questions, and changes nothing. Pure.

#include <cstddef>
#include <optional>
#include <vector>

#include "billing/account.h"
#include "billing/invoice_draft.h"

namespace gardu::billing {

/// A prepaid period that may be sold.
struct RenewalPlan {
    PricedPackagePtr package;
    /// None: by the hour.
    std::optional<core::Period> days;
    core::Period whole{};
    core::Instant begins;
    core::Instant ends;
    int anchorDay = 1;
};

/// The whole period that days are of. `isPlanned`: they are the period as it was meant, in one piece.
struct PricedWhole {
    core::Period days{};
    int anchorDay = 1;
    bool isPlanned = false;
};

/// Of an account that lives longer, as it is when a question is asked.
class BillingFacts {
public:
    BillingFacts(const Account& account, std::size_t index, const CutCalendar& cuts, core::Instant now)
        : account_(account), index_(index), cuts_(cuts), now_(now) {}

    [[nodiscard]] bool isPrepaid() const;
    [[nodiscard]] bool isByHour() const;
    [[nodiscard]] bool isInAdvance() const;
    [[nodiscard]] bool isCancelled() const;
    [[nodiscard]] core::Date today() const { return cuts_.zone.localDate(now_); }
    [[nodiscard]] int anchorDay() const;
    /// The first day that is not a trial.
    [[nodiscard]] core::Date firstDay() const;

    /// Prepaid, billed at least once: the end of what is paid.
    [[nodiscard]] std::optional<core::Instant> paidEnd() const;
    /// The same with days of grace, at a time that the ladder allows. Who never paid has no grace.
    [[nodiscard]] std::optional<core::Instant> accessEnd() const;
    /// Not a day was ever paid.
    [[nodiscard]] bool isNeverPaid() const;
    /// The ladder as it holds for this subscription.
    [[nodiscard]] DunningLadder ladder() const;
    /// 00:00 after the last day of never-cut, promise or notice, be it over or not.
    [[nodiscard]] std::optional<core::Instant> holdEnd() const;
    [[nodiscard]] bool isHeld() const;
    /// From payment: when a period begins that was to be of that time, where access was lost since: now, less
    /// the time that a hold gave. Of days 00:00. None: no access was lost, and it begins when it was to
    /// begin.
    [[nodiscard]] std::optional<core::Instant> restartAt(core::Instant begin, core::Instant end) const;
    /// The first day of a hold that is given today: what an earlier one gave unpaid is before it.
    [[nodiscard]] core::Date nextHoldFrom() const;
    /// The last day of a hold up to `until` that is taken back: what it gave since access was to be lost
    /// stays true.
    [[nodiscard]] std::optional<core::Date> takenBack(const std::optional<core::Date>& until) const;

    /// A prepaid period's invoice, not paid, whose days are not given yet.
    [[nodiscard]] bool isWaiting(const Invoice& invoice) const;
    [[nodiscard]] std::vector<Invoice> waiting() const;
    /// A later document credited or moved days of it: what it charged is not whole any more.
    [[nodiscard]] bool isCreditedLater(const Invoice& invoice) const;
    /// When the invoice's period ends.
    [[nodiscard]] core::Instant endOf(const Invoice& waiting) const;
    [[nodiscard]] core::Instant beginOf(const Invoice& waiting) const;
    /// A hold gave access in its period: it is owed.
    [[nodiscard]] bool wasHeld(const Invoice& waiting) const;

    /// The period to be sold next; nothing where there is none to be sold (it ends before, becomes postpaid,
    /// or changes between hours and days first). `isPaying`: somebody wants it, so that one is sold late too
    /// that is cut short by a planned cancellation.
    [[nodiscard]] std::optional<RenewalPlan> nextRenewal(bool isPaying = false) const;
    /// That of an invoice, once more.
    [[nodiscard]] RenewalPlan planOf(const Invoice& waiting) const;
    /// The one that is sold, late, in place of a waiting invoice's; and at what: as it was invoiced, but for
    /// what is left of a shorter one.
    [[nodiscard]] std::optional<RenewalPlan> renewalInPlaceOf(const Invoice& waiting) const;
    [[nodiscard]] InvoiceDraft draftInPlaceOf(const Invoice& waiting, const RenewalPlan& plan) const;
    /// Of months: the period from there to there follows the anchor.
    [[nodiscard]] bool endsOnTheGrid(core::Instant begins, core::Instant ends) const;
    /// The next period is over already, with nobody having used it.
    [[nodiscard]] bool isNextGone() const;
    /// When the invoice of that period is made.
    [[nodiscard]] core::Instant offerAt(const RenewalPlan& plan) const;
    /// What it costs, with what is pending.
    [[nodiscard]] InvoiceDraft draftOf(const RenewalPlan& plan) const;

    /// Postpaid: the period that begins on billedUntil, up to cancelOn at most.
    [[nodiscard]] core::Period currentPeriod() const;
    /// Its whole, by the package's validity.
    [[nodiscard]] core::Period currentWhole() const;
    /// How days of it are charged.
    [[nodiscard]] PricedDays price(const PricedPackage& package, const core::Period& days,
                                   const PricedWhole& of) const;
    /// Adds what the current package costs on these days, cut into its periods from their end backwards.
    void addPieces(std::vector<InvoiceLine>& lines, core::Period days) const;
    /// Adds what is pending to a draft of this subscription.
    void addPending(InvoiceDraft& draft) const;

private:
    const Account& account_;
    std::size_t index_;
    const CutCalendar& cuts_;
    core::Instant now_;

    [[nodiscard]] const AccountSubscription& it() const { return account_.subscriptions[index_]; }
    [[nodiscard]] const BillingTerms& terms() const { return it().package->package.terms; }
    [[nodiscard]] Validity validity() const { return it().package->package.validity; }
    [[nodiscard]] core::Instant startOf(core::Date day) const { return cuts_.zone.startOfDay(day); }

    [[nodiscard]] core::Instant nextBegin() const;
    [[nodiscard]] PricedPackagePtr packageAt(core::Instant begin) const;
    [[nodiscard]] std::optional<RenewalPlan> renewalBy(const PricedPackagePtr& package, core::Instant begin,
                                                       int anchorDay) const;
    [[nodiscard]] std::optional<RenewalPlan> renewalFromNow() const;
    [[nodiscard]] std::optional<RenewalPlan> onTheGrid(RenewalPlan plan) const;
    [[nodiscard]] std::optional<core::Instant> accessEndUnheld() const;
    [[nodiscard]] std::optional<RenewalPlan> renewalFrom(core::Instant begin, const RenewalPlan& gone) const;
    [[nodiscard]] InvoiceDraft emptyDraftOf(const RenewalPlan& plan) const;
    [[nodiscard]] std::string hoursText(const RenewalPlan& plan) const;
    void addTime(InvoiceDraft& draft, const RenewalPlan& plan) const;
    void addHoursLine(std::vector<InvoiceLine>& lines, const RenewalPlan& plan) const;
    void addPendingLine(InvoiceDraft& draft, const PricedPackage& package,
                        const PendingCharge& pending) const;
};

/// The whole period that ends there; of months, where no period ends there, the one that holds the day
/// before.
[[nodiscard]] core::Period wholeEnding(core::Date end, int anchorDay, Validity validity);

}  // namespace gardu::billing
