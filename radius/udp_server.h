#pragma once
// A UDP socket for a RADIUS server: bound once, shared by its workers, each with a DatagramBatch of its own.
// Replies leave from the address that the request came to (a router drops one from another address).

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/address.h"
#include "core/bytes.h"
#include "core/config.h"

namespace gardu::radius {

/// Whether this machine lets a socket be bound to an IPv6 address at all.
[[nodiscard]] bool ipv6IsAvailable();

/// Owns the file descriptor. Any thread may receive and send.
class UdpSocket {
public:
    /// Binds; an IPv6 socket takes IPv6 only. Throws std::runtime_error that names the address and why.
    explicit UdpSocket(const core::ListenAddress& address);
    ~UdpSocket();
    UdpSocket(const UdpSocket&) = delete;
    UdpSocket& operator=(const UdpSocket&) = delete;

    [[nodiscard]] int descriptor() const { return descriptor_; }
    /// With the port that the system gave for port 0; "[::1]:1812" for IPv6.
    [[nodiscard]] const std::string& boundTo() const { return boundTo_; }
    /// Blocks until something can be read, or for that long. False: nothing.
    [[nodiscard]] bool waitReadable(int milliseconds) const;
    /// The kernel tells its total with each datagram; returns what is new in it since anybody asked.
    std::uint32_t newKernelDrops(std::uint32_t total);

private:
    int descriptor_ = -1;
    std::atomic<std::uint32_t> kernelDrops_{0};
    std::string boundTo_;
};

/// Room for the datagrams of one recvmmsg and the replies of one sendmmsg. One thread's.
class DatagramBatch {
public:
    static constexpr std::size_t kMost = 32;
    /// A RADIUS packet has 4096 octets at most; one more shows that a datagram was longer.
    static constexpr std::size_t kRoom = 4097;

    DatagramBatch();

    /// What is there now, without waiting; the number of datagrams.
    std::size_t receive(UdpSocket& socket);
    [[nodiscard]] core::ByteView octets(std::size_t index) const;
    [[nodiscard]] core::IpAddress source(std::size_t index) const;
    [[nodiscard]] std::uint16_t sourcePort(std::size_t index) const;
    /// How many datagrams the kernel threw away since the last receive(), for want of room.
    [[nodiscard]] std::uint32_t newKernelDrops() const { return newKernelDrops_; }

    /// To the sender of that datagram, with the next flush().
    void reply(std::size_t index, core::Bytes octets);
    /// Sends all replies; returns how many could not be sent.
    std::size_t flush(const UdpSocket& socket);

private:
    static constexpr std::size_t kControlRoom = 128;

    struct Slot {
        std::array<std::uint8_t, kRoom> octets{};
        sockaddr_storage source{};
        socklen_t sourceLength = 0;
        alignas(cmsghdr) std::array<std::uint8_t, kControlRoom> control{};
        std::size_t controlLength = 0;
    };
    struct Reply {
        std::size_t index = 0;
        core::Bytes octets;
    };
    void readControl(const msghdr& header, Slot& slot, UdpSocket& socket);
    /// How many replies from `first` on can leave as one message: same way, same size (the last may be
    /// smaller).
    [[nodiscard]] std::size_t runLength(std::size_t first) const;
    void fillHeader(mmsghdr& header, std::size_t first, std::size_t count);

    std::unique_ptr<std::array<Slot, kMost>> slots_;
    std::array<mmsghdr, kMost> headers_{};
    std::array<iovec, kMost> vectors_{};
    std::vector<Reply> replies_;
    std::uint32_t newKernelDrops_ = 0;
    /// The kernel cuts one message into datagrams (UDP_SEGMENT); false once it refused to.
    bool segments_ = true;
};

}  // namespace gardu::radius
