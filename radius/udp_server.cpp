#include "radius/udp_server.h"

#include <netdb.h>
#include <netinet/udp.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace gardu::radius {

namespace {

/// The default holds 256 packets; a power cut brings thousands at once.
constexpr int kReceiveBuffer = 8 * 1024 * 1024;
/// What one UDP message holds at most.
constexpr std::size_t kMaxMessage = 65'000;
/// Larger replies go one by one: a cut datagram has to fit the path's smallest usual MTU.
constexpr std::size_t kMaxSegment = 1'200;

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

/// Appends the control message that has the kernel cut a message into datagrams of that size; returns its
/// room.
std::size_t segmentControl(std::span<std::uint8_t> room, std::size_t size) {
    const auto segment = static_cast<std::uint16_t>(size);
    cmsghdr header{};
    header.cmsg_level = SOL_UDP;
    header.cmsg_type = UDP_SEGMENT;
    header.cmsg_len = CMSG_LEN(sizeof segment);
    std::memcpy(room.data(), &header, sizeof header);
    std::memcpy(room.data() + CMSG_LEN(0), &segment, sizeof segment);
    return CMSG_SPACE(sizeof segment);
}

}  // namespace

bool ipv6IsAvailable() {
    const int descriptor = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
        return false;
    }
    sockaddr_in6 any{};
    any.sin6_family = AF_INET6;
    const bool bound = bind(descriptor, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0;
    close(descriptor);
    return bound;
}

UdpSocket::UdpSocket(const core::ListenAddress& address) {
    socklen_t length = 0;
    const sockaddr_storage wanted = resolve(address, length);
    descriptor_ = socket(wanted.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor_ < 0) {
        fail(address, std::generic_category().message(errno));
    }
    prepare(descriptor_, wanted.ss_family);
    if (bind(descriptor_, reinterpret_cast<const sockaddr*>(&wanted), length) != 0) {
        const int error = errno;
        close(descriptor_);
        const char* hint = error == EADDRINUSE ? "; is another RADIUS server running?" : "";
        fail(address, std::generic_category().message(error) + hint);
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
        (*slots_).at(index).sourceLength = headers_.at(index).msg_hdr.msg_namelen;
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

std::size_t DatagramBatch::runLength(std::size_t first) const {
    const Slot& way = (*slots_).at(replies_[first].index);
    const std::size_t size = replies_[first].octets.size();
    if (!segments_ || size > kMaxSegment) {
        return 1;
    }
    std::size_t end = first + 1;
    while (end < replies_.size()) {
        const Slot& other = (*slots_).at(replies_[end].index);
        const bool sameWay = std::memcmp(&way.source, &other.source, way.sourceLength) == 0 &&
                             way.controlLength == other.controlLength &&
                             std::memcmp(way.control.data(), other.control.data(), way.controlLength) == 0;
        // All but the last have one size, so a smaller one ends the run.
        if (!sameWay || replies_[end].octets.size() > size || replies_[end - 1].octets.size() < size ||
            (end - first + 1) * size > kMaxMessage) {
            break;
        }
        ++end;
    }
    return end - first;
}

void DatagramBatch::fillHeader(mmsghdr& header, std::size_t first, std::size_t count) {
    Slot& slot = (*slots_).at(replies_[first].index);
    for (std::size_t i = first; i < first + count; ++i) {
        vectors_.at(i) = {replies_[i].octets.data(), replies_[i].octets.size()};
    }
    std::size_t controlLength = slot.controlLength;
    if (count > 1) {
        controlLength +=
            segmentControl(std::span(slot.control).subspan(controlLength), replies_[first].octets.size());
    }
    header.msg_hdr = {};
    header.msg_hdr.msg_name = &slot.source;
    header.msg_hdr.msg_namelen = slot.sourceLength;
    header.msg_hdr.msg_iov = &vectors_.at(first);
    header.msg_hdr.msg_iovlen = count;
    header.msg_hdr.msg_control = controlLength == 0 ? nullptr : slot.control.data();
    header.msg_hdr.msg_controllen = controlLength;
}

std::size_t DatagramBatch::flush(const UdpSocket& socket) {
    std::size_t failed = 0;
    for (std::size_t done = 0; done < replies_.size();) {
        std::size_t messages = 0;
        for (std::size_t at = done; at < replies_.size(); ++messages) {
            const std::size_t count = runLength(at);
            fillHeader(headers_.at(messages), at, count);
            at += count;
        }
        const int sent = sendmmsg(socket.descriptor(), headers_.data(), static_cast<unsigned>(messages), 0);
        for (int i = 0; i < sent; ++i) {
            done += headers_.at(static_cast<std::size_t>(i)).msg_hdr.msg_iovlen;
        }
        if (sent < 1 && headers_.front().msg_hdr.msg_iovlen > 1) {
            segments_ = false;  // an old kernel, or a network card that cannot: one by one from now on
        } else if (sent < 1) {
            ++failed;  // its router became unreachable, say: the others still go
            ++done;
        }
    }
    replies_.clear();
    return failed;
}

}  // namespace gardu::radius
