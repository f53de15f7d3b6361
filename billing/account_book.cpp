#include "billing/account_book.h"

#include <algorithm>
#include <limits>

#include "core/check.h"

namespace gardu::billing {

namespace {

/// Far beyond what an account can need to come to rest.
constexpr int kMostRounds = 200;

}  // namespace

AccountBook::AccountBook(Account account, const BillingRules& rules, IdSource ids, core::Instant now)
    : writer_(std::move(account), std::move(ids)), rules_(rules), now_(now) {}

BillingFacts AccountBook::facts(std::size_t index) const {
    return {writer_.account(), index, rules_.cuts, now_};
}

std::size_t AccountBook::indexOf(const std::string& subscriptionId) const {
    const auto& all = account().subscriptions;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].subscription.id == subscriptionId) {
            return i;
        }
    }
    throw core::Refused("the customer has no such subscription");
}

std::size_t AccountBook::liveIndexOf(const std::string& subscriptionId) const {
    const std::size_t index = indexOf(subscriptionId);
    if (facts(index).isCancelled()) {
        throw core::Refused("the subscription is cancelled");
    }
    return index;
}

core::Date AccountBook::dueDate(std::size_t index) const {
    return core::addDays(today(), writer_.at(index).package->package.terms.dueDays);
}

bool AccountBook::isLeftAlone(std::size_t index) const {
    return call_.isClock && writer_.at(index).state.parkedReason;
}

AccountSubscription& AccountBook::change(std::size_t index) {
    writer_.touch(index);
    return writer_.at(index);
}

void AccountBook::advance() {
    auto pages = writer_.copy();
    try {
        writer_.begin(now_, today(), rules_.mostInvoices);
        call_ = {};
        call_.isClock = true;
        bringUpToDate();
    } catch (const std::overflow_error& error) {
        writer_.restore(std::move(pages));
        throw TooMuch(error.what());
    } catch (...) {
        writer_.restore(std::move(pages));
        throw;
    }
}

void AccountBook::advanceTo(core::Instant now) {
    core::check(now >= now_, "time does not go back");
    now_ = now;
    advance();
}

void AccountBook::act(BillingCall call, const std::function<void()>& verb) {
    const auto pages = writer_.copy();
    try {
        try {
            attempt(call, verb);
        } catch (const TooMuch&) {
            if (!call.isMoney) {
                throw;
            }
            writer_.restore(pages);
            call.isBehind = true;
            attempt(call, verb);
        }
    } catch (const TooMuch& error) {
        writer_.restore(pages);
        throw core::Refused(
            std::string(error.what()) +
            ": a start date, or what was billed last, lies far in the past; if that is right, "
            "allow more for this call with -D billing.most_invoices=N");
    } catch (const std::overflow_error& error) {
        writer_.restore(pages);
        throw core::Refused(error.what());
    } catch (...) {
        writer_.restore(pages);
        throw;
    }
}

void AccountBook::attempt(const BillingCall& call, const std::function<void()>& verb) {
    const int most = call.isBehind ? std::numeric_limits<int>::max() : rules_.mostInvoices;
    writer_.begin(now_, today(), most);
    if (!call.isBehind) {
        call_ = {};
        call_.isClock = true;
        bringUpToDate();
        writer_.begin(now_, today(), most);
    }
    call_ = call;
    verb();
    bringUpToDate();
}

void AccountBook::bringUpToDate() {
    const std::size_t count = account().subscriptions.size();
    bool isAtRest = false;
    for (int round = 0; !isAtRest; ++round) {
        core::check(round < kMostRounds, "an account comes to rest");
        isAtRest = !stepAll();
        isAtRest = !renewNamed() && isAtRest;
        isAtRest = !settle() && isAtRest;
        isAtRest = !renewNamed() && isAtRest;
        for (std::size_t i = 0; i < count; ++i) {
            isAtRest = !renewFromCredit(i) && isAtRest;
        }
        for (std::size_t i = 0; i < count; ++i) {
            isAtRest = !updateStage(i) && isAtRest;
        }
    }
    // What comes next, comes by the clock.
    call_.mayReturn = false;
    for (std::size_t i = 0; i < count; ++i) {
        finish(i);
    }
}

bool AccountBook::stepAll() {
    bool moved = false;
    for (std::size_t i = 0; i < account().subscriptions.size() && !call_.isBehind; ++i) {
        DueStep due = nextStep(i);
        for (int steps = 0; due.step != BillingStep::None && due.at <= now_; ++steps) {
            core::check(steps < kMostRounds + rules_.mostInvoices, "the clock brings an end of steps");
            doStep(i, due.step);
            moved = true;
            due = nextStep(i);
        }
    }
    return moved;
}

