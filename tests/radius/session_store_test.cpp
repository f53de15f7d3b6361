#include "radius/session_store.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <limits>

#include "core/check.h"
#include "radius/session_row_store.h"
#include "tests/radius/session_samples.h"
#include "tests/support/throws.h"

namespace gardu::radius {
namespace {

using core::Tx;
using test::fullSession;
using test::idsOf;
using test::ip;
using test::net;
using test::networksOf;
using test::sampleSession;
using test::textOf;

constexpr std::int64_t kNewest = std::numeric_limits<std::int64_t>::max();

Session closedSession(std::int64_t id, core::Seconds after) {
    Session session = sampleSession(id);
    session.state = SessionState::Closed;
    session.closedBy = ClosedBy::Stop;
    session.stoppedAt = session.startedAt + after;
    return session;
}

/// Who had the address, so many seconds after the sessions began: when, which ids.
struct WhoHad {
    const char* address;
    int after;
    const char* ids;
};

constexpr WhoHad kWhoHad[] = {
    {"10.1.2.3", -1, ""},
    {"10.1.2.3", 0, "1 2 "},  // at its edges it is his
    {"10.1.2.3", 100, "1 2 "},
    {"10.1.2.3", 101, "2 "},
    {"10.1.2.4", 50, ""},
    {"10.1.2.0", 50, ""},
    {"2001:db8:1:2::", 50, "3 "},
    {"2001:db8:1:2:aaaa:bbbb:cccc:dddd", 50, "3 "},
    {"2001:db8:1:3::1", 50, ""},
    {"2001:db8:ff00:0:1::", 50, "3 4 "},
    {"2001:db8:ff00:ff:ffff:ffff:ffff:ffff", 50, "3 4 "},
    {"2001:db8:ff00:100::", 50, "4 "},
    {"2001:db8:ff01::", 50, ""},
};

}  // namespace

class SessionStoreTest : public gardu::test::DatabaseTest {
    CPPUNIT_TEST_SUITE(SessionStoreTest);
    CPPUNIT_TEST(givesBackWhatWasPut);
    CPPUNIT_TEST(putAgainReplaces);
    CPPUNIT_TEST(countersAloneLeaveTheRest);
    CPPUNIT_TEST(findsByTheNameOfTheNas);
    CPPUNIT_TEST(findsByLogin);
    CPPUNIT_TEST(openOnesOfUsers);
    CPPUNIT_TEST(openOnesOfANas);
    CPPUNIT_TEST(emptyListsMatchNothing);
    CPPUNIT_TEST(fiveHundredAtMost);
    CPPUNIT_TEST(pagesOfOpenOnes);
    CPPUNIT_TEST(closedOnesByAge);
    CPPUNIT_TEST(deletesFromBothTables);
    CPPUNIT_TEST(lists);
    CPPUNIT_TEST(whoHadAnAddress);
    CPPUNIT_TEST(keysAreForEver);
    CPPUNIT_TEST_SUITE_END();

public:
    void givesBackWhatWasPut() {
        put({sampleSession(1), fullSession(2)});
        CPPUNIT_ASSERT_EQUAL(textOf(sampleSession(1)), textOf(find(1)));
        CPPUNIT_ASSERT_EQUAL(textOf(fullSession(2)), textOf(find(2)));
        CPPUNIT_ASSERT(!db().read([](Tx& tx) { return findSession(tx, 3); }));
    }

    void putAgainReplaces() {
        put({fullSession(1)});
        Session changed = sampleSession(1);
        changed.username = "alice";
        put({changed});
        CPPUNIT_ASSERT_EQUAL(textOf(changed), textOf(find(1)));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, db().read(countOpenSessions));
    }

    void countersAloneLeaveTheRest() {
        put({sampleSession(1)});
        Session changed = sampleSession(1);
        changed.octets = {10, 20};
        changed.username = "not stored";
        db().transact([&](Tx& tx) { putCounters(tx, {&changed}); });
        changed.username = "bob";
        CPPUNIT_ASSERT_EQUAL(textOf(changed), textOf(find(1)));
    }

    void findsByTheNameOfTheNas() {
        Session other = sampleSession(2);
        other.nasKey = "nas-2";
        other.acctSessionId = "811";
        put({sampleSession(1), other, sampleSession(3)});
        CPPUNIT_ASSERT_EQUAL(std::string("1 "), ids([](Tx& tx) {
                                 return lockSessionsByAcctId(tx, {{"nas-1", "811"}, {"nas-3", "811"}});
                             }));
    }

