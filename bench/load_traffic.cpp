#include "bench/load_traffic.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <random>

#include "bench/load_accounting.h"

namespace gardu::bench {
namespace {

class Logins final : public Traffic {
public:
    Logins(const TrafficPlan& plan, const std::vector<User>& users)
        : kind_(plan.kind),
          users_(users),
          next_(plan.firstUser),
          maker_(plan.packets),
          random_(std::random_device{}()) {}

    void beginBatch() override {
        usePap_ = kind_ == TrafficKind::LoginsPap || (kind_ == TrafficKind::LoginsMixed && !usePap_);
    }

    Request write(std::span<std::uint8_t, kMaxRequestLength> out, std::uint8_t identifier,
                  std::uint64_t /*nowNs*/) override {
        Request request{.user = next_++ % users_.size(), .authenticator = freshAuthenticator()};
        request.length = maker_.build(out, {.user = users_[request.user],
                                            .userNumber = static_cast<std::uint32_t>(request.user),
                                            .sessionNumber = static_cast<std::uint32_t>(random_()),
                                            .identifier = identifier,
                                            .method = usePap_ ? Method::Pap : Method::Chap,
                                            .authenticator = request.authenticator});
        return request;
    }

    void finish(std::size_t /*user*/) override {}

    [[nodiscard]] ReplyVerdict verify(std::span<std::uint8_t> reply,
                                      const Authenticator& requested) const override {
        return maker_.verify(reply, requested);
    }

    [[nodiscard]] std::uint64_t sessionCount() const override { return 0; }

private:
    Authenticator freshAuthenticator() {
        const std::array<std::uint64_t, 2> words{random_(), random_()};
        Authenticator bytes;
        static_assert(sizeof words == sizeof bytes);
        std::memcpy(bytes.data(), words.data(), sizeof bytes);
        return bytes;
    }

    TrafficKind kind_;
    const std::vector<User>& users_;
    std::size_t next_;
    PacketMaker maker_;
    std::mt19937_64 random_;
    bool usePap_ = false;
};

// Goes round its own users, and passes over those whose packet still waits: a NAS has one in flight for a
// session.
class Accounting final : public Traffic {
public:
    Accounting(const TrafficPlan& plan, const std::vector<User>& users)
        : users_(users),
          firstUser_(plan.firstUser),
          wallOffsetNs_(plan.wallOffsetNs),
          maker_(plan.packets),
          sessions_(plan.ownUsers) {}

    void beginBatch() override {}

    Request write(std::span<std::uint8_t, kMaxRequestLength> out, std::uint8_t identifier,
                  std::uint64_t nowNs) override {
        Request request{.user = firstUser_ + nextFree()};
        AccountedSession& session = sessionOf(request.user);
        const std::int64_t nowMs = (static_cast<std::int64_t>(nowNs) + wallOffsetNs_) / 1'000'000;
        if (session.packets == 0) {
            session.startedMs = nowMs;
            ++sessionCount_;
        }
        request.length = maker_.build(out, {.user = users_[request.user],
                                            .userNumber = static_cast<std::uint32_t>(request.user),
                                            .session = session,
                                            .nowMs = nowMs,
                                            .identifier = identifier});
        std::copy_n(out.begin() + 4, request.authenticator.size(), request.authenticator.begin());
        ++session.packets;
        session.waiting = true;
        return request;
    }

    void finish(std::size_t user) override { sessionOf(user).waiting = false; }

    [[nodiscard]] ReplyVerdict verify(std::span<std::uint8_t> reply,
                                      const Authenticator& requested) const override {
        return maker_.verify(reply, requested);
    }

    [[nodiscard]] std::uint64_t sessionCount() const override { return sessionCount_; }

private:
    AccountedSession& sessionOf(std::size_t user) { return sessions_[user - firstUser_]; }

    // There is one: fewer requests than users are in flight.
    std::size_t nextFree() {
        while (sessions_[next_].waiting) {
            next_ = (next_ + 1) % sessions_.size();
        }
        const std::size_t found = next_;
        next_ = (next_ + 1) % sessions_.size();
        return found;
    }

    const std::vector<User>& users_;
    std::size_t firstUser_;
    std::int64_t wallOffsetNs_;
    AccountingMaker maker_;
    std::vector<AccountedSession> sessions_;
    std::size_t next_ = 0;
    std::uint64_t sessionCount_ = 0;
};

}  // namespace

std::unique_ptr<Traffic> makeTraffic(const TrafficPlan& plan, const std::vector<User>& users) {
    if (plan.kind == TrafficKind::Accounting) {
        return std::make_unique<Accounting>(plan, users);
    }
    return std::make_unique<Logins>(plan, users);
}

}  // namespace gardu::bench
