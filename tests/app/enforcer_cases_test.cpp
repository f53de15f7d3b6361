// The parts of the Enforcer that need neither network nor database: pace and silence of a NAS, and cases.
#include "app/enforcer_cases.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

#include "app/enforcer_nas.h"
#include "tests/support/database_suite.h"

namespace gardu::test {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;
using app::EnforcerCase;
using app::Moment;
using app::NasLane;

/// Both clocks, so long after the beginning.
Moment at(std::chrono::milliseconds passed) {
    return {kDatabaseMadeAt + passed, NasLane::TimePoint(1h) + passed};
}

radius::LiveSession sessionOf(const std::string& user, const std::string& acctSessionId) {
    radius::LiveSession session;
    session.id = 1;
    session.usernameKey = session.username = user;
    session.nasKey = "nas";
    session.acctSessionId = acctSessionId;
    return session;
}

class NasLaneTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(NasLaneTest);
    CPPUNIT_TEST(pace);
    CPPUNIT_TEST(notMoreThanWhatMayBeUnderWay);
    CPPUNIT_TEST(silencePauses);
    CPPUNIT_TEST(oneWaveIsOneFailure);
    CPPUNIT_TEST(heardAfterwardsIsBack);
    CPPUNIT_TEST(heardWhileItIgnoredUsIsNot);
    CPPUNIT_TEST(answerEndsSilence);
    CPPUNIT_TEST(oneIgnoredRequestIsNoSilence);
    CPPUNIT_TEST_SUITE_END();

private:
    static void pace() {
        for (const int perSecond : {1, 3, 50, 1'000}) {
            NasLane lane(perSecond);
            int sent = 0;
            for (auto passed = 0ms; passed < 10s; passed += 1ms) {
                while (lane.maySend(at(passed).monotonic)) {
                    lane.noteSent(at(passed).monotonic);
                    lane.noteAnswered(at(passed).monotonic);
                    ++sent;
                }
            }
            const int burst = std::max(perSecond / 10, 1);
            CPPUNIT_ASSERT_MESSAGE(std::to_string(sent),
                                   sent >= perSecond * 10 - 1 && sent <= perSecond * 10 + burst);
        }
    }

    static void notMoreThanWhatMayBeUnderWay() {
        NasLane lane(10'000);
        for (int i = 0; i < NasLane::kMostOutstanding; ++i) {
            CPPUNIT_ASSERT(lane.maySend(at(1s).monotonic));
            lane.noteSent(at(1s).monotonic);
        }
        CPPUNIT_ASSERT(!lane.maySend(at(1h).monotonic));
        CPPUNIT_ASSERT(lane.nextChance() == NasLane::TimePoint::max());
        lane.noteAnswered(at(1s).monotonic);
        CPPUNIT_ASSERT(lane.maySend(at(1h).monotonic));
    }

    static void silencePauses() {
        NasLane lane(50);
        std::string pauses;
        auto passed = 0ms;
        for (int i = 0; i < 7; ++i) {
            lane.noteSent(at(passed).monotonic);
            lane.noteTimeout(at(passed), at(passed + 3s), {});
            passed += 3s;
            CPPUNIT_ASSERT(lane.isSilent() && !lane.ignoresUs());
            const auto pause = lane.nextChance() - at(passed).monotonic;
            pauses += std::to_string(std::chrono::duration_cast<std::chrono::seconds>(pause).count()) + " ";
            passed += std::chrono::duration_cast<std::chrono::milliseconds>(pause);
            CPPUNIT_ASSERT(!lane.maySend(at(passed - 1ms).monotonic));
            CPPUNIT_ASSERT(lane.maySend(at(passed).monotonic));
        }
        CPPUNIT_ASSERT_EQUAL("5 10 20 40 60 60 60 "s, pauses);
    }

    static void oneWaveIsOneFailure() {
        NasLane lane(10'000);
        for (int i = 0; i < 3; ++i) {
            lane.noteSent(at(0s).monotonic);
        }
        for (int i = 0; i < 3; ++i) {
            lane.noteTimeout(at(0s), at(3s + i * 1ms), {});
        }
        CPPUNIT_ASSERT(lane.nextChance() == at(8s).monotonic);
        // One at a time is tried.
        lane.noteSent(at(8s).monotonic);
        CPPUNIT_ASSERT(!lane.maySend(at(9s).monotonic));
    }

    static void heardAfterwardsIsBack() {
        NasLane lane(50);
        lane.noteSent(at(1s).monotonic);
        lane.noteTimeout(at(1s), at(4s), at(0s).wall);
        lane.noteHeard(at(2s).wall);
        CPPUNIT_ASSERT(lane.isSilent());
        lane.noteHeard(at(5s).wall);
        CPPUNIT_ASSERT(!lane.isSilent() && lane.maySend(at(5s).monotonic));
    }

    static void heardWhileItIgnoredUsIsNot() {
        NasLane lane(50);
        lane.noteSent(at(1s).monotonic);
        lane.noteTimeout(at(1s), at(4s), at(3s).wall);
        lane.noteHeard(at(5s).wall);
        CPPUNIT_ASSERT(lane.isSilent() && !lane.ignoresUs());
        lane.noteSent(at(9s).monotonic);
        lane.noteTimeout(at(9s), at(12s), at(11s).wall);
        CPPUNIT_ASSERT(lane.ignoresUs());
        CPPUNIT_ASSERT(lane.nextChance() == at(22s).monotonic);
    }

    static void answerEndsSilence() {
        NasLane lane(50);
        lane.noteSent(at(0s).monotonic);
        lane.noteTimeout(at(0s), at(3s), {});
        lane.noteSent(at(8s).monotonic);
        lane.noteAnswered(at(8s).monotonic);
        CPPUNIT_ASSERT(!lane.isSilent() && lane.maySend(at(9s).monotonic));
    }

    static void oneIgnoredRequestIsNoSilence() {
        NasLane lane(50);
        lane.noteSent(at(0s).monotonic);
        lane.noteSent(at(1s).monotonic);
        lane.noteAnswered(at(2s).monotonic);
        lane.noteTimeout(at(0s), at(3s), {});
        CPPUNIT_ASSERT(!lane.isSilent());
        lane.noteSent(at(4s).monotonic);
        lane.noteTimeout(at(4s), at(7s), {});
        CPPUNIT_ASSERT(lane.isSilent());
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(NasLaneTest);

class EnforcerCasesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(EnforcerCasesTest);
    CPPUNIT_TEST(findsByNameAndNumber);
    CPPUNIT_TEST(idGivenAgainIsAnother);
    CPPUNIT_TEST(tellsWhichSessionsEnded);
    CPPUNIT_TEST(showsTheOldestFirst);
    CPPUNIT_TEST(deniedOneIsKnownWhenItComesBack);
    CPPUNIT_TEST(refusalPauses);
    CPPUNIT_TEST(whatIsACut);
    CPPUNIT_TEST(doubtDiffersFromWhatIsWanted);
    CPPUNIT_TEST_SUITE_END();

private:
    app::EnforcerCases cases_;

    EnforcerCase& open(const std::string& user, const std::string& id, std::int64_t number = 1) {
        radius::LiveSession session = sessionOf(user, id);
        session.id = number;
        return cases_.open(session, kDatabaseMadeAt);
    }

    void findsByNameAndNumber() {
        const std::uint64_t number = open("budi", "81").number;
        open("budi", "82");
        CPPUNIT_ASSERT_EQUAL(number, cases_.find(sessionOf("budi", "81"))->number);
        CPPUNIT_ASSERT(cases_.find(sessionOf("siti", "81")) == nullptr);
        CPPUNIT_ASSERT(cases_.find(sessionOf("budi", "83")) == nullptr);
        cases_.erase(number);
        cases_.erase(number);
        CPPUNIT_ASSERT(cases_.find(sessionOf("budi", "81")) == nullptr && cases_.find(number) == nullptr);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, cases_.size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, cases_.usersAfter("", 10).size());
    }

    void idGivenAgainIsAnother() {
        const EnforcerCase& found = open("budi", "81", 5);
        radius::LiveSession session = sessionOf("budi", "81");
        session.id = 0;
        CPPUNIT_ASSERT(found.isOf(session));
        session.id = 6;
        CPPUNIT_ASSERT(!found.isOf(session));
        session.loginId = "a";
        EnforcerCase named = found;
        named.loginId = "b";
        CPPUNIT_ASSERT(!named.isOf(session));
        named.loginId = "a";
        CPPUNIT_ASSERT(named.isOf(session));
    }

    void tellsWhichSessionsEnded() {
        const std::uint64_t ended = open("budi", "81").number;
        open("budi", "82");
        open("siti", "83");
        const auto gone = cases_.without("budi", {sessionOf("budi", "82"), sessionOf("budi", "84")});
        CPPUNIT_ASSERT(gone == std::vector<std::uint64_t>{ended});
        CPPUNIT_ASSERT(cases_.without("ani", {}).empty());
    }

    void showsTheOldestFirst() {
        open("budi", "81", 11);
        open("siti", "82", 0);  // not stored yet
        EnforcerCase& ending = open("ani", "83", 13);
        open("dewi", "84", 14);
        ending.state = EnforcerCase::State::AwaitingStop;
        ending.acknowledgedAt = kDatabaseMadeAt;
        const auto shown = [&](std::chrono::seconds later, std::size_t most) {
            std::string text;
            for (const auto& each : cases_.pending(kDatabaseMadeAt + later, most)) {
                text += std::to_string(each.sessionId) + " ";
            }
            return text;
        };
        CPPUNIT_ASSERT_EQUAL("11 14 "s, shown(10s, 10));
        CPPUNIT_ASSERT_EQUAL("11 13 14 "s, shown(11s, 10));
        CPPUNIT_ASSERT_EQUAL("11 "s, shown(10s, 1));
    }

    void deniedOneIsKnownWhenItComesBack() {
        const EnforcerCase first = open("budi", "81");
        CPPUNIT_ASSERT(!first.cameBack);
        cases_.noteDenied(first);
        cases_.erase(first.number);
        CPPUNIT_ASSERT(open("budi", "81").cameBack);
        CPPUNIT_ASSERT(!open("siti", "81").cameBack);
        CPPUNIT_ASSERT(!open("budi", "82").cameBack);
    }

    void refusalPauses() {
        std::string pauses;
        for (int refusals = 1; refusals < 9; ++refusals) {
            pauses += std::to_string(app::refusalPause(refusals).count()) + " ";
        }
        CPPUNIT_ASSERT_EQUAL("5 10 20 40 80 160 300 300 "s, pauses);
    }

    void doubtDiffersFromWhatIsWanted() {
        for (const auto& until : {std::optional<core::Instant>(), std::optional(kDatabaseMadeAt)}) {
            radius::Told wanted;
            wanted.rate = 5;
            wanted.until = until;
            CPPUNIT_ASSERT(app::withDoubt(wanted, {}, wanted) == wanted);
            const radius::Told rate = app::withDoubt(wanted, {.rate = true, .until = false}, wanted);
            CPPUNIT_ASSERT(rate.rate != wanted.rate && rate.until == wanted.until);
            const radius::Told end = app::withDoubt(wanted, {.rate = false, .until = true}, wanted);
            CPPUNIT_ASSERT(end.rate == wanted.rate && end.until != wanted.until);
        }
    }

    void whatIsACut() {
        using app::EnforcerAction;
        CPPUNIT_ASSERT(app::isCut({EnforcerAction::Disconnect, "ended", {}}));
        CPPUNIT_ASSERT(app::isCut({EnforcerAction::Disconnect, "rate_changed", {}}));
        CPPUNIT_ASSERT(!app::isCut({EnforcerAction::Disconnect, "operator", {}}));
        CPPUNIT_ASSERT(!app::isCut({EnforcerAction::Disconnect, "over_limit", {}}));
        CPPUNIT_ASSERT(!app::isCut({EnforcerAction::Coa, "rate_changed", {}}));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(EnforcerCasesTest);

}  // namespace
}  // namespace gardu::test