    void findsByLogin() {
        Session session = sampleSession(1);
        session.loginId = "018f9d2e-0000-7000-8000-000000000077";
        put({session, sampleSession(2)});
        CPPUNIT_ASSERT_EQUAL(std::string("1 "), ids([&](Tx& tx) {
                                 return lockSessionsByLogin(tx, {"", session.loginId});
                             }));
    }

    void openOnesOfUsers() {
        Session unknown = sampleSession(2);
        unknown.state = SessionState::Unknown;
        Session alice = sampleSession(4);
        alice.usernameKey = "alice";
        Session caps = sampleSession(5);
        caps.usernameKey = "BOB";
        put({sampleSession(1), unknown, closedSession(3, core::Seconds(1)), alice, caps});
        const auto sortedIds = [&](const std::vector<std::string>& users) {
            return db().transact([&](Tx& tx) {
                auto sessions = lockOpenSessionsOfUsers(tx, users);
                std::sort(sessions.begin(), sessions.end(),
                          [](const Session& a, const Session& b) { return a.id < b.id; });
                return idsOf(sessions);
            });
        };
        CPPUNIT_ASSERT_EQUAL(std::string("1 2 "), sortedIds({"bob", "nobody"}));
        CPPUNIT_ASSERT_EQUAL(std::string("1 2 4 "), sortedIds({"alice", "bob"}));
    }

    void openOnesOfANas() {
        put({sampleSession(1), fullSession(2), closedSession(3, core::Seconds(1))});
        CPPUNIT_ASSERT_EQUAL(std::string("1 "),
                             ids([](Tx& tx) { return lockOpenSessionsOfNas(tx, "nas-1"); }));
        CPPUNIT_ASSERT_EQUAL(std::string("2 "),
                             ids([](Tx& tx) { return lockOpenSessionsOfNas(tx, "nas-1@192.0.2.1"); }));
    }

    void emptyListsMatchNothing() {
        put({sampleSession(1)});
        CPPUNIT_ASSERT_EQUAL(std::string(), ids([](Tx& tx) { return lockSessionsByAcctId(tx, {}); }));
        CPPUNIT_ASSERT_EQUAL(std::string(), ids([](Tx& tx) { return lockSessionsByLogin(tx, {}); }));
        CPPUNIT_ASSERT_EQUAL(std::string(), ids([](Tx& tx) { return lockOpenSessionsOfUsers(tx, {}); }));
        CPPUNIT_ASSERT_EQUAL(std::string(), ids([](Tx& tx) { return lockSessions(tx, {}); }));
    }

    void fiveHundredAtMost() {
        put({sampleSession(500), sampleSession(501)});
        std::vector<std::int64_t> list;
        for (std::int64_t id = 1; id <= 500; ++id) {
            list.push_back(id);
        }
        CPPUNIT_ASSERT_EQUAL(std::string("500 "), ids([&](Tx& tx) { return lockSessions(tx, list); }));
        list.push_back(501);
        CPPUNIT_ASSERT(gardu::test::throws<core::InvariantBroken>(
            [&] { ids([&](Tx& tx) { return lockSessions(tx, list); }); }));
    }

    void pagesOfOpenOnes() {
        put({sampleSession(1), closedSession(2, core::Seconds(1)), sampleSession(3), sampleSession(4)});
        CPPUNIT_ASSERT_EQUAL(std::string("1 3 "), ids([](Tx& tx) { return openSessionsAfter(tx, 0, 2); }));
        CPPUNIT_ASSERT_EQUAL(std::string("4 "), ids([](Tx& tx) { return openSessionsAfter(tx, 3, 2); }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, db().read(countOpenSessions));
    }

    void closedOnesByAge() {
        put({sampleSession(1), closedSession(2, core::Seconds(20)), closedSession(3, core::Seconds(10)),
             closedSession(4, core::Seconds(30))});
        const auto before = [](int seconds) {
            return [=](Tx& tx) {
                return closedSessionsBefore(tx, gardu::test::kDatabaseMadeAt + core::Seconds(seconds), 2);
            };
        };
        CPPUNIT_ASSERT_EQUAL(std::string("3 2 "), ids(before(100)));
        CPPUNIT_ASSERT_EQUAL(std::string("3 "), ids(before(20)));
    }

    void deletesFromBothTables() {
        std::vector<Session> sessions;
        std::vector<std::int64_t> list;
        for (std::int64_t id = 1; id <= 1'201; ++id) {
            sessions.push_back(sampleSession(id));
            list.push_back(id);
        }
        put(sessions);
        list.pop_back();
        db().transact([&](Tx& tx) { deleteSessions(tx, list); });
        db().read([](Tx& tx) {
            CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, tx.queryOne("SELECT COUNT(*) FROM sessions")->integer(0));
            CPPUNIT_ASSERT_EQUAL(std::int64_t{1},
                                 tx.queryOne("SELECT COUNT(*) FROM session_counters")->integer(0));
        });
    }