DueStep AccountBook::nextStep(std::size_t index) const {
    const AccountSubscription& it = writer_.at(index);
    const BillingFacts is = facts(index);
    if (is.isCancelled() || it.state.parkedReason) {
        return {};
    }
    std::vector<DueStep> steps;
    if (it.state.cancelOn) {
        steps.push_back({startOf(*it.state.cancelOn), BillingStep::Cancel});
    }
    if (it.state.pausedOn) {
        if (it.state.pauseUntil) {
            steps.push_back({startOf(*it.state.pauseUntil), BillingStep::Resume});
        }
    } else if (mustAdopt(index)) {
        steps.push_back({core::Instant::min(), BillingStep::Adopt});
    } else {
        if (it.state.nextPackageAt && !it.state.stoppedOn) {
            steps.push_back({*it.state.nextPackageAt, BillingStep::Switch});
        }
        if (it.state.billedUntil && is.isInAdvance()) {
            steps.push_back({startOf(*it.state.billedUntil), BillingStep::BillAdvance});
        } else if (it.state.billedUntil) {
            steps.push_back({startOf(is.currentPeriod().next), BillingStep::BillArrears});
        }
        addPrepaidSteps(steps, index);
    }
    const auto isBefore = [](const DueStep& a, const DueStep& b) {
        return std::tie(a.at, a.step) < std::tie(b.at, b.step);
    };
    const auto first = std::min_element(steps.begin(), steps.end(), isBefore);
    return first == steps.end() ? DueStep{} : *first;
}

void AccountBook::addPrepaidSteps(std::vector<DueStep>& steps, std::size_t index) const {
    const AccountSubscription& it = writer_.at(index);
    const BillingFacts is = facts(index);
    if (!is.paidEnd()) {
        return;
    }
    const std::vector<Invoice> waiting = is.waiting();
    for (const Invoice& invoice : waiting) {
        if (!is.wasHeld(invoice)) {
            steps.push_back({is.endOf(invoice), BillingStep::Lapse});
        }
    }
    const bool renews = it.subscription.autoRenew && it.subscription.status == SubscriptionStatus::Active &&
                        it.subscription.stage != DunningStage::Terminated;
    if (renews && (is.isHeld() || (waiting.empty() && !is.isNextGone()))) {
        if (const auto plan = is.nextRenewal()) {
            steps.push_back({is.offerAt(*plan), BillingStep::Offer});
        }
    }
}

bool AccountBook::mustAdopt(std::size_t index) const {
    const AccountSubscription& it = writer_.at(index);
    if (facts(index).isPrepaid()) {
        return it.state.billedUntil.has_value();
    }
    const auto& end = it.subscription.endDate;
    return !it.state.billedUntil && !it.state.stoppedOn && !it.state.cancelOn && end &&
           core::addDays(*end, 1) >= today();
}

void AccountBook::doStep(std::size_t index, BillingStep step) {
    const BillingState& state = writer_.at(index).state;
    switch (step) {
        case BillingStep::Cancel:
            return cancelNow(index, *state.cancelOn);
        case BillingStep::Resume:
            return resumeNow(index);
        case BillingStep::Adopt:
            return facts(index).isPrepaid() ? goPrepaid(index) : goPostpaid(index);
        case BillingStep::BillArrears:
        case BillingStep::BillAdvance:
            return billPeriod(index);
        case BillingStep::Switch:
            return switchPackage(index);
        case BillingStep::Offer: {
            const RenewalPlan plan = facts(index).nextRenewal().value();
            offer(index, plan, facts(index).draftOf(plan));
            settle();
            return;
        }
        case BillingStep::Lapse:
            return lapse(index);
        case BillingStep::None:
            break;
    }
}

void AccountBook::finish(std::size_t index) {
    if (isLeftAlone(index)) {
        return;
    }
    const BillingFacts is = facts(index);
    AccountSubscription& it = writer_.at(index);
    const auto held = is.isHeld() ? is.holdEnd() : std::nullopt;
    auto access = is.isCancelled() ? std::nullopt : is.accessEnd();
    if (access && !is.isByHour() && *access == rules_.cuts.zone.endOfDay(*it.subscription.endDate)) {
        access.reset();
    }
    if (it.subscription.heldUntil != held || it.subscription.accessUntil != access) {
        change(index);
        it.subscription.heldUntil = held;
        it.subscription.accessUntil = access;
    }
    const core::Date since =
        std::min({today(), it.state.pausedOn.value_or(today()), it.state.stoppedOn.value_or(today()),
                  account().chargedSince.value_or(today())});
    std::erase_if(it.charged, [since](const InvoiceLine& line) { return line.period->next <= since; });
    if (it.state.parkedReason) {
        return;
    }
    if (!call_.isBehind) {
        remind(index);
    }
    const auto next = nextLook(index);
    if (it.state.billAt != next) {
        change(index).state.billAt = next;
    }
}

void AccountBook::unpark(const std::string& subscriptionId) {
    const std::size_t index = indexOf(subscriptionId);
    if (!writer_.at(index).state.parkedReason) {
        throw core::Refused("the subscription is not parked");
    }
    change(index).state.parkedReason.reset();
    change(index).state.billAt = now_;
    writer_.tell(index, "unparked", "the billing run looks at it again");
}

}  // namespace gardu::billing
