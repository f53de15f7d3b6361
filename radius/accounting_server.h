#pragma once
// The accounting sockets, each with one thread: it takes all that has come (up to some hundred datagrams),
// has it made durable together, and answers from the address that each request was sent to.

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/config.h"
#include "core/metrics.h"
#include "radius/accounting_service.h"
#include "radius/udp_server.h"

namespace gardu::radius {

class AccountingServer {
public:
    /// Binds every address. Throws std::runtime_error that names the address and why.
    AccountingServer(AccountingService& service, const std::vector<core::ListenAddress>& addresses,
                     core::Metrics& metrics);
    ~AccountingServer();
    AccountingServer(const AccountingServer&) = delete;
    AccountingServer& operator=(const AccountingServer&) = delete;

    void start();
    /// Ends the threads after the batch they are at; waits for them.
    void stop();
    /// "127.0.0.1:1813,[::1]:1813", with the ports that the system gave for port 0.
    [[nodiscard]] std::string boundTo() const;

private:
    void work(UdpSocket& socket, std::uint16_t number);

    AccountingService& service_;
    core::Counter kernelDrops_;
    core::Counter sendFailures_;
    std::vector<std::unique_ptr<UdpSocket>> sockets_;
    std::vector<std::thread> workers_;
    std::atomic<bool> stopping_{false};
};

}  // namespace gardu::radius
