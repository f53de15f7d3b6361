#pragma once
// The authentication sockets and the workers that serve them. Workers block on their socket, take what has
// come in batches (recvmmsg), and answer in batches (sendmmsg), from the address that each request was sent
// to.

#include <cstdint>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/metrics.h"
#include "radius/access_service.h"
#include "radius/listening_server.h"

namespace gardu::radius {

class AccessServer {
public:
    /// Binds every address. Throws std::runtime_error that names the address and why.
    AccessServer(AccessService& service, const std::vector<core::ListenAddress>& addresses,
                 core::Metrics& metrics);

    /// Starts this many threads for each socket.
    void start(unsigned workersPerSocket);
    /// Ends the workers after the batch they are at; waits for them.
    void stop() { listeners_.stop(); }
    /// "127.0.0.1:1812,[::1]:1812", with the ports that the system gave for port 0.
    [[nodiscard]] std::string boundTo() const { return listeners_.boundTo(); }

private:
    void work(UdpSocket& socket, std::uint16_t number);
    /// Fills in what the batch knows of it.
    void answer(DatagramBatch& batch, std::size_t index, Datagram& datagram);

    AccessService& service_;
    /// Last: its threads use the rest.
    Listeners listeners_;
};

}  // namespace gardu::radius
