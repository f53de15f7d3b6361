// AccountBook: postpaid periods, and how billing ends, stands still and goes on.

#include <algorithm>

#include "billing/account_book.h"
#include "core/check.h"

namespace gardu::billing {

namespace {

constexpr int kLastAnchorDay = 31;

bool isChargedFrom(const AccountSubscription& it, core::Date first) {
    return std::any_of(it.charged.begin(), it.charged.end(),
                       [first](const InvoiceLine& line) { return line.period->first == first; });
}

}  // namespace

void AccountBook::billPeriod(std::size_t index) {
    const BillingFacts is = facts(index);
    AccountSubscription& it = change(index);
    const core::Period period = is.currentPeriod();
    const core::Period days{it.state.ratedFrom.value_or(period.first), period.next};
    InvoiceDraft draft;
    if (days.first < days.next) {
        const PricedWhole of{is.currentWhole(), is.anchorDay(), !it.state.ratedFrom};
        addDays(draft.lines, is.price(*it.package, days, of));
    }
    is.addPending(draft);
    draft.period = period;
    // Paused and resumed on one day, it is charged twice and credited once: the key is the first one's.
    if (!isChargedFrom(it, period.first)) {
        draft.periodKey = core::formatDate(period.first);
    }
    draft.dueDate = dueDate(index);
    writer_.issue(index, std::move(draft));
    it.state.billedUntil = period.next;
    it.state.ratedFrom.reset();
}

void AccountBook::closeBilling(std::size_t index, core::Date day) {
    const BillingFacts is = facts(index);
    AccountSubscription& it = change(index);
    InvoiceDraft draft;
    const auto& billed = it.state.billedUntil;
    const core::Date from = it.state.ratedFrom.value_or(billed.value_or(day));
    if (from < day) {
        const core::Period whole = is.currentWhole();
        if (day <= whole.next) {
            addDays(draft.lines, is.price(*it.package, {from, day}, {whole, is.anchorDay(), false}));
        } else {
            // Parked, with more than a period that was never billed.
            is.addPieces(draft.lines, {from, day});
        }
        draft.periodKey = core::formatDate(*billed);
        draft.period = core::Period{*billed, day};
    }
    for (const ChargedRest& rest : restOf(it.charged, day)) {
        draft.lines.push_back(creditLine(rest, it.subscription.id));
    }
    is.addPending(draft);
    draft.dueDate = dueDate(index);
    writer_.issue(index, std::move(draft));
    it.state.billedUntil.reset();
    it.state.ratedFrom.reset();
}

void AccountBook::stopBilling(std::size_t index) {
    const bool stops = writer_.at(index).package->package.terms.whileSuspended == WhileSuspended::Stop;
    if (stops && !facts(index).isInAdvance()) {
        closeBilling(index, today());
    }
    AccountSubscription& it = change(index);
    if (stops) {
        // In advance, the rest is credited at the return: a credit now would pay the debt that cut it off.
        it.state.billedUntil.reset();
    }
    it.state.stoppedOn = today();
}

void AccountBook::reopenBilling(std::size_t index) {
    AccountSubscription& it = change(index);
    const core::Date stopped = *it.state.stoppedOn;
    it.state.stoppedOn.reset();
    const bool isOther = it.state.nextPackageAt && *it.state.nextPackageAt <= now_;
    InvoiceDraft draft;
    std::vector<ChargedRest> rests;
    if (stopped < today() || isOther) {
        rests = restOf(it.charged, stopped);
    }
    for (const ChargedRest& rest : rests) {
        draft.lines.push_back(creditLine(rest, it.subscription.id));
    }
    if (isOther) {
        it.state.billedUntil = today();
        it.state.ratedFrom.reset();
        draft.dueDate = dueDate(index);
        writer_.issue(index, std::move(draft));
        switchPackage(index);
        return;
    }
    const BillingFacts is = facts(index);
    if (!is.isInAdvance()) {
        reopenInArrears(index, stopped);
    } else {
        core::Date end = it.state.billedUntil.value_or(std::max(today(), is.firstDay()));
        for (const ChargedRest& rest : restOf(it.charged, today())) {
            end = std::max(end, rest.days.next);
        }
        if (!rests.empty()) {
            is.addPieces(draft.lines, {today(), end});
        }
        it.state.billedUntil = end;
    }
    draft.dueDate = dueDate(index);
    writer_.issue(index, std::move(draft));
}

void AccountBook::reopenInArrears(std::size_t index, core::Date stopped) {
    if (writer_.at(index).state.billedUntil) {
        waitForNext(index, stopped, today());
    } else {
        change(index).state.billedUntil = std::max(today(), facts(index).firstDay());
    }
}

/// In arrears: what was used up to `from` waits for the period's invoice; up to `to` nothing is charged.
void AccountBook::waitForNext(std::size_t index, core::Date from, core::Date to) {
    const BillingFacts is = facts(index);
    AccountSubscription& it = change(index);
    const core::Date rated = it.state.ratedFrom.value_or(*it.state.billedUntil);
    if (rated < from) {
        const PricedDays priced =
            is.price(*it.package, {rated, from}, {is.currentWhole(), is.anchorDay(), false});
        const std::int64_t amount = partOf(it.package->package.price.minor, priced);
        if (amount != 0) {
            writer_.addPending(index, {.id = writer_.newId(),
                                       .kind = LineKind::Recurring,
                                       .description = it.package->package.name + ", " + daysText(priced.days),
                                       .amount = amount,
                                       .period = priced.days});
        }
    }
    if (rated < to) {
        it.state.ratedFrom = to;
    }
}

void AccountBook::setPackage(std::size_t index, const PricedPackagePtr& package) {
    AccountSubscription& it = change(index);
    BillingEvent& event =
        writer_.tell(index, "package_changed", it.package->package.name + " became " + package->package.name);
    event.meta["from"] = it.package->package.name;
    event.meta["to"] = package->package.name;
    it.package = package;
    it.subscription.packageId = package->package.id;
    forgetNextPackage(index);
}

void AccountBook::forgetNextPackage(std::size_t index) {
    AccountSubscription& it = change(index);
    it.nextPackage.reset();
    it.state.nextPackageId.reset();
    it.state.nextPackageAt.reset();
}

void AccountBook::switchPackage(std::size_t index) {
    const BillingFacts is = facts(index);
    AccountSubscription& it = change(index);
    const bool wasPrepaid = is.isPrepaid();
    const bool wasByHour = is.isByHour();
    it.state.anchorDay = is.anchorDay();
    core::check(it.nextPackage != nullptr, "the next package is loaded");
    const bool isByHour = it.nextPackage->package.validity.unit == ValidityUnit::Hour;
    if (wasByHour != isByHour) {
        voidAllWaiting(index, "the package changes");
    }
    setPackage(index, it.nextPackage);
    const BillingFacts now = facts(index);
    if (wasPrepaid && now.isPrepaid() && wasByHour != isByHour && it.subscription.endDate) {
        it.state.paidUntilAt =
            isByHour ? std::optional(rules_.cuts.zone.endOfDay(*it.subscription.endDate)) : std::nullopt;
    } else if (wasPrepaid && !now.isPrepaid()) {
        goPostpaid(index);
    } else if (!wasPrepaid && now.isPrepaid()) {
        goPrepaid(index);
    }
}

/// What runs is sold, due as an invoice of postpaid; after it the subscription is prepaid.
void AccountBook::goPrepaid(std::size_t index) {
    const BillingFacts is = facts(index);
    AccountSubscription& it = change(index);
    core::Date next = it.state.billedUntil.value_or(today());
    if (it.state.billedUntil && next <= today() && !is.isByHour()) {
        billPeriod(index);
        next = *it.state.billedUntil;
    }
    it.subscription.endDate = core::addDays(next, -1);
    it.state.paidUntilAt = is.isByHour() ? std::optional(startOf(next)) : std::nullopt;
    it.state.billedUntil.reset();
    it.state.ratedFrom.reset();
}

/// Periods to come are sold anew; those in which a hold gave access stay owed.
void AccountBook::goPostpaid(std::size_t index) {
    const BillingFacts is = facts(index);
    AccountSubscription& it = change(index);
    const auto end = it.subscription.endDate;
    core::Date first = end ? std::max(core::addDays(*end, 1), today()) : today();
    const std::vector<Invoice> open = account().open;
    for (const Invoice& invoice : open) {
        const bool isNext = !end || !invoice.period || *end < invoice.period->first;
        if (invoice.subscriptionId != it.subscription.id || !invoice.periodKey || !isNext) {
            continue;
        }
        if (invoice.period && is.wasHeld(invoice) && is.beginOf(invoice) < now_) {
            first = std::max(first, invoice.period->next);
        } else {
            voidWaiting(index, invoice, "the subscription is postpaid now");
        }
    }
    it.state.anchorDay = it.state.anchorDay.value_or(anchorDayOf(end ? core::addDays(*end, 1) : today()));
    it.state.billedUntil = first;
    it.state.paidUntilAt.reset();
    it.subscription.endDate.reset();
    if (it.state.cancelOn) {
        it.subscription.endDate = core::addDays(*it.state.cancelOn, -1);
    }
}

void AccountBook::begin(const std::string& subscriptionId, std::optional<int> anchorDay,
                        const std::optional<OneOffCharge>& setup) {
    if (anchorDay && (*anchorDay < 1 || *anchorDay > kLastAnchorDay)) {
        throw core::Refused(std::vector<core::FieldError>{{"anchor_day", "write a day from 1 to 31"}});
    }
    act({.mayReturn = true}, [&] {
        const std::size_t index = liveIndexOf(subscriptionId);
        const BillingFacts is = facts(index);
        AccountSubscription& it = change(index);
        const core::Date first = is.firstDay();
        const auto end = it.subscription.endDate;
        const core::Date anchor = end && is.isPrepaid() ? core::addDays(*end, 1) : first;
        it.state.anchorDay = anchorDay.value_or(anchorDayOf(anchor));
        if (setup) {
            addCharge(index, *setup, false);
        }
        if (!is.isPrepaid()) {
            it.state.billedUntil = first;
            it.state.cancelOn = end ? std::optional(core::addDays(*end, 1)) : std::nullopt;
            return;
        }
        it.subscription.endDate = end.value_or(core::addDays(first, -1));
        if (is.isByHour()) {
            it.state.paidUntilAt = rules_.cuts.zone.endOfDay(*it.subscription.endDate);
        }
        if (end || first > it.subscription.startDate) {
            return;
        }
        if (const auto plan = is.nextRenewal()) {
            offer(index, *plan, is.draftOf(*plan));
        }
    });
}

}  // namespace gardu::billing
