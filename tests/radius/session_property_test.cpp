// Random interleavings of what NASes send: whatever is lost, late, repeated or out of order, there is one row
// for each real session, and its octets are those that the NAS counted.
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>
#include <sstream>

#include "radius/session_book.h"
#include "tests/radius/nas_model.h"
#include "tests/radius/session_shelf.h"

namespace gardu::radius {
namespace {

using test::DeliveredPacket;
using test::NasHistory;
using test::RealSession;
using test::SessionShelf;

constexpr int kSequences = 100'000;
/// Another first seed than 1, to look further than what each run repeats.
constexpr const char* kSeedVariable = "GARDU_TEST_SEED";

std::uint64_t firstSeed() {
    const char* given = std::getenv(kSeedVariable);  // NOLINT(concurrency-mt-unsafe): one thread
    return given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
}

AccountingEvent eventOf(const DeliveredPacket& packet) {
    return std::get<AccountingEvent>(readAccountingEvent(packet.attributes, packet.arrival));
}

void describe(std::ostream& out, const RealSession& session) {
    out << "  real: " << session.nasKey << ' ' << session.username << ' ' << session.acctSessionId << ' '
        << core::formatInstant(session.startedAt) << (session.isHeard ? "" : " unheard")
        << (session.isStopHeard ? " stopped" : "") << (session.isOver ? " over" : "") << ' ' << session.input
        << '/' << session.output << '\n';
}

void describe(std::ostream& out, const Session& session) {
    out << "  row:  " << session.nasKey << ' ' << session.username << ' ' << session.acctSessionId << ' '
        << core::formatInstant(session.startedAt) << ' ' << name(session.state) << ' '
        << name(session.closedBy) << ' ' << session.octets.input << '/' << session.octets.output << " login "
        << session.loginId << " seen " << core::formatInstant(session.lastSeenAt) << '\n';
}

void describe(std::ostream& out, const AccountingEvent& event) {
    out << "  " << event.arrival.nasKey << ' ' << name(event.status) << ' ' << event.username << ' '
        << event.acctSessionId << " at " << core::formatInstant(event.happenedAt) << " heard "
        << core::formatInstant(event.arrival.receivedAt);
    if (event.sessionTime) {
        out << " time " << *event.sessionTime;
    }
    if (event.input.octets && event.output.octets) {
        out << " octets " << *event.input.octets << '/' << *event.output.octets;
        out << " giga " << event.input.gigawords.value_or(0) << '/' << event.output.gigawords.value_or(0);
    }
    out << '\n';
}

/// One sequence in one order.
class Run {
public:
    Run(std::uint64_t seed, const NasHistory& history, std::vector<AccountingEvent> events)
        : seed_(seed), history_(history), events_(std::move(events)), shelf_(zoneOf(seed)) {}

    void apply(std::mt19937_64& random) {
        // From some packet on it is known whose they are.
        const std::size_t knownFrom = random() % 4 == 0 ? random() % events_.size() : 0;
        isAged_ = random() % 4 == 0;
        for (std::size_t at = 0; at < events_.size();) {
            const std::size_t count = std::min<std::size_t>(1 + random() % 3, events_.size() - at);
            const EventFacts facts{at >= knownFrom ? "subscription" : "", 0};
            for (const Applied applied : shelf_.apply(std::span(events_).subspan(at, count), facts)) {
                require(applied != Applied::AbsurdCounters, "counters that are true were left out");
            }
            at += count;
            if (isAged_ && random() % 3 == 0) {
                shelf_.age(events_[at - 1].arrival.receivedAt, {static_cast<int>(random() % 300)});
            }
        }
    }

    void check() {
        std::size_t heard = 0;
        for (const RealSession& real : history_.sessions) {
            heard += real.isHeard ? 1 : 0;
            if (real.isHeard) {
                checkRow(real, rowOf(real));
            }
        }
        require(shelf_.sessions().size() == heard, "another number of rows than of sessions");
    }

private:
    /// Zones with whole, odd, and changing offsets.
    static const core::Zone& zoneOf(std::uint64_t seed) {
        static const std::array<core::Zone, 3> zones = {
            core::Zone("Asia/Jakarta"), core::Zone("Asia/Kathmandu"), core::Zone("Australia/Lord_Howe")};
        return zones.at(seed % zones.size());
    }

