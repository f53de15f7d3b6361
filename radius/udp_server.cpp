#include "radius/udp_server.h"

#include <netdb.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace gardu::radius {

namespace {

/// The default holds 256 packets; a power cut brings thousands at once.
constexpr int kReceiveBuffer = 8 * 1024 * 1024;

std::string label(const core::ListenAddress& address) {
    const bool v6 = address.host.find(':') != std::string::npos;
    return (v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

[[noreturn]] void fail(const core::ListenAddress& address, const std::string& what) {
    throw std::runtime_error("cannot listen on " + label(address) + ": " + what);
}

void setOption(int descriptor, int level, int name, int value) {
    // An option that the kernel refuses (a small rmem_max, say) costs room, not function.
    static_cast<void>(setsockopt(descriptor, level, name, &value, sizeof value));
}

void prepare(int descriptor, int family) {
    setOption(descriptor, SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);
    setOption(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, kReceiveBuffer);
    setOption(descriptor, SOL_SOCKET, SO_RXQ_OVFL, 1);
    if (family == AF_INET6) {
        setOption(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1);
        setOption(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    } else {
        setOption(descriptor, IPPROTO_IP, IP_PKTINFO, 1);
    }
}

sockaddr_storage resolve(const core::ListenAddress& address, socklen_t& length) {
    const auto parsed = core::parseIpAddress(address.host);
    if (!parsed) {
        fail(address, "write an IP address, such as 0.0.0.0, 127.0.0.1 or [::]");
    }
    sockaddr_storage storage{};
    if (parsed->family == core::AddressFamily::Ipv4) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(static_cast<std::uint16_t>(address.port));
        std::memcpy(&v4.sin_addr, parsed->octets.data(), sizeof v4.sin_addr);
        std::memcpy(&storage, &v4, sizeof v4);
        length = sizeof v4;
    } else {
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(static_cast<std::uint16_t>(address.port));
        std::memcpy(&v6.sin6_addr, parsed->octets.data(), sizeof v6.sin6_addr);
        std::memcpy(&storage, &v6, sizeof v6);
        length = sizeof v6;
    }
    return storage;
}

std::uint16_t portOf(const sockaddr_storage& storage) {
    if (storage.ss_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &storage, sizeof v6);
        return ntohs(v6.sin6_port);
    }
    sockaddr_in v4{};
    std::memcpy(&v4, &storage, sizeof v4);
    return ntohs(v4.sin_port);
}

core::IpAddress addressOf(const sockaddr_storage& storage) {
    if (storage.ss_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &storage, sizeof v6);
        return *core::ipAddressFrom(core::ByteView(v6.sin6_addr.s6_addr, 16));
    }
    sockaddr_in v4{};
    std::memcpy(&v4, &storage, sizeof v4);
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), &v4.sin_addr, octets.size());
    return *core::ipAddressFrom(octets);
}

/// The control message that makes the reply leave from where the request came to; 0 octets where there is
/// none.
std::size_t replyControl(const cmsghdr& received, std::span<std::uint8_t> room) {
    if (received.cmsg_level == IPPROTO_IP && received.cmsg_type == IP_PKTINFO) {
        in_pktinfo info{};
        std::memcpy(&info, CMSG_DATA(&received), sizeof info);
        in_pktinfo answer{};
        answer.ipi_spec_dst = info.ipi_addr;
        cmsghdr header{};
        header.cmsg_level = IPPROTO_IP;
        header.cmsg_type = IP_PKTINFO;
        header.cmsg_len = CMSG_LEN(sizeof answer);
        std::memcpy(room.data(), &header, sizeof header);
        std::memcpy(room.data() + CMSG_LEN(0), &answer, sizeof answer);
        return CMSG_SPACE(sizeof answer);
    }
    if (received.cmsg_level == IPPROTO_IPV6 && received.cmsg_type == IPV6_PKTINFO) {
        std::memcpy(room.data(), &received, CMSG_LEN(sizeof(in6_pktinfo)));
        return CMSG_SPACE(sizeof(in6_pktinfo));
    }
    return 0;
}

}  // namespace

UdpSocket::UdpSocket(const core::ListenAddress& address) {
    socklen_t length = 0;
    const sockaddr_storage wanted = resolve(address, length);
    descriptor_ = socket(wanted.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor_ < 0) {
        fail(address, std::strerror(errno));
    }
    prepare(descriptor_, wanted.ss_family);
    if (bind(descriptor_, reinterpret_cast<const sockaddr*>(&wanted), length) != 0) {
        const int error = errno;
        close(descriptor_);
        const char* hint = error == EADDRINUSE ? "; is another RADIUS server running?" : "";
        fail(address, std::string(std::strerror(error)) + hint);
    }
    sockaddr_storage bound{};
    length = sizeof bound;
    static_cast<void>(getsockname(descriptor_, reinterpret_cast<sockaddr*>(&bound), &length));
    boundTo_ = label({address.host, portOf(bound)});
}

