#include "bench/load_worker.h"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <deque>
#include <limits>
#include <memory>
#include <span>

#include "bench/load_socket.h"

namespace gardu::bench {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();
// An open loop wakes at most this often; what is due by then goes out together.
constexpr std::uint64_t kShortestSleepNs = 50'000;
constexpr int kSocketBuffer = 4 << 20;

std::uint64_t nowNs() {
    const auto sinceBoot = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(sinceBoot).count());
}

// One identifier of one source port. The packet stays for its retransmits, and its authenticator to prove
// the reply with. The authenticator before it tells a late reply from a false one.
struct Slot {
    std::array<std::uint8_t, kMaxRequestLength> packet{};
    std::size_t length = 0;
    Authenticator authenticator{};
    Authenticator earlier{};
    std::uint64_t dueNs = 0;
    std::uint64_t serial = 0;
    std::size_t user = 0;
    unsigned retriesLeft = 0;
    bool waiting = false;
    bool measured = false;
};

// A UDP socket and its 256 identifiers. The one that has been free for longest is used next, so that a
// late reply seldom meets a newer request.
class Port {
public:
    explicit Port(const sockaddr_in& server)
        : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"),
          slots_(kIdentifiersPerPort) {
        // More than the system's limit is cut to it without an error.
        ::setsockopt(fd(), SOL_SOCKET, SO_RCVBUF, &kSocketBuffer, sizeof kSocketBuffer);
        ::setsockopt(fd(), SOL_SOCKET, SO_SNDBUF, &kSocketBuffer, sizeof kSocketBuffer);
        if (::connect(fd(), reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0) {
            failed("connect");
        }
        for (std::size_t i = 0; i < kIdentifiersPerPort; ++i) {
            free_[i] = static_cast<std::uint8_t>(i);
        }
    }

    [[nodiscard]] int fd() const { return socket_.get(); }
    [[nodiscard]] std::size_t freeCount() const { return freeCount_; }
    Slot& slot(std::uint8_t identifier) { return slots_[identifier]; }

    std::uint8_t take() {
        const std::uint8_t identifier = free_[firstFree_];
        firstFree_ = (firstFree_ + 1) % kIdentifiersPerPort;
        --freeCount_;
        return identifier;
    }

    void release(std::uint8_t identifier) {
        free_[(firstFree_ + freeCount_) % kIdentifiersPerPort] = identifier;
        ++freeCount_;
    }

private:
    Descriptor socket_;
    std::vector<Slot> slots_;
    std::array<std::uint8_t, kIdentifiersPerPort> free_{};
    std::size_t firstFree_ = 0;
    std::size_t freeCount_ = kIdentifiersPerPort;
};

class LoadWorker {
public:
    LoadWorker(const LoadPlan& plan, const std::vector<User>& users)
        : plan_(plan),
          traffic_(makeTraffic(plan.traffic, users)),
          epoll_(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1") {
        for (std::size_t i = 0; i < plan_.ports; ++i) {
            openPort();
        }
    }

    LoadFigures run() {
        ::prctl(PR_SET_TIMERSLACK, 1000);
        startNs_ = nowNs();
        measureNs_ = startNs_ + plan_.warmupNs;
        std::uint64_t now = startNs_;
        while (!isFinished(now)) {
            sendDue(now);
            waitForReplies(now);
            now = nowNs();
            expire(now);
        }
        const std::uint64_t end = plan_.count > 0 ? lastAnswerNs_ : endNs();
        figures_.elapsedNs = std::max(end, measureNs_ + 1) - measureNs_;
        figures_.sessions = traffic_->sessionCount();
        return figures_;
    }

private:
    struct Timer {
        std::uint64_t deadlineNs;
        std::uint64_t serial;
        Port* port;
        std::uint8_t identifier;
    };

