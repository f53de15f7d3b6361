#pragma once
// One thread of the load generator: its own UDP source ports, its own loop, its own figures. Nothing is
// shared with the other workers while they run.

#include <netinet/in.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/latency_histogram.h"
#include "bench/load_packet.h"
#include "bench/load_socket.h"
#include "bench/load_traffic.h"

namespace gardu::bench {

inline constexpr std::size_t kIdentifiersPerPort = 256;

// What one worker has to do; the totals of the command line are already divided.
struct LoadPlan {
    sockaddr_in server{};
    TrafficPlan traffic;
    std::size_t ports = 8;     // at least window / 256
    std::size_t window = 256;  // requests that may wait for a reply at once
    std::size_t batch = 32;    // most datagrams of one system call, at most kMaxBatch
    std::uint64_t rate = 0;    // requests per second; 0: as fast as the window allows
    std::uint64_t count = 0;   // requests after the warm-up; 0: until durationNs is over
    std::uint64_t warmupNs = 0;
    std::uint64_t durationNs = 0;
    std::uint64_t timeoutNs = 0;
    unsigned retries = 3;
};

// Latencies, `sent`, `answered` and `elapsedNs` leave the warm-up out; the rest counts from the first packet.
struct LoadFigures {
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;  // replies that came between the end of the warm-up and the last sending
    std::uint64_t elapsedNs = 0;
    std::uint64_t accepts = 0;
    std::uint64_t rejects = 0;
    std::uint64_t others = 0;      // genuine, but neither Accept nor Reject
    std::uint64_t bad = 0;         // did not prove the secret, or are no RADIUS packet
    std::uint64_t duplicates = 0;  // genuine, but their request was already answered or given up
    std::uint64_t timeouts = 0;    // requests given up after all retransmits
    std::uint64_t retransmits = 0;
    std::uint64_t sendErrors = 0;
    std::uint64_t sessions = 0;  // that accounting began
    LatencyHistogram latency;

    void merge(const LoadFigures& other);
};

// Runs the plan to its end, the last replies and timeouts included. `users` must not be empty.
// Throws std::system_error when a socket cannot be made.
LoadFigures runLoad(const LoadPlan& plan, const std::vector<User>& users);

}  // namespace gardu::bench
