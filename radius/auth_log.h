#pragma once
// The authentication log on its way to the database: access workers put decisions in, a writer thread takes
// batches out. Bounded: when it is half full accepts give way, when it is full rejects do too, and both are
// counted.

#include <atomic>
#include <cstdint>
#include <deque>
#include <vector>

#include "core/guarded.h"
#include "radius/auth_log_entry.h"

namespace gardu::radius {

class AuthLog {
public:
    static constexpr std::size_t kCapacity = 200'000;

    /// Access workers. Never blocks longer than a short lock.
    void put(AuthLogEntry entry);
    /// The writer: the oldest entries, at most `most`; same decisions on the same device become one with a
    /// count.
    [[nodiscard]] std::vector<AuthLogEntry> take(std::size_t most);
    /// The writer, after the database refused the batch: back to the front, as far as there is room.
    void giveBack(std::vector<AuthLogEntry> entries);
    [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(); }
    [[nodiscard]] std::size_t size() const;

private:
    core::Guarded<std::deque<AuthLogEntry>> entries_;
    std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace gardu::radius