    void openPort() {
        ports_.push_back(std::make_unique<Port>(plan_.server));
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = ports_.back().get();
        if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, ports_.back()->fd(), &event) != 0) {
            failed("epoll_ctl");
        }
    }

    [[nodiscard]] std::uint64_t endNs() const { return measureNs_ + plan_.durationNs; }

    [[nodiscard]] bool isSendingOver(std::uint64_t now) const {
        return plan_.count > 0 ? figures_.sent >= plan_.count : now >= endNs();
    }

    [[nodiscard]] bool isFinished(std::uint64_t now) const { return inFlight_ == 0 && isSendingOver(now); }

    // When the request with this serial number should leave, in an open loop.
    [[nodiscard]] std::uint64_t scheduledNs(std::uint64_t serial) const {
        return startNs_ + serial / plan_.rate * kSecond + serial % plan_.rate * kSecond / plan_.rate;
    }

    [[nodiscard]] std::uint64_t stillToSend(std::uint64_t now) const {
        if (isSendingOver(now)) {
            return 0;
        }
        return plan_.count > 0 ? plan_.count - figures_.sent : kNever;
    }

    [[nodiscard]] std::uint64_t overdue(std::uint64_t now) const {
        if (plan_.rate == 0) {
            return kNever;
        }
        const std::uint64_t elapsed = now - startNs_;
        const std::uint64_t due = elapsed / kSecond * plan_.rate + elapsed % kSecond * plan_.rate / kSecond;
        return due >= serial_ ? due - serial_ + 1 : 0;
    }

    // The window is never larger than the identifiers of all ports, so that one of them has a free one.
    void sendDue(std::uint64_t now) {
        std::uint64_t wanted =
            std::min<std::uint64_t>({plan_.window - inFlight_, stillToSend(now), overdue(now)});
        while (wanted > 0) {
            Port& port = *ports_[nextPort_];
            nextPort_ = (nextPort_ + 1) % ports_.size();
            const auto batch = std::min<std::uint64_t>({wanted, port.freeCount(), plan_.batch});
            sendBatch(port, static_cast<std::size_t>(batch), now);
            wanted -= batch;
        }
    }

    void sendBatch(Port& port, std::size_t size, std::uint64_t now) {
        traffic_->beginBatch();
        for (std::size_t i = 0; i < size; ++i) {
            Slot& slot = prepare(port, now);
            sending_.add(slot.packet.data(), slot.length);
        }
        // What is refused its timer sends again.
        figures_.sendErrors += sending_.send(port.fd());
    }

    Slot& prepare(Port& port, std::uint64_t now) {
        const std::uint8_t identifier = port.take();
        Slot& slot = port.slot(identifier);
        slot.earlier = slot.authenticator;
        const Request request = traffic_->write(slot.packet, identifier, now);
        slot.length = request.length;
        slot.user = request.user;
        slot.authenticator = request.authenticator;
        slot.dueNs = plan_.rate == 0 ? now : scheduledNs(serial_);
        slot.serial = serial_++;
        slot.retriesLeft = plan_.retries;
        slot.waiting = true;
        slot.measured = now >= measureNs_;
        figures_.sent += slot.measured ? 1 : 0;
        ++inFlight_;
        timers_.push_back({now + plan_.timeoutNs, slot.serial, &port, identifier});
        return slot;
    }

    // Sleeps until a reply, the next timeout, the next scheduled request or the end.
    void waitForReplies(std::uint64_t now) {
        std::array<epoll_event, kMaxBatch> events{};
        const std::uint64_t wake = std::min({nextTimeout(), nextScheduled(now), now + kSecond / 10});
        const std::uint64_t sleep = wake > now ? wake - now : 0;
        const timespec patience{static_cast<time_t>(sleep / kSecond), static_cast<long>(sleep % kSecond)};
        const int count =
            ::epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()), &patience, nullptr);
        for (int i = 0; i < count; ++i) {
            receive(*static_cast<Port*>(events.at(static_cast<std::size_t>(i)).data.ptr));
        }
    }

    [[nodiscard]] std::uint64_t nextTimeout() const {
        return timers_.empty() ? kNever : timers_.front().deadlineNs;
    }

    [[nodiscard]] std::uint64_t nextScheduled(std::uint64_t now) const {
        if (plan_.rate == 0 || isSendingOver(now) || inFlight_ >= plan_.window) {
            return kNever;
        }
        return std::max(scheduledNs(serial_), now + kShortestSleepNs);
    }

    void receive(Port& port) {
        std::size_t count = 0;
        do {
            count = receiving_.receive(port.fd());
            const std::uint64_t now = nowNs();
            for (std::size_t i = 0; i < count; ++i) {
                take(port, receiving_.datagram(i), now);
            }
        } while (count == kMaxBatch);
    }

    void take(Port& port, std::span<std::uint8_t> reply, std::uint64_t now) {
        Slot& slot = port.slot(reply.size() > 1 ? reply[1] : 0);
        const ReplyVerdict verdict = traffic_->verify(reply, slot.authenticator);
        if (verdict == ReplyVerdict::Bad) {
            const bool isLate = traffic_->verify(reply, slot.earlier) != ReplyVerdict::Bad;
            ++(isLate ? figures_.duplicates : figures_.bad);
        } else if (!slot.waiting) {
            ++figures_.duplicates;
        } else {
            settle(slot, verdict, now);
            port.release(reply[1]);
        }
    }

    void settle(Slot& slot, ReplyVerdict verdict, std::uint64_t now) {
        traffic_->finish(slot.user);
        slot.waiting = false;
        --inFlight_;
        lastAnswerNs_ = now;
        figures_.accepts += verdict == ReplyVerdict::Accept ? 1 : 0;
        figures_.rejects += verdict == ReplyVerdict::Reject ? 1 : 0;
        figures_.others += verdict == ReplyVerdict::Other ? 1 : 0;
        figures_.answered += now >= measureNs_ && (plan_.count > 0 || now < endNs()) ? 1 : 0;
        if (slot.measured) {
            figures_.latency.add(now > slot.dueNs ? now - slot.dueNs : 0);
        }
    }

    // The timeout is the same for all, so the timers are in order. One whose request was answered is stale.
    void expire(std::uint64_t now) {
        while (!timers_.empty()) {
            const Timer timer = timers_.front();
            Slot& slot = timer.port->slot(timer.identifier);
            const bool isStale = !slot.waiting || slot.serial != timer.serial;
            if (!isStale && timer.deadlineNs > now) {
                return;
            }
            timers_.pop_front();
            if (!isStale) {
                retransmitOrGiveUp(timer, slot, now);
            }
        }
    }

    // RFC 5080 section 2.2.1: a retransmit is the same packet, to the last byte.
    void retransmitOrGiveUp(const Timer& timer, Slot& slot, std::uint64_t now) {
        if (slot.retriesLeft == 0) {
            traffic_->finish(slot.user);
            slot.waiting = false;
            --inFlight_;
            ++figures_.timeouts;
            timer.port->release(timer.identifier);
            return;
        }
        --slot.retriesLeft;
        ++figures_.retransmits;
        sending_.add(slot.packet.data(), slot.length);
        figures_.sendErrors += sending_.send(timer.port->fd());
        timers_.push_back({now + plan_.timeoutNs, timer.serial, timer.port, timer.identifier});
    }

    const LoadPlan& plan_;
    std::unique_ptr<Traffic> traffic_;
    Descriptor epoll_;
    std::vector<std::unique_ptr<Port>> ports_;
    std::size_t nextPort_ = 0;
    ReceiveBatch receiving_;
    SendBatch sending_;
    std::deque<Timer> timers_;
    std::uint64_t startNs_ = 0;
    std::uint64_t measureNs_ = 0;
    std::uint64_t lastAnswerNs_ = 0;
    std::uint64_t serial_ = 0;
    std::size_t inFlight_ = 0;
    LoadFigures figures_;
};

}  // namespace

void LoadFigures::merge(const LoadFigures& other) {
    sent += other.sent;
    answered += other.answered;
    elapsedNs = std::max(elapsedNs, other.elapsedNs);
    accepts += other.accepts;
    rejects += other.rejects;
    others += other.others;
    bad += other.bad;
    duplicates += other.duplicates;
    timeouts += other.timeouts;
    retransmits += other.retransmits;
    sendErrors += other.sendErrors;
    sessions += other.sessions;
    latency.merge(other.latency);
}

LoadFigures runLoad(const LoadPlan& plan, const std::vector<User>& users) {
    return std::make_unique<LoadWorker>(plan, users)->run();
}

}  // namespace gardu::bench
