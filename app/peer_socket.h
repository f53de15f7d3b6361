#pragma once
// Connections to a mail relay or a gateway: bounded in time, verified where they are TLS, and given up when
// the daemon ends. One thread's.

#include <Poco/Net/StreamSocket.h>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace gardu::app {

/// The peer could not be reached, was silent, or is not who it should be.
class PeerError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct Peer {
    std::string host;
    int port = 0;
    bool isTls = false;
    /// Certificates to trust besides the system's; empty: none.
    std::string caFile;
    /// For each step: connecting, the handshake, an answer.
    std::chrono::milliseconds timeout{15'000};
    /// Asked while waiting; true gives up. May be empty.
    std::function<bool()> stop;
};

/// Tries each address of the host. Throws PeerError.
[[nodiscard]] Poco::Net::StreamSocket connectTo(const Peer& peer);
/// TLS over an open connection, with the certificate verified for peer.host. Throws PeerError.
[[nodiscard]] Poco::Net::StreamSocket secured(const Poco::Net::StreamSocket& socket, const Peer& peer);
/// Until there is something to read. Throws PeerError.
void awaitAnswer(Poco::Net::StreamSocket& socket, const Peer& peer);

/// What a peer said, fit for people, logs and the database: one line of printable ASCII, at most 200
/// characters.
[[nodiscard]] std::string peerWords(std::string_view text);

}  // namespace gardu::app
