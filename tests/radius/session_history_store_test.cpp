#include "radius/session_history_store.h"

#include <cppunit/extensions/HelperMacros.h>

#include <limits>

#include "core/check.h"
#include "tests/radius/session_samples.h"
#include "tests/support/throws.h"

namespace gardu::radius {
namespace {

using core::Month;
using core::Tx;
using test::fullSession;
using test::idsOf;
using test::networksOf;
using test::sampleSession;
using test::textOf;

constexpr std::int64_t kNewest = std::numeric_limits<std::int64_t>::max();
constexpr Month kOctober = std::chrono::year(2026) / 10;
constexpr Month kNovember = std::chrono::year(2026) / 11;

core::Instant instant(const char* text) {
    return core::parseInstant(text).value();
}

Session stopped(Session session, core::Instant at) {
    session.state = SessionState::Closed;
    session.closedBy = ClosedBy::Stop;
    session.stoppedAt = at;
    return session;
}

}  // namespace

class SessionHistoryStoreTest : public gardu::test::DatabaseTest {
    CPPUNIT_TEST_SUITE(SessionHistoryStoreTest);
    CPPUNIT_TEST(monthsAreOfUtc);
    CPPUNIT_TEST(monthsAreMadeOnceAndListed);
    CPPUNIT_TEST(droppedMonthsAreGone);
    CPPUNIT_TEST(keepsEverythingOfASession);
    CPPUNIT_TEST(putAgainIsOneRow);
    CPPUNIT_TEST(onlyOfItsMonth);
    CPPUNIT_TEST(findsByTheNameOfTheNas);
    CPPUNIT_TEST(deletes);
    CPPUNIT_TEST(lists);
    CPPUNIT_TEST(whoHadAnAddress);
    CPPUNIT_TEST(everyQuestionHasAnIndex);
    CPPUNIT_TEST_SUITE_END();

public:
    void monthsAreOfUtc() {
        CPPUNIT_ASSERT(monthOf(instant("2026-10-31T23:59:59.999Z")) == kOctober);
        CPPUNIT_ASSERT(monthOf(instant("2026-11-01T00:00:00Z")) == kNovember);
        CPPUNIT_ASSERT(monthOf(instant("1969-12-31T23:59:59Z")) == std::chrono::year(1969) / 12);
    }

    void monthsAreMadeOnceAndListed() {
        make(kOctober);
        make(kNovember);
        put(kNovember, {stopped(sampleSession(1), gardu::test::kDatabaseMadeAt)});
        make(kNovember);
        CPPUNIT_ASSERT(db().read(historyMonths) == (std::vector<Month>{kNovember, kOctober}));
        CPPUNIT_ASSERT_EQUAL(std::string("1 "), listed(kNovember, {.openOnly = false}));
    }

    void droppedMonthsAreGone() {
        make(kOctober);
        make(kNovember);
        put(kNovember, {stopped(sampleSession(1), gardu::test::kDatabaseMadeAt)});
        db().transact([](Tx& tx) { dropHistoryMonth(tx, kNovember); });
        db().transact([](Tx& tx) { dropHistoryMonth(tx, kNovember); });
        CPPUNIT_ASSERT(db().read(historyMonths) == (std::vector<Month>{kOctober}));
        CPPUNIT_ASSERT(gardu::test::throws<core::DbError>([&] { return listed(kNovember, {}); }));
        make(kNovember);
        CPPUNIT_ASSERT_EQUAL(std::string(), listed(kNovember, {.openOnly = false}));
    }

    void keepsEverythingOfASession() {
        make(kNovember);
        const Session small = stopped(sampleSession(1), gardu::test::kDatabaseMadeAt);
        const Session full = stopped(fullSession(2), gardu::test::kDatabaseMadeAt);
        put(kNovember, {small, full});
        CPPUNIT_ASSERT_EQUAL(textOf(small), textOf(find(1)));
        CPPUNIT_ASSERT_EQUAL(textOf(full), textOf(find(2)));
        CPPUNIT_ASSERT(!db().read([](Tx& tx) { return findHistory(tx, kNovember, 3); }));
    }

    void putAgainIsOneRow() {
        make(kNovember);
        Session session = stopped(sampleSession(1), gardu::test::kDatabaseMadeAt);
        put(kNovember, {session});
        session.octets = {7, 8};
        put(kNovember, {session});
        CPPUNIT_ASSERT_EQUAL(std::string("1 "), listed(kNovember, {.openOnly = false}));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{7}, find(1).octets.input);
    }

    void onlyOfItsMonth() {
        make(kOctober);
        CPPUNIT_ASSERT(gardu::test::throws<core::InvariantBroken>(
            [&] { put(kOctober, {stopped(sampleSession(1), gardu::test::kDatabaseMadeAt)}); }));
        CPPUNIT_ASSERT(
            gardu::test::throws<core::InvariantBroken>([&] { put(kOctober, {sampleSession(1)}); }));
    }

