// AccountBook: what operators change about a subscription: package, pause, cancellation, renewal.

#include <algorithm>

#include "billing/account_book.h"
#include "core/check.h"

namespace gardu::billing {

namespace {

bool isByHour(const PricedPackage& package) {
    return package.package.validity.unit == ValidityUnit::Hour;
}

/// By the hour, and between prepaid and postpaid, nothing can be credited and charged anew.
bool canFollowAtOnce(const PricedPackage& before, const PricedPackage& after) {
    return !isByHour(before) && !isByHour(after) && before.package.terms.mode == after.package.terms.mode;
}

__extension__ using Wide = __int128;

bool costsLess(const Package& package, const Package& other) {
    return Wide(package.price.minor) * hoursOf(other.validity) <
           Wide(other.price.minor) * hoursOf(package.validity);
}

/// Where the time begins that is neither paid nor, postpaid, to be billed with what runs.
std::optional<core::Instant> nextUnsold(const BillingFacts& is, const BillingState& state,
                                        const core::Zone& zone) {
    if (state.billedUntil) {
        return zone.startOfDay(is.isInAdvance() ? *state.billedUntil : is.currentWhole().next);
    }
    return is.paidEnd();
}

void refuseNext(const AccountSubscription& it, const BillingFacts& is, bool isCurrent) {
    const auto& wished = it.state.nextPackageAt;
    if (isCurrent && !wished) {
        throw core::Refused("the subscription has that package");
    }
    const auto paid = is.paidEnd();
    if (wished && paid && *wished < *paid) {
        throw core::Refused("the next period is paid already for " + it.nextPackage->package.name);
    }
}

void requireCurrency(const Account& account, const PricedPackage& package) {
    if (package.package.price.currency != account.currency) {
        throw core::Refused("the package is sold in another currency than the customer's others");
    }
}

}  // namespace

void AccountBook::changePackageNow(const std::string& subscriptionId, PricedPackagePtr package) {
    act({}, [&] {
        const std::size_t index = liveIndexOf(subscriptionId);
        const AccountSubscription& it = writer_.at(index);
        requireCurrency(account(), *package);
        if (it.subscription.packageId == package->package.id) {
            throw core::Refused("the subscription has that package");
        }
        if (isByHour(*package) || isByHour(*it.package)) {
            throw core::Refused("a package by the hour changes with the next period (--at period-end)");
        }
        if (package->package.terms.mode != it.package->package.terms.mode) {
            throw core::Refused(
                "from prepaid to postpaid or back is a change for the next period (--at period-end)");
        }
        if (it.state.pausedOn) {
            throw core::Refused("the subscription is paused; resume it first");
        }
        change(index).state.anchorDay = facts(index).anchorDay();
        const bool hadNext = voidAllWaiting(index, "the package changes");
        if (facts(index).isPrepaid() || facts(index).isInAdvance()) {
            chargeAnew(index, package);
        } else {
            rateAnew(index, package);
        }
        if (hadNext) {
            offerAnew(index);
        }
    });
}

bool AccountBook::changesWithNextPeriod(const std::string& subscriptionId,
                                        const PricedPackage& package) const {
    const AccountSubscription& it = writer_.at(indexOf(subscriptionId));
    const bool withdraws = it.state.nextPackageAt && it.subscription.packageId == package.package.id;
    return withdraws || !canFollowAtOnce(*it.package, package) ||
           costsLess(package.package, it.package->package);
}

/// Prepaid and in advance: credits what is left, and charges the new package for the same days.
void AccountBook::chargeAnew(std::size_t index, const PricedPackagePtr& package) {
    AccountSubscription& it = change(index);
    const std::vector<ChargedRest> rests =
        it.state.stoppedOn ? std::vector<ChargedRest>() : restOf(it.charged, today());
    const bool wasFree = it.package->package.price.minor == 0;
    const auto end = facts(index).isPrepaid() && it.subscription.endDate
                         ? std::optional(core::addDays(*it.subscription.endDate, 1))
                         : it.state.billedUntil;
    InvoiceDraft draft;
    std::vector<core::Period> days;
    for (const ChargedRest& rest : rests) {
        draft.lines.push_back(creditLine(rest, it.subscription.id));
        if (days.empty() || days.back().next < rest.days.first) {
            days.push_back(rest.days);
        }
        days.back().next = std::max(days.back().next, rest.days.next);
    }
    if (wasFree && end && today() < *end) {
        days = {{std::max(today(), facts(index).firstDay()), *end}};
    }
    setPackage(index, package);
    for (const core::Period& each : days) {
        facts(index).addPieces(draft.lines, each);
    }
    draft.dueDate = dueDate(index);
    writer_.issue(index, std::move(draft));
}

/// In arrears: what was used waits for the period's invoice.
void AccountBook::rateAnew(std::size_t index, const PricedPackagePtr& package) {
    AccountSubscription& it = change(index);
    const bool runs = it.state.billedUntil && *it.state.billedUntil < today();
    if (runs && it.package->tax == package->tax &&
        it.package->package.validity == package->package.validity) {
        waitForNext(index, today(), today());
    } else if (runs) {
        // Another tax or another length of periods: what was used is invoiced, and a period begins today.
        closeBilling(index, today());
        it.state.billedUntil = today();
    }
    setPackage(index, package);
}

void AccountBook::changePackageNext(const std::string& subscriptionId, PricedPackagePtr package) {
    act({}, [&] {
        const std::size_t index = liveIndexOf(subscriptionId);
        const BillingFacts is = facts(index);
        requireCurrency(account(), *package);
        const bool isCurrent = writer_.at(index).subscription.packageId == package->package.id;
        refuseNext(writer_.at(index), is, isCurrent);
        // What becomes postpaid now keeps what a hold gave: goPostpaid() says it.
        const bool isPostpaid = package->package.terms.mode == BillingMode::Postpaid && !isByHour(*package);
        const bool hadNext = !(isPostpaid && is.paidEnd() && *is.paidEnd() <= now_) &&
                             voidAllWaiting(index, "the package of the next period changes");
        AccountSubscription& it = change(index);
        it.state.anchorDay = is.anchorDay();
        if (isCurrent) {
            forgetNextPackage(index);
            writer_.tell(index, "package_change_withdrawn", "keeps its package");
        } else {
            const core::Instant at = nextUnsold(is, it.state, rules_.cuts.zone).value_or(now_);
            it.nextPackage = package;
            it.state.nextPackageId = package->package.id;
            it.state.nextPackageAt = std::max(at, now_);
            writer_.tell(index, "package_change_planned", "becomes " + package->package.name).meta["to"] =
                package->package.name;
            if (at <= now_ && !it.state.stoppedOn && !it.state.pausedOn) {
                // Nothing of the former is left: what is sold next is of the new one.
                switchPackage(index);
            }
        }
        if (hadNext) {
            offerAnew(index);
        }
    });
}

void AccountBook::pause(const std::string& subscriptionId, std::optional<core::Date> until) {
    act({}, [&] {
        const std::size_t index = liveIndexOf(subscriptionId);
        const BillingFacts is = facts(index);
        AccountSubscription& it = change(index);
        if (it.subscription.status != SubscriptionStatus::Active || it.state.pausedOn) {
            throw core::Refused("only an active subscription is paused");
        }
        if (until && *until <= today()) {
            throw core::Refused(std::vector<core::FieldError>{{"until", "write a later day than today"}});
        }
        if (is.isByHour()) {
            throw core::Refused("a package by the hour is not paused");
        }
        if (isCut(it.subscription.stage) || (is.paidEnd() && *is.paidEnd() <= now_)) {
            throw core::Refused(isCut(it.subscription.stage) ? "the subscription is cut off: it is paid first"
                                                             : "the subscription has no paid time to keep");
        }
        voidAllWaiting(index, "the subscription is paused");
        if (!is.isPrepaid()) {
            closeBilling(index, today());
        }
        it.state.pausedOn = today();
        it.state.pauseUntil = until;
        it.subscription.status = SubscriptionStatus::Suspended;
        writer_.tell(index, "paused",
                     until ? "paused until " + core::formatDate(*until) : std::string("paused"));
    });
}

void AccountBook::resume(const std::string& subscriptionId) {
    act({}, [&] {
        const std::size_t index = liveIndexOf(subscriptionId);
        if (!writer_.at(index).state.pausedOn) {
            throw core::Refused("the subscription is not paused");
        }
        resumeNow(index);
    });
}

void AccountBook::resumeNow(std::size_t index) {
    const BillingFacts is = facts(index);
    AccountSubscription& it = change(index);
    const core::Date paused = *it.state.pausedOn;
    it.state.pausedOn.reset();
    it.state.pauseUntil.reset();
    it.subscription.status = SubscriptionStatus::Active;
    writer_.tell(index, "resumed", "resumed, paused since " + core::formatDate(paused));
    const WhileSuspended policy = it.package->package.terms.whileSuspended;
    if (is.isPrepaid()) {
        // A payment that was taken back meanwhile may have reopened one.
        voidAllWaiting(index, "the subscription was paused");
        movePaidDays(index, paused);
    } else if (it.subscription.stage == DunningStage::Terminated ||
               (isCut(it.subscription.stage) && policy != WhileSuspended::Continue)) {
        it.state.stoppedOn = today();
    } else {
        it.state.billedUntil = std::max(today(), is.firstDay());
    }
}

/// Prepaid: the days that are left go on from today, at what was paid for them.
void AccountBook::movePaidDays(std::size_t index, core::Date pausedOn) {
    AccountSubscription& it = change(index);
    const int days = daysBetween(pausedOn, today());
    if (days == 0 || !it.subscription.endDate || *it.subscription.endDate < pausedOn) {
        return;
    }
    InvoiceDraft draft;
    draft.keepsZero = true;
    draft.dueDate = today();
    std::vector<ChargedRest> rests = restOf(it.charged, pausedOn);
    std::erase_if(rests, [](const ChargedRest& rest) { return rest.amount == 0 && rest.taxed == Taxed{}; });
    for (const ChargedRest& rest : rests) {
        draft.lines.push_back(creditLine(rest, it.subscription.id));
    }
    for (const ChargedRest& rest : rests) {
        draft.lines.push_back(movedLine(rest, it.subscription.id, days));
    }
    writer_.issue(index, std::move(draft));
    const core::Date end = core::addDays(*it.subscription.endDate, days);
    it.subscription.endDate = end;
    it.state.anchorDay = anchorDayOf(core::addDays(end, 1));
    if (it.state.nextPackageAt) {
        it.state.nextPackageAt =
            startOf(core::addDays(rules_.cuts.zone.localDate(*it.state.nextPackageAt), days));
    }
}

void AccountBook::cancel(const std::string& subscriptionId, std::optional<core::Date> on) {
    act({}, [&] {
        const std::size_t index = liveIndexOf(subscriptionId);
        const core::Date day = on.value_or(today());
        if (day < today()) {
            throw core::Refused(std::vector<core::FieldError>{{"on", "write today or a later day"}});
        }
        cancelOn(index, day);
    });
}

void AccountBook::keep(const std::string& subscriptionId) {
    act({}, [&] {
        const std::size_t index = liveIndexOf(subscriptionId);
        AccountSubscription& it = change(index);
        if (!it.state.cancelOn) {
            throw core::Refused("no cancellation is planned");
        }
        const bool hadNext = voidAllWaiting(index, "the subscription goes on");
        it.state.cancelOn.reset();
        if (!facts(index).isPrepaid()) {
            it.subscription.endDate.reset();
        }
        writer_.tell(index, "cancel_withdrawn", "goes on");
        if (hadNext) {
            offerAnew(index);
        }
    });
}

void AccountBook::cancelOn(std::size_t index, core::Date day) {
    AccountSubscription& it = change(index);
    it.state.anchorDay = facts(index).anchorDay();
    if (day == today()) {
        cancelNow(index, day);
        return;
    }
    const bool hadNext = voidAllWaiting(index, "the subscription ends");
    it.state.cancelOn = day;
    if (!facts(index).isPrepaid()) {
        it.subscription.endDate = core::addDays(day, -1);
    }
    writer_.tell(index, "cancel_planned", "ends on " + core::formatDate(day));
    if (hadNext) {
        offerAnew(index);
    }
}

void AccountBook::moveEnd(const std::string& subscriptionId, core::Date last) {
    act({.mayReturn = true}, [&] {
        const std::size_t index = liveIndexOf(subscriptionId);
        AccountSubscription& it = change(index);
        if (it.state.pausedOn) {
            throw core::Refused("the subscription is paused; resume it first");
        }
        const auto before = it.subscription.endDate;
        const core::Date next = core::addDays(last, 1);
        if (next < today() && (!facts(index).isPrepaid() || !before || last < *before)) {
            throw core::Refused(std::vector<core::FieldError>{{"end_date", "write a day that is not over"}});
        }
        if (!facts(index).isPrepaid()) {
            cancelOn(index, next);
            return;
        }
        if (it.state.cancelOn && next > *it.state.cancelOn) {
            throw core::Refused(std::vector<core::FieldError>{
                {"end_date", "it is to be cancelled on " + core::formatDate(*it.state.cancelOn) +
                                 "; take that back first (gardu subscription cancel --off)"}});
        }
        it.state.anchorDay = facts(index).anchorDay();
        voidAllWaiting(index, "its end is moved to " + core::formatDate(last));
        if (before && last < *before && !restOf(it.charged, next).empty()) {
            throw core::Refused(std::vector<core::FieldError>{
                {"end_date", "days after it are charged; to end it now, with a credit of them, cancel it"}});
        }
        it.subscription.endDate = last;
        if (facts(index).isByHour()) {
            it.state.paidUntilAt = rules_.cuts.zone.endOfDay(last);
        }
        if (it.state.nextPackageAt) {
            it.state.nextPackageAt = std::max(startOf(next), now_);
        }
        BillingEvent& event = writer_.tell(index, "end_moved", "its last day is " + core::formatDate(last));
        event.meta["end_date"] = core::formatDate(last);
    });
}

void AccountBook::cancelNow(std::size_t index, core::Date day) {
    voidAllWaiting(index, "the subscription is cancelled", true);
    AccountSubscription& it = change(index);
    const core::Date closed =
        std::min({day, it.state.pausedOn.value_or(day), it.state.stoppedOn.value_or(day)});
    closeBilling(index, closed);
    const core::Date last = core::addDays(closed, -1);
    it.subscription.endDate = std::min(it.subscription.endDate.value_or(last), last);
    it.subscription.status = SubscriptionStatus::Cancelled;
    it.state.cancelledOn = day;
    it.state.cancelOn.reset();
    it.state.pausedOn.reset();
    it.state.pauseUntil.reset();
    it.state.stoppedOn.reset();
    it.state.paidUntilAt.reset();
    forgetNextPackage(index);
    writer_.tell(index, "cancelled", "cancelled on " + core::formatDate(day));
}

void AccountBook::setAutoRenew(const std::string& subscriptionId, bool autoRenew) {
    act({}, [&] {
        const std::size_t index = liveIndexOf(subscriptionId);
        if (!autoRenew && !facts(index).isNeverPaid()) {
            voidAllWaiting(index, "not to be renewed");
        }
        change(index).subscription.autoRenew = autoRenew;
        writer_.tell(index, "auto_renew", autoRenew ? "renewed by itself" : "not renewed by itself any more");
    });
}

}  // namespace gardu::billing
