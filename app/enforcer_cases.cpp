#include "app/enforcer_cases.h"

#include <algorithm>
#include <set>

namespace gardu::app {

namespace {

constexpr std::chrono::seconds kFirstPause{5};
constexpr std::chrono::seconds kLongestPause{300};
constexpr std::size_t kMostDenied = 10'000;

}  // namespace

std::string_view name(EnforcerAction action) {
    return action == EnforcerAction::Coa ? "coa" : "disconnect";
}

bool EnforcerCase::isOf(const radius::LiveSession& session) const {
    if (!loginId.empty() && !session.loginId.empty()) {
        return loginId == session.loginId;
    }
    return sessionId == 0 || session.id == 0 || sessionId == session.id;
}

EnforcerCase* EnforcerCases::find(std::uint64_t number) {
    const auto found = cases_.find(number);
    return found == cases_.end() ? nullptr : &found->second;
}

EnforcerCase* EnforcerCases::find(const radius::LiveSession& session) {
    const auto user = byUser_.find(session.usernameKey);
    if (user == byUser_.end()) {
        return nullptr;
    }
    const auto found = user->second.find({session.nasKey, session.acctSessionId});
    return found == user->second.end() ? nullptr : find(found->second);
}

EnforcerCase& EnforcerCases::open(const radius::LiveSession& session, core::Instant now) {
    const std::uint64_t number = ++lastNumber_;
    EnforcerCase opened;
    opened.number = number;
    opened.usernameKey = session.usernameKey;
    opened.nasKey = session.nasKey;
    opened.acctSessionId = session.acctSessionId;
    opened.loginId = session.loginId;
    opened.sessionId = session.id;
    opened.username = session.username;
    opened.source = session.source;
    opened.since = now;
    const auto denied = denied_.find({session.nasKey, session.acctSessionId});
    opened.cameBack = denied != denied_.end() && denied->second == session.usernameKey;
    byUser_[session.usernameKey][{session.nasKey, session.acctSessionId}] = number;
    return cases_.emplace(number, std::move(opened)).first->second;
}

void EnforcerCases::erase(std::uint64_t number) {
    const auto found = cases_.find(number);
    if (found == cases_.end()) {
        return;
    }
    const auto user = byUser_.find(found->second.usernameKey);
    user->second.erase({found->second.nasKey, found->second.acctSessionId});
    if (user->second.empty()) {
        byUser_.erase(user);
    }
    cases_.erase(found);
}

std::vector<std::uint64_t> EnforcerCases::without(const std::string& usernameKey,
                                                  const std::vector<radius::LiveSession>& sessions) const {
    const auto user = byUser_.find(usernameKey);
    if (user == byUser_.end()) {
        return {};
    }
    std::set<std::pair<std::string_view, std::string_view>> there;
    for (const radius::LiveSession& session : sessions) {
        there.emplace(session.nasKey, session.acctSessionId);
    }
    std::vector<std::uint64_t> gone;
    for (const auto& [name, number] : user->second) {
        if (!there.contains({name.first, name.second})) {
            gone.push_back(number);
        }
    }
    return gone;
}

std::vector<std::string> EnforcerCases::usersAfter(const std::string& usernameKey, std::size_t most) const {
    std::vector<std::string> keys;
    for (auto at = byUser_.upper_bound(usernameKey); at != byUser_.end() && keys.size() < most; ++at) {
        keys.push_back(at->first);
    }
    return keys;
}

std::vector<std::uint64_t> EnforcerCases::inState(EnforcerCase::State state) const {
    std::vector<std::uint64_t> numbers;
    for (const auto& [number, each] : cases_) {
        if (each.state == state) {
            numbers.push_back(number);
        }
    }
    return numbers;
}

std::vector<radius::PendingEnforcement> EnforcerCases::pending(core::Instant now, std::size_t most) const {
    std::vector<radius::PendingEnforcement> list;
    for (const auto& [number, each] : cases_) {
        const bool isEnding =
            each.state == EnforcerCase::State::AwaitingStop && now - each.acknowledgedAt <= kStopGrace;
        if (list.size() == most) {
            break;
        }
        if (each.sessionId != 0 && !isEnding) {
            list.push_back({each.sessionId, each.username, each.nasName, std::string(name(each.wish.action)),
                            std::string(each.wish.reason), each.since, each.attempts, each.lastResult,
                            each.nextAttemptAt});
        }
    }
    return list;
}

void EnforcerCases::noteDenied(const EnforcerCase& denied) {
    if (denied_.size() >= kMostDenied) {
        denied_.clear();
    }
    denied_[{denied.nasKey, denied.acctSessionId}] = denied.usernameKey;
}

void EnforcerCases::noteAdopted(const EnforcerCase& adopted, const radius::Told& told) {
    adopted_[adopted.usernameKey][{adopted.nasKey, adopted.acctSessionId}] = told;
}

bool EnforcerCases::isAdopted(const radius::LiveSession& session, const radius::Told& told) const {
    const auto user = adopted_.find(session.usernameKey);
    if (user == adopted_.end()) {
        return false;
    }
    const auto found = user->second.find({session.nasKey, session.acctSessionId});
    return found != user->second.end() && found->second == told;
}

void EnforcerCases::keepAdopted(const std::string& usernameKey,
                                const std::vector<radius::LiveSession>& sessions) {
    const auto user = adopted_.find(usernameKey);
    if (user == adopted_.end()) {
        return;
    }
    std::map<SessionName, radius::Told> kept;
    for (const radius::LiveSession& session : sessions) {
        const auto found = user->second.find({session.nasKey, session.acctSessionId});
        if (found != user->second.end()) {
            kept.insert(*found);
        }
    }
    if (kept.empty()) {
        adopted_.erase(user);
    } else {
        user->second = std::move(kept);
    }
}

std::chrono::seconds refusalPause(int refusals) {
    std::chrono::seconds pause = kFirstPause;
    for (int i = 1; i < refusals && pause < kLongestPause; ++i) {
        pause *= 2;
    }
    return std::min(pause, kLongestPause);
}

bool isCut(const EnforcerWish& wish) {
    return wish.action == EnforcerAction::Disconnect && wish.reason != "operator" &&
           wish.reason != "over_limit";
}

radius::Told withDoubt(radius::Told told, const EnforcerDoubt& doubt, const radius::Told& wanted) {
    if (doubt.rate) {
        told.rate = ~wanted.rate;
    }
    if (doubt.until) {
        told.until = wanted.until ? std::nullopt : std::optional(core::Instant());
    }
    return told;
}

std::optional<EnforcerWish> wishOf(const radius::EnforcementStep& step, const EnforcerCase* refused) {
    if (const auto* cut = std::get_if<radius::DisconnectStep>(&step)) {
        return EnforcerWish{EnforcerAction::Disconnect, cut->reason, {}};
    }
    const auto* coa = std::get_if<radius::CoaStep>(&step);
    if (coa == nullptr) {
        return std::nullopt;
    }
    const bool wasRefused = refused != nullptr && refused->refusedTold == coa->told;
    if (wasRefused && coa->mayDisconnect) {
        return EnforcerWish{EnforcerAction::Disconnect, coa->reason, {}};
    }
    return EnforcerWish{EnforcerAction::Coa, coa->reason, coa->told};
}

}  // namespace gardu::app
