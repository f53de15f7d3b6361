#include "app/peer_socket.h"

#include <Poco/AutoPtr.h>
#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/SecureStreamSocket.h>

#include <algorithm>

namespace gardu::app {

namespace {

namespace net = Poco::Net;

/// How soon the end of the daemon is seen while a peer is silent.
constexpr std::chrono::milliseconds kSlice{200};
constexpr std::size_t kLongestWords = 200;

Poco::Timespan timespan(std::chrono::milliseconds time) {
    return {static_cast<Poco::Timespan::TimeDiff>(time.count()) * Poco::Timespan::MILLISECONDS};
}

std::string placeOf(const Peer& peer) {
    return peer.host + ", port " + std::to_string(peer.port);
}

[[noreturn]] void fail(const Peer& peer, const std::string& what) {
    throw PeerError(peerWords(placeOf(peer) + ": " + what));
}

net::HostEntry::AddressList addressesOf(const Peer& peer) {
    net::IPAddress address;
    if (net::IPAddress::tryParse(peer.host, address)) {
        return {address};
    }
    return net::DNS::hostByName(peer.host).addresses();
}

void setTimeouts(net::StreamSocket& socket, const Peer& peer) {
    socket.setReceiveTimeout(timespan(peer.timeout));
    socket.setSendTimeout(timespan(peer.timeout));
}

net::Context::Ptr contextOf(const Peer& peer) {
    net::Context::Params params;
    // Strict, since names of this machine would not be verified otherwise.
    params.verificationMode = net::Context::VERIFY_STRICT;
    params.loadDefaultCAs = true;
    params.caLocation = peer.caFile;
    params.cipherList = "HIGH:!aNULL:!eNULL:!MD5:!RC4";
    auto context = Poco::makeAuto<net::Context>(net::Context::TLS_CLIENT_USE, params);
    context->requireMinimumProtocol(net::Context::PROTO_TLSV1_2);
    return context;
}

}  // namespace

net::StreamSocket connectTo(const Peer& peer) {
    std::string problem = "it has no address";
    try {
        for (const net::IPAddress& address : addressesOf(peer)) {
            try {
                net::StreamSocket socket;
                socket.connect({address, static_cast<Poco::UInt16>(peer.port)}, timespan(peer.timeout));
                setTimeouts(socket, peer);
                return peer.isTls ? secured(socket, peer) : socket;
            } catch (const Poco::Exception& error) {
                problem = error.displayText();
            }
            if (peer.stop && peer.stop()) {
                break;
            }
        }
    } catch (const Poco::Exception& error) {
        problem = error.displayText();
    }
    fail(peer, "cannot connect: " + problem);
}

net::StreamSocket secured(const net::StreamSocket& socket, const Peer& peer) {
    try {
        net::SecureStreamSocket secure = net::SecureStreamSocket::attach(socket, peer.host, contextOf(peer));
        setTimeouts(secure, peer);
        return secure;
    } catch (const Poco::Exception& error) {
        fail(peer, "TLS: " + error.displayText());
    }
}

void awaitAnswer(net::StreamSocket& socket, const Peer& peer) {
    const auto deadline = std::chrono::steady_clock::now() + peer.timeout;
    // available(): what TLS has read, and decrypted, already.
    while (socket.available() == 0 && !socket.poll(timespan(kSlice), net::Socket::SELECT_READ)) {
        if (peer.stop && peer.stop()) {
            fail(peer, "given up, since the server ends");
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            fail(peer, "no answer in time");
        }
    }
}

std::string peerWords(std::string_view text) {
    std::string words;
    for (const char c : text.substr(0, 4 * kLongestWords)) {
        const bool isPlain = c > ' ' && c < '\x7f';
        if (isPlain) {
            words += c;
        } else if (static_cast<unsigned char>(c) >= 0x80) {
            words += '?';
        } else if (!words.empty() && words.back() != ' ') {
            words += ' ';
        }
    }
    words.resize(std::min(words.size(), kLongestWords));
    while (words.ends_with(' ')) {
        words.pop_back();
    }
    return words;
}

}  // namespace gardu::app
