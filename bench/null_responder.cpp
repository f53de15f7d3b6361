// null_responder: accepts every Access-Request, and acknowledges every Accounting-Request, without looking at
// it, to find out how much radius_load can generate. It can lose or spoil packets on purpose, to see that
// radius_load notices. Runs until killed.

// The low-level MD5 calls are a third of the price of EVP for the short messages of RADIUS.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <netinet/in.h>
#include <openssl/md5.h>
#include <sys/socket.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <cstdint>
#include <exception>
#include <iostream>
#include <random>
#include <string>
#include <system_error>

namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kReceiveLength = 1024;
constexpr std::size_t kReplyLength = 20;
constexpr int kSocketBuffer = 8 << 20;
constexpr std::uint8_t kAccountingRequest = 4;

struct Options {
    std::uint16_t port = 1812;
    std::string secret;
    unsigned dropPercent = 0;
    unsigned spoilPercent = 0;
};

class Responder {
public:
    explicit Responder(const Options& options)
        : options_(options), socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(options_.port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &kSocketBuffer, sizeof kSocketBuffer);
        if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            throw std::system_error(errno, std::generic_category(), "bind");
        }
        for (std::size_t i = 0; i < kBatch; ++i) {
            receiveVectors_[i] = {requests_[i].data(), kReceiveLength};
            incoming_[i].msg_hdr.msg_iov = &receiveVectors_[i];
            incoming_[i].msg_hdr.msg_iovlen = 1;
            incoming_[i].msg_hdr.msg_name = &peers_[i];
            outgoing_[i].msg_hdr.msg_iov = &sendVectors_[i];
            outgoing_[i].msg_hdr.msg_iovlen = 1;
        }
    }

    [[noreturn]] void run() {
        for (;;) {
            for (mmsghdr& header : incoming_) {
                header.msg_hdr.msg_namelen = sizeof(sockaddr_in);
            }
            const int count = ::recvmmsg(socket_, incoming_.data(), kBatch, MSG_WAITFORONE, nullptr);
            answer(count > 0 ? static_cast<std::size_t>(count) : 0);
        }
    }

private:
    void answer(std::size_t count) {
        std::size_t ready = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (incoming_[i].msg_len >= kReplyLength && !chance(options_.dropPercent)) {
                makeReply(i);
                sendVectors_[ready] = {requests_[i].data(), kReplyLength};
                outgoing_[ready].msg_hdr.msg_name = &peers_[i];
                outgoing_[ready].msg_hdr.msg_namelen = incoming_[i].msg_hdr.msg_namelen;
                ++ready;
            }
        }
        ::sendmmsg(socket_, outgoing_.data(), static_cast<unsigned>(ready), 0);
    }

    // The request's identifier and authenticator are in their places already.
    void makeReply(std::size_t index) {
        std::array<std::uint8_t, kReceiveLength>& packet = requests_[index];
        packet[0] = packet[0] == kAccountingRequest ? 5 : 2;
        packet[2] = 0;
        packet[3] = kReplyLength;
        MD5_CTX state;
        MD5_Init(&state);
        MD5_Update(&state, packet.data(), kReplyLength);
        MD5_Update(&state, options_.secret.data(), options_.secret.size());
        MD5_Final(packet.data() + 4, &state);
        if (chance(options_.spoilPercent)) {
            packet[4] = static_cast<std::uint8_t>(packet[4] ^ 1U);
        }
    }

    bool chance(unsigned percent) { return percent > 0 && random_() % 100 < percent; }

    Options options_;
    int socket_;
    std::minstd_rand random_;
    std::array<std::array<std::uint8_t, kReceiveLength>, kBatch> requests_{};
    std::array<sockaddr_in, kBatch> peers_{};
    std::array<iovec, kBatch> receiveVectors_{};
    std::array<iovec, kBatch> sendVectors_{};
    std::array<mmsghdr, kBatch> incoming_{};
    std::array<mmsghdr, kBatch> outgoing_{};
};

int parseAndRun(int argc, char** argv) {
    Options options;
    CLI::App app("Accepts every Access-Request and Accounting-Request on the loopback address");
    app.add_option("--port", options.port)->capture_default_str();
    app.add_option("--secret", options.secret)->required();
    app.add_option("--drop", options.dropPercent, "percent of the requests to ignore");
    app.add_option("--spoil", options.spoilPercent, "percent of the replies to break");
    CLI11_PARSE(app, argc, argv);
    Responder(options).run();
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return parseAndRun(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "null_responder: " << error.what() << '\n';
        return 2;
    }
}
