#pragma once
// How fast, and whether at all, CoA and Disconnect go to each NAS: pace, how many are under way, and the
// silence of one that does not answer. No sockets and no clock: times are arguments. Owned by the Enforcer;
// one thread's.

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "core/address.h"
#include "core/calendar.h"

namespace gardu::app {

/// Both clocks at once: the wall's for what people and the database see, the monotonic one for waiting.
struct Moment {
    core::Instant wall;
    std::chrono::steady_clock::time_point monotonic;
};

class NasLane {
public:
    using TimePoint = std::chrono::steady_clock::time_point;
    static constexpr int kMostOutstanding = 32;

    explicit NasLane(int perSecond);

    [[nodiscard]] bool maySend(TimePoint now) const;
    /// When to ask maySend() again; TimePoint::max() where only an answer can change it.
    [[nodiscard]] TimePoint nextChance() const;
    void noteSent(TimePoint now);
    /// With an ACK or a NAK: it is well.
    void noteAnswered(TimePoint now);
    /// No answer to a request that was sent at `sent`; `heardAt`: when anything was heard of the NAS last. It
    /// counts as silent from now on: nothing is sent but one request after 5, 10, 20, 40, 60, 60... s. But
    /// where it answered another one since then, it ignores only this one, and is well.
    void noteTimeout(const Moment& sent, const Moment& now, std::optional<core::Instant> heardAt);
    /// Something was heard of it. After the failure that means that it is back; but not of a NAS that was
    /// heard while it ignored us, which has CoA switched off.
    void noteHeard(core::Instant heardAt);

    [[nodiscard]] bool isSilent() const { return silence_.has_value(); }
    /// Heard, but it has not answered twice or more.
    [[nodiscard]] bool ignoresUs() const { return silence_ && silence_->wasHeard && silence_->failures > 1; }

private:
    struct Silence {
        int failures = 0;
        Moment failedAt{};
        TimePoint probeAt{};
        bool wasHeard = false;
    };
    std::chrono::nanoseconds interval_;
    /// How far nextAt_ may be in the future, so that a few can leave at once.
    std::chrono::nanoseconds tolerance_;
    TimePoint nextAt_{};
    int outstanding_ = 0;
    TimePoint answeredAt_{};
    std::optional<Silence> silence_;
};

/// The lanes of all NASes, each with the cases that wait for it, by their numbers.
class NasLanes {
public:
    explicit NasLanes(int perSecond) : perSecond_(perSecond) {}

    struct Lane {
        NasLane health;
        std::deque<std::uint64_t> queue = {};
        /// Of the last case that came; tells whether the NAS was heard.
        std::string nasKey = {};
    };
    [[nodiscard]] Lane& of(const core::IpAddress& source);
    [[nodiscard]] std::map<core::IpAddress, Lane>& all() { return lanes_; }
    /// The first time at which something may leave; none where nothing waits.
    [[nodiscard]] std::optional<NasLane::TimePoint> nextChance() const;

private:
    int perSecond_;
    std::map<core::IpAddress, Lane> lanes_;
};

}  // namespace gardu::app
