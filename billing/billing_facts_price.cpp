// BillingFacts: what time costs.

#include <algorithm>

#include "billing/billing_facts.h"

namespace gardu::billing {

InvoiceDraft BillingFacts::emptyDraftOf(const RenewalPlan& plan) const {
    InvoiceDraft draft;
    draft.period = plan.days;
    draft.periodKey = plan.days ? core::formatDate(plan.days->first) : core::formatInstant(plan.begins);
    const core::Date begins = cuts_.zone.localDate(plan.begins);
    draft.dueDate = std::max(plan.days ? core::addDays(begins, -1) : begins, today());
    return draft;
}

void BillingFacts::addTime(InvoiceDraft& draft, const RenewalPlan& plan) const {
    if (plan.days) {
        addDays(draft.lines, price(*plan.package, *plan.days, {plan.whole, plan.anchorDay, true}));
    } else {
        addHoursLine(draft.lines, plan);
    }
}

InvoiceDraft BillingFacts::draftOf(const RenewalPlan& plan) const {
    InvoiceDraft draft = emptyDraftOf(plan);
    addTime(draft, plan);
    for (const PendingCharge& pending : it().pending) {
        addPendingLine(draft, *plan.package, pending);
    }
    return draft;
}

/// The price that was asked for, of time of the same length; what is left of a shorter period at its part.
InvoiceDraft BillingFacts::draftInPlaceOf(const Invoice& waiting, const RenewalPlan& plan) const {
    const RenewalPlan gone = planOf(waiting);
    const auto isTime = [](const InvoiceLine& line) { return line.kind == LineKind::Recurring; };
    const bool isSame = plan.package == gone.package && gone.days.has_value() == plan.days.has_value() &&
                        (!gone.days || (*gone.days == gone.whole && *plan.days == plan.whole)) &&
                        std::count_if(waiting.lines.begin(), waiting.lines.end(), isTime) == 1;
    InvoiceDraft draft = emptyDraftOf(plan);
    if (!isSame) {
        addTime(draft, plan);
    }
    for (InvoiceLine line : waiting.lines) {
        if (isTime(line)) {
            line.description =
                plan.package->package.name + ", " + (plan.days ? daysText(*plan.days) : hoursText(plan));
        }
        const bool isOnce = !line.period && !isTime(line) && line.kind != LineKind::Discount;
        if (isSame || isOnce) {
            line.period = line.period ? plan.days : std::nullopt;
            draft.lines.push_back(std::move(line));
        }
    }
    for (InvoiceLine& line : creditOfInvoice(waiting, waiting.credited, 0)) {
        line.period = line.period ? plan.days : std::nullopt;
        line.description = "Credit of " + waiting.number;
        draft.lines.push_back(std::move(line));
    }
    return draft;
}

std::string BillingFacts::hoursText(const RenewalPlan& plan) const {
    return formatValidity(plan.package->package.validity) + " from " + cuts_.zone.format(plan.begins);
}

void BillingFacts::addHoursLine(std::vector<InvoiceLine>& lines, const RenewalPlan& plan) const {
    const Package& package = plan.package->package;
    InvoiceLine line = taxedLine(LineKind::Recurring, package.name + ", " + hoursText(plan),
                                 package.price.minor, plan.package->tax);
    line.subscriptionId = it().subscription.id;
    lines.push_back(line);
    const core::Date day = cuts_.zone.localDate(plan.begins);
    const core::Period days{day, core::addDays(day, 1)};
    addDiscounts(lines, {it(), *plan.package, days, days, PartKind::Stub, day}, line);
}

PricedDays BillingFacts::price(const PricedPackage& package, const core::Period& days,
                               const PricedWhole& of) const {
    const core::Period stub = firstPeriodFrom(firstDay(), of.anchorDay, package.package.validity);
    const bool isFirst = stub.contains(days.first) && stub.first > of.days.first;
    PricedDays priced{it(), package, days, of.days, of.isPlanned ? PartKind::Stub : PartKind::Piece, {}};
    if (isFirst && package.package.terms.firstPeriod == FirstPeriod::Free) {
        priced.part = PartKind::Free;
    }
    if (isFirst && package.package.terms.firstPeriod == FirstPeriod::Full) {
        priced.whole = stub;
    }
    priced.discountDay = std::max(of.days.first, it().subscription.startDate);
    return priced;
}

void BillingFacts::addPieces(std::vector<InvoiceLine>& lines, core::Period days) const {
    std::vector<PricedDays> pieces;
    while (days.first < days.next) {
        const core::Period whole = wholeEnding(days.next, anchorDay(), validity());
        const core::Period piece{std::max(whole.first, days.first), days.next};
        pieces.push_back(price(*it().package, piece, {whole, anchorDay(), false}));
        days.next = piece.first;
    }
    for (auto piece = pieces.rbegin(); piece != pieces.rend(); ++piece) {
        addDays(lines, *piece);
    }
}

void BillingFacts::addPending(InvoiceDraft& draft) const {
    for (const PendingCharge& pending : it().pending) {
        addPendingLine(draft, *it().package, pending);
    }
}

void BillingFacts::addPendingLine(InvoiceDraft& draft, const PricedPackage& package,
                                  const PendingCharge& pending) const {
    InvoiceLine line = taxedLine(pending.kind, pending.description, pending.amount, package.tax);
    line.subscriptionId = it().subscription.id;
    line.period = pending.period;
    draft.lines.push_back(line);
    draft.pendingIds.push_back(pending.id);
    if (pending.kind == LineKind::Recurring && pending.period && it().state.billedUntil) {
        const core::Period whole = currentWhole();
        const bool isOfIt = whole.first <= pending.period->first && pending.period->next <= whole.next;
        addDiscounts(draft.lines,
                     price(package, *pending.period, {isOfIt ? whole : *pending.period, anchorDay(), false}),
                     line);
    }
}

}  // namespace gardu::billing
