#include "app/enforcer_nas.h"

#include <algorithm>
#include <array>

namespace gardu::app {

namespace {

using std::chrono::seconds;

constexpr std::array kProbePauses = {seconds(5), seconds(10), seconds(20), seconds(40), seconds(60)};
/// A tenth of a second's worth may leave at once.
constexpr int kBurstDivisor = 10;

seconds probePause(int failures) {
    const auto index = static_cast<std::size_t>(std::max(failures, 1)) - 1;
    return kProbePauses.at(std::min(index, kProbePauses.size() - 1));
}

}  // namespace

NasLane::NasLane(int perSecond)
    : interval_(std::chrono::nanoseconds(seconds(1)) / perSecond),
      tolerance_(interval_ * (std::max(perSecond / kBurstDivisor, 1) - 1)) {}

bool NasLane::maySend(TimePoint now) const {
    return nextChance() <= now;
}

NasLane::TimePoint NasLane::nextChance() const {
    if (outstanding_ >= (silence_ ? 1 : kMostOutstanding)) {
        return TimePoint::max();
    }
    const TimePoint paced = nextAt_ == TimePoint{} ? nextAt_ : nextAt_ - tolerance_;
    return silence_ ? std::max(paced, silence_->probeAt) : paced;
}

void NasLane::noteSent(TimePoint now) {
    nextAt_ = std::max(nextAt_, now) + interval_;
    ++outstanding_;
}

void NasLane::noteAnswered(TimePoint now) {
    --outstanding_;
    answeredAt_ = now;
    silence_.reset();
}

void NasLane::noteTimeout(const Moment& sent, const Moment& now, std::optional<core::Instant> heardAt) {
    --outstanding_;
    if (answeredAt_ > sent.monotonic) {
        return;
    }
    if (silence_ && sent.monotonic < silence_->failedAt.monotonic) {
        return;  // of the same wave: it was under way when the first one failed
    }
    const int failures = (silence_ ? silence_->failures : 0) + 1;
    silence_ = Silence{failures, now, now.monotonic + probePause(failures),
                       heardAt.has_value() && *heardAt >= sent.wall};
}

void NasLane::noteHeard(core::Instant heardAt) {
    if (silence_ && !silence_->wasHeard && heardAt > silence_->failedAt.wall) {
        silence_.reset();
    }
}

NasLanes::Lane& NasLanes::of(const core::IpAddress& source) {
    const auto found = lanes_.find(source);
    return found != lanes_.end() ? found->second
                                 : lanes_.emplace(source, Lane{NasLane(perSecond_)}).first->second;
}

std::optional<NasLane::TimePoint> NasLanes::nextChance() const {
    std::optional<NasLane::TimePoint> first;
    for (const auto& [source, lane] : lanes_) {
        if (!lane.queue.empty()) {
            first = std::min(first.value_or(NasLane::TimePoint::max()), lane.health.nextChance());
        }
    }
    return first;
}

}  // namespace gardu::app
