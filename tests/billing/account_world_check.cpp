// AccountWorld: what is weighed after everything that happened.

#include <algorithm>
#include <stdexcept>

#include "tests/billing/account_world.h"

namespace gardu::test {

namespace {

using billing::AccountBook;
using billing::AccountSubscription;
using billing::DocumentKind;
using billing::Invoice;
using billing::InvoiceLine;
using billing::InvoiceStatus;
using billing::LineKind;
using core::Date;

void require(bool holds, const std::string& what) {
    if (!holds) {
        throw std::runtime_error(what);
    }
}

/// With the sign that charged lines have.
InvoiceLine signedLine(const Invoice& document, InvoiceLine line) {
    if (document.kind == DocumentKind::CreditNote) {
        line.amount = -line.amount;
        line.taxed = {-line.taxed.net, -line.taxed.tax};
    }
    return line;
}

std::vector<InvoiceLine> sorted(std::vector<InvoiceLine> lines) {
    const auto key = [](const InvoiceLine& line) {
        return std::tie(line.period->first, line.period->next, line.kind, line.amount, line.taxed.net,
                        line.taxed.tax);
    };
    std::sort(lines.begin(), lines.end(),
              [key](const InvoiceLine& a, const InvoiceLine& b) { return key(a) < key(b); });
    return lines;
}

bool isEqual(const std::vector<InvoiceLine>& a, const std::vector<InvoiceLine>& b) {
    const auto isSame = [](const InvoiceLine& x, const InvoiceLine& y) {
        return x.period == y.period && x.kind == y.kind && x.amount == y.amount && x.taxed == y.taxed;
    };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), isSame);
}

int daysFromEpoch(Date day) {
    return static_cast<int>(std::chrono::sys_days(day).time_since_epoch().count());
}

Date dayFromEpoch(int days) {
    return std::chrono::sys_days(std::chrono::days(days));
}

std::string whatChanged(const billing::Account& before, const billing::Account& after,
                        const billing::AccountChanges& changes) {
    std::string text;
    for (const billing::BillingEvent& event : changes.events) {
        text += event.action + " ";
    }
    for (std::size_t i = 0; i < before.subscriptions.size(); ++i) {
        const auto& a = before.subscriptions[i];
        const auto& b = after.subscriptions[i];
        text += a.state.billAt == b.state.billAt
                    ? ""
                    : "billAt " + core::formatInstant(a.state.billAt.value_or(core::Instant())) + " " +
                          core::formatInstant(b.state.billAt.value_or(core::Instant())) + " ";
        text += a.subscription.stage == b.subscription.stage ? "" : "stage ";
        text += a.subscription.accessUntil == b.subscription.accessUntil ? "" : "accessUntil ";
        text += a.subscription.heldUntil == b.subscription.heldUntil ? "" : "heldUntil ";
    }
    return text;
}

bool hasChanges(const billing::AccountChanges& changes) {
    return !changes.empty();
}

}  // namespace

void AccountWorld::check() {
    absorb();
    checkMoney();
    checkKeys();
    checkCredits();
    for (const AccountSubscription& it : account().subscriptions) {
        checkDays(it);
        checkStage(it);
        require(isEqual(sorted(it.charged), sorted(chargedOf(it, today()))),
                "what is charged is not what documents say");
    }
    checkAtRest();
}

void AccountWorld::checkMoney() const {
    require(account().credit >= 0, "credit below zero");
    require(account().credit == creditPosted_, "credit is not the fold of postings");
    require(account().credit == 0 || account().open.empty(), "credit lies beside an open invoice");
    std::size_t open = 0;
    for (const Invoice& each : documents_) {
        require(each.sum == billing::sumOf(each.lines), "lines do not sum to the total");
        require(each.sum.total() >= each.outstanding && each.outstanding >= 0,
                "outstanding is out of bounds");
        const auto posted = receivable_.find(each.id);
        require(each.outstanding == (posted == receivable_.end() ? 0 : posted->second),
                "outstanding is not the fold of postings");
        require((each.status == InvoiceStatus::Unpaid) == (each.outstanding > 0),
                "status and outstanding differ");
        open += each.outstanding > 0 ? 1 : 0;
    }
    require(open == account().open.size(), "the account has other open invoices than documents");
}