    void findsByTheNameOfTheNas() {
        make(kNovember);
        Session other = stopped(sampleSession(2), gardu::test::kDatabaseMadeAt);
        other.nasKey = "nas-2";
        other.acctSessionId = "811";
        put(kNovember, {stopped(sampleSession(1), gardu::test::kDatabaseMadeAt), other});
        const auto found = [&](const std::vector<AcctName>& names) {
            return db().read([&](Tx& tx) { return idsOf(historyByAcctId(tx, kNovember, names)); });
        };
        CPPUNIT_ASSERT_EQUAL(std::string("2 "), found({{"nas-2", "811"}, {"nas-1", "812"}}));
        CPPUNIT_ASSERT_EQUAL(std::string(), found({}));
    }

    void deletes() {
        make(kNovember);
        std::vector<Session> sessions;
        std::vector<std::int64_t> list;
        for (std::int64_t id = 1; id <= 1'001; ++id) {
            sessions.push_back(stopped(sampleSession(id), gardu::test::kDatabaseMadeAt));
            list.push_back(id);
        }
        put(kNovember, sessions);
        list.pop_back();
        db().transact([&](Tx& tx) { deleteHistory(tx, kNovember, list); });
        CPPUNIT_ASSERT_EQUAL(std::string("1001 "), listed(kNovember, {.openOnly = false}));
    }

    void lists() {
        make(kNovember);
        Session alice = stopped(sampleSession(2), gardu::test::kDatabaseMadeAt);
        alice.usernameKey = "alice";
        alice.nasId = "nas-2";
        put(kNovember, {stopped(sampleSession(1), gardu::test::kDatabaseMadeAt), alice});
        CPPUNIT_ASSERT_EQUAL(std::string("2 1 "), listed(kNovember, {.openOnly = false}));
        CPPUNIT_ASSERT_EQUAL(std::string("2 "), listed(kNovember, {.nasId = "nas-2", .openOnly = false}));
        CPPUNIT_ASSERT_EQUAL(std::string("1 "), listed(kNovember, {.usernameKey = "bob", .openOnly = false}));
        CPPUNIT_ASSERT_EQUAL(std::string(), listed(kNovember, {}));
    }

    void whoHadAnAddress() {
        make(kNovember);
        put(kNovember, {stopped(fullSession(1), gardu::test::kDatabaseMadeAt + core::Seconds(10))});
        const auto had = [&](const char* address, int after) {
            const core::Instant at = gardu::test::kDatabaseMadeAt + core::Seconds(after);
            return db().read(
                [&](Tx& tx) { return idsOf(historyWithAddress(tx, kNovember, networksOf(address), at)); });
        };
        CPPUNIT_ASSERT_EQUAL(std::string("1 "), had("10.1.2.3", 5));
        CPPUNIT_ASSERT_EQUAL(std::string("1 "), had("2001:db8:1:2::5", 10));
        CPPUNIT_ASSERT_EQUAL(std::string("1 "), had("2001:db8:ff00:aa::5", 0));
        CPPUNIT_ASSERT_EQUAL(std::string(), had("10.1.2.3", 11));
        CPPUNIT_ASSERT_EQUAL(std::string(), had("2001:db8:ff00:100::5", 5));
    }

    // With a hundred million rows, a scan is an outage.
    void everyQuestionHasAnIndex() {
        make(kNovember);
        for (const char* condition :
             {"acct_key = 1", "username_key = 'x' AND id < 9", "nas_id = 'x' AND id < 9",
              "framed_ip IN ('x', 'y') AND started_at <= 5",
              "framed_ipv6_prefix IN ('x', 'y') AND started_at <= 5",
              "delegated_ipv6_prefix IN ('x', 'y') AND started_at <= 5"}) {
            const bool mysql = backend() == gardu::test::Backend::MariaDb;
            const std::string plan = mysql ? "EXPLAIN SELECT * FROM session_history_202611 WHERE "
                                           : "EXPLAIN QUERY PLAN SELECT * FROM session_history_202611 WHERE ";
            const auto rows = db().read([&](Tx& tx) { return tx.query(plan + condition); });
            // possible_keys, or the words of SQLite.
            const std::string words = mysql ? rows.at(0).optionalText(4).value_or("") : rows.at(0).text(3);
            CPPUNIT_ASSERT_MESSAGE(condition + (": " + words),
                                   words.find(mysql ? "idx_" : "USING INDEX idx_") != std::string::npos);
        }
    }

private:
    void make(Month month) {
        db().transact([&](Tx& tx) { makeHistoryMonth(tx, month); });
    }
    void put(Month month, const std::vector<Session>& sessions) {
        db().transact([&](Tx& tx) { putHistory(tx, month, sessions); });
    }
    Session find(std::int64_t id) {
        return db().read([&](Tx& tx) { return findHistory(tx, kNovember, id); }).value();
    }
    std::string listed(Month month, const SessionFilter& filter) {
        return db().read([&](Tx& tx) { return idsOf(listHistory(tx, month, {filter, kNewest, 10})); });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(gardu::test::OnSqlite<SessionHistoryStoreTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(gardu::test::OnMariaDb<SessionHistoryStoreTest>);

}  // namespace gardu::radius
