// AccountBook: prepaid periods, and where credit goes.

#include <algorithm>

#include "billing/account_book.h"
#include "core/check.h"

namespace gardu::billing {

namespace {

/// In whole, or but for what the tolerance leaves.
bool isPaidFor(const Invoice& invoice, std::int64_t tolerance) {
    return invoice.outstanding == 0 ||
           (invoice.outstanding <= tolerance && invoice.outstanding < invoice.sum.total());
}

}  // namespace

void AccountBook::offer(std::size_t index, const RenewalPlan& plan, InvoiceDraft draft) {
    const auto id = writer_.issue(index, std::move(draft));
    writer_.touch(index);
    if (!id || writer_.findOpen(*id) == nullptr) {
        extend(index, plan.begins, plan.ends);
    }
}

void AccountBook::extend(std::size_t index, core::Instant begins, core::Instant ends) {
    const BillingFacts is = facts(index);
    const auto paid = is.paidEnd();
    if (paid && ends <= *paid) {
        return;
    }
    const core::Zone& zone = rules_.cuts.zone;
    const bool fromPayment = writer_.at(index).package->package.terms.lateRenewal == LateRenewal::FromPayment;
    const bool moves =
        !paid || (fromPayment && begins > *paid && !is.isByHour() && !is.endsOnTheGrid(begins, ends));
    const int anchor = moves ? anchorDayOf(zone.localDate(begins)) : is.anchorDay();
    AccountSubscription& it = change(index);
    it.state.anchorDay = anchor;
    if (paid && begins > *paid && it.state.heldFrom) {
        // What a hold gave before is paid with the first days of the period.
        it.state.heldFrom = zone.localDate(begins);
    }
    it.subscription.endDate = zone.localDate(ends - core::Milliseconds(1));
    if (is.isByHour()) {
        it.state.paidUntilAt = ends;
    }
    if (it.state.nextPackageAt && begins < *it.state.nextPackageAt && *it.state.nextPackageAt < ends) {
        // It was planned for another end, and this period was sold of the package before.
        it.state.nextPackageAt = ends;
    }
    call_.extended.insert(index);
    BillingEvent& event = writer_.tell(index, "renewed", "paid up to " + zone.format(ends));
    event.meta["end_date"] = core::formatDate(*it.subscription.endDate);
}

void AccountBook::extendBy(const Invoice& paid) {
    if (!paid.subscriptionId || !paid.periodKey) {
        return;
    }
    const std::size_t index = indexOf(*paid.subscriptionId);
    const BillingFacts is = facts(index);
    if (is.isWaiting(paid) && !is.isCancelled()) {
        extend(index, is.beginOf(paid), is.endOf(paid));
    }
}

void AccountBook::extendByPaid() {
    for (std::size_t i = 0; i < account().subscriptions.size(); ++i) {
        const std::int64_t tolerance = writer_.at(i).package->package.terms.ladder.tolerance;
        for (const Invoice& invoice : facts(i).waiting()) {
            if (isPaidFor(invoice, tolerance)) {
                extendBy(invoice);
            }
        }
    }
}

void AccountBook::voidWaiting(std::size_t index, const Invoice& waiting, const std::string& reason,
                              bool isEnd) {
    writer_.voidDocument(waiting, reason);
    writer_.returnPending(index, waiting);
    if (waiting.credited > 0 && !isEnd) {
        // What was given on it is given on the next one.
        writer_.addPending(index, {.id = writer_.newId(),
                                   .kind = LineKind::Credit,
                                   .description = "Credit of " + waiting.number,
                                   .amount = -waiting.credited,
                                   .period = std::nullopt});
    }
}

/// But for what is owed since a hold gave access in it: periods that are over, and, where the subscription
/// ends, the one that has begun.
bool AccountBook::voidAllWaiting(std::size_t index, const std::string& reason, bool isEnd) {
    const BillingFacts is = facts(index);
    bool found = false;
    for (const Invoice& invoice : is.waiting()) {
        const bool isUsed = (isEnd ? is.beginOf(invoice) : is.endOf(invoice)) <= now_;
        if (!is.wasHeld(invoice) || !isUsed) {
            voidWaiting(index, invoice, reason, isEnd);
            found = true;
        }
    }
    return found;
}

void AccountBook::offerAnew(std::size_t index, bool isWanted) {
    const BillingFacts is = facts(index);
    if (const auto plan = is.nextRenewal(isWanted)) {
        offer(index, *plan, is.draftOf(*plan));
    }
}

void AccountBook::lapse(std::size_t index) {
    const BillingFacts is = facts(index);
    for (const Invoice& invoice : is.waiting()) {
        if (!is.wasHeld(invoice) && is.endOf(invoice) <= now_) {
            voidWaiting(index, invoice, "its period went by unpaid");
        }
    }
}

const Invoice* AccountBook::nextToPay() const {
    const std::vector<Invoice>& open = account().open;
    const auto find = [&](auto&& isNamed) -> const Invoice* {
        const auto found = std::find_if(open.begin(), open.end(), isNamed);
        return found == open.end() ? nullptr : &*found;
    };
    if (const Invoice* named = find([this](const Invoice& each) { return each.id == call_.invoiceId; })) {
        return named;
    }
    const auto isOfNamed = [this](const Invoice& each) {
        return call_.subscriptionId && each.subscriptionId == call_.subscriptionId;
    };
    if (const Invoice* named = find(isOfNamed)) {
        return named;
    }
    return open.empty() ? nullptr : &open.front();
}

bool AccountBook::settle() {
    bool moved = false;
    extendByPaid();
    while (account().credit > 0) {
        const Invoice* next = nextToPay();
        if (next == nullptr) {
            break;
        }
        moved = true;
        const Invoice invoice = *next;
        if (restartLate(invoice)) {
            continue;
        }
        if (writer_.allocate(invoice.id, std::min(account().credit, invoice.outstanding))) {
            extendBy(invoice);
        } else {
            extendByPaid();
        }
    }
    return moved;
}

bool AccountBook::restartLate(const Invoice& invoice) {
    if (!invoice.subscriptionId || !invoice.periodKey) {
        return false;
    }
    const std::size_t index = indexOf(*invoice.subscriptionId);
    const BillingFacts is = facts(index);
    const BillingTerms& terms = writer_.at(index).package->package.terms;
    if (!is.isWaiting(invoice) || (is.isByHour() && is.wasHeld(invoice)) ||
        terms.lateRenewal != LateRenewal::FromPayment || writer_.at(index).state.cancelOn) {
        return false;
    }
    // Late is who paid late, not whose payment was written down late.
    const BillingFacts then(writer_.account(), index, rules_.cuts,
                            std::min(now_, call_.paidAt.value_or(now_)));
    const auto plan =
        then.restartAt(is.beginOf(invoice), is.endOf(invoice)) ? is.renewalInPlaceOf(invoice) : std::nullopt;
    if (!plan) {
        return false;
    }
    InvoiceDraft draft = is.draftInPlaceOf(invoice, *plan);
    const std::int64_t price = sumOf(draft.lines).total();
    if (price < 0 || price - account().credit > paidOf(invoice) + terms.ladder.tolerance) {
        return false;
    }
    for (const Invoice& later : is.waiting()) {
        if (is.beginOf(later) > is.beginOf(invoice)) {
            voidWaiting(index, later, "the period before it begins later");
        }
    }
    writer_.voidDocument(invoice, "paid late: the period begins with the payment");
    offer(index, *plan, std::move(draft));
    return true;
}

/// Its paid time is over, and the next one begins as soon as credit covers it.
bool AccountBook::waitsForCredit(std::size_t index) const {
    const auto paid = facts(index).paidEnd();
    return writer_.at(index).subscription.autoRenew && paid && *paid <= now_ && mayRenew(index);
}

bool AccountBook::mayRenew(std::size_t index) const {
    const Subscription& it = writer_.at(index).subscription;
    const BillingFacts is = facts(index);
    return is.isPrepaid() && it.status == SubscriptionStatus::Active && is.waiting().empty() &&
           (call_.mayReturn || it.stage != DunningStage::Terminated);
}

bool AccountBook::renewFromCredit(std::size_t index) {
    const AccountSubscription& it = writer_.at(index);
    const BillingFacts is = facts(index);
    // One period a payment; what is left over waits for the next one.
    const bool isNamed = call_.isMoney && call_.subscriptionId == it.subscription.id &&
                         !call_.extended.contains(index) && mayRenew(index);
    if (isLeftAlone(index) || (!isNamed && !waitsForCredit(index))) {
        return false;
    }
    const auto plan = is.nextRenewal(isNamed);
    if (!plan) {
        return false;
    }
    InvoiceDraft draft = is.draftOf(*plan);
    if (sumOf(draft.lines).total() > account().credit) {
        return false;
    }
    offer(index, *plan, std::move(draft));
    settle();
    return true;
}

/// Whose payment it is, where his time is over and nothing of his is open: before others of the customer.
bool AccountBook::renewNamed() {
    if (!call_.isMoney || !call_.subscriptionId) {
        return false;
    }
    const auto isNamed = [this](const AccountSubscription& each) {
        return each.subscription.id == call_.subscriptionId;
    };
    const auto& all = account().subscriptions;
    const auto named = std::find_if(all.begin(), all.end(), isNamed);
    const auto& open = account().open;
    const bool isOpen = std::any_of(open.begin(), open.end(), [this](const Invoice& each) {
        return each.subscriptionId == call_.subscriptionId;
    });
    if (named == all.end() || isOpen) {
        return false;
    }
    const auto index = static_cast<std::size_t>(named - all.begin());
    const auto paid = facts(index).paidEnd();
    return paid && *paid <= now_ && renewFromCredit(index);
}

void AccountBook::takeBackDays(std::size_t index, const Invoice& invoice) {
    const BillingFacts is = facts(index);
    const auto paid = is.paidEnd();
    const bool isLast = paid && invoice.periodKey && is.endOf(invoice) == *paid;
    if (!isLast) {
        return;
    }
    const core::Instant begins = is.beginOf(invoice);
    AccountSubscription& it = change(index);
    it.subscription.endDate = rules_.cuts.zone.localDate(begins - core::Milliseconds(1));
    if (is.isByHour()) {
        it.state.paidUntilAt = begins;
    }
}

void AccountBook::renew(const std::string& subscriptionId) {
    act({.mayReturn = true}, [&] {
        const std::size_t index = liveIndexOf(subscriptionId);
        const BillingFacts is = facts(index);
        if (!is.isPrepaid()) {
            throw core::Refused("a postpaid subscription is renewed by itself");
        }
        if (writer_.at(index).state.pausedOn) {
            throw core::Refused("the subscription is paused; resume it first");
        }
        if (!is.waiting().empty()) {
            throw core::Refused("the invoice of the next period is open already");
        }
        if (!is.nextRenewal(true)) {
            throw core::Refused("there is no next period: it ends, or its package changes, before");
        }
        offerAnew(index, true);
    });
}

}  // namespace gardu::billing
