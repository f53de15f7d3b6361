#include "radius/dynauth_client.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <set>
#include <stdexcept>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "core/entropy.h"
#include "radius/preparse.h"
#include "radius/wire.h"

namespace gardu::radius {

namespace {

using Clock = DynauthClient::Clock;
using Answers = std::vector<DynauthAnswer>;

constexpr std::size_t kIdentifiers = 256;
/// Replies to a few thousand requests that were sent at once.
constexpr int kReceiveBuffer = 4 * 1024 * 1024;
/// Datagrams taken before due repetitions are looked at again.
constexpr int kMostAtOnce = 1'000;

/// Owns a file descriptor; -1: none.
class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};

/// The kernel gives it a random port with the first datagram. A machine without IPv6 has no such socket.
int udpSocket(int family) {
    const int descriptor = ::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor >= 0) {
        // An option that the kernel refuses costs room, not function.
        static_cast<void>(
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer));
    }
    return descriptor;
}

struct Destination {
    core::IpAddress address;
    std::uint16_t port = 0;
    auto operator<=>(const Destination& other) const {
        return std::tie(address.family, address.octets, port) <=>
               std::tie(other.address.family, other.address.octets, other.port);
    }
    bool operator==(const Destination&) const = default;
};

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = sizeof(sockaddr_storage);
};

SocketAddress toSocketAddress(const Destination& to) {
    SocketAddress result;
    if (to.address.family == core::AddressFamily::Ipv4) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(to.port);
        std::memcpy(&v4.sin_addr, to.address.octets.data(), sizeof v4.sin_addr);
        std::memcpy(&result.storage, &v4, sizeof v4);
        result.size = sizeof v4;
    } else {
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(to.port);
        std::memcpy(&v6.sin6_addr, to.address.octets.data(), sizeof v6.sin6_addr);
        std::memcpy(&result.storage, &v6, sizeof v6);
        result.size = sizeof v6;
    }
    return result;
}

Destination toDestination(const SocketAddress& from) {
    if (from.storage.ss_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &from.storage, sizeof v6);
        return {*core::ipAddressFrom(core::ByteView(v6.sin6_addr.s6_addr, 16)), ntohs(v6.sin6_port)};
    }
    sockaddr_in v4{};
    std::memcpy(&v4, &from.storage, sizeof v4);
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), &v4.sin_addr, octets.size());
    return {*core::ipAddressFrom(octets), ntohs(v4.sin_port)};
}

/// Whether a reply with this code can answer that request; nothing where it cannot.
std::optional<DynauthAnswer::Outcome> outcomeOf(Code request, Code reply) {
    using enum DynauthAnswer::Outcome;
    switch (request) {
        case Code::CoaRequest:
            return reply == Code::CoaAck ? std::optional(Ack)
                                         : (reply == Code::CoaNak ? std::optional(Nak) : std::nullopt);
        case Code::DisconnectRequest:
            return reply == Code::DisconnectAck
                       ? std::optional(Ack)
                       : (reply == Code::DisconnectNak ? std::optional(Nak) : std::nullopt);
        default:  // RFC 5997 names no code for a dynamic authorization port: any is a sign of life
            return Ack;
    }
}

/// Full buffers and pauses of the way: the next try may go through.
bool isPassing(int error) {
    return error == EAGAIN || error == ENOBUFS || error == ENOMEM || error == EINTR;
}

Authenticator randomAuthenticator() {
    Authenticator authenticator{};
    core::fillRandom(authenticator);
    return authenticator;
}

/// The identifiers towards one NAS. Kept when none is in use, so that one is not used again soon: a late
/// reply would look like a forged one.
struct Lane {
    std::uint8_t next = 0;
    /// identifier -> ticket
    std::map<std::uint8_t, std::uint64_t> inUse;
};

struct Waiting {
    Destination to;
    std::uint8_t identifier = 0;
    Code code = Code::DisconnectRequest;
    core::Bytes octets;
    const SharedSecret* secret = nullptr;
    Clock::time_point begunAt;
    Clock::time_point dueAt;
    int sent = 0;
    bool wrongAuthenticator = false;
    /// Why the first datagram could not leave; "": it did.
    std::string error;
};

}  // namespace

std::string_view name(DynauthAnswer::Outcome outcome) {
    constexpr std::array<std::string_view, 4> names = {"ack", "nak", "timeout", "failed"};
    return names.at(static_cast<std::size_t>(outcome));
}

