#include "billing/billing_facts.h"

#include <algorithm>

#include "core/check.h"

namespace gardu::billing {

namespace {

constexpr int kShortestMonth = 28;
constexpr int kMinutesOfDay = 1440;
/// More than any period.
constexpr std::chrono::days kAnyLength{36'500};

/// How long before the first day of a period its invoice is made, at 00:00; of a plan by the hour to the
/// minute. Half a period at most: or the next invoice of a short one would come as it begins.
int leadDays(const PricedPackage& package) {
    const Validity validity = package.package.validity;
    const int days = validity.unit == ValidityUnit::Month ? validity.count * kShortestMonth : validity.count;
    return std::min(package.package.terms.invoiceDays, days / 2) + 1;
}

core::Milliseconds leadByHour(const PricedPackage& package) {
    const std::chrono::days most(package.package.terms.invoiceDays + 1);
    return std::min<core::Milliseconds>(most, std::chrono::minutes(30) * package.package.validity.count);
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

std::optional<core::Instant> BillingFacts::accessEndUnheld() const {
    const auto paid = paidEnd();
    if (!paid || isNeverPaid()) {
        return paid;
    }
    if (isByHour()) {
        return *paid + std::chrono::days(terms().ladder.graceDays);
    }
    const core::Date last = core::addDays(*it().subscription.endDate, terms().ladder.graceDays);
    return firstCutAt(cuts_.zone.endOfDay(last), terms().ladder, cuts_);
}

std::optional<core::Instant> BillingFacts::accessEnd() const {
    const auto end = accessEndUnheld();
    const auto held = holdEnd();
    if (!end || !held || *held <= *end) {
        return end;
    }
    return isNeverPaid() || isByHour() ? *held : firstCutAt(*held, terms().ladder, cuts_);
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

std::optional<core::Instant> BillingFacts::restartAt(core::Instant begin, core::Instant end) const {
    const auto cut = isByHour() ? accessEnd() : accessEndUnheld();
    if (!cut || now_ < *cut || now_ < *paidEnd()) {
        return std::nullopt;
    }
    if (isByHour()) {
        return begin < now_ ? std::optional(now_) : std::nullopt;
    }
    const core::Zone& zone = cuts_.zone;
    const auto& from = it().state.heldFrom;
    const bool isGap = from && *from > zone.localDate(*cut);
    const core::Date first = isGap ? *from : zone.localDate(*paidEnd());
    const core::Date held = holdEnd() ? zone.localDate(*holdEnd()) : first;
    int used = std::max(0, daysBetween(first, std::min(held, today())));
    // What was given is of the periods one after the other.
    for (const Invoice& earlier : waiting()) {
        if (beginOf(earlier) < begin) {
            used = std::max(0, used - daysIn(*earlier.period));
        }
    }
    const core::Instant restart = startOf(core::addDays(today(), -used));
    const bool isUsedUp = used >= daysBetween(zone.localDate(begin), zone.localDate(end));
    return restart > begin && !isUsedUp ? std::optional(restart) : std::nullopt;
}

core::Date BillingFacts::nextHoldFrom() const {
    const auto paid = paidEnd();
    const auto& from = it().state.heldFrom;
    if (isHeld()) {
        return from.value_or(paid ? cuts_.zone.localDate(*paid) : today());
    }
    if (!paid || now_ < *accessEndUnheld()) {
        return today();
    }
    const auto restart = restartAt(*paid, *paid + kAnyLength);
    return restart ? cuts_.zone.localDate(*restart) : from.value_or(today());
}

std::optional<core::Date> BillingFacts::takenBack(const std::optional<core::Date>& until) const {
    const auto cut = accessEndUnheld();
    if (!until || !cut || now_ < *cut) {
        return std::nullopt;
    }
    return std::min(*until, core::addDays(today(), -1));
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
    const auto isCredited = [&](const InvoiceLine& line) {
        return std::any_of(it().charged.begin(), it().charged.end(), [&](const InvoiceLine& each) {
            return each.kind == LineKind::Credit && each.period->next == line.period->next &&
                   each.period->first >= line.period->first && each.taxCode == line.taxCode &&
                   // A change of the package credits and charges the same days.
                   std::find(invoice.lines.begin(), invoice.lines.end(), each) == invoice.lines.end();
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
    const auto& from = it().state.heldFrom;
    return held && beginOf(waiting) < *held && (!from || startOf(*from) < endOf(waiting));
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

std::optional<RenewalPlan> BillingFacts::nextRenewal(bool isPaying) const {
    if (!isPrepaid()) {
        return std::nullopt;
    }
    if (!paidEnd()) {
        return renewalFromNow();
    }
    auto plan = renewalBy(packageAt(nextBegin()), nextBegin(), anchorDay());
    if (!plan) {
        return plan;
    }
    const bool fromPayment = terms().lateRenewal == LateRenewal::FromPayment;
    const auto restart = fromPayment ? restartAt(plan->begins, plan->ends) : std::nullopt;
    if (plan->ends > now_ && !restart) {
        return plan;
    }
    if (it().state.cancelOn && !isPaying) {
        // What is left up to it would cost less from day to day.
        return std::nullopt;
    }
    return fromPayment ? renewalFrom(restart.value_or(now_), *plan) : onTheGrid(*plan);
}

/// What is left of a shorter period stays that; else the anchor moves there, unless it was agreed on for the
/// first one.
std::optional<RenewalPlan> BillingFacts::renewalFrom(core::Instant begin, const RenewalPlan& gone) const {
    const bool isRest = gone.days && *gone.days != gone.whole && begin < gone.ends;
    const bool isAgreed = isNeverPaid() && anchorDay() != anchorDayOf(firstDay());
    return renewalBy(packageAt(now_), begin,
                     isRest || isAgreed ? anchorDay() : anchorDayOf(cuts_.zone.localDate(begin)));
}

RenewalPlan BillingFacts::planOf(const Invoice& waiting) const {
    RenewalPlan plan;
    plan.package = packageAt(beginOf(waiting));
    plan.days = waiting.period;
    plan.anchorDay = anchorDay();
    if (plan.days) {
        const Validity sold = plan.package->package.validity;
        const int own = anchorDayOf(plan.days->first);
        // One that was sold late is a whole one by an anchor of its own.
        plan.anchorDay = firstPeriodFrom(plan.days->first, own, sold) == *plan.days ? own : anchorDay();
        plan.whole = wholeEnding(plan.days->next, plan.anchorDay, sold);
    }
    plan.begins = beginOf(waiting);
    plan.ends = endOf(waiting);
    return plan;
}

std::optional<RenewalPlan> BillingFacts::renewalInPlaceOf(const Invoice& waiting) const {
    const RenewalPlan gone = planOf(waiting);
    return renewalFrom(restartAt(gone.begins, gone.ends).value_or(now_), gone);
}

bool BillingFacts::endsOnTheGrid(core::Instant begins, core::Instant ends) const {
    return validity().unit == ValidityUnit::Month &&
           startOf(firstPeriodFrom(cuts_.zone.localDate(begins), anchorDay(), validity()).next) == ends;
}

bool BillingFacts::isNextGone() const {
    const auto plan = renewalBy(packageAt(nextBegin()), nextBegin(), anchorDay());
    return plan && plan->ends <= now_;
}

core::Instant BillingFacts::offerAt(const RenewalPlan& plan) const {
    return plan.days ? startOf(core::addDays(plan.days->first, -leadDays(*plan.package)))
                     : plan.begins - leadByHour(*plan.package);
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

}  // namespace gardu::billing
