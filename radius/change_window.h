#pragma once
// Which rows of `changes` are new. "id > last" loses rows: ids are given in one order and become visible in
// another. So a window of ids is read again and again, and what was seen in it is remembered; it moves up
// only past ids that were below the largest one kSettle ago by our own monotonic clock. A change is missed
// only if its transaction took longer than that between writing the row, its last statement, and its commit;
// the repair walk finds those. Pure.

#include <chrono>
#include <cstdint>
#include <deque>
#include <set>
#include <vector>

#include "core/change.h"

namespace gardu::radius {

class ChangeWindow {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds kSettle{15};

    explicit ChangeWindow(std::int64_t floor) : floor_(floor), largest_(floor), largestBefore_(floor) {}

    /// Rows above this one are to be looked at again.
    [[nodiscard]] std::int64_t floor() const { return floor_; }
    /// The largest id that was seen: rows above it are new.
    [[nodiscard]] std::int64_t largest() const { return largest_; }
    /// How many rows from floor() to largest() were seen: where the database counts as many, none came late.
    [[nodiscard]] std::int64_t seenCount() const { return static_cast<std::int64_t>(seen_.size()); }
    /// Takes the rows above floor(); returns those that were not seen before.
    [[nodiscard]] std::vector<core::Change> takeNew(std::vector<core::Change> rows);
    /// Moves the floor up; call once a round, with the time at which the round began. However long the round
    /// took, what it saw counts as seen from the next one on.
    void settle(Clock::time_point now);

private:
    struct Mark {
        Clock::time_point at;
        std::int64_t largest = 0;
    };

    std::int64_t floor_;
    std::int64_t largest_;
    /// At the end of the round before.
    std::int64_t largestBefore_;
    std::set<std::int64_t> seen_;
    std::deque<Mark> marks_;
};

}  // namespace gardu::radius
