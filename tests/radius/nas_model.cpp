#include "tests/radius/nas_model.h"

#include <algorithm>
#include <array>

namespace gardu::radius::test {
namespace {

using core::Instant;
using core::Milliseconds;
using core::Seconds;
using Random = std::mt19937_64;

std::int64_t between(Random& random, std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most - least + 1));
}

bool inPercent(Random& random, int percent) {
    return between(random, 1, 100) <= percent;
}

enum class Gigawords { Always, WhereNotZero, Never };
enum class NasClock { NotSent, Right, Since1970 };

struct Habits {
    std::string nasKey;
    core::IpAddress source;
    bool sendsClass = true;
    bool sendsForeignClass = false;
    bool sendsSessionTime = true;
    bool sendsServiceChanges = true;
    bool tellsDelay = true;
    bool hasRouterOsIds = true;
    bool swapOctets = false;
    bool countsInStart = false;
    Gigawords gigawords = Gigawords::Always;
    NasClock clock = NasClock::NotSent;
};

Habits randomHabits(Random& random, int nas) {
    Habits habits;
    habits.nasKey = "nas-" + std::to_string(nas);
    habits.source.octets = {10, 0, 0, static_cast<std::uint8_t>(nas)};
    habits.sendsClass = inPercent(random, 50);
    habits.sendsForeignClass = inPercent(random, 20);
    habits.sendsSessionTime = !habits.sendsClass || inPercent(random, 80);
    habits.sendsServiceChanges = inPercent(random, 50);
    habits.tellsDelay = inPercent(random, 50);
    habits.hasRouterOsIds = inPercent(random, 50);
    habits.swapOctets = inPercent(random, 20);
    habits.countsInStart = inPercent(random, 20);
    habits.clock = static_cast<NasClock>(between(random, 0, 2));
    if (habits.sendsSessionTime) {
        habits.gigawords = static_cast<Gigawords>(between(random, 0, 2));
    }
    return habits;
}

LoginClass randomClass(Random& random) {
    LoginClass login;
    for (std::uint8_t& octet : login.login.octets) {
        octet = static_cast<std::uint8_t>(random());
    }
    return login;
}

/// A packet as the NAS made it, before the network had it.
struct Record {
    AcctStatus status = AcctStatus::Start;
    Instant at;
    bool hasCounters = false;
    int copies = 1;
    /// Which the NAS does not tell.
    Milliseconds late{0};
};

/// One NAS over some boots. Sessions are of one boot each; a crash ends them without a word.
class Nas {
public:
    Nas(Random& random, Habits habits, NasHistory& history)
        : random_(random), habits_(std::move(habits)), history_(history) {}

