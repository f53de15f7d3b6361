#include "app/enforcer_users.h"

#include <algorithm>
#include <iterator>

namespace gardu::app {

namespace {

constexpr std::size_t kShards = radius::SessionRegistry::kShards + 1;

}  // namespace

EnforcerUsers::EnforcerUsers(const radius::SessionRegistry& registry, Page others)
    : registry_(registry), others_(std::move(others)) {}

void EnforcerUsers::wake(const std::vector<std::string>& usernameKeys) {
    woken_.with([&](Woken& woken) {
        woken.users.insert(usernameKeys.begin(), usernameKeys.end());
        if (woken.users.size() > kMostWoken) {
            woken.users.clear();
            woken.all = true;
        }
    });
}

void EnforcerUsers::wakeAll() {
    woken_.with([](Woken& woken) { woken.all = true; });
}

void EnforcerUsers::noteChangeAt(core::Instant at, core::Instant now, const std::string& usernameKey) {
    if (at > now && at - now <= kHorizon) {
        due_.emplace(at, usernameKey);
    }
}

std::vector<std::string> EnforcerUsers::take(const Moment& now) {
    std::vector<std::string> taken;
    takeWoken(taken);
    takeDue(now.wall, taken);
    takeOfRound(now.monotonic, taken);
    return taken;
}

void EnforcerUsers::takeWoken(std::vector<std::string>& taken) {
    const bool all = woken_.with([&](Woken& woken) {
        while (!woken.users.empty() && taken.size() < kPiece) {
            taken.push_back(std::move(woken.users.extract(woken.users.begin()).value()));
        }
        return std::exchange(woken.all, false);
    });
    if (all) {
        urgent_ = true;
        loaded_ = 0;
        shard_.clear();
    }
}

void EnforcerUsers::takeDue(core::Instant now, std::vector<std::string>& taken) {
    while (!due_.empty() && due_.begin()->first <= now && taken.size() < kPiece) {
        taken.push_back(due_.begin()->second);
        due_.erase(due_.begin());
    }
}

void EnforcerUsers::takeOfRound(NasLane::TimePoint now, std::vector<std::string>& taken) {
    while (taken.size() < kPiece && (!shard_.empty() || nextShardAt() <= now)) {
        if (shard_.empty()) {
            loadShard(now);
        }
        const std::size_t count = std::min(kPiece - taken.size(), shard_.size());
        const auto first = shard_.end() - static_cast<std::ptrdiff_t>(count);
        std::move(first, shard_.end(), std::back_inserter(taken));
        shard_.erase(first, shard_.end());
    }
}

NasLane::TimePoint EnforcerUsers::nextShardAt() const {
    if (loaded_ == kShards) {
        return roundBegan_ + kRound;
    }
    return urgent_ || loaded_ == 0
               ? NasLane::TimePoint{}
               : roundBegan_ + std::chrono::milliseconds(kRound) * static_cast<long>(loaded_) /
                                   static_cast<long>(kShards);
}

void EnforcerUsers::loadShard(NasLane::TimePoint now) {
    if (loaded_ == kShards) {
        loaded_ = 0;
    }
    if (loaded_ == 0) {
        roundBegan_ = now;
        othersTo_.clear();
    }
    if (loaded_ + 1 == kShards) {
        loadOthers();
    } else {
        shard_ = registry_.usersOf(loaded_++);
    }
}

void EnforcerUsers::loadOthers() {
    shard_ = others_(othersTo_, kPiece);
    if (shard_.size() == kPiece) {
        othersTo_ = shard_.back();
        return;
    }
    ++loaded_;
    urgent_ = false;
}

std::chrono::milliseconds EnforcerUsers::untilNext(const Moment& now) {
    using std::chrono::milliseconds;
    const bool woken = woken_.with([](const Woken& held) { return held.all || !held.users.empty(); });
    if (woken || !shard_.empty()) {
        return milliseconds(0);
    }
    milliseconds wait = std::chrono::ceil<milliseconds>(nextShardAt() - now.monotonic);
    if (!due_.empty()) {
        wait = std::min(wait, due_.begin()->first - now.wall);
    }
    return std::max(wait, milliseconds(0));
}

}  // namespace gardu::app
