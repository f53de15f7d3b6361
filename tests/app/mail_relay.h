#pragma once
// A mail relay or an HTTP gateway of Python's on loopback (mail_relay.py), and what it got. One test's.

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/notification_sender.h"
#include "app/peer_socket.h"
#include "tests/support/process.h"
#include "tests/support/temp_folder.h"

namespace gardu::test {

/// A certificate for these names ("DNS:localhost,IP:127.0.0.1") that is its own authority.
class Certificate {
public:
    explicit Certificate(const std::string& names = "DNS:localhost,IP:127.0.0.1");
    [[nodiscard]] std::string file() const { return folder_.file("server.pem"); }
    [[nodiscard]] std::string keyFile() const { return folder_.file("server.key"); }

private:
    TempFolder folder_;
};

class MailRelay {
public:
    /// The words of mail_relay.py's command line.
    explicit MailRelay(std::vector<std::string> words, const Certificate* certificate = nullptr);

    [[nodiscard]] int port() const { return port_; }
    /// On "localhost", trusting the certificate, with a short patience.
    [[nodiscard]] app::Peer peer() const;
    /// What came, oldest first, as soon as there are so many; fails the test after ten seconds.
    [[nodiscard]] std::vector<nlohmann::json> got(std::size_t count);
    /// So far.
    [[nodiscard]] std::vector<nlohmann::json> gotSoFar() const;

private:
    std::string caFile_;
    std::unique_ptr<Process> process_;
    int port_ = 0;
};

/// A message with letters of all kinds in subject and body, and a line that is a point.
[[nodiscard]] app::Outgoing messageTo(const std::string& to);

}  // namespace gardu::test
