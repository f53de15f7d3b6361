#include "radius/access_server.h"

#include <algorithm>
#include <random>

#include "core/clock.h"
#include "core/entropy.h"
#include "core/log.h"
#include "radius/udp_server.h"

namespace gardu::radius {

namespace {

/// How soon a worker notices that it is to stop.
constexpr int kWaitMs = 200;

}  // namespace

AccessServer::AccessServer(AccessService& service, const std::vector<core::ListenAddress>& addresses,
                           core::Metrics& metrics)
    : service_(service),
      kernelDrops_(metrics.counter("gardu_access_kernel_dropped_total",
                                   "Datagrams that the kernel threw away: the socket's buffer was full")),
      sendFailures_(metrics.counter("gardu_access_send_failed_total", "Replies that could not be sent")) {
    for (const core::ListenAddress& address : addresses) {
        // The default names both families; a machine without IPv6 serves the other one.
        if (address.host == "::" && addresses.size() > 1 && !ipv6IsAvailable()) {
            core::logWarning("ipv6_unavailable", {{"address", "[::]:" + std::to_string(address.port)}});
            continue;
        }
        sockets_.push_back(std::make_unique<UdpSocket>(address));
    }
}

AccessServer::~AccessServer() {
    stop();
}

void AccessServer::start(unsigned workersPerSocket) {
    for (std::size_t i = 0; i < sockets_.size() * workersPerSocket; ++i) {
        const std::size_t number = i / workersPerSocket;
        workers_.emplace_back(
            [this, number] { work(*sockets_[number], static_cast<std::uint16_t>(number)); });
    }
}

void AccessServer::stop() {
    stopping_.store(true);
    for (std::thread& worker : workers_) {
        worker.join();
    }
    workers_.clear();
}

std::string AccessServer::boundTo() const {
    std::string text;
    for (const auto& socket : sockets_) {
        text += (text.empty() ? "" : ",") + socket->boundTo();
    }
    return text;
}

void AccessServer::answer(DatagramBatch& batch, std::size_t index, Datagram& datagram) {
    datagram.octets = batch.octets(index);
    datagram.source = batch.source(index);
    datagram.sourcePort = batch.sourcePort(index);
    AccessAnswer answer = service_.answer(datagram);
    if (auto* reply = std::get_if<Bytes>(&answer)) {
        batch.reply(index, std::move(*reply));
    }
}

void AccessServer::work(UdpSocket& socket, std::uint16_t number) {
    DatagramBatch batch;
    // Jitter and session ids need to be different, not unguessable: no system call for each packet.
    std::mt19937_64 generator(core::randomUint64());
    while (!stopping_.load(std::memory_order_relaxed)) {
        const std::size_t count = batch.receive(socket);
        if (count == 0) {
            static_cast<void>(socket.waitReadable(kWaitMs));
            continue;
        }
        if (batch.newKernelDrops() != 0) {
            kernelDrops_.add(batch.newKernelDrops());
        }
        Datagram datagram;
        datagram.socket = number;
        datagram.now = core::wallNow();
        datagram.monotonic = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i < count; ++i) {
            datagram.random = {generator(), generator(), generator()};
            answer(batch, i, datagram);
        }
        if (const std::size_t failed = batch.flush(socket); failed != 0) {
            sendFailures_.add(static_cast<double>(failed));
        }
    }
}

}  // namespace gardu::radius
