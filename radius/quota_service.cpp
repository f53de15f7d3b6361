#include "radius/quota_service.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "billing/package_store.h"
#include "core/entropy.h"
#include "core/refused.h"
#include "radius/usage_store.h"

namespace gardu::radius {

namespace {

using billing::QuotaAnchor;
using billing::QuotaPolicy;
using billing::QuotaState;
using billing::QuotaSubject;
using billing::QuotaWindow;
using billing::UsedHour;

/// Periods without any evaluation that a carried top-up goes through one by one.
constexpr int kMostPeriods = 400;

struct PackageQuota {
    QuotaPolicy policy;
    billing::Validity validity;
};
using PackageQuotas = std::map<std::string, PackageQuota>;

PackageQuotas packageQuotas(core::Tx& tx) {
    PackageQuotas quotas;
    for (billing::Package& package : billing::listPackages(tx)) {
        // Without a tier, which somebody took away by hand, it is none.
        if (package.quota && !package.quota->tiers.empty()) {
            quotas.emplace(package.id, PackageQuota{std::move(*package.quota), package.validity});
        }
    }
    return quotas;
}

/// One subscription at one time.
class Meter {
public:
    Meter(core::Tx& tx, const core::Zone& zone, const PackageQuota& quota, const QuotaSubject& subject)
        : tx_(tx),
          zone_(zone),
          quota_(quota),
          subject_(subject),
          id_(subject.subscriptionId),
          anchor_(billing::quotaAnchor(subject, quota.validity, zone)) {}

    [[nodiscard]] const QuotaSubject& subject() const { return subject_; }

    [[nodiscard]] QuotaWindow windowAt(core::Instant now) const {
        return billing::quotaWindow(quota_.policy, anchor_, zone_, now);
    }

    [[nodiscard]] std::int64_t counted(core::Instant from, core::Instant to) const {
        if (to <= from) {
            return 0;
        }
        const core::Period days{zone_.localDate(from),
                                core::addDays(zone_.localDate(to - core::Milliseconds(1)), 1)};
        const Octets rolledUp = rolledUpUsage(tx_, id_, days);
        // It has lost its hours: nobody knows any more what of it was free.
        QuotaPolicy always = quota_.policy;
        always.freeFromHour = always.freeUntilHour = 0;
        const std::vector<UsedHour> oldDays{{from, rolledUp.input, rolledUp.output}};
        return billing::countedOctets(always, oldDays, zone_) +
               billing::countedOctets(quota_.policy, hours(from, to), zone_);
    }

    /// What is left of bought octets that go on, when the window begins.
    [[nodiscard]] std::int64_t carriedInto(const QuotaWindow& window, const QuotaState& former) const {
        const auto topups = billing::sumQuotaTopups(tx_, id_, former.periodKey);
        const std::int64_t included = quota_.policy.tiers.front().fromOctets;
        std::int64_t left = former.carried + topups.carry;
        core::Instant end = std::min(former.use.periodEnd, window.from);
        if (left > 0) {
            const std::int64_t used = counted(former.periodStart, end) - former.base;
            left = billing::carriedOctets(left, used, included + topups.plain);
        }
        for (int i = 0; i < kMostPeriods && left > 0 && end < window.from; ++i) {
            const QuotaWindow between = windowAt(end);
            const core::Instant from = end;
            end = std::min(between.to, window.from);
            left = billing::carriedOctets(left, counted(from, end), included);
        }
        return left;
    }

private:
    [[nodiscard]] std::vector<UsedHour> hours(core::Instant from, core::Instant to) const {
        if (quota_.policy.freeFromHour == quota_.policy.freeUntilHour) {
            const Octets sum = usageBetween(tx_, id_, from, to);
            return {{from, sum.input, sum.output}};
        }
        std::vector<UsedHour> used;
        const auto stored = usageByHour(tx_, id_, from, to);
        used.reserve(stored.size());
        for (const UsageHour& hour : stored) {
            used.push_back({hour.hourStart, hour.octets.input, hour.octets.output});
        }
        return used;
    }

