#include "radius/access_server.h"

#include <random>

#include "core/clock.h"
#include "core/entropy.h"

namespace gardu::radius {

AccessServer::AccessServer(AccessService& service, const std::vector<core::ListenAddress>& addresses,
                           core::Metrics& metrics)
    : service_(service),
      listeners_(addresses,
                 {metrics.counter("gardu_access_kernel_dropped_total",
                                  "Datagrams that the kernel threw away: the socket's buffer was full"),
                  metrics.counter("gardu_access_send_failed_total", "Replies that could not be sent")}) {}

void AccessServer::start(unsigned workersPerSocket) {
    listeners_.start(workersPerSocket,
                     [this](UdpSocket& socket, std::uint16_t number) { work(socket, number); });
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
    while (!listeners_.isStopping()) {
        const std::size_t count = listeners_.receive(batch, socket);
        if (count == 0) {
            Listeners::wait(socket);
            continue;
        }
        Datagram datagram;
        datagram.socket = number;
        datagram.now = core::wallNow();
        datagram.monotonic = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i < count; ++i) {
            datagram.random = {generator(), generator(), generator()};
            answer(batch, i, datagram);
        }
        listeners_.flush(batch, socket);
    }
}

}  // namespace gardu::radius
