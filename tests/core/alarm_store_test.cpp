#include "core/alarm_store.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

#include "core/bytes.h"
#include "tests/support/database_suite.h"
#include "tests/support/threads.h"

namespace gardu::test {

namespace {

using core::Alarm;
using core::Instant;
using core::Tx;

Instant at(std::int64_t second) {
    return core::fromEpochMs(second * 1000);
}

Alarm alarm(const std::string& subject, std::int64_t second, std::int64_t occurrences = 1) {
    return {"wrong_secret", subject,    "words of " + std::to_string(second),
            at(second),     at(second), occurrences};
}

std::string repeated(std::string_view part, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) {
        text += part;
    }
    return text;
}

struct TextCase {
    std::string subject;
    std::string stored;
};

const std::vector<TextCase>& texts() {
    static const std::vector<TextCase> cases = {
        {"", ""},
        {"O'Brien; DROP TABLE alarms --", "O'Brien; DROP TABLE alarms --"},
        {"Menara \xF0\x9F\x97\xBC", "Menara \xF0\x9F\x97\xBC"},
        {"no\xFFutf8\x80", "no\\xffutf8\\x80"},
        {std::string("zero\0line\nend", 13), "zero\\x00line\\x0aend"},
        {repeated("x", 253), repeated("x", 253)},
        {repeated("x", 300), repeated("x", 236) + "~e78ddf9f1ba85555"},
        // Never half a character.
        {"x" + repeated("\xC3\xA9", 200), "x" + repeated("\xC3\xA9", 117) + "~8f85f6f75cb7b287"},
        {"xx" + repeated("\xC3\xA9", 200), "xx" + repeated("\xC3\xA9", 117) + "~a7e320889ee94ead"},
    };
    return cases;
}

}  // namespace

class AlarmStoreTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(AlarmStoreTest);
    CPPUNIT_TEST(addsToTheSameRow);
    CPPUNIT_TEST(listsTheNewestFirst);
    CPPUNIT_TEST(clearsOne);
    CPPUNIT_TEST(anyTextIsStored);
    CPPUNIT_TEST(longMessageIsCut);
    CPPUNIT_TEST(oneKindTakesNoRoomFromAnother);
    CPPUNIT_TEST(twoNodesLoseNothing);
    CPPUNIT_TEST_SUITE_END();

public:
    void addsToTheSameRow() {
        add({alarm("tower-1", 10, 2)});
        add({alarm("tower-1", 20, 3), alarm("tower-2", 30)});
        const auto alarms = list();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, alarms.size());
        const Alarm& grown = alarms.at(1);
        CPPUNIT_ASSERT_EQUAL(std::string("tower-1"), grown.subject);
        CPPUNIT_ASSERT_EQUAL(std::string("words of 20"), grown.message);
        CPPUNIT_ASSERT(grown.firstAt == at(10) && grown.lastAt == at(20));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{5}, grown.occurrences);
    }

    void listsTheNewestFirst() {
        add({alarm("old", 1), alarm("new", 3), alarm("middle", 2)});
        const auto alarms = list();
        CPPUNIT_ASSERT_EQUAL(std::string("new middle old"),
                             alarms.at(0).subject + " " + alarms.at(1).subject + " " + alarms.at(2).subject);
    }

    void clearsOne() {
        add({alarm("tower-1", 1), alarm("tower-2", 2), alarm("no\xFFutf8", 3)});
        db().transact([](Tx& tx) {
            core::clearAlarm(tx, "wrong_secret", "tower-1");
            core::clearAlarm(tx, "another_kind", "tower-2");
            core::clearAlarm(tx, "wrong_secret", "no\\xffutf8");  // as it is listed
        });
        const auto alarms = list();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, alarms.size());
        CPPUNIT_ASSERT_EQUAL(std::string("tower-2"), alarms[0].subject);
    }

    void anyTextIsStored() {
        for (const auto& row : texts()) {
            const auto& subject = row.subject;
            const auto& stored = row.stored;
            add({alarm(subject, 1), alarm(subject, 2)});
            const auto alarms = list();
            CPPUNIT_ASSERT_EQUAL(std::size_t{1}, alarms.size());
            CPPUNIT_ASSERT_EQUAL(stored, alarms[0].subject);
            CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, alarms[0].occurrences);
            db().transact([&](Tx& tx) { core::clearAlarm(tx, "wrong_secret", stored); });
        }
    }

    void longMessageIsCut() {
        Alarm loud = alarm("tower-1", 1);
        loud.message = repeated("\xF0\x9F\x98\x80", 1000);
        add({loud});
        CPPUNIT_ASSERT_EQUAL(repeated("\xF0\x9F\x98\x80", 245) + "~f400649024b5f265", list().at(0).message);
    }

    void oneKindTakesNoRoomFromAnother() {
        db().transact([](Tx& tx) {
            std::vector<core::Values> rows;
            rows.reserve(500);
            for (int i = 0; i < 500; ++i) {
                rows.push_back({std::string("unknown_nas"), std::to_string(i), std::string("words"),
                                std::int64_t{1}, std::int64_t{1}, std::int64_t{1}});
            }
            tx.insertRows("INSERT INTO alarms(kind, subject, message, first_at, last_at, occurrences)", rows);
        });
        Alarm stranger = alarm("10.9.9.9", 5);
        stranger.kind = "unknown_nas";
        add({stranger, stranger, alarm("tower-1", 6)});
        const auto alarms = list();
        CPPUNIT_ASSERT_EQUAL(std::size_t{502}, alarms.size());
        CPPUNIT_ASSERT_EQUAL(std::string("wrong_secret tower-1"), alarms[0].kind + " " + alarms[0].subject);
        CPPUNIT_ASSERT_EQUAL(std::string("unknown_nas (others)"), alarms[1].kind + " " + alarms[1].subject);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, alarms[1].occurrences);
    }

    void twoNodesLoseNothing() {
        constexpr int kTimes = 20;
        inThreads(2, [&](int) {
            for (int i = 0; i < kTimes; ++i) {
                add({alarm("tower-" + std::to_string(i), i), alarm("tower-1", i)});
            }
        });
        std::int64_t sum = 0;
        for (const Alarm& each : list()) {
            sum += each.occurrences;
        }
        CPPUNIT_ASSERT_EQUAL(std::int64_t{4} * kTimes, sum);
    }

private:
    void add(const std::vector<Alarm>& alarms) {
        db().transact([&](Tx& tx) { core::addAlarms(tx, alarms); });
    }
    std::vector<Alarm> list() { return db().read(core::listAlarms); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<AlarmStoreTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<AlarmStoreTest>);

}  // namespace gardu::test
