#include "radius/change_window.h"

#include <algorithm>

namespace gardu::radius {

std::vector<core::Change> ChangeWindow::takeNew(std::vector<core::Change> rows) {
    std::vector<core::Change> fresh;
    for (core::Change& row : rows) {
        if (row.id > floor_ && seen_.insert(row.id).second) {
            largest_ = std::max(largest_, row.id);
            fresh.push_back(std::move(row));
        }
    }
    return fresh;
}

void ChangeWindow::settle(Clock::time_point now) {
    if (marks_.empty() || marks_.back().largest != largestBefore_) {
        marks_.push_back({now, largestBefore_});
    }
    largestBefore_ = largest_;
    while (!marks_.empty() && now - marks_.front().at >= kSettle) {
        floor_ = marks_.front().largest;
        marks_.pop_front();
        seen_.erase(seen_.begin(), seen_.upper_bound(floor_));
    }
}

}  // namespace gardu::radius
