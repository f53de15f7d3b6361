#include "tests/support/loopback_nas.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace gardu::test {

namespace {

constexpr std::size_t kHeader = 20;
constexpr int kMessageAuthenticator = 80;
constexpr int kVendorSpecific = 26;
constexpr int kErrorCause = 101;
constexpr int kStatusServer = 12;
constexpr std::uint32_t kMikrotik = 14'988;
const std::string kZeros(16, '\0');

int octetAt(const std::string& octets, std::size_t at) {
    return static_cast<std::uint8_t>(octets.at(at));
}

std::string md5(const std::string& octets) {
    std::array<unsigned char, 16> digest{};
    unsigned size = 0;
    if (EVP_Digest(octets.data(), octets.size(), digest.data(), &size, EVP_md5(), nullptr) != 1) {
        throw std::runtime_error("no MD5");
    }
    return {digest.begin(), digest.end()};
}

/// RFC 2104 in full, for keys of up to 64 octets.
std::string hmacMd5(const std::string& key, const std::string& octets) {
    std::string inner(64, '\x36');
    std::string outer(64, '\x5c');
    for (std::size_t i = 0; i < key.size(); ++i) {
        inner.at(i) = static_cast<char>(inner.at(i) ^ key.at(i));
        outer.at(i) = static_cast<char>(outer.at(i) ^ key.at(i));
    }
    return md5(outer + md5(inner + octets));
}

std::string numberOf(std::uint32_t number) {
    std::string octets;
    for (int shift = 24; shift >= 0; shift -= 8) {
        octets += static_cast<char>(number >> static_cast<unsigned>(shift) & 0xffU);
    }
    return octets;
}

std::uint32_t toNumber(const std::string& octets) {
    std::uint32_t number = 0;
    for (const char c : octets) {
        number = number << 8U | static_cast<std::uint8_t>(c);
    }
    return number;
}

void readVendor(const std::string& value, std::map<int, std::string>& attributes) {
    if (value.size() < 6 || toNumber(value.substr(0, 4)) != kMikrotik) {
        return;
    }
    attributes[kMikrotikAttributes + octetAt(value, 4)] = value.substr(6);
}

}  // namespace

std::string NasHeard::text(int attribute) const {
    const auto found = attributes.find(attribute);
    return found == attributes.end() ? "" : found->second;
}

std::uint32_t NasHeard::number(int attribute) const {
    return toNumber(text(attribute));
}

LoopbackNas::LoopbackNas(std::string secret, const std::string& address, int port)
    : secret_(std::move(secret)) {
    answer(NasAnswer{});
    socket_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const int room = 4 * 1024 * 1024;
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(static_cast<std::uint16_t>(port));
    socklen_t size = sizeof at;
    if (inet_pton(AF_INET, address.c_str(), &at.sin_addr) != 1 ||
        ::bind(socket_, reinterpret_cast<const sockaddr*>(&at), size) != 0 ||
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size) != 0) {
        throw std::runtime_error("the NAS of the test cannot bind");
    }
    port_ = ntohs(at.sin_port);
    thread_ = std::thread([this] { run(); });
}

LoopbackNas::~LoopbackNas() {
    stopping_ = true;
    thread_.join();
    ::close(socket_);
}

void LoopbackNas::answer(Script script) {
    const std::lock_guard lock(mutex_);
    script_ = std::move(script);
}

void LoopbackNas::answer(const NasAnswer& always) {
    answer([always](const NasHeard&) { return always; });
}

std::vector<NasHeard> LoopbackNas::heard() const {
    const std::lock_guard lock(mutex_);
    return heard_;
}

void LoopbackNas::forget() {
    const std::lock_guard lock(mutex_);
    heard_.clear();
}

void LoopbackNas::run() {
    std::array<char, 4096> room{};
    while (!stopping_) {
        pollfd descriptor{socket_, POLLIN, 0};
        if (::poll(&descriptor, 1, 20) <= 0) {
            continue;
        }
        sockaddr_in from{};
        socklen_t size = sizeof from;
        const ssize_t got =
            ::recvfrom(socket_, room.data(), room.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
        if (got >= static_cast<ssize_t>(kHeader)) {
            take({room.data(), static_cast<std::size_t>(got)}, from);
        }
    }
}

void LoopbackNas::take(const std::string& octets, const sockaddr_in& from) {
    std::string answer;
    {
        const std::lock_guard lock(mutex_);
        heard_.push_back(read(octets));
        heard_.back().sourcePort = ntohs(from.sin_port);
        answer = reply(heard_.back(), script_(heard_.back()));
    }
    if (!answer.empty()) {
        ::sendto(socket_, answer.data(), answer.size(), 0, reinterpret_cast<const sockaddr*>(&from),
                 sizeof from);
    }
}

NasHeard LoopbackNas::read(const std::string& octets) const {
    NasHeard heard;
    heard.code = octetAt(octets, 0);
    heard.identifier = octetAt(octets, 1);
    heard.octets = octets;
    const std::string head = octets.substr(0, 4);
    heard.authenticatorIsRight = heard.code == kStatusServer || md5(head + kZeros + octets.substr(kHeader) +
                                                                    secret_) == octets.substr(4, 16);
    // RFC 5176 section 3.4: zeros; RFC 5997 section 3: as it is.
    const std::string digested = heard.code == kStatusServer ? octets.substr(4, 16) : kZeros;
    for (std::size_t at = kHeader; at + 2 <= octets.size();) {
        const auto size = static_cast<std::size_t>(octetAt(octets, at + 1));
        const int type = octetAt(octets, at);
        const std::string value = octets.substr(at + 2, size - 2);
        if (type == kMessageAuthenticator) {
            std::string zeroed = head + digested + octets.substr(kHeader);
            zeroed.replace(at + 2, kZeros.size(), kZeros);
            heard.messageAuthenticatorIsRight = hmacMd5(secret_, zeroed) == value;
        } else if (type == kVendorSpecific) {
            readVendor(value, heard.attributes);
        } else {
            heard.attributes[type] = value;
        }
        at += std::max<std::size_t>(size, 2);
    }
    return heard;
}

std::string LoopbackNas::reply(const NasHeard& request, const NasAnswer& answer) const {
    // A NAS does not answer what it cannot prove.
    if (answer.reply == NasReply::Ignore || !request.authenticatorIsRight) {
        return "";
    }
    std::string attributes;
    if (answer.errorCause) {
        attributes += static_cast<char>(kErrorCause);
        attributes += '\6';
        attributes += numberOf(*answer.errorCause);
    }
    std::string packet;
    const int code =
        request.code == kStatusServer ? 2 : request.code + (answer.reply == NasReply::Nak ? 2 : 1);
    packet += static_cast<char>(code);
    packet += static_cast<char>(request.identifier + (answer.reply == NasReply::WrongIdentifier ? 1 : 0));
    packet += '\0';
    packet += static_cast<char>(kHeader + attributes.size());
    std::string digest = md5(packet + request.octets.substr(4, 16) + attributes + secret_);
    if (answer.reply == NasReply::WrongAuthenticator) {
        digest.back() = static_cast<char>(digest.back() ^ 1);
    }
    return packet + digest + attributes;
}

}  // namespace gardu::test