    void lists() {
        Session alice = sampleSession(3);
        alice.usernameKey = "alice";
        Session elsewhere = sampleSession(4);
        elsewhere.nasId = "nas-2";
        elsewhere.subscriptionId = test::kSubscription;
        put({sampleSession(1), closedSession(2, core::Seconds(1)), alice, elsewhere});
        const auto listed = [&](const SessionFilter& filter, std::int64_t beforeId, int limit) {
            return ids([&](Tx& tx) { return listSessions(tx, filter, beforeId, limit); });
        };
        CPPUNIT_ASSERT_EQUAL(std::string("4 3 1 "), listed({}, kNewest, 10));
        CPPUNIT_ASSERT_EQUAL(std::string("4 3 2 1 "), listed({.openOnly = false}, kNewest, 10));
        CPPUNIT_ASSERT_EQUAL(std::string("3 "), listed({}, 4, 1));
        CPPUNIT_ASSERT_EQUAL(std::string("4 1 "), listed({.usernameKey = "bob"}, kNewest, 10));
        CPPUNIT_ASSERT_EQUAL(
            std::string("4 3 "),
            listed({.usernameKey = "alice", .subscriptionId = test::kSubscription}, kNewest, 10));
        CPPUNIT_ASSERT_EQUAL(
            std::string("3 "),
            listed({.usernameKey = "alice", .subscriptionId = test::kSubscription, .nasId = "nas-1"}, kNewest,
                   10));
        CPPUNIT_ASSERT_EQUAL(std::string("4 "), listed({.nasId = "nas-2"}, kNewest, 10));
        CPPUNIT_ASSERT_EQUAL(
            std::string("2 1 "),
            listed({.usernameKey = "bob", .nasId = "nas-1", .openOnly = false}, kNewest, 10));
    }

    void whoHadAnAddress() {
        Session first = closedSession(1, core::Seconds(100));
        first.framedIp = ip("10.1.2.3");
        Session second = sampleSession(2);
        second.framedIp = first.framedIp;
        Session third = fullSession(3);
        third.framedIp.reset();
        Session fourth = sampleSession(4);
        fourth.framedIpv6Prefix = net("2001:db8:ff00::/48");
        put({first, second, third, fourth});
        for (const WhoHad& test : kWhoHad) {
            const core::Instant at = gardu::test::kDatabaseMadeAt + core::Seconds(test.after);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(
                std::string(test.address) + " after " + std::to_string(test.after), std::string(test.ids),
                ids([&](Tx& tx) { return sessionsWithAddress(tx, networksOf(test.address), at); }));
        }
    }

    // They are in the database of every installation.
    void keysAreForEver() {
        CPPUNIT_ASSERT_EQUAL(std::int64_t{-5'808'590'958'014'384'161}, acctKey("", ""));
        CPPUNIT_ASSERT(acctKey("ab", "c") != acctKey("a", "bc"));
    }

private:
    void put(const std::vector<Session>& sessions) {
        std::vector<const Session*> pointers;
        pointers.reserve(sessions.size());
        for (const Session& session : sessions) {
            pointers.push_back(&session);
        }
        db().transact([&](Tx& tx) { putSessions(tx, pointers); });
    }
    Session find(std::int64_t id) {
        return db().read([&](Tx& tx) { return findSession(tx, id); }).value();
    }
    template <class Function>
    std::string ids(Function&& function) {
        return db().transact([&](Tx& tx) {
            std::vector<Session> sessions = function(tx);
            return idsOf(sessions);
        });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(gardu::test::OnSqlite<SessionStoreTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(gardu::test::OnMariaDb<SessionStoreTest>);

}  // namespace gardu::radius
