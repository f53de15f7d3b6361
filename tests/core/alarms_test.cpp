#include "core/alarms.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <string>

#include "tests/support/threads.h"

namespace gardu::test {

namespace {

using core::Alarm;
using core::AlarmBoard;
using core::Instant;

Instant at(std::int64_t second) {
    return core::fromEpochMs(second * 1000);
}

std::int64_t occurrences(const std::vector<Alarm>& alarms) {
    std::int64_t sum = 0;
    for (const Alarm& alarm : alarms) {
        sum += alarm.occurrences;
    }
    return sum;
}

}  // namespace

class AlarmsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AlarmsTest);
    CPPUNIT_TEST(sameKindAndSubjectIsOne);
    CPPUNIT_TEST(takeEmptiesTheBoard);
    CPPUNIT_TEST(givenBackIsCountedIn);
    CPPUNIT_TEST(floodIsCountedUnderOthers);
    CPPUNIT_TEST(knownSubjectKeepsItsNameInAFlood);
    CPPUNIT_TEST(severalThreadsLoseNothing);
    CPPUNIT_TEST_SUITE_END();

public:
    void sameKindAndSubjectIsOne() {
        AlarmBoard board;
        board.raise("wrong_secret", "tower-1", "first", at(20));
        board.raise("wrong_secret", "tower-1", "earlier", at(10));
        board.raise("wrong_secret", "tower-1", "last", at(30));
        board.raise("wrong_secret", "tower-2", "other", at(5));
        board.raise("unknown_nas", "tower-1", "another kind", at(6));
        const auto alarms = board.take();
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, alarms.size());
        const Alarm& alarm = alarms.at(1);  // by kind and subject
        CPPUNIT_ASSERT_EQUAL(std::string("tower-1"), alarm.subject);
        CPPUNIT_ASSERT_EQUAL(std::string("last"), alarm.message);
        CPPUNIT_ASSERT(alarm.firstAt == at(10) && alarm.lastAt == at(30));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, alarm.occurrences);
    }

    void takeEmptiesTheBoard() {
        AlarmBoard board;
        CPPUNIT_ASSERT(board.take().empty());
        board.raise("kind", "subject", "words", at(1));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, board.take().size());
        CPPUNIT_ASSERT(board.take().empty());
    }

    void givenBackIsCountedIn() {
        AlarmBoard board;
        board.raise("kind", "subject", "before", at(10));
        board.raise("kind", "subject", "before", at(11));
        const auto refused = board.take();
        board.raise("kind", "subject", "after", at(20));
        board.giveBack(refused);
        const auto alarms = board.take();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, alarms.size());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, alarms[0].occurrences);
        CPPUNIT_ASSERT(alarms[0].firstAt == at(10) && alarms[0].lastAt == at(20));
    }

    void floodIsCountedUnderOthers() {
        AlarmBoard board;
        const auto count = static_cast<std::int64_t>(AlarmBoard::kMaxPending) + 500;
        for (std::int64_t i = 0; i < count; ++i) {
            board.raise("unknown_nas", std::to_string(i), "words", at(i));
        }
        const auto alarms = board.take();
        CPPUNIT_ASSERT_EQUAL(AlarmBoard::kMaxPending + 1, alarms.size());
        CPPUNIT_ASSERT_EQUAL(count, occurrences(alarms));
        CPPUNIT_ASSERT_EQUAL(std::string("(others)"), alarms.front().subject);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{500}, alarms.front().occurrences);
    }

    void knownSubjectKeepsItsNameInAFlood() {
        AlarmBoard board;
        for (std::size_t i = 0; i < AlarmBoard::kMaxPending; ++i) {
            board.raise("unknown_nas", std::to_string(i), "words", at(1));
        }
        board.raise("unknown_nas", "7", "words", at(2));
        const auto alarms = board.take();
        CPPUNIT_ASSERT_EQUAL(AlarmBoard::kMaxPending, alarms.size());
        CPPUNIT_ASSERT_EQUAL(static_cast<std::int64_t>(AlarmBoard::kMaxPending) + 1, occurrences(alarms));
    }

    void severalThreadsLoseNothing() {
        constexpr int kThreads = 4;
        constexpr int kTimes = 1'000;
        AlarmBoard board;
        core::Guarded<std::int64_t> taken;
        inThreads(kThreads, [&](int thread) {
            for (int i = 0; i < kTimes; ++i) {
                board.raise("kind", std::to_string(i % 7), "words", at(i));
                if (thread == 0 && i % 10 == 0) {
                    const auto alarms = board.take();
                    taken.with([&](auto& sum) { sum += occurrences(alarms); });
                }
            }
        });
        const std::int64_t rest = occurrences(board.take());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{kThreads} * kTimes,
                             rest + taken.with([](auto& sum) { return sum; }));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AlarmsTest);

}  // namespace gardu::test