void AccountWorld::checkKeys() const {
    std::set<std::pair<std::string, std::string>> keys;
    for (const Invoice& each : documents_) {
        require(each.status != InvoiceStatus::Void || !each.periodKey, "a void invoice keeps its period");
        if (each.periodKey) {
            require(keys.emplace(each.subscriptionId.value(), *each.periodKey).second,
                    "two invoices of the period " + *each.periodKey);
        }
    }
}

void AccountWorld::checkCredits() const {
    struct Sum {
        std::int64_t total = 0;
        /// Each line's tax is rounded.
        std::int64_t lines = 0;
    };
    std::map<std::tuple<std::string, Date, std::string>, Sum> sums;
    for (const Invoice& each : documents_) {
        if (each.status == InvoiceStatus::Void || each.creditsInvoiceId) {
            continue;
        }
        for (const InvoiceLine& line : each.lines) {
            if (line.period && line.subscriptionId) {
                Sum& sum = sums[{*line.subscriptionId, line.period->next, line.taxCode.value_or("")}];
                sum.total += signedLine(each, line).taxed.total();
                ++sum.lines;
            }
        }
    }
    for (const auto& [days, sum] : sums) {
        require(sum.total >= -sum.lines,
                "more was credited than charged for days up to " + core::formatDate(std::get<1>(days)));
    }
}

AccountWorld::DayCounts AccountWorld::dayCounts(const AccountSubscription& it) const {
    const billing::BillingFacts is(account(), static_cast<std::size_t>(&it - account().subscriptions.data()),
                                   rules.cuts, now_);
    DayCounts days{daysFromEpoch(it.subscription.startDate), {}};
    for (const Invoice& each : documents_) {
        // Its days are free again, though what a credit note gave on it is owed.
        const bool isGivenBack =
            !each.periodKey && each.credited > 0 && each.credited == billing::amountOf(each.lines);
        if (each.subscriptionId != it.subscription.id || each.status == InvoiceStatus::Void || isGivenBack ||
            (each.outstanding > 0 && is.isWaiting(each))) {
            continue;
        }
        for (const InvoiceLine& line : each.lines) {
            if (line.period && (line.kind == LineKind::Recurring || line.kind == LineKind::Credit)) {
                days.add(daysFromEpoch(line.period->first), daysFromEpoch(line.period->next),
                         line.kind == LineKind::Recurring ? 1 : -1);
            }
        }
    }
    return days;
}

void AccountWorld::DayCounts::add(int from, int to, int times) {
    require(from >= first, "charged before the first day");
    counts.resize(std::max(counts.size(), static_cast<std::size_t>(to - first)));
    for (int day = from; day < to; ++day) {
        counts[static_cast<std::size_t>(day - first)] += times;
    }
}

