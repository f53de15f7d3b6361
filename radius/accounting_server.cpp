#include "radius/accounting_server.h"

#include <chrono>

#include "core/clock.h"

namespace gardu::radius {

AccountingServer::AccountingServer(AccountingService& service,
                                   const std::vector<core::ListenAddress>& addresses, core::Metrics& metrics)
    : service_(service),
      listeners_(addresses,
                 {metrics.counter("gardu_accounting_kernel_dropped_total",
                                  "Datagrams that the kernel threw away: the socket's buffer was full"),
                  metrics.counter("gardu_accounting_send_failed_total", "Replies that could not be sent")}) {}

void AccountingServer::start() {
    listeners_.start(1, [this](UdpSocket& socket, std::uint16_t number) { work(socket, number); });
}

std::vector<Datagram> AccountingServer::receive(Batches& batches, UdpSocket& socket) {
    std::vector<Datagram> datagrams;
    for (DatagramBatch& batch : batches) {
        const std::size_t count = listeners_.receive(batch, socket);
        for (std::size_t i = 0; i < count; ++i) {
            Datagram& datagram = datagrams.emplace_back();
            datagram.octets = batch.octets(i);
            datagram.source = batch.source(i);
            datagram.sourcePort = batch.sourcePort(i);
        }
        if (count < DatagramBatch::kMost) {
            break;
        }
    }
    return datagrams;
}

void AccountingServer::work(UdpSocket& socket, std::uint16_t number) {
    Batches batches;
    while (!listeners_.isStopping()) {
        std::vector<Datagram> datagrams = receive(batches, socket);
        if (datagrams.empty()) {
            Listeners::wait(socket);
            continue;
        }
        const core::Instant now = core::wallNow();
        const auto monotonic = std::chrono::steady_clock::now();
        for (Datagram& datagram : datagrams) {
            datagram.socket = number;
            datagram.now = now;
            datagram.monotonic = monotonic;
        }
        std::vector<AccessAnswer> answers = service_.answer(datagrams);
        // All batches but the last are full, so that the place in one follows from the number.
        for (std::size_t i = 0; i < answers.size(); ++i) {
            if (auto* reply = std::get_if<Bytes>(&answers[i])) {
                batches.at(i / DatagramBatch::kMost).reply(i % DatagramBatch::kMost, std::move(*reply));
            }
        }
        for (DatagramBatch& batch : batches) {
            listeners_.flush(batch, socket);
        }
    }
}

}  // namespace gardu::radius