    static bool isRowOf(const RealSession& real, const Session& row) {
        if (row.nasKey != real.nasKey || row.acctSessionId != real.acctSessionId ||
            row.username != real.username) {
            return false;
        }
        if (real.loginClass) {
            return row.loginId == core::toText(real.loginClass->login);
        }
        // Seconds are rounded down, by the NAS's clock too.
        return std::chrono::abs(row.startedAt - real.startedAt) <=
               test::kMostUntold + core::Milliseconds(2000);
    }

    const Session& rowOf(const RealSession& real) {
        const Session* found = nullptr;
        for (const auto& [id, row] : shelf_.sessions()) {
            if (isRowOf(real, row)) {
                require(found == nullptr, "two rows of one session");
                found = &row;
            }
        }
        require(found != nullptr, "no row of a session");
        return *found;
    }

    void checkRow(const RealSession& real, const Session& row) {
        const Octets truth{static_cast<std::int64_t>(real.input), static_cast<std::int64_t>(real.output)};
        require(row.octets == truth, "octets that are not those of the NAS");
        require(!row.subscriptionId.empty() || row.hourOctets == Octets{}, "usage of nobody");
        Octets used = shelf_.usageOf(row.id);
        used.input += row.hourOctets.input;
        used.output += row.hourOctets.output;
        require(used == (row.subscriptionId.empty() ? Octets{} : truth), "usage is not the octets");
        require(row.startSeen == real.isStartHeard, "a Start that was not heard, or not seen");
        require((row.closedBy == ClosedBy::Stop) == real.isStopHeard,
                "a Stop that was not heard, or not seen");
        require(!real.isStopHeard || row.state == SessionState::Closed, "open after its Stop");
        require(!real.isAlive || isAged_ || row.state == SessionState::Live,
                "not live though it has not ended");
        require(!real.isOver || row.state == SessionState::Closed, "open though it must be over");
    }

    void require(bool holds, const char* what) const {
        if (holds) {
            return;
        }
        std::ostringstream out;
        out << what << "; again with " << kSeedVariable << '=' << seed_ << '\n';
        for (const RealSession& session : history_.sessions) {
            describe(out, session);
        }
        for (const auto& [id, session] : shelf_.sessions()) {
            describe(out, session);
        }
        for (const AccountingEvent& event : events_) {
            describe(out, event);
        }
        CPPUNIT_FAIL(out.str());
    }

    std::uint64_t seed_;
    const NasHistory& history_;
    std::vector<AccountingEvent> events_;
    SessionShelf shelf_;
    /// Some may seem stale: those that are open are open by no more than luck.
    bool isAged_ = false;
};

class SessionPropertyTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SessionPropertyTest);
    CPPUNIT_TEST(oneRowForEachSessionWithItsOctets);
    CPPUNIT_TEST_SUITE_END();

    void oneRowForEachSessionWithItsOctets() {
        const std::uint64_t first = firstSeed();
        for (std::uint64_t seed = first; seed < first + kSequences; ++seed) {
            std::mt19937_64 random(seed);
            const NasHistory history = test::randomHistory(random);
            std::vector<AccountingEvent> events;
            std::ranges::transform(history.packets, std::back_inserter(events), eventOf);
            if (events.empty()) {
                continue;
            }
            runOnce(seed, history, events, random);
            if (history.needsOrder) {
                continue;
            }
            shuffle(events, random);
            runOnce(seed, history, events, random);
        }
    }

    /// Whenever they were sent, they arrive one after another.
    static void shuffle(std::vector<AccountingEvent>& events, std::mt19937_64& random) {
        std::ranges::shuffle(events, random);
        core::Instant last;
        for (AccountingEvent& event : events) {
            last = event.arrival.receivedAt = std::max(last, event.arrival.receivedAt);
        }
    }

    static void runOnce(std::uint64_t seed, const NasHistory& history,
                        const std::vector<AccountingEvent>& events, std::mt19937_64& random) {
        Run run(seed, history, events);
        run.apply(random);
        run.check();
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SessionPropertyTest);

}  // namespace
}  // namespace gardu::radius