void AccountWorld::checkDays(const AccountSubscription& it) {
    const DayCounts days = dayCounts(it);
    std::optional<Date> first;
    std::optional<Date> last;
    for (std::size_t i = 0; i < days.counts.size(); ++i) {
        const int times = days.counts[i];
        const Date day = dayFromEpoch(days.first + static_cast<int>(i));
        require(times == 0 || times == 1,
                core::formatDate(day) + " is charged " + std::to_string(times) + " times");
        if (times == 1) {
            first = first.value_or(day);
            last = day;
        }
    }
    const bool isPrepaid = it.package->package.terms.mode == billing::BillingMode::Prepaid;
    Loose& isLoose = loose[it.subscription.id];
    isLoose.gaps = isLoose.gaps || isPrepaid || it.state.stoppedOn || it.state.pausedOn ||
                   it.subscription.stage == billing::DunningStage::Terminated;
    isLoose.end = isLoose.end || it.package->package.validity.unit == billing::ValidityUnit::Hour;
    const auto& end = it.subscription.endDate;
    if (isPrepaid && !isLoose.end && !it.state.pausedOn && last && end) {
        // Cancelled, it may end later within a pause, or earlier where a hold gave days that are still owed.
        const bool isOver = it.subscription.status == billing::SubscriptionStatus::Cancelled;
        require(*end == *last || isOver,
                "paid up to " + core::formatDate(*last) + " but ends on " + core::formatDate(*end));
    }
    if (!isLoose.gaps && first && it.state.billedUntil) {
        const auto charged = std::count(days.counts.begin(), days.counts.end(), 1);
        require(charged == billing::daysBetween(*first, *it.state.billedUntil),
                "there are days without a charge");
    }
}

void AccountWorld::checkStage(const AccountSubscription& it) const {
    const billing::Subscription& row = it.subscription;
    const std::int64_t tolerance = it.package->package.terms.ladder.tolerance;
    require(!row.heldUntil || *row.heldUntil > now_, "held in the past");
    if (!billing::isCut(row.stage) || row.stage == billing::DunningStage::Terminated) {
        return;
    }
    require(!row.heldUntil, "cut off though held");
    std::int64_t owed = 0;
    bool isLate = false;
    for (const Invoice& each : account().open) {
        if (!each.subscriptionId || *each.subscriptionId == row.id) {
            owed += each.outstanding;
            isLate = isLate || each.dueDate < today();
        }
    }
    const bool isPrepaid = it.package->package.terms.mode == billing::BillingMode::Prepaid;
    const bool isOver =
        isPrepaid && row.endDate && (*row.endDate < today() || (row.accessUntil && *row.accessUntil <= now_));
    require(isOver || (owed > tolerance && isLate), "cut off though nothing is owed");
}

void AccountWorld::checkAtRest() {
    const billing::Account before = account();
    book_->advance();
    const billing::AccountChanges again = book_->take();
    require(!hasChanges(again), "advance() twice is not once: " + whatChanged(before, account(), again));
    std::optional<core::Instant> next;
    for (const AccountSubscription& it : account().subscriptions) {
        if (it.state.billAt && !it.state.parkedReason) {
            require(*it.state.billAt > now_, "billAt is not later");
            next = std::min(*it.state.billAt, next.value_or(*it.state.billAt));
        }
    }
    const core::Instant most = now_ + std::chrono::days(400);
    const core::Instant last = std::min(next.value_or(most), most) - core::Milliseconds(1);
    for (const core::Instant at : {last, now_ + (last - now_) / 3}) {
        AccountBook later(
            account(), rules, [] { return "never"; }, now_);
        later.advanceTo(at);
        const billing::AccountChanges early = later.take();
        require(!hasChanges(early), "something happens at " + zone().format(at) +
                                        ", before billAt: " + whatChanged(account(), later.account(), early));
    }
}

std::vector<InvoiceLine> AccountWorld::chargedOf(const AccountSubscription& it, Date after) const {
    const Date since =
        std::min({after, it.state.pausedOn.value_or(after), it.state.stoppedOn.value_or(after)});
    std::vector<InvoiceLine> charged;
    for (const Invoice& each : documents_) {
        // What credit notes gave on a void invoice is gone with it.
        const bool isOfVoid = std::any_of(documents_.begin(), documents_.end(), [&](const Invoice& other) {
            return other.id == each.creditsInvoiceId && other.status == InvoiceStatus::Void;
        });
        for (const InvoiceLine& line : each.lines) {
            if (each.status != InvoiceStatus::Void && !isOfVoid &&
                line.subscriptionId == it.subscription.id && line.period && line.period->next > since) {
                charged.push_back(signedLine(each, line));
            }
        }
    }
    return charged;
}

}  // namespace gardu::test
