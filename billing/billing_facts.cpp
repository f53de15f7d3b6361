#include "billing/billing_facts.h"

#include <algorithm>

#include "core/check.h"

namespace gardu::billing {

namespace {

constexpr int kHoursOfDay = 24;
constexpr int kShortestMonth = 28;
constexpr int kMinutesOfDay = 1440;

std::chrono::days leadOf(const PricedPackage& package) {
    const Validity validity = package.package.validity;
    int days = validity.count;
    if (validity.unit == ValidityUnit::Month) {
        days = validity.count * kShortestMonth;
    } else if (validity.unit == ValidityUnit::Hour) {
        days = validity.count / kHoursOfDay;
    }
    // Half a period at most: or the next invoice of a short one would come as it begins.
    return std::chrono::days(std::min(package.package.terms.invoiceDays, days / 2));
}

}  // namespace

core::Period wholeEnding(core::Date end, int anchorDay, Validity validity) {
    if (validity.unit == ValidityUnit::Day) {
        return {core::addDays(end, -validity.count), end};
    }
    return wholePeriodWith(core::addDays(end, -1), anchorDay, validity);
}

bool BillingFacts::isPrepaid() const {
    return terms().mode == BillingMode::Prepaid || isByHour();
}

bool BillingFacts::isByHour() const {
    return validity().unit == ValidityUnit::Hour;
}

bool BillingFacts::isInAdvance() const {
    return terms().invoiceAt == InvoiceAt::Start;
}

bool BillingFacts::isCancelled() const {
    return it().subscription.status == SubscriptionStatus::Cancelled;
}

int BillingFacts::anchorDay() const {
    if (it().state.anchorDay) {
        return *it().state.anchorDay;
    }
    const bool fromEnd = isPrepaid() && it().subscription.endDate;
    return anchorDayOf(fromEnd ? core::addDays(*it().subscription.endDate, 1) : it().subscription.startDate);
}

core::Date BillingFacts::firstDay() const {
    return core::addDays(it().subscription.startDate, terms().trialDays);
}

bool BillingFacts::isNeverPaid() const {
    return it().subscription.endDate && *it().subscription.endDate < it().subscription.startDate;
}

std::optional<core::Instant> BillingFacts::paidEnd() const {
    if (!isPrepaid() || !it().subscription.endDate) {
        return std::nullopt;
    }
    return isByHour() && it().state.paidUntilAt ? *it().state.paidUntilAt
                                                : cuts_.zone.endOfDay(*it().subscription.endDate);
}

std::optional<core::Instant> BillingFacts::accessEnd() const {
    const auto paid = paidEnd();
    if (!paid) {
        return std::nullopt;
    }
    const core::Instant held = holdEnd().value_or(*paid);
    if (isNeverPaid()) {
        return std::max(*paid, held);
    }
    if (isByHour()) {
        return std::max(*paid + std::chrono::days(terms().ladder.graceDays), held);
    }
    const core::Date last = core::addDays(*it().subscription.endDate, terms().ladder.graceDays);
    return firstCutAt(std::max(cuts_.zone.endOfDay(last), held), terms().ladder, cuts_);
}

DunningLadder BillingFacts::ladder() const {
    DunningLadder ladder = terms().ladder;
    if (isPrepaid() && isNeverPaid()) {
        ladder.graceDays = 0;
        ladder.noCutWeekdays.clear();
        ladder.cutFromMinute = 0;
        ladder.cutUntilMinute = kMinutesOfDay;
    }
    return ladder;
}

std::optional<core::Instant> BillingFacts::holdEnd() const {
    const BillingState& state = it().state;
    const auto last = std::max({state.neverCutUntil, state.promiseUntil, state.noticeUntil});
    return last ? std::optional(cuts_.zone.endOfDay(*last)) : std::nullopt;
}

bool BillingFacts::isHeld() const {
    const auto end = holdEnd();
    return end && *end > now_;
}

bool BillingFacts::isLate() const {
    const auto end = accessEnd();
    return end && *end <= now_ && *paidEnd() <= now_;
}

bool BillingFacts::isWaiting(const Invoice& invoice) const {
    if (!isPrepaid() || isCancelled() || !it().subscription.endDate || !invoice.periodKey ||
        invoice.subscriptionId != it().subscription.id) {
        return false;
    }
    // Hours that were sold before the package became one of days are a debt like others, and the reverse.
    return invoice.period.has_value() != isByHour() && beginOf(invoice) >= *paidEnd() &&
           !isCreditedLater(invoice);
}

bool BillingFacts::isCreditedLater(const Invoice& invoice) const {
    const auto isCredited = [this](const InvoiceLine& line) {
        return std::any_of(it().charged.begin(), it().charged.end(), [&](const InvoiceLine& each) {
            return each.kind == LineKind::Credit && each.period->next == line.period->next &&
                   each.period->first >= line.period->first && each.taxCode == line.taxCode;
        });
    };
    return std::any_of(invoice.lines.begin(), invoice.lines.end(), [&](const InvoiceLine& line) {
        return line.period && line.subscriptionId == it().subscription.id && isCredited(line);
    });
}

std::vector<Invoice> BillingFacts::waiting() const {
    std::vector<Invoice> found;
    std::copy_if(account_.open.begin(), account_.open.end(), std::back_inserter(found),
                 [this](const Invoice& invoice) { return isWaiting(invoice); });
    std::sort(found.begin(), found.end(),
              [this](const Invoice& a, const Invoice& b) { return beginOf(a) < beginOf(b); });
    return found;
}

core::Instant BillingFacts::beginOf(const Invoice& waiting) const {
    if (waiting.period) {
        return startOf(waiting.period->first);
    }
    const auto begin = core::parseInstant(waiting.periodKey.value_or(""));
    core::check(begin.has_value(), "the key of a period by the hour is its first instant");
    return *begin;
}

core::Instant BillingFacts::endOf(const Invoice& waiting) const {
    if (waiting.period) {
        return startOf(waiting.period->next);
    }
    const core::Instant begin = beginOf(waiting);
    return addHours(begin, packageAt(begin)->package.validity.count);
}

bool BillingFacts::wasHeld(const Invoice& waiting) const {
    const auto held = holdEnd();
    return held && beginOf(waiting) < *held;
}

core::Instant BillingFacts::nextBegin() const {
    core::Instant begin = paidEnd().value_or(now_);
    for (const Invoice& invoice : waiting()) {
        begin = std::max(begin, endOf(invoice));
    }
    return begin;
}

PricedPackagePtr BillingFacts::packageAt(core::Instant begin) const {
    const bool isNext = it().nextPackage && it().state.nextPackageAt && *it().state.nextPackageAt <= begin;
    return isNext ? it().nextPackage : it().package;
}

std::optional<RenewalPlan> BillingFacts::renewalBy(const PricedPackagePtr& package, core::Instant begin,
                                                   int anchorDay) const {
    const Package& sold = package->package;
    const bool sellsHours = sold.validity.unit == ValidityUnit::Hour;
    if ((sold.terms.mode == BillingMode::Postpaid && !sellsHours) || sellsHours != isByHour()) {
        return std::nullopt;
    }
    const auto& last = it().state.cancelOn;
    if (last && begin >= startOf(*last)) {
        return std::nullopt;
    }
    RenewalPlan plan;
    plan.package = package;
    plan.begins = begin;
    plan.anchorDay = anchorDay;
    if (sellsHours) {
        plan.ends = addHours(begin, sold.validity.count);
        return plan;
    }
    plan.days = firstPeriodFrom(cuts_.zone.localDate(begin), anchorDay, sold.validity);
    plan.whole = wholeEnding(plan.days->next, anchorDay, sold.validity);
    plan.days->next = std::min(plan.days->next, last.value_or(plan.days->next));
    plan.begins = startOf(plan.days->first);
    plan.ends = startOf(plan.days->next);
    return plan;
}

std::optional<RenewalPlan> BillingFacts::renewalFromNow() const {
    return renewalBy(packageAt(now_), now_, anchorDayOf(today()));
}

std::optional<RenewalPlan> BillingFacts::onTheGrid(RenewalPlan plan) const {
    if (!plan.days) {
        const core::Milliseconds length = plan.ends - plan.begins;
        plan.begins += length * ((now_ - plan.begins) / length);
        plan.ends = plan.begins + length;
        return plan;
    }
    std::optional<RenewalPlan> next = plan;
    while (next && next->ends <= now_) {
        next = renewalBy(plan.package, next->ends, plan.anchorDay);
    }
    return next;
}

std::optional<RenewalPlan> BillingFacts::nextRenewal() const {
    if (!isPrepaid()) {
        return std::nullopt;
    }
    if (!paidEnd()) {
        return renewalFromNow();
    }
    auto plan = renewalBy(packageAt(nextBegin()), nextBegin(), anchorDay());
    const bool fromPayment = terms().lateRenewal == LateRenewal::FromPayment;
    if (!plan || !(plan->ends <= now_ || (fromPayment && isLate() && hasBegun(*plan)))) {
        return plan;
    }
    if (it().state.cancelOn) {
        // What it costs would fall from day to day.
        return std::nullopt;
    }
    return fromPayment ? renewalFromNow() : onTheGrid(*plan);
}

bool BillingFacts::hasBegun(const RenewalPlan& plan) const {
    return plan.begins < (plan.days ? startOf(today()) : now_);
}

bool BillingFacts::isNextGone() const {
    const auto plan = renewalBy(packageAt(nextBegin()), nextBegin(), anchorDay());
    return plan && plan->ends <= now_;
}

core::Instant BillingFacts::offerAt(const RenewalPlan& plan) const {
    const std::chrono::days lead = leadOf(*plan.package);
    if (!plan.days) {
        return plan.begins - lead;
    }
    return startOf(core::addDays(plan.days->first, -1 - static_cast<int>(lead.count())));
}

InvoiceDraft BillingFacts::draftOf(const RenewalPlan& plan, const std::vector<PendingCharge>& more) const {
    InvoiceDraft draft;
    draft.period = plan.days;
    const core::Date begins = cuts_.zone.localDate(plan.begins);
    draft.dueDate = std::max(plan.days ? core::addDays(begins, -1) : begins, today());
    if (plan.days) {
        draft.periodKey = core::formatDate(plan.days->first);
        addDays(draft.lines, price(*plan.package, *plan.days, {plan.whole, plan.anchorDay, true}));
    } else {
        draft.periodKey = core::formatInstant(plan.begins);
        addHoursLine(draft.lines, plan);
    }
    for (const PendingCharge& pending : it().pending) {
        addPendingLine(draft, *plan.package, pending);
    }
    for (const PendingCharge& pending : more) {
        addPendingLine(draft, *plan.package, pending);
        draft.pendingIds.pop_back();
    }
    return draft;
}

void BillingFacts::addHoursLine(std::vector<InvoiceLine>& lines, const RenewalPlan& plan) const {
    const Package& package = plan.package->package;
    InvoiceLine line = taxedLine(
        LineKind::Recurring,
        package.name + ", " + formatValidity(package.validity) + " from " + cuts_.zone.format(plan.begins),
        package.price.minor, plan.package->tax);
    line.subscriptionId = it().subscription.id;
    lines.push_back(line);
    const core::Date day = cuts_.zone.localDate(plan.begins);
    const core::Period days{day, core::addDays(day, 1)};
    addDiscounts(lines, {it(), *plan.package, days, days, PartKind::Stub, day}, line);
}

core::Period BillingFacts::currentWhole() const {
    core::check(it().state.billedUntil.has_value(), "billing of a postpaid subscription has begun");
    const core::Period planned = firstPeriodFrom(*it().state.billedUntil, anchorDay(), validity());
    return wholeEnding(planned.next, anchorDay(), validity());
}

core::Period BillingFacts::currentPeriod() const {
    core::Period days{*it().state.billedUntil, currentWhole().next};
    days.next = std::min(days.next, it().state.cancelOn.value_or(days.next));
    return days;
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
