#pragma once
// The system calls of the load generator that move many datagrams at once. Each object belongs to one worker.

#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <system_error>
#include <vector>

#include "bench/load_packet.h"

namespace gardu::bench {

inline constexpr std::size_t kMaxBatch = 64;
// 64 buffers 4096 bytes apart would all fall into one set of the processor's cache.
inline constexpr std::size_t kReceiveStride = kMaxReplyLength + 64;

[[noreturn]] inline void failed(const char* call) {
    throw std::system_error(errno, std::generic_category(), call);
}

class Descriptor {
public:
    Descriptor(int value, const char* call) : value_(value) {
        if (value_ < 0) {
            failed(call);
        }
    }
    ~Descriptor() { ::close(value_); }
    Descriptor(const Descriptor&) = delete;
    Descriptor(Descriptor&&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    Descriptor& operator=(Descriptor&&) = delete;

    [[nodiscard]] int get() const { return value_; }

private:
    int value_;
};

// The arguments of recvmmsg, over its buffers.
class ReceiveBatch {
public:
    ReceiveBatch() : buffers_(kMaxBatch * kReceiveStride) {
        for (std::size_t i = 0; i < kMaxBatch; ++i) {
            vectors_[i] = {buffers_.data() + i * kReceiveStride, kMaxReplyLength};
            headers_[i].msg_hdr.msg_iov = &vectors_[i];
            headers_[i].msg_hdr.msg_iovlen = 1;
        }
    }

    // How many datagrams came, at most kMaxBatch.
    std::size_t receive(int fd) {
        // A refused connection is reported here too; the timers deal with its request.
        const int count = ::recvmmsg(fd, headers_.data(), kMaxBatch, 0, nullptr);
        return count < 0 ? 0 : static_cast<std::size_t>(count);
    }

    std::span<std::uint8_t> datagram(std::size_t index) {
        return {buffers_.data() + index * kReceiveStride, headers_[index].msg_len};
    }

private:
    std::vector<std::uint8_t> buffers_;
    std::array<mmsghdr, kMaxBatch> headers_{};
    std::array<iovec, kMaxBatch> vectors_{};
};

// The arguments of sendmmsg. Neighbours of one length go as one message, which the kernel cuts into
// datagrams (udp(7), UDP_SEGMENT): the server sees no difference, and the path down costs half.
class SendBatch {
public:
    void add(std::uint8_t* data, std::size_t length) {
        if (vectorCount_ == 0 || length != vectors_[vectorCount_ - 1].iov_len) {
            headers_[headerCount_].msg_hdr = {};
            headers_[headerCount_].msg_hdr.msg_iov = &vectors_[vectorCount_];
            ++headerCount_;
        }
        vectors_[vectorCount_++] = {data, length};
        ++headers_[headerCount_ - 1].msg_hdr.msg_iovlen;
    }

    // Empties the batch. Returns how many messages the system refused.
    std::size_t send(int fd) {
        for (std::size_t i = 0; i < headerCount_; ++i) {
            setSegmentLength(i);
        }
        std::size_t refused = 0;
        for (std::size_t sent = 0; sent < headerCount_;) {
            const int done = ::sendmmsg(fd, &headers_[sent], static_cast<unsigned>(headerCount_ - sent), 0);
            refused += done < 0 ? 1 : 0;
            sent += done < 0 ? 1 : static_cast<std::size_t>(done);
        }
        headerCount_ = 0;
        vectorCount_ = 0;
        return refused;
    }

private:
    struct alignas(cmsghdr) Control {
        std::array<std::uint8_t, CMSG_SPACE(sizeof(std::uint16_t))> bytes;
    };

    void setSegmentLength(std::size_t index) {
        msghdr& header = headers_[index].msg_hdr;
        if (header.msg_iovlen == 1) {
            return;
        }
        header.msg_control = controls_[index].bytes.data();
        header.msg_controllen = controls_[index].bytes.size();
        cmsghdr* control = CMSG_FIRSTHDR(&header);
        control->cmsg_level = SOL_UDP;
        control->cmsg_type = UDP_SEGMENT;
        control->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
        const auto length = static_cast<std::uint16_t>(header.msg_iov->iov_len);
        std::memcpy(CMSG_DATA(control), &length, sizeof length);
    }

    std::array<mmsghdr, kMaxBatch> headers_{};
    std::array<iovec, kMaxBatch> vectors_{};
    std::array<Control, kMaxBatch> controls_{};
    std::size_t headerCount_ = 0;
    std::size_t vectorCount_ = 0;
};

}  // namespace gardu::bench