struct DynauthClient::State {
    Descriptor v4{udpSocket(AF_INET)};
    Descriptor v6{udpSocket(AF_INET6)};
    Descriptor waker{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    std::uint64_t lastTicket = 0;
    std::uint64_t strangers = 0;
    std::unordered_map<std::uint64_t, Waiting> waiting;
    std::map<Destination, Lane> lanes;
    /// When each ticket is sent again, or given up.
    std::set<std::pair<Clock::time_point, std::uint64_t>> due;
    std::array<std::uint8_t, kMaxPacketSize + 1> room{};

    void send(Waiting& request);
    void schedule(std::uint64_t ticket, Waiting& request, Clock::time_point at);
    void sendDue(Clock::time_point now, Answers& answers);
    DynauthAnswer end(std::uint64_t ticket, DynauthAnswer::Outcome outcome, Clock::time_point now);
    void receive(const Descriptor& socket, Clock::time_point now, Answers& answers);
    [[nodiscard]] std::optional<DynauthAnswer> take(core::ByteView datagram, const Destination& from,
                                                    Clock::time_point now);
    /// True where wake() was called.
    bool wait(std::chrono::milliseconds most);
};

void DynauthClient::State::send(Waiting& request) {
    const SocketAddress to = toSocketAddress(request.to);
    const Descriptor& socket = request.to.address.family == core::AddressFamily::Ipv4 ? v4 : v6;
    const ssize_t sent =
        ::sendto(socket.number(), request.octets.data(), request.octets.size(), MSG_NOSIGNAL,
                 // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets' way
                 reinterpret_cast<const sockaddr*>(&to.storage), to.size);
    if (sent < 0 && request.sent == 0 && !isPassing(errno)) {
        request.error = std::generic_category().message(errno);
    }
    ++request.sent;
}

void DynauthClient::State::schedule(std::uint64_t ticket, Waiting& request, Clock::time_point at) {
    due.erase({request.dueAt, ticket});
    request.dueAt = at;
    due.emplace(at, ticket);
}

void DynauthClient::State::sendDue(Clock::time_point now, Answers& answers) {
    while (!due.empty() && due.begin()->first <= now) {
        const std::uint64_t ticket = due.begin()->second;
        Waiting& request = waiting.at(ticket);
        if (!request.error.empty()) {
            answers.push_back(end(ticket, DynauthAnswer::Outcome::Failed, now));
        } else if (request.sent >= kTries) {
            answers.push_back(end(ticket, DynauthAnswer::Outcome::Timeout, now));
        } else {
            send(request);
            schedule(ticket, request, now + kTryTime);
        }
    }
}

DynauthAnswer DynauthClient::State::end(std::uint64_t ticket, DynauthAnswer::Outcome outcome,
                                        Clock::time_point now) {
    const Waiting& request = waiting.at(ticket);
    DynauthAnswer answer;
    answer.ticket = ticket;
    answer.outcome = outcome;
    answer.error = request.error;
    answer.sent = request.sent;
    answer.wrongAuthenticator = request.wrongAuthenticator;
    answer.took = std::chrono::duration_cast<std::chrono::milliseconds>(now - request.begunAt);
    due.erase({request.dueAt, ticket});
    lanes.at(request.to).inUse.erase(request.identifier);
    waiting.erase(ticket);
    return answer;
}

void DynauthClient::State::receive(const Descriptor& socket, Clock::time_point now, Answers& answers) {
    for (int i = 0; i < kMostAtOnce && socket.number() >= 0; ++i) {
        SocketAddress from;
        const ssize_t size =
            ::recvfrom(socket.number(), room.data(), room.size(), 0,
                       // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets' way
                       reinterpret_cast<sockaddr*>(&from.storage), &from.size);
        if (size < 0) {
            return;
        }
        const auto datagram = core::ByteView(room).first(static_cast<std::size_t>(size));
        if (auto answer = take(datagram, toDestination(from), now)) {
            answers.push_back(std::move(*answer));
        } else {
            ++strangers;
        }
    }
}

std::optional<DynauthAnswer> DynauthClient::State::take(core::ByteView datagram, const Destination& from,
                                                        Clock::time_point now) {
    const auto parsed = preparse(datagram, PortKind::Client);
    const auto* const reply = std::get_if<PacketView>(&parsed);
    const auto lane = lanes.find(from);
    if (reply == nullptr || lane == lanes.end() || !lane->second.inUse.contains(reply->identifier)) {
        return std::nullopt;
    }
    const std::uint64_t ticket = lane->second.inUse.at(reply->identifier);
    Waiting& request = waiting.at(ticket);
    const auto outcome = outcomeOf(request.code, reply->code);
    const core::ByteView asked(request.octets);
    if (!outcome || !replyIsAuthentic(*reply, asked.subspan<4, 16>(), *request.secret)) {
        request.wrongAuthenticator = request.wrongAuthenticator || outcome.has_value();
        return std::nullopt;
    }
    const auto attributes = decode(*reply, *request.secret);
    DynauthAnswer answer = end(ticket, *outcome, now);
    answer.errorCause = attributes ? findInteger(*attributes, attr::kErrorCause) : std::nullopt;
    return answer;
}

bool DynauthClient::State::wait(std::chrono::milliseconds most) {
    std::array<pollfd, 3> descriptors = {pollfd{v4.number(), POLLIN, 0}, pollfd{v6.number(), POLLIN, 0},
                                         pollfd{waker.number(), POLLIN, 0}};
    if (::poll(descriptors.data(), descriptors.size(), static_cast<int>(most.count())) <= 0) {
        return false;
    }
    std::uint64_t count = 0;
    return (descriptors.back().revents & POLLIN) != 0 &&
           ::read(waker.number(), &count, sizeof count) == sizeof count;
}

DynauthClient::DynauthClient() : state_(std::make_unique<State>()) {
    if (state_->v4.number() < 0 || state_->waker.number() < 0) {
        throw std::runtime_error("cannot make a socket for CoA and Disconnect: " +
                                 std::generic_category().message(errno));
    }
}

DynauthClient::~DynauthClient() = default;

std::optional<std::uint64_t> DynauthClient::start(const DynauthRequest& request, Clock::time_point now) {
    const Destination to{request.address, request.port};
    auto lane = state_->lanes.find(to);
    if (lane != state_->lanes.end() && lane->second.inUse.size() == kIdentifiers) {
        return std::nullopt;
    }
    std::uint8_t identifier =
        lane == state_->lanes.end() ? static_cast<std::uint8_t>(core::randomUint64()) : lane->second.next;
    while (lane != state_->lanes.end() && lane->second.inUse.contains(identifier)) {
        ++identifier;
    }
    Attributes attributes = request.attributes;
    const auto seconds = std::chrono::floor<core::Seconds>(request.now).time_since_epoch().count();
    attributes.push_back(integerAttribute(attr::kEventTimestamp, static_cast<std::uint32_t>(seconds)));
    Waiting waiting;
    waiting.to = to;
    waiting.identifier = identifier;
    waiting.code = request.code;
    waiting.octets =
        encodeRequest({request.code, identifier, randomAuthenticator(), true}, attributes, *request.secret);
    waiting.secret = request.secret;
    waiting.begunAt = now;
    state_->send(waiting);

    const std::uint64_t ticket = ++state_->lastTicket;
    Lane& used = state_->lanes[to];
    used.next = static_cast<std::uint8_t>(identifier + 1);
    used.inUse.emplace(identifier, ticket);
    Waiting& kept = state_->waiting.emplace(ticket, std::move(waiting)).first->second;
    // What could not leave is reported by the next poll().
    state_->schedule(ticket, kept, kept.error.empty() ? now + kTryTime : now);
    return ticket;
}

std::vector<DynauthAnswer> DynauthClient::poll(std::chrono::milliseconds most) {
    Answers answers;
    const auto deadline = Clock::now() + most;
    for (;;) {
        auto now = Clock::now();
        state_->receive(state_->v4, now, answers);
        state_->receive(state_->v6, now, answers);
        state_->sendDue(now, answers);
        now = Clock::now();
        const auto until = state_->due.empty() ? deadline : std::min(deadline, state_->due.begin()->first);
        // Rounded up: waking a little early would only spin.
        const auto pause = std::chrono::ceil<std::chrono::milliseconds>(until - now);
        const bool woken = state_->wait(answers.empty() ? std::max(pause, pause.zero()) : pause.zero());
        if (!answers.empty() || woken || Clock::now() >= deadline) {
            return answers;
        }
    }
}

void DynauthClient::wake() {
    const std::uint64_t one = 1;
    // It fails only where the count is at its end, which wakes as well.
    static_cast<void>(::write(state_->waker.number(), &one, sizeof one));
}

std::size_t DynauthClient::waiting() const {
    return state_->waiting.size();
}

std::uint64_t DynauthClient::strangers() const {
    return state_->strangers;
}

}  // namespace gardu::radius
