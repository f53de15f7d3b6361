#include "radius/enforcement_store.h"

#include <cppunit/extensions/HelperMacros.h>

#include "tests/support/database_suite.h"

namespace gardu::test {
namespace {

using namespace std::string_literals;
using namespace gardu::radius;
using core::Tx;

core::Instant at(std::int64_t second) {
    return core::fromEpochMs(second * 1000);
}

PendingEnforcement pendingOf(std::int64_t session, std::int64_t since) {
    PendingEnforcement pending;
    pending.sessionId = session;
    pending.username = "budi";
    pending.nas = "tower";
    pending.action = "coa";
    pending.reason = "rate_changed";
    pending.since = at(since);
    return pending;
}

DynauthRow dynauthOf(std::int64_t session, std::int64_t second) {
    return {at(second), session, "budi", "tower", "coa", "rate_changed", "ack", std::nullopt, "", 1, 3};
}

/// As many times the text.
std::string repeated(std::string_view part, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) {
        text += part;
    }
    return text;
}

class EnforcementStoreTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(EnforcementStoreTest);
    CPPUNIT_TEST(pendingIsReplacedByNode);
    CPPUNIT_TEST(pendingKeepsEveryField);
    CPPUNIT_TEST(oldestPendingFirst);
    CPPUNIT_TEST(longWordsAreCut);
    CPPUNIT_TEST(rowsNewestFirst);
    CPPUNIT_TEST(rowKeepsEveryField);
    CPPUNIT_TEST(prunesOnlyWhatIsOld);
    CPPUNIT_TEST(requestIsFinishedOnce);
    CPPUNIT_TEST(waitingRequestTakesWords);
    CPPUNIT_TEST(pauseKeepsItsBeginning);
    CPPUNIT_TEST_SUITE_END();

public:
    void pendingIsReplacedByNode() {
        replace("a", {pendingOf(1, 10), pendingOf(2, 20)});
        replace("b", {pendingOf(1, 30)});
        CPPUNIT_ASSERT_EQUAL("1@10 2@20 1@30 "s, pendings(10));
        replace("a", {pendingOf(3, 40)});
        CPPUNIT_ASSERT_EQUAL("1@30 3@40 "s, pendings(10));
        replace("a", {});
        CPPUNIT_ASSERT_EQUAL("1@30 "s, pendings(10));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, db().read(countPending));
    }

    void pendingKeepsEveryField() {
        PendingEnforcement pending = pendingOf(7, 10);
        pending.username = "b\\xff Ibu \xC3\xA9";
        pending.action = "disconnect";
        pending.reason = "ended";
        pending.attempts = 3;
        pending.lastResult = "no answer";
        pending.nextAttemptAt = at(60);
        replace("a", {pending, pendingOf(8, 11)});
        const auto list = db().read([](Tx& tx) { return listPending(tx, 10); });
        const PendingEnforcement& found = list.at(0);
        CPPUNIT_ASSERT_EQUAL(pending.username + " tower disconnect ended no answer",
                             found.username + " " + found.nas + " " + found.action + " " + found.reason +
                                 " " + found.lastResult);
        CPPUNIT_ASSERT(found.sessionId == 7 && found.attempts == 3 && found.since == at(10));
        CPPUNIT_ASSERT(found.nextAttemptAt == at(60));
        CPPUNIT_ASSERT(!list.at(1).nextAttemptAt);
    }

    void oldestPendingFirst() {
        replace("a", {pendingOf(1, 30), pendingOf(2, 10), pendingOf(3, 20)});
        CPPUNIT_ASSERT_EQUAL("2@10 3@20 "s, pendings(2));
    }

    void longWordsAreCut() {
        PendingEnforcement pending = pendingOf(1, 10);
        pending.lastResult = "x" + repeated("\xC3\xA9", 150);
        replace("a", {pending});
        CPPUNIT_ASSERT_EQUAL("x" + repeated("\xC3\xA9", 99),
                             db().read([](Tx& tx) { return listPending(tx, 1); }).at(0).lastResult);
        DynauthRow row = dynauthOf(1, 10);
        row.words = repeated("y", 300);
        add({row});
        CPPUNIT_ASSERT_EQUAL(repeated("y", 200), rows({}, 1).at(0).words);
    }

    void rowsNewestFirst() {
        add({dynauthOf(1, 10), dynauthOf(2, 20)});
        add({dynauthOf(1, 30)});
        add({});
        CPPUNIT_ASSERT_EQUAL("1@30 2@20 1@10 "s, listed({}, 10));
        CPPUNIT_ASSERT_EQUAL("1@30 1@10 "s, listed(1, 10));
        CPPUNIT_ASSERT_EQUAL("1@30 "s, listed({}, 1));
    }

    void rowKeepsEveryField() {
        const DynauthRow row{
            at(5), 9,   "siti", "hill", "disconnect", "ended", "nak", 503, "Session Context Not Found (503)",
            2,     1234};
        add({row, dynauthOf(1, 6)});
        const DynauthRow found = rows(9, 1).at(0);
        CPPUNIT_ASSERT_EQUAL("siti hill disconnect ended nak Session Context Not Found (503)"s,
                             found.username + " " + found.nas + " " + found.action + " " + found.reason +
                                 " " + found.outcome + " " + found.words);
        CPPUNIT_ASSERT(found.at == at(5) && found.sent == 2 && found.tookMs == 1234);
        CPPUNIT_ASSERT(found.errorCause == 503);
        CPPUNIT_ASSERT(!rows(1, 1).at(0).errorCause);
    }

    void prunesOnlyWhatIsOld() {
        db().transact([](Tx& tx) { pruneDynauthRows(tx, at(100), 10); });
        add({dynauthOf(1, 10), dynauthOf(2, 20), dynauthOf(3, 30), dynauthOf(4, 40)});
        db().transact([](Tx& tx) { pruneDynauthRows(tx, at(40), 2); });
        CPPUNIT_ASSERT_EQUAL("4@40 3@30 "s, listed({}, 10));
        db().transact([](Tx& tx) { pruneDynauthRows(tx, at(40), 10); });
        CPPUNIT_ASSERT_EQUAL("4@40 "s, listed({}, 10));
    }

    void requestIsFinishedOnce() {
        const std::int64_t first = request(11);
        const std::int64_t second = request(12);
        CPPUNIT_ASSERT_EQUAL("1:11 2:12 "s, waiting());
        finish(first, "ack", "done");
        finish(first, "not_open", "later");
        CPPUNIT_ASSERT_EQUAL("2:12 "s, waiting());
        CPPUNIT_ASSERT_EQUAL("ack done"s, statusOf(first));
        CPPUNIT_ASSERT_EQUAL("waiting "s, statusOf(second));
        CPPUNIT_ASSERT_EQUAL("none"s, statusOf(99));
    }

    void waitingRequestTakesWords() {
        const std::int64_t id = request(11);
        finish(id, "waiting", "no answer yet");
        CPPUNIT_ASSERT_EQUAL("waiting no answer yet"s, statusOf(id));
        CPPUNIT_ASSERT_EQUAL("1:11 "s, waiting());
        finish(id, "ack", "");
        CPPUNIT_ASSERT_EQUAL("ack "s, statusOf(id));
    }

    void pauseKeepsItsBeginning() {
        CPPUNIT_ASSERT(!db().read(cuttingPausedSince));
        db().transact([](Tx& tx) { resumeCutting(tx); });
        db().transact([](Tx& tx) { pauseCutting(tx, at(10)); });
        db().transact([](Tx& tx) { pauseCutting(tx, at(20)); });
        CPPUNIT_ASSERT(db().read(cuttingPausedSince) == at(10));
        db().transact([](Tx& tx) { resumeCutting(tx); });
        CPPUNIT_ASSERT(!db().read(cuttingPausedSince));
    }

