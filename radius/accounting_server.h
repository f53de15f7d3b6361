#pragma once
// The accounting sockets, each with one thread: it takes all that has come (up to some hundred datagrams),
// has it made durable together, and answers from the address that each request was sent to.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/metrics.h"
#include "radius/accounting_service.h"
#include "radius/listening_server.h"

namespace gardu::radius {

class AccountingServer {
public:
    /// Binds every address. Throws std::runtime_error that names the address and why.
    AccountingServer(AccountingService& service, const std::vector<core::ListenAddress>& addresses,
                     core::Metrics& metrics);
    void start();
    /// Ends the threads after the batch they are at; waits for them.
    void stop() { listeners_.stop(); }
    /// "127.0.0.1:1813,[::1]:1813", with the ports that the system gave for port 0.
    [[nodiscard]] std::string boundTo() const { return listeners_.boundTo(); }

private:
    /// 256 datagrams: what one sync makes durable at most, about.
    static constexpr std::size_t kBatches = 8;
    using Batches = std::array<DatagramBatch, kBatches>;

    void work(UdpSocket& socket, std::uint16_t number);
    /// All that is there now, as far as it has room.
    std::vector<Datagram> receive(Batches& batches, UdpSocket& socket);

    AccountingService& service_;
    /// Last: its threads use the rest.
    Listeners listeners_;
};

}  // namespace gardu::radius
