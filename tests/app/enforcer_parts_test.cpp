// The parts of the Enforcer that need no network: pace and silence of a NAS, cases, whose turn it is, and
// what waits for the database.
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

#include "app/enforcer_cases.h"
#include "app/enforcer_nas.h"
#include "app/enforcer_records.h"
#include "app/enforcer_users.h"
#include "tests/support/database_suite.h"

namespace gardu::test {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;
using app::EnforcerCase;
using app::EnforcerUsers;
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

radius::Session storedSession(const std::string& user) {
    radius::Session session;
    session.id = 1;
    session.usernameKey = session.username = user;
    session.nasKey = "nas";
    session.acctSessionId = "81";
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
    CPPUNIT_TEST_SUITE_END();

private:
    static void pace() {
        for (const int perSecond : {1, 3, 50, 1'000}) {
            NasLane lane(perSecond);
            int sent = 0;
            for (auto passed = 0ms; passed < 10s; passed += 1ms) {
                while (lane.maySend(at(passed).monotonic)) {
                    lane.noteSent(at(passed).monotonic);
                    lane.noteAnswered();
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
        lane.noteAnswered();
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
        lane.noteAnswered();
        CPPUNIT_ASSERT(!lane.isSilent() && lane.maySend(at(9s).monotonic));
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
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, cases_.users().size());
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

class EnforcerUsersTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(EnforcerUsersTest);
    CPPUNIT_TEST(roundTakesEverybodyOnce);
    CPPUNIT_TEST(roundIsSpread);
    CPPUNIT_TEST(pieceIsBounded);
    CPPUNIT_TEST(wakeIsAtOnce);
    CPPUNIT_TEST(wakeAllIsAWholeRound);
    CPPUNIT_TEST(manyNamedAreEverybody);
    CPPUNIT_TEST(timeComesAtItsMoment);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        users_ = std::make_unique<EnforcerUsers>(registry_,
                                                 [] { return std::vector<std::string>{"without session"}; });
    }

private:
    radius::SessionRegistry registry_;
    std::unique_ptr<EnforcerUsers> users_;

    void begin(int count) {
        for (int i = 0; i < count; ++i) {
            registry_.put(storedSession("user" + std::to_string(i)));
        }
    }
    /// How many come from `from` to before `to`, asked every 100 ms and as often as there is more.
    std::size_t taken(std::chrono::milliseconds from, std::chrono::milliseconds to) {
        std::size_t count = 0;
        for (auto passed = from; passed < to; passed += 100ms) {
            do {
                count += users_->take(at(passed)).size();
            } while (users_->untilNext(at(passed)) == 0ms);
        }
        return count;
    }

    void roundTakesEverybodyOnce() {
        begin(3'000);
        CPPUNIT_ASSERT_EQUAL(std::size_t{3'001}, taken(0ms, EnforcerUsers::kRound));
        CPPUNIT_ASSERT_EQUAL(std::size_t{3'001}, taken(EnforcerUsers::kRound, 2 * EnforcerUsers::kRound));
    }

    void roundIsSpread() {
        begin(64'000);
        const std::size_t first = taken(0ms, 3s);
        CPPUNIT_ASSERT_MESSAGE(std::to_string(first), first > 5'000 && first < 8'000);
    }

    void pieceIsBounded() {
        begin(300'000);
        CPPUNIT_ASSERT_EQUAL(EnforcerUsers::kPiece, users_->take(at(0ms)).size());
        CPPUNIT_ASSERT(users_->untilNext(at(0ms)) == 0ms);
    }

    void wakeIsAtOnce() {
        static_cast<void>(taken(0ms, 100ms));
        CPPUNIT_ASSERT(users_->untilNext(at(1ms)) > 0ms);
        users_->wake({"budi", "siti"});
        users_->wake({"budi"});
        CPPUNIT_ASSERT(users_->untilNext(at(1ms)) == 0ms);
        auto woken = users_->take(at(1ms));
        std::sort(woken.begin(), woken.end());
        CPPUNIT_ASSERT(woken == (std::vector<std::string>{"budi", "siti"}));
        CPPUNIT_ASSERT(users_->take(at(1ms)).empty());
    }

    void wakeAllIsAWholeRound() {
        begin(1'000);
        static_cast<void>(taken(0ms, 10s));
        users_->wakeAll();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1'001}, taken(10s, 10s + 100ms));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, taken(10s + 100ms, 40s));
    }

    void manyNamedAreEverybody() {
        begin(10);
        static_cast<void>(taken(0ms, 10s));
        std::vector<std::string> named;
        for (std::size_t i = 0; i <= EnforcerUsers::kMostWoken; ++i) {
            named.push_back("nobody" + std::to_string(i));
        }
        users_->wake(named);
        CPPUNIT_ASSERT_EQUAL(std::size_t{11}, taken(10s, 10s + 100ms));
    }

    void timeComesAtItsMoment() {
        static_cast<void>(taken(0ms, 100ms));
        const core::Instant now = at(100ms).wall;
        users_->noteChangeAt(now + 250ms, now, "budi");
        users_->noteChangeAt(now + 250ms, now, "budi");
        users_->noteChangeAt(now, now, "past");
        users_->noteChangeAt(now + 91s, now, "far");
        CPPUNIT_ASSERT(users_->untilNext(at(100ms)) == 250ms);
        CPPUNIT_ASSERT(users_->take(at(349ms)).empty());
        CPPUNIT_ASSERT(users_->take(at(350ms)) == std::vector<std::string>{"budi"});
        CPPUNIT_ASSERT(users_->take(at(351ms)).empty());
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(EnforcerUsersTest);

class EnforcerRecordsTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(EnforcerRecordsTest);
    CPPUNIT_TEST(pausedUntilTheDatabaseWasRead);
    CPPUNIT_TEST(pauseHoldsUntilItIsTakenAway);
    CPPUNIT_TEST(failureLosesNothing);
    CPPUNIT_TEST(memoryIsBounded);
    CPPUNIT_TEST(requestIsTakenOnce);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        records_ = std::make_unique<app::EnforcerRecords>(db(), "node", metrics_);
    }

private:
    core::Metrics metrics_;
    std::unique_ptr<app::EnforcerRecords> records_;

    static radius::DynauthRow row(int second) {
        radius::DynauthRow row;
        row.at = kDatabaseMadeAt + std::chrono::seconds(second);
        row.outcome = "ack";
        return row;
    }
    void turn() { records_->turn(kDatabaseMadeAt); }
    void breakDatabase() {
        db().transact([](core::Tx& tx) { tx.execute("ALTER TABLE dynauth_log RENAME TO away"); });
        CPPUNIT_ASSERT_THROW(turn(), core::DbError);
    }
    void mendDatabase() {
        db().transact([](core::Tx& tx) { tx.execute("ALTER TABLE away RENAME TO dynauth_log"); });
        turn();
    }
    std::size_t rows() {
        return db().read([](core::Tx& tx) { return radius::listDynauthRows(tx, {}, 100'000); }).size();
    }

    void pausedUntilTheDatabaseWasRead() {
        CPPUNIT_ASSERT(records_->isPaused());
        turn();
        CPPUNIT_ASSERT(!records_->isPaused());
    }

    void pauseHoldsUntilItIsTakenAway() {
        turn();
        records_->pause(kDatabaseMadeAt);
        CPPUNIT_ASSERT(records_->isPaused());
        records_->addRow(row(1));
        breakDatabase();
        CPPUNIT_ASSERT(records_->isPaused());
        mendDatabase();
        CPPUNIT_ASSERT(records_->isPaused());
        db().transact([](core::Tx& tx) { radius::resumeCutting(tx); });
        turn();
        CPPUNIT_ASSERT(!records_->isPaused());
    }

    void failureLosesNothing() {
        const std::int64_t id =
            db().transact([](core::Tx& tx) { return radius::addDisconnectRequest(tx, 1, kDatabaseMadeAt); });
        turn();
        records_->addRow(row(1));
        radius::PendingEnforcement pending;
        pending.sessionId = 7;
        records_->setPending({pending});
        records_->finish(id, "waiting", "first words");
        breakDatabase();
        records_->addRow(row(2));
        records_->finish(id, "ack", "last words");
        mendDatabase();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, rows());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, db().read(radius::countPending));
        const auto request =
            db().read([&](core::Tx& tx) { return radius::findDisconnectRequest(tx, id).value(); });
        CPPUNIT_ASSERT_EQUAL("ack last words"s, request.status + " " + request.words);
    }

    void memoryIsBounded() {
        const int most = static_cast<int>(app::EnforcerRecords::kMostRows);
        for (int i = 0; i < 3 * most; ++i) {
            records_->addRow(row(i));
        }
        turn();
        CPPUNIT_ASSERT(rows() >= app::EnforcerRecords::kMostRows && rows() <= 1.1 * most);
        const auto newest = db().read([](core::Tx& tx) { return radius::listDynauthRows(tx, {}, 1); });
        CPPUNIT_ASSERT(newest.at(0).at == row(3 * most - 1).at);
        const double dropped =
            metrics_
                .counter("gardu_enforcement_rows_dropped_total",
                         "Results of CoA and Disconnect that the database could not take in time")
                .value();
        CPPUNIT_ASSERT_EQUAL(static_cast<double>(3 * most), dropped + static_cast<double>(rows()));
    }

    void requestIsTakenOnce() {
        db().transact([](core::Tx& tx) {
            static_cast<void>(radius::addDisconnectRequest(tx, 1, kDatabaseMadeAt));
            static_cast<void>(radius::addDisconnectRequest(tx, 2, kDatabaseMadeAt));
        });
        turn();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, records_->takeRequests().size());
        turn();
        CPPUNIT_ASSERT(records_->takeRequests().empty());
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<EnforcerRecordsTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<EnforcerRecordsTest>);

}  // namespace
}  // namespace gardu::test
