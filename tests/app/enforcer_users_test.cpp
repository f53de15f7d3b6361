// Whose turn it is with the Enforcer, and what waits for its database.
#include "app/enforcer_users.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <set>

#include "app/enforcer_records.h"
#include "tests/support/database_suite.h"

namespace gardu::test {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;
using app::EnforcerUsers;
using app::Moment;
using app::NasLane;

/// Both clocks, so long after the beginning.
Moment at(std::chrono::milliseconds passed) {
    return {kDatabaseMadeAt + passed, NasLane::TimePoint(1h) + passed};
}

radius::Session storedSession(const std::string& user) {
    radius::Session session;
    session.id = 1;
    session.usernameKey = session.username = user;
    session.nasKey = "nas";
    session.acctSessionId = "81";
    return session;
}

class EnforcerUsersTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(EnforcerUsersTest);
    CPPUNIT_TEST(roundTakesEverybodyOnce);
    CPPUNIT_TEST(roundTakesManyOthers);
    CPPUNIT_TEST(roundIsSpread);
    CPPUNIT_TEST(pieceIsBounded);
    CPPUNIT_TEST(wakeIsAtOnce);
    CPPUNIT_TEST(wakeAllIsAWholeRound);
    CPPUNIT_TEST(manyNamedAreEverybody);
    CPPUNIT_TEST(timeComesAtItsMoment);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        users_ =
            std::make_unique<EnforcerUsers>(registry_, [this](const std::string& after, std::size_t most) {
                std::vector<std::string> page;
                for (auto at = others_.upper_bound(after); at != others_.end() && page.size() < most; ++at) {
                    page.push_back(*at);
                }
                return page;
            });
    }

private:
    radius::SessionRegistry registry_;
    /// Without a session.
    std::set<std::string> others_ = {"left"};
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

    void roundTakesManyOthers() {
        for (std::size_t i = 0; i < 2 * EnforcerUsers::kPiece; ++i) {
            others_.insert("other" + std::to_string(i));
        }
        CPPUNIT_ASSERT_EQUAL(others_.size(), taken(0ms, EnforcerUsers::kRound));
        others_.erase("left");  // whole pages now
        CPPUNIT_ASSERT_EQUAL(others_.size(), taken(EnforcerUsers::kRound, 2 * EnforcerUsers::kRound));
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
    CPPUNIT_TEST(clockStepAcrossARestartPauses);
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

    void clockStepAcrossARestartPauses() {
        struct Row {
            std::chrono::seconds passed{0};
            bool stepped = false;
        };
        const std::vector<Row> cases = {{0s, false},       {-59s, false},         {-61s, true},
                                        {24h * 29, false}, {24h * 30 + 1s, true}, {-24h, true}};
        for (const Row& row : cases) {
            const std::string node = "node after " + std::to_string(row.passed.count());
            app::EnforcerRecords(db(), node, metrics_).turn(kDatabaseMadeAt);
            app::EnforcerRecords after(db(), node, metrics_);
            after.turn(kDatabaseMadeAt + row.passed);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(node, row.stepped, after.isPaused());
            CPPUNIT_ASSERT_EQUAL_MESSAGE(node, row.stepped,
                                         db().read(radius::cuttingPausedSince).has_value());
            CPPUNIT_ASSERT(after.takeClockStep() == (row.stepped ? std::optional(row.passed) : std::nullopt));
            CPPUNIT_ASSERT(!after.takeClockStep());
            db().transact([](core::Tx& tx) { radius::resumeCutting(tx); });
            after.turn(kDatabaseMadeAt + row.passed);
            CPPUNIT_ASSERT(!after.isPaused());
        }
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
        CPPUNIT_ASSERT(rows() >= app::EnforcerRecords::kMostRows &&
                       rows() <= app::EnforcerRecords::kMostRows * 11 / 10);
        const auto newest = db().read([](core::Tx& tx) { return radius::listDynauthRows(tx, {}, 1); });
        CPPUNIT_ASSERT(newest.at(0).at == row(3 * most - 1).at);
        const auto dropped = static_cast<std::size_t>(
            metrics_
                .counter("gardu_enforcement_rows_dropped_total",
                         "Results of CoA and Disconnect that the database could not take in time")
                .value());
        CPPUNIT_ASSERT_EQUAL(std::size_t{3} * app::EnforcerRecords::kMostRows, dropped + rows());
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
