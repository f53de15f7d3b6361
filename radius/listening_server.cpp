#include "radius/listening_server.h"

#include "core/log.h"

namespace gardu::radius {

namespace {

/// How soon a thread notices that it is to stop.
constexpr int kWaitMs = 200;

}  // namespace

Listeners::Listeners(const std::vector<core::ListenAddress>& addresses, const Counters& counters)
    : counters_(counters) {
    for (const core::ListenAddress& address : addresses) {
        // The default names both families; a machine without IPv6 serves the other one.
        if (address.host == "::" && addresses.size() > 1 && !ipv6IsAvailable()) {
            core::logWarning("ipv6_unavailable", {{"address", "[::]:" + std::to_string(address.port)}});
            continue;
        }
        sockets_.push_back(std::make_unique<UdpSocket>(address));
    }
}

Listeners::~Listeners() {
    stop();
}

void Listeners::start(unsigned threadsPerSocket, const Work& work) {
    for (std::size_t i = 0; i < sockets_.size() * threadsPerSocket; ++i) {
        const std::size_t number = i / threadsPerSocket;
        threads_.emplace_back(
            [this, work, number] { work(*sockets_[number], static_cast<std::uint16_t>(number)); });
    }
}

void Listeners::stop() {
    stopping_.store(true);
    for (std::thread& thread : threads_) {
        thread.join();
    }
    threads_.clear();
}

std::string Listeners::boundTo() const {
    std::string text;
    for (const auto& socket : sockets_) {
        text += (text.empty() ? "" : ",") + socket->boundTo();
    }
    return text;
}

std::size_t Listeners::receive(DatagramBatch& batch, UdpSocket& socket) {
    const std::size_t count = batch.receive(socket);
    if (count != 0 && batch.newKernelDrops() != 0) {
        counters_.kernelDrops.add(batch.newKernelDrops());
    }
    return count;
}

void Listeners::flush(DatagramBatch& batch, const UdpSocket& socket) {
    if (const std::size_t failed = batch.flush(socket); failed != 0) {
        counters_.sendFailures.add(static_cast<double>(failed));
    }
}

void Listeners::wait(const UdpSocket& socket) {
    static_cast<void>(socket.waitReadable(kWaitMs));
}

}  // namespace gardu::radius
