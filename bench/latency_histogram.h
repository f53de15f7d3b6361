#pragma once
// Counts of latencies in buckets of which each power of two has 64: a percentile is at most 1/64 too high.
// A plain value: every worker fills its own, and they are added up when the run is over.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace gardu::bench {

class LatencyHistogram {
public:
    void add(std::uint64_t nanoseconds) {
        ++buckets_.at(bucketOf(nanoseconds));
        ++count_;
        max_ = std::max(max_, nanoseconds);
    }

    void merge(const LatencyHistogram& other) {
        for (std::size_t i = 0; i < buckets_.size(); ++i) {
            buckets_.at(i) += other.buckets_.at(i);
        }
        count_ += other.count_;
        max_ = std::max(max_, other.max_);
    }

    // The latency that `perMille` of every thousand requests did not exceed; 0 when nothing was counted.
    [[nodiscard]] std::uint64_t percentile(std::uint64_t perMille) const {
        const std::uint64_t wanted = (count_ * perMille + 999) / 1000;
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < buckets_.size() && wanted > 0; ++i) {
            seen += buckets_.at(i);
            if (seen >= wanted) {
                return std::min(upperEdge(i), max_);
            }
        }
        return max_;
    }

    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] std::uint64_t max() const { return max_; }

private:
    static constexpr unsigned kStepBits = 6;
    static constexpr std::size_t kSteps = 1U << kStepBits;
    // 2^40 ns are 18 minutes, far beyond any timeout of a RADIUS client.
    static constexpr std::uint64_t kLargest = (std::uint64_t{1} << 40U) - 1;

    // Below 128 ns a bucket is one nanosecond; above, the top seven bits of the value choose it.
    static std::size_t bucketOf(std::uint64_t nanoseconds) {
        const std::uint64_t value = std::min(nanoseconds, kLargest);
        const auto width = static_cast<unsigned>(std::bit_width(value));
        const unsigned shift = width > kStepBits + 1 ? width - kStepBits - 1 : 0;
        return shift * kSteps + static_cast<std::size_t>(value >> shift);
    }

    static std::uint64_t upperEdge(std::size_t bucket) {
        if (bucket < 2 * kSteps) {
            return bucket;
        }
        const std::size_t shift = bucket / kSteps - 1;
        return ((kSteps + bucket % kSteps + 1) << shift) - 1;
    }

    std::array<std::uint64_t, 36 * kSteps> buckets_{};
    std::uint64_t count_ = 0;
    std::uint64_t max_ = 0;
};

}  // namespace gardu::bench