UdpSocket::~UdpSocket() {
    close(descriptor_);
}

bool UdpSocket::waitReadable(int milliseconds) const {
    pollfd wanted{descriptor_, POLLIN, 0};
    return poll(&wanted, 1, milliseconds) > 0;
}

std::uint32_t UdpSocket::newKernelDrops(std::uint32_t total) {
    std::uint32_t known = kernelDrops_.load();
    // Two workers may hold totals in either order; only a larger one is news.
    while (total > known && !kernelDrops_.compare_exchange_weak(known, total)) {
    }
    return total > known ? total - known : 0;
}

DatagramBatch::DatagramBatch() : slots_(std::make_unique<std::array<Slot, kMost>>()) {
    replies_.reserve(kMost);
}

std::size_t DatagramBatch::receive(UdpSocket& socket) {
    newKernelDrops_ = 0;
    for (std::size_t i = 0; i < kMost; ++i) {
        Slot& slot = (*slots_).at(i);
        vectors_.at(i) = {slot.octets.data(), slot.octets.size()};
        msghdr& header = headers_.at(i).msg_hdr;
        header = {};
        header.msg_name = &slot.source;
        header.msg_namelen = sizeof slot.source;
        header.msg_iov = &vectors_.at(i);
        header.msg_iovlen = 1;
        header.msg_control = slot.control.data();
        header.msg_controllen = slot.control.size();
    }
    const int count = recvmmsg(socket.descriptor(), headers_.data(), kMost, MSG_DONTWAIT, nullptr);
    for (int i = 0; i < count; ++i) {
        const auto index = static_cast<std::size_t>(i);
        readControl(headers_.at(index).msg_hdr, (*slots_).at(index), socket);
    }
    return count < 0 ? 0 : static_cast<std::size_t>(count);
}

void DatagramBatch::readControl(const msghdr& header, Slot& slot, UdpSocket& socket) {
    std::array<std::uint8_t, kControlRoom> answer{};
    slot.controlLength = 0;
    msghdr walk = header;
    for (cmsghdr* at = CMSG_FIRSTHDR(&walk); at != nullptr; at = CMSG_NXTHDR(&walk, at)) {
        if (at->cmsg_level == SOL_SOCKET && at->cmsg_type == SO_RXQ_OVFL) {
            std::uint32_t total = 0;
            std::memcpy(&total, CMSG_DATA(at), sizeof total);
            newKernelDrops_ += socket.newKernelDrops(total);
            continue;
        }
        if (const std::size_t length = replyControl(*at, answer); length != 0) {
            slot.controlLength = length;
        }
    }
    slot.control = answer;
}

core::ByteView DatagramBatch::octets(std::size_t index) const {
    return core::ByteView((*slots_).at(index).octets).first(headers_.at(index).msg_len);
}

core::IpAddress DatagramBatch::source(std::size_t index) const {
    return addressOf((*slots_).at(index).source);
}

std::uint16_t DatagramBatch::sourcePort(std::size_t index) const {
    return portOf((*slots_).at(index).source);
}

void DatagramBatch::reply(std::size_t index, core::Bytes octets) {
    replies_.push_back({index, std::move(octets)});
}

std::size_t DatagramBatch::flush(const UdpSocket& socket) {
    for (std::size_t i = 0; i < replies_.size(); ++i) {
        Slot& slot = (*slots_).at(replies_[i].index);
        vectors_.at(i) = {replies_[i].octets.data(), replies_[i].octets.size()};
        msghdr& header = headers_.at(i).msg_hdr;
        header = {};
        header.msg_name = &slot.source;
        header.msg_namelen = slot.source.ss_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
        header.msg_iov = &vectors_.at(i);
        header.msg_iovlen = 1;
        header.msg_control = slot.controlLength == 0 ? nullptr : slot.control.data();
        header.msg_controllen = slot.controlLength;
    }
    std::size_t failed = 0;
    for (std::size_t at = 0; at < replies_.size();) {
        const int sent = sendmmsg(socket.descriptor(), headers_.data() + at,
                                  static_cast<unsigned>(replies_.size() - at), 0);
        // The first one failed (its router became unreachable, say): the others still go.
        failed += sent < 1 ? 1U : 0U;
        at += sent < 1 ? 1U : static_cast<std::size_t>(sent);
    }
    replies_.clear();
    return failed;
}

}  // namespace gardu::radius
