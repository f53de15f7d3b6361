// AccountBook: dunning stages and what follows from them, reminders, and when to look again.

#include <algorithm>

#include "billing/account_book.h"
#include "core/check.h"

namespace gardu::billing {

namespace {

/// Nobody is written to at night.
constexpr std::chrono::hours kReminderHour{8};

/// When the customer is reminded of an invoice, with the days before its due date.
struct Reminder {
    core::Instant at;
    int daysBefore = 0;
};

std::vector<Reminder> remindersOf(const Invoice& invoice, const DunningLadder& ladder,
                                  const core::Zone& zone) {
    std::vector<Reminder> reminders;
    reminders.reserve(ladder.remindDays.size());
    for (const int days : ladder.remindDays) {
        const core::Instant at = zone.at(core::addDays(invoice.dueDate, -days), kReminderHour);
        if (at > invoice.issuedAt) {
            reminders.push_back({at, days});
        }
    }
    return reminders;
}

std::optional<core::Instant> earlier(const std::optional<core::Instant>& a,
                                     const std::optional<core::Instant>& b) {
    return a && b ? std::min(a, b) : (a ? a : b);
}

bool isOwedBy(const Invoice& invoice, const Subscription& subscription) {
    return !invoice.subscriptionId || *invoice.subscriptionId == subscription.id;
}

/// What is to be paid: all that is open, with the oldest invoice of it.
void addDebt(BillingEvent& event, const Account& account, const Subscription& subscription) {
    std::int64_t sum = 0;
    const Invoice* oldest = nullptr;
    for (const Invoice& invoice : account.open) {
        if (isOwedBy(invoice, subscription)) {
            sum += invoice.outstanding;
            oldest = oldest == nullptr || invoice.dueDate < oldest->dueDate ? &invoice : oldest;
        }
    }
    if (oldest != nullptr) {
        event.meta["number"] = oldest->number;
        event.meta["due_date"] = core::formatDate(oldest->dueDate);
        event.meta["amount_minor"] = std::to_string(sum);
        event.meta["currency"] = account.currency.code;
    }
}

/// The customer is reminded by the first one of what is of none.
bool isReminded(const Account& account, std::size_t index, const Invoice& invoice) {
    const AccountSubscription& it = account.subscriptions[index];
    const bool isHis = invoice.subscriptionId ? *invoice.subscriptionId == it.subscription.id : index == 0;
    return isHis && invoice.outstanding > it.package->package.terms.ladder.tolerance;
}

}  // namespace

std::vector<Debt> AccountBook::debtsOf(std::size_t index) const {
    const AccountSubscription& it = writer_.at(index);
    const BillingFacts is = facts(index);
    std::vector<Debt> debts;
    if (is.isCancelled()) {
        return debts;
    }
    for (const Invoice& invoice : account().open) {
        if (isOwedBy(invoice, it.subscription)) {
            debts.push_back({invoice.dueDate, invoice.outstanding});
        }
    }
    if (is.paidEnd() && !it.state.pausedOn) {
        debts.push_back({*it.subscription.endDate, std::nullopt});
    }
    return debts;
}

/// Prepaid time is over: by the hour that is before the ladder, which knows days, says so.
Dunning AccountBook::whenOver(std::size_t index, DunningFacts owed, const Dunning& found) const {
    const DunningLadder ladder = facts(index).ladder();
    const core::Date last = core::addDays(*writer_.at(index).subscription.endDate, ladder.graceDays);
    const core::Instant later = std::max(now_, rules_.cuts.zone.endOfDay(last));
    const DunningStage stage = std::max(found.stage, DunningStage::Isolated);
    owed.current = std::max(owed.current, stage);
    const Dunning then = dunning(owed, ladder, rules_.cuts, later);
    return {stage, then.stage > stage ? std::optional(later) : then.next};
}

Dunning AccountBook::stageNow(std::size_t index) const {
    const AccountSubscription& it = writer_.at(index);
    const BillingFacts is = facts(index);
    const DunningFacts owed{debtsOf(index), it.subscription.stage, is.holdEnd()};
    Dunning found = dunning(owed, is.ladder(), rules_.cuts, now_);
    const auto end = is.accessEnd();
    if (end && !it.state.pausedOn && !is.isCancelled()) {
        found = *end <= now_ ? whenOver(index, owed, found) : Dunning{found.stage, earlier(found.next, end)};
    }
    if (it.subscription.stage == DunningStage::Terminated && !call_.mayReturn && !is.isCancelled()) {
        return {DunningStage::Terminated, std::nullopt};
    }
    return found;
}

bool AccountBook::updateStage(std::size_t index) {
    if (isLeftAlone(index)) {
        return false;
    }
    const DunningStage before = writer_.at(index).subscription.stage;
    const DunningStage stage = stageNow(index).stage;
    if (stage != before) {
        AccountSubscription& it = change(index);
        it.subscription.stage = stage;
        it.state.stageSince = now_;
        tellStage(index, before);
    }
    return followStage(index, before) || stage != before;
}

bool AccountBook::followStage(std::size_t index, DunningStage before) {
    const AccountSubscription& it = writer_.at(index);
    const BillingFacts is = facts(index);
    const DunningStage stage = it.subscription.stage;
    if (is.isCancelled() || it.state.pausedOn) {
        return false;
    }
    const bool isEnd = stage == DunningStage::Terminated && before != stage;
    if (is.isPrepaid()) {
        return isEnd && voidAllWaiting(index, "the subscription has ended unpaid", true);
    }
    if (isEnd || (stage == DunningStage::Terminated && it.state.billedUntil)) {
        closeBilling(index, it.state.stoppedOn.value_or(today()));
        change(index).state.stoppedOn = today();
        return true;
    }
    const bool stops = it.package->package.terms.whileSuspended != WhileSuspended::Continue;
    if (isCut(stage) && stops && !it.state.stoppedOn && it.state.billedUntil) {
        stopBilling(index);
        return true;
    }
    if (!isCut(stage) && it.state.stoppedOn) {
        reopenBilling(index);
        return true;
    }
    return false;
}

void AccountBook::tellStage(std::size_t index, DunningStage before) {
    const AccountSubscription& it = writer_.at(index);
    const DunningStage stage = it.subscription.stage;
    if (facts(index).isCancelled() || (!isCut(before) && !isCut(stage))) {
        return;
    }
    const std::string word = isCut(stage) ? std::string(name(stage)) : "restored";
    const bool isEasier = isCut(stage) && stage < before;
    const bool isNew = !isCut(before) && facts(index).isNeverPaid();
    BillingEvent& event =
        writer_.tell(index, isEasier ? "eased" : word,
                     isNew ? "waits for its first payment"
                           : "from " + std::string(name(before)) + " to " + std::string(name(stage)));
    event.meta["stage"] = name(stage);
    if (isCut(stage)) {
        addDebt(event, account(), it.subscription);
    }
    // Who has never paid was never in: he has his first invoice.
    if (!isEasier && !facts(index).isNeverPaid()) {
        AccountWriter::notify(event, word,
                              word + ":" + it.subscription.id + ":" + std::to_string(core::toEpochMs(now_)));
    }
}

void AccountBook::remind(std::size_t index) {
    const AccountSubscription& it = writer_.at(index);
    // What was due before billAt was told: billAt is never later than the next reminder.
    if (!it.state.billAt) {
        return;
    }
    for (const Invoice& invoice : account().open) {
        std::optional<Reminder> latest;
        if (!isReminded(account(), index, invoice)) {
            continue;
        }
        for (const Reminder& each :
             remindersOf(invoice, it.package->package.terms.ladder, rules_.cuts.zone)) {
            const bool isDue = *it.state.billAt <= each.at && each.at <= now_;
            if (isDue && (!latest || latest->at < each.at)) {
                latest = each;
            }
        }
        if (latest) {
            BillingEvent& event = writer_.tell(index, "reminder", "reminded of an open invoice");
            event.invoiceId = invoice.id;
            event.meta["number"] = invoice.number;
            event.meta["amount_minor"] = std::to_string(invoice.outstanding);
            event.meta["currency"] = invoice.currency.code;
            event.meta["due_date"] = core::formatDate(invoice.dueDate);
            AccountWriter::notify(event, today() > invoice.dueDate ? "overdue" : "reminder",
                                  "reminder:" + invoice.id + ":" + std::to_string(latest->daysBefore));
        }
    }
}

std::optional<core::Instant> AccountBook::nextLook(std::size_t index) const {
    if (call_.isBehind) {
        return std::min(now_, writer_.at(index).state.billAt.value_or(now_));
    }
    const AccountSubscription& it = writer_.at(index);
    const BillingFacts is = facts(index);
    std::vector<core::Instant> times;
    const auto add = [&](const std::optional<core::Instant>& at) {
        if (at && *at > now_) {
            times.push_back(*at);
        }
    };
    if (const DueStep step = nextStep(index); step.step != BillingStep::None) {
        core::check(step.at > now_, "what is due was done");
        add(step.at);
    }
    add(stageNow(index).next);
    add(it.subscription.heldUntil);
    add(is.accessEnd());
    for (const Invoice& invoice : account().open) {
        if (isReminded(account(), index, invoice)) {
            for (const Reminder& each :
                 remindersOf(invoice, it.package->package.terms.ladder, rules_.cuts.zone)) {
                add(each.at);
            }
        }
    }
    if (waitsForCredit(index)) {
        for (const core::Instant at : cheaperAt(index)) {
            add(at);
        }
    }
    return times.empty() ? std::nullopt : std::optional(*std::min_element(times.begin(), times.end()));
}

/// When credit may cover what it does not today.
std::vector<core::Instant> AccountBook::cheaperAt(std::size_t index) const {
    const AccountSubscription& it = writer_.at(index);
    std::vector<core::Instant> times;
    times.reserve(it.discounts.size() + 1);
    for (const Discount& discount : it.discounts) {
        times.push_back(startOf(discount.startsOn));
    }
    if (it.package->package.terms.lateRenewal == LateRenewal::FromEnd) {
        if (const auto plan = facts(index).nextRenewal()) {
            times.push_back(plan->ends);
        }
        return times;
    }
    const bool hasCredit = std::any_of(it.pending.begin(), it.pending.end(),
                                       [](const PendingCharge& each) { return each.amount < 0; });
    if (account().credit > 0 || hasCredit) {
        // What is left of a shorter period costs less every day.
        times.push_back(startOf(core::addDays(today(), 1)));
    }
    return times;
}

void AccountBook::neverCut(const std::string& subscriptionId, std::optional<core::Date> until,
                           const std::string& reason) {
    act({.mayReturn = true}, [&] {
        const std::size_t index = liveIndexOf(subscriptionId);
        if (until && *until < today()) {
            throw core::Refused(std::vector<core::FieldError>{{"until", "write a day that is not over"}});
        }
        if (until && reason.empty()) {
            throw core::Refused(
                std::vector<core::FieldError>{{"reason", "write why it is not to be cut off"}});
        }
        const BillingFacts is = facts(index);
        AccountSubscription& it = change(index);
        if (until) {
            it.state.heldFrom = is.nextHoldFrom();
        }
        it.state.neverCutUntil = until ? until : is.takenBack(it.state.neverCutUntil);
        it.state.neverCutReason = until ? std::optional(reason) : std::nullopt;
        writer_.tell(index, "never_cut",
                     until ? "not cut off up to " + core::formatDate(*until) + ": " + reason
                           : std::string("may be cut off again"));
    });
}

void AccountBook::promise(const std::string& subscriptionId, std::optional<core::Date> until) {
    act({.mayReturn = true}, [&] {
        const std::size_t index = liveIndexOf(subscriptionId);
        if (until && *until < today()) {
            throw core::Refused(std::vector<core::FieldError>{{"until", "write a day that is not over"}});
        }
        const BillingFacts is = facts(index);
        BillingState& state = change(index).state;
        if (until) {
            state.heldFrom = is.nextHoldFrom();
        }
        state.promiseUntil = until ? until : is.takenBack(state.promiseUntil);
        writer_.tell(index, "promise",
                     until ? "promised to pay by " + core::formatDate(*until)
                           : std::string("the promise to pay is taken back"));
    });
}

}  // namespace gardu::billing
