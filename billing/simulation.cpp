#include "billing/simulation.h"

#include <algorithm>

#include "billing/entitlement.h"

namespace gardu::billing {

namespace {

/// What the network would give each subscription, in words, and when that changes by itself.
struct Accesses {
    core::Instant at;
    std::vector<std::string> words;
    std::optional<core::Instant> next;
};

Accesses accessesAt(const Account& account, const core::Zone& zone, core::Instant now) {
    Accesses found;
    found.at = now;
    found.words.reserve(account.subscriptions.size());
    for (const AccountSubscription& each : account.subscriptions) {
        const auto policy = std::make_shared<const PackagePolicy>(packagePolicy(each.package->package, {}));
        const SubscriberFacts facts = subscriberFacts(recordOf(account, each), policy, zone);
        const Entitlement given = entitlement(facts, now);
        std::string word(name(given.access));
        word.append(" ").append(name(given.reason));
        found.words.push_back(std::move(word));
        for (const auto& at : {std::optional(facts.accessFrom), facts.accessUntil, facts.heldUntil}) {
            if (at && *at > now) {
                found.next = std::min(*at, found.next.value_or(*at));
            }
        }
    }
    return found;
}

void compare(SimulatedAccount& result, const Account& account, const Accesses& before,
             const Accesses& after) {
    for (std::size_t i = 0; i < after.words.size(); ++i) {
        if (before.words[i] != after.words[i]) {
            result.access.push_back(
                {account.subscriptions[i].subscription.username, after.at, before.words[i], after.words[i]});
        }
    }
}

void append(SimulatedAccount& result, AccountChanges changes) {
    std::move(changes.issued.begin(), changes.issued.end(), std::back_inserter(result.issued));
    std::move(changes.events.begin(), changes.events.end(), std::back_inserter(result.events));
}

std::optional<core::Instant> earlier(const std::optional<core::Instant>& a,
                                     const std::optional<core::Instant>& b) {
    return a && b ? std::min(a, b) : (a ? a : b);
}

std::optional<core::Instant> nextLook(const Account& account) {
    std::optional<core::Instant> next;
    for (const AccountSubscription& each : account.subscriptions) {
        const auto& at = each.state.billAt;
        if (at && !each.state.parkedReason) {
            next = std::min(*at, next.value_or(*at));
        }
    }
    return next;
}

}  // namespace

SimulatedAccount simulateAccount(const Account& account, const BillingRules& rules, const IdSource& ids,
                                 const SimulatedTime& time) {
    SimulatedAccount result;
    result.balanceBefore = balanceOf(account);
    AccountBook book(account, rules, ids, time.from);
    Accesses access = accessesAt(account, rules.cuts.zone, time.from);
    core::Instant now = time.from;
    try {
        while (now <= time.to) {
            book.advanceTo(now);
            append(result, book.take());
            Accesses after = accessesAt(book.account(), rules.cuts.zone, now);
            compare(result, book.account(), access, after);
            access = std::move(after);
            const auto next = earlier(nextLook(book.account()), access.next);
            if (!next) {
                break;
            }
            // Always later: an account at rest has nothing due.
            now = *next;
        }
    } catch (const TooMuch& error) {
        result.parked = core::formatDate(rules.cuts.zone.localDate(now)) + ": " + error.what();
    }
    result.balanceAfter = balanceOf(book.account());
    return result;
}

}  // namespace gardu::billing