    void live(Instant from, int boots, int sessions) {
        Instant now = from;
        for (int boot = 0; boot < boots; ++boot) {
            if (boot > 0 && habits_.sendsServiceChanges) {
                changeService(now);
            }
            const int here = boot + 1 == boots ? sessions : static_cast<int>(between(random_, 0, sessions));
            sessions -= here;
            // No session begins within the tolerance of a boot, so none can be mistaken for one before it.
            isLastBoot_ = boot + 1 == boots;
            now = runBoot(now + Seconds(between(random_, 40, 400)), boot, here);
            now += Seconds(between(random_, 60, 300));
        }
    }

private:
    Instant runBoot(Instant from, int boot, int sessions) {
        const Instant crash = from + Seconds(between(random_, 60, 20'000));
        std::array<Instant, 2> freeAt = {from, from};
        Instant end = from;
        for (int number = 1; number <= sessions; ++number) {
            Instant& free = freeAt.at(static_cast<std::size_t>(between(random_, 0, 1)));
            const std::string user = &free == freeAt.data() ? "budi" : "siti";
            const Instant start = free + Milliseconds(between(random_, 1000, 300'000));
            if (start < crash) {
                free = std::min(crash, runSession({user, idOf(boot, number), start, crash}));
            }
            end = std::max(end, free);
        }
        return inPercent(random_, 50) ? crash : end;
    }

    [[nodiscard]] std::string idOf(int boot, int number) const {
        if (!habits_.hasRouterOsIds) {
            return "0000000" + std::to_string(number);
        }
        return "81" + std::string(1, "def"[boot]) + "0000" + std::to_string(number);
    }

    struct Plan {
        std::string username;
        std::string acctSessionId;
        Instant start;
        Instant crash;
    };

    /// When it ended.
    Instant runSession(const Plan& plan) {
        RealSession session;
        session.nasKey = habits_.nasKey;
        session.username = plan.username;
        session.acctSessionId = plan.acctSessionId;
        session.startedAt = plan.start;
        if (habits_.sendsClass) {
            session.loginClass = randomClass(random_);
        }
        std::vector<Record> records = {{AcctStatus::Start, plan.start, habits_.countsInStart}};
        const Seconds interval(between(random_, 60, 1800));
        Instant at = plan.start;
        for (std::int64_t left = between(random_, 0, 5); left > 0 && at + interval < plan.crash; --left) {
            at += interval;
            records.push_back({AcctStatus::Interim, at, true});
        }
        at += Milliseconds(between(random_, 1000, interval.count() * 1000));
        session.isAlive = at >= plan.crash && isLastBoot_;
        if (at < plan.crash) {
            records.push_back({AcctStatus::Stop, at, true});
        }
        decideFate(records);
        if (!habits_.tellsDelay) {
            delaySome(records, plan.start, std::min(at, plan.crash));
        }
        sendAll(records, session);
        if (session.isHeard) {
            endFormerSessions(session);
        }
        history_.sessions.push_back(session);
        return at;
    }

    void decideFate(std::vector<Record>& records) {
        for (Record& record : records) {
            record.hasCounters = record.hasCounters && !inPercent(random_, 10);
            record.copies = inPercent(random_, 15) ? 0 : 1;
            record.copies += record.copies > 0 && inPercent(random_, 20) ? 1 : 0;
        }
    }

    /// Interims that come before the session's end and before the next packet. Without a Class, one before
    /// them has shown that the session was there when it seems to have begun by them.
    void delaySome(std::vector<Record>& records, Instant start, Instant end) {
        Instant seen = start;
        for (std::size_t at = 0; at < records.size(); ++at) {
            Record& record = records[at];
            const Instant next = at + 1 < records.size() ? records[at + 1].at : end;
            const Milliseconds known = habits_.sendsClass ? kMostHidden : seen - start;
            const Milliseconds most = std::min({kMostHidden, known, next - record.at - kMostUntold});
            if (record.status == AcctStatus::Interim && most > kMostUntold && inPercent(random_, 30)) {
                record.late = Milliseconds(between(random_, 0, (most - kMostUntold).count()));
                history_.needsOrder = history_.needsOrder || !habits_.sendsClass;
            }
            seen = record.copies > 0 ? record.at : seen;
        }
    }

    void sendAll(const std::vector<Record>& records, RealSession& session) {
        Counter input;
        Counter output;
        for (const Record& record : records) {
            const bool isHeard = record.copies > 0;
            if (record.status != AcctStatus::Start) {
                grow(input);
                grow(output);
            }
            if (isHeard && record.hasCounters) {
                report(input, session.input);
                report(output, session.output);
            }
            session.isHeard = session.isHeard || isHeard;
            session.isStartHeard = session.isStartHeard || (isHeard && record.status == AcctStatus::Start);
            session.isStopHeard = session.isStopHeard || (isHeard && record.status == AcctStatus::Stop);
            const Attributes attributes = attributesOf(record, session, {input.total, output.total});
            for (int copy = 0; copy < record.copies; ++copy) {
                deliver(attributes, record.at, record.late);
            }
        }
    }

    struct Counter {
        std::uint64_t total = 0;
        /// Since the last packet with counters that was heard; from the first one on.
        std::uint64_t unheard = 0;
        bool isHeard = false;
    };

    void grow(Counter& counter) {
        constexpr std::uint64_t half = (std::uint64_t{1} << 31U) - 1;
        std::uint64_t most = habits_.gigawords == Gigawords::Never ? half : std::uint64_t{1} << 34U;
        most = inPercent(random_, 50) ? most : 1000;
        if (habits_.gigawords == Gigawords::Never && counter.isHeard) {
            most = std::min(most, half - counter.unheard);
        }
        const std::uint64_t growth = most == 0 ? 0 : random_() % (most + 1);
        counter.total += growth;
        counter.unheard += growth;
    }

    /// What the packets tell: all of it, or, where wraps have to be inferred, all from the first one on.
    void report(Counter& counter, std::uint64_t& truth) const {
        if (habits_.gigawords != Gigawords::Never) {
            truth = counter.total;
        } else if (!counter.isHeard) {
            truth = counter.total & 0xffff'ffffU;
        } else {
            truth += counter.unheard;
        }
        counter.unheard = 0;
        counter.isHeard = true;
    }

    struct Totals {
        std::uint64_t input = 0;
        std::uint64_t output = 0;
    };

    [[nodiscard]] Attributes attributesOf(const Record& record, const RealSession& session,
                                          const Totals& totals) {
        Attributes attributes = {
            integerAttribute(attr::kAcctStatusType, static_cast<std::uint32_t>(record.status)),
            textAttribute(attr::kUserName, session.username),
            textAttribute(attr::kAcctSessionId, session.acctSessionId),
            textAttribute(attr::kCallingStationId, "AA:BB:CC:00:00:01 of " + session.username),
            textAttribute(attr::kNasPortId, "ether2")};
        if (habits_.sendsForeignClass) {
            attributes.push_back(textAttribute(attr::kClass, "of a proxy"));
        }
        if (session.loginClass) {
            attributes.push_back(textAttribute(attr::kClass, classValue(*session.loginClass)));
        }
        if (habits_.sendsSessionTime && record.status != AcctStatus::Start) {
            const auto time = std::chrono::floor<Seconds>(record.at - session.startedAt).count();
            attributes.push_back(integerAttribute(attr::kAcctSessionTime, static_cast<std::uint32_t>(time)));
        }
        if (record.hasCounters) {
            const bool swap = habits_.swapOctets;
            addCounter(attributes, swap ? totals.output : totals.input, true);
            addCounter(attributes, swap ? totals.input : totals.output, false);
        }
        addClock(attributes, record.at);
        return attributes;
    }

    void addCounter(Attributes& attributes, std::uint64_t total, bool isInput) const {
        const auto gigawords = static_cast<std::uint32_t>(total >> 32U);
        attributes.push_back(integerAttribute(isInput ? attr::kAcctInputOctets : attr::kAcctOutputOctets,
                                              static_cast<std::uint32_t>(total)));
        if (habits_.gigawords == Gigawords::Always ||
            (habits_.gigawords == Gigawords::WhereNotZero && gigawords > 0)) {
            attributes.push_back(integerAttribute(
                isInput ? attr::kAcctInputGigawords : attr::kAcctOutputGigawords, gigawords));
        }
    }

    void addClock(Attributes& attributes, Instant at) const {
        const auto seconds = static_cast<std::uint32_t>(core::toEpochMs(at) / 1000);
        if (habits_.clock != NasClock::NotSent) {
            attributes.push_back(integerAttribute(
                attr::kEventTimestamp, habits_.clock == NasClock::Right ? seconds : seconds % 100'000));
        }
    }

    /// The network and the NAS's queue.
    void deliver(Attributes attributes, Instant at, Milliseconds late = Milliseconds(0)) {
        const Milliseconds untold(between(random_, 0, inPercent(random_, 80) ? 50 : kMostUntold.count()));
        Seconds told(0);
        if (habits_.tellsDelay) {
            told = Seconds(inPercent(random_, 70) ? 0 : between(random_, 1, 10'000));
            attributes.push_back(
                integerAttribute(attr::kAcctDelayTime, static_cast<std::uint32_t>(told.count())));
        }
        history_.packets.push_back({std::move(attributes),
                                    {"id of " + habits_.nasKey, habits_.nasKey, habits_.source,
                                     at + told + untold + late, habits_.swapOctets}});
    }

    void changeService(Instant at) {
        if (inPercent(random_, 15)) {
            return;
        }
        Attributes attributes = {integerAttribute(attr::kAcctStatusType, 7)};
        addClock(attributes, at);
        deliver(attributes, at);
        endSessions([](const RealSession&) { return true; });
    }

    /// An id is of one session at a time, and a boot ends all sessions.
    void endFormerSessions(const RealSession& next) {
        endSessions([&](const RealSession& former) {
            const bool isOtherBoot = habits_.hasRouterOsIds && habits_.sendsSessionTime &&
                                     former.acctSessionId[2] != next.acctSessionId[2];
            return former.acctSessionId == next.acctSessionId || isOtherBoot;
        });
    }

    template <class Which>
    void endSessions(const Which& which) {
        for (RealSession& session : history_.sessions) {
            if (session.nasKey == habits_.nasKey && which(session)) {
                session.isOver = true;
            }
        }
    }

    Random& random_;
    Habits habits_;
    NasHistory& history_;
    bool isLastBoot_ = false;
};

}  // namespace

NasHistory randomHistory(Random& random) {
    NasHistory history;
    // Some day of 2027, so that hours, days and changes of the clock come by.
    const Instant from = *core::parseInstant("2027-01-01T00:00:00Z") +
                         Milliseconds(between(random, 0, std::int64_t{365} * 86'400'000));
    const int sessions = static_cast<int>(between(random, 1, 4));
    const int first = static_cast<int>(between(random, 0, sessions));
    Nas(random, randomHabits(random, 1), history).live(from, static_cast<int>(between(random, 1, 3)), first);
    Nas(random, randomHabits(random, 2), history)
        .live(from, static_cast<int>(between(random, 1, 3)), sessions - first);
    std::ranges::stable_sort(history.packets, {},
                             [](const DeliveredPacket& packet) { return packet.arrival.receivedAt; });
    return history;
}

}  // namespace gardu::radius::test