    core::Tx& tx_;
    const core::Zone& zone_;
    const PackageQuota& quota_;
    const QuotaSubject& subject_;
    const std::string& id_;
    QuotaAnchor anchor_;
};

QuotaStanding standingOf(core::Tx& tx, const Meter& meter, bool announced, QuotaStanding standing) {
    const QuotaSubject& subject = meter.subject();
    const std::optional<QuotaState>& former = standing.former;
    const QuotaWindow& window = standing.window;
    billing::QuotaReading reading;
    reading.subscriptionId = subject.subscriptionId;
    reading.packageId = subject.packageId;
    reading.window = window;
    reading.counted = meter.counted(window.from, window.to);
    reading.topups = billing::sumQuotaTopups(tx, subject.subscriptionId, window.key);
    reading.mayHaveChanged = announced;
    if (former && former->periodKey != window.key) {
        reading.carried = meter.carriedInto(window, *former);
    }
    standing.state = billing::nextQuotaState(standing.policy, former, reading);
    return standing;
}

std::vector<std::string> takeSome(std::set<std::string>& waiting) {
    const std::size_t count = std::min(waiting.size(), QuotaService::kPiece);
    const auto end = std::next(waiting.begin(), static_cast<std::ptrdiff_t>(count));
    std::vector<std::string> taken(waiting.begin(), end);
    waiting.erase(waiting.begin(), end);
    return taken;
}

}  // namespace

std::vector<QuotaStanding> quotaStandings(core::Tx& tx, const core::Zone& zone, const QuotaQuestion& question,
                                          core::Instant now) {
    std::vector<QuotaStanding> standings;
    const auto subjects = billing::quotaSubjects(tx, question.subscriptionIds);
    if (subjects.empty()) {
        return standings;
    }
    const PackageQuotas quotas = packageQuotas(tx);
    const auto states = billing::findQuotaStates(tx, question.subscriptionIds);
    standings.reserve(subjects.size());
    for (const QuotaSubject& subject : subjects) {
        const auto quota = quotas.find(subject.packageId);
        if (quota == quotas.end()) {
            continue;
        }
        const Meter meter(tx, zone, quota->second, subject);
        QuotaStanding standing{quota->second.policy, meter.windowAt(now), {}, subject.usernameKey, {}};
        if (const auto former = states.find(subject.subscriptionId); former != states.end()) {
            standing.former = former->second;
        }
        standings.push_back(standingOf(tx, meter, question.announced, std::move(standing)));
    }
    return standings;
}

std::vector<QuotaStanding> updateQuotas(core::Tx& tx, const core::Zone& zone, const QuotaQuestion& question,
                                        core::Instant now) {
    billing::lockQuotaStates(tx, question.subscriptionIds);
    std::vector<QuotaStanding> standings = quotaStandings(tx, zone, question, now);
    std::vector<QuotaState> changed;
    changed.reserve(standings.size());
    for (const QuotaStanding& standing : standings) {
        if (standing.former == standing.state) {
            continue;
        }
        changed.push_back(standing.state);
        if (billing::mattersToNetwork(standing.policy, standing.former, standing.state)) {
            tx.announce(core::ChangeKind::Subscriber, standing.usernameKey);
        }
    }
    billing::putQuotaStates(tx, changed, now);
    return standings;
}

QuotaStanding topUpQuota(core::Tx& tx, const core::Zone& zone, const QuotaTopupInput& input,
                         core::Instant now) {
    const QuotaQuestion question{{input.subscriptionId}};
    billing::lockQuotaStates(tx, question.subscriptionIds);
    const auto before = quotaStandings(tx, zone, question, now);
    if (before.empty()) {
        throw core::Refused("its package has no quota that could be topped up");
    }
    billing::insertQuotaTopup(tx, {core::newId(now), input.subscriptionId, before.front().window.key,
                                   input.octets, input.carry, input.note, now});
    return updateQuotas(tx, zone, question, now).front();
}

QuotaService::QuotaService(core::Db& db, core::Zone zone, core::Metrics& metrics)
    : db_(db),
      zone_(std::move(zone)),
      waitingGauge_(metrics.gauge("gardu_quota_waiting", "Subscriptions whose quota is to be evaluated")),
      evaluated_(metrics.counter("gardu_quota_evaluated_total", "Evaluations of what is left of a quota")) {}

void QuotaService::noteUsed(const std::vector<std::string>& subscriptionIds) {
    waiting_.with(
        [&](Waiting& waiting) { waiting.ids.insert(subscriptionIds.begin(), subscriptionIds.end()); });
}

void QuotaService::noteChanged(const std::vector<std::string>& usernameKeys, bool everybody) {
    waiting_.with([&](Waiting& waiting) {
        waiting.usernameKeys.insert(usernameKeys.begin(), usernameKeys.end());
        waiting.everybody = waiting.everybody || everybody;
    });
}

bool QuotaService::turn(core::Instant now, std::chrono::steady_clock::time_point monotonic) {
    const bool changed = evaluateChanged(now);
    const bool used = evaluateUsed(now);
    const bool walked = walk(now, monotonic);
    waitingGauge_.set(waiting_.with([](const Waiting& waiting) {
        return static_cast<double>(waiting.ids.size() + waiting.usernameKeys.size());
    }));
    return changed || used || walked;
}

bool QuotaService::evaluateChanged(core::Instant now) {
    const auto keys = waiting_.with([](Waiting& waiting) { return takeSome(waiting.usernameKeys); });
    if (keys.empty()) {
        return false;
    }
    try {
        update({db_.read([&](core::Tx& tx) { return billing::quotaSubscriptionsOf(tx, keys); }), true}, now);
    } catch (...) {
        noteChanged(keys, false);
        throw;
    }
    return true;
}

bool QuotaService::evaluateUsed(core::Instant now) {
    const auto ids = waiting_.with([](Waiting& waiting) { return takeSome(waiting.ids); });
    if (ids.empty()) {
        return false;
    }
    try {
        update({ids, false}, now);
    } catch (...) {
        noteUsed(ids);
        throw;
    }
    return true;
}

bool QuotaService::walk(core::Instant now, std::chrono::steady_clock::time_point monotonic) {
    const bool everybody =
        waiting_.with([](Waiting& waiting) { return std::exchange(waiting.everybody, false); });
    if (everybody || (!walkedTo_ && monotonic - roundBegan_ >= kRound)) {
        walkedTo_ = "";
    }
    if (!walkedTo_) {
        return false;
    }
    if (walkedTo_->empty()) {
        roundBegan_ = monotonic;
    }
    const auto ids =
        db_.read([&](core::Tx& tx) { return billing::quotaSubscriptionsAfter(tx, *walkedTo_, int{kPiece}); });
    update({ids, false}, now);
    walkedTo_ = ids.size() < kPiece ? std::nullopt : std::optional(ids.back());
    return walkedTo_.has_value();
}

void QuotaService::update(const QuotaQuestion& question, core::Instant now) {
    // Most packages have no quota: their usage must not cost a writing transaction.
    const bool isAny =
        db_.read([&](core::Tx& tx) { return !billing::quotaSubjects(tx, question.subscriptionIds).empty(); });
    if (!isAny) {
        return;
    }
    const std::size_t count =
        db_.transact([&](core::Tx& tx) { return updateQuotas(tx, zone_, question, now).size(); });
    evaluated_.add(static_cast<double>(count));
}

}  // namespace gardu::radius
