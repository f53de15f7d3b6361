#pragma once
// The sockets of one kind of RADIUS server, and the threads at them. Owned by AccessServer or
// AccountingServer, which say what a thread does.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/config.h"
#include "core/metrics.h"
#include "radius/udp_server.h"

namespace gardu::radius {

class Listeners {
public:
    struct Counters {
        /// Datagrams that the kernel threw away: the socket's buffer was full.
        core::Counter kernelDrops;
        /// Replies that could not be sent.
        core::Counter sendFailures;
    };
    /// What a thread does with its socket, which has that number, until isStopping().
    using Work = std::function<void(UdpSocket&, std::uint16_t)>;

    /// Binds every address. Throws std::runtime_error that names the address and why.
    Listeners(const std::vector<core::ListenAddress>& addresses, const Counters& counters);
    ~Listeners();
    Listeners(const Listeners&) = delete;
    Listeners& operator=(const Listeners&) = delete;

    /// Starts this many threads for each socket.
    void start(unsigned threadsPerSocket, const Work& work);
    /// Has the threads end; waits for them.
    void stop();
    [[nodiscard]] bool isStopping() const { return stopping_.load(std::memory_order_relaxed); }
    /// "127.0.0.1:1812,[::1]:1812", with the ports that the system gave for port 0.
    [[nodiscard]] std::string boundTo() const;

    /// DatagramBatch's receive() and flush(), counted.
    [[nodiscard]] std::size_t receive(DatagramBatch& batch, UdpSocket& socket);
    void flush(DatagramBatch& batch, const UdpSocket& socket);
    /// Blocks until something can be read, or long enough to look whether it is time to stop.
    static void wait(const UdpSocket& socket);

private:
    Counters counters_;
    std::vector<std::unique_ptr<UdpSocket>> sockets_;
    std::vector<std::thread> threads_;
    std::atomic<bool> stopping_{false};
};

}  // namespace gardu::radius