private:
    void replace(const std::string& node, const std::vector<PendingEnforcement>& pending) {
        db().transact([&](Tx& tx) { replacePending(tx, node, pending); });
    }
    /// "session@since ", in order.
    std::string pendings(int limit) {
        std::string text;
        for (const auto& each : db().read([&](Tx& tx) { return listPending(tx, limit); })) {
            text += std::to_string(each.sessionId) + "@" +
                    std::to_string(core::toEpochMs(each.since) / 1000) + " ";
        }
        return text;
    }
    void add(const std::vector<DynauthRow>& rows) {
        db().transact([&](Tx& tx) { addDynauthRows(tx, rows); });
    }
    std::vector<DynauthRow> rows(std::optional<std::int64_t> session, int limit) {
        return db().read([&](Tx& tx) { return listDynauthRows(tx, session, limit); });
    }
    std::string listed(std::optional<std::int64_t> session, int limit) {
        std::string text;
        for (const DynauthRow& row : rows(session, limit)) {
            text +=
                std::to_string(row.sessionId) + "@" + std::to_string(core::toEpochMs(row.at) / 1000) + " ";
        }
        return text;
    }
    std::int64_t request(std::int64_t session) {
        return db().transact([&](Tx& tx) { return addDisconnectRequest(tx, session, at(1)); });
    }
    void finish(std::int64_t id, const std::string& status, const std::string& words) {
        db().transact([&](Tx& tx) { finishDisconnectRequest(tx, id, {status, words}, at(2)); });
    }
    std::string waiting() {
        std::string text;
        for (const auto& each : db().read(waitingDisconnectRequests)) {
            text += std::to_string(each.id) + ":" + std::to_string(each.sessionId) + " ";
        }
        return text;
    }
    std::string statusOf(std::int64_t id) {
        const auto found = db().read([&](Tx& tx) { return findDisconnectRequest(tx, id); });
        return found ? found->status + " " + found->words : "none";
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<EnforcementStoreTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<EnforcementStoreTest>);

}  // namespace
}  // namespace gardu::test
