#include "radius/change_window.h"

#include <cppunit/extensions/HelperMacros.h>

namespace gardu::radius {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using Clock = ChangeWindow::Clock;

constexpr Clock::time_point kStart{1'000s};

std::vector<core::Change> rows(std::initializer_list<std::int64_t> ids) {
    std::vector<core::Change> list;
    for (const std::int64_t id : ids) {
        list.push_back({id, core::ChangeKind::Subscriber, "u" + std::to_string(id)});
    }
    return list;
}

std::string entities(const std::vector<core::Change>& changes) {
    std::string text;
    for (const core::Change& change : changes) {
        text += (text.empty() ? "" : " ") + change.entity;
    }
    return text;
}

/// What nearly everybody writes: the control that shows what ChangeWindow is for.
class IdAboveLast {
public:
    std::vector<core::Change> takeNew(std::vector<core::Change> list) {
        std::erase_if(list, [this](const core::Change& change) { return change.id <= last_; });
        for (const core::Change& change : list) {
            last_ = std::max(last_, change.id);
        }
        return list;
    }

private:
    std::int64_t last_ = 0;
};

class ChangeWindowTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ChangeWindowTest);
    CPPUNIT_TEST(everyRowIsNewOnce);
    CPPUNIT_TEST(idsThatCommitOutOfOrderAreAllSeen);
    CPPUNIT_TEST(theControlLosesThem);
    CPPUNIT_TEST(floorWaitsForTheSettleTime);
    CPPUNIT_TEST(lateIdWithinTheSettleTimeIsSeen);
    CPPUNIT_TEST(slowRoundDoesNotShortenTheSettleTime);
    CPPUNIT_TEST(floorFollowsABusyFeedStepByStep);
    CPPUNIT_TEST(rowsBelowTheFloorAreNotNew);
    CPPUNIT_TEST(countIsThatOfTheRowsAboveTheFloor);
    CPPUNIT_TEST(memoryIsBoundedByTheWindow);
    CPPUNIT_TEST_SUITE_END();

    void everyRowIsNewOnce() {
        ChangeWindow window(0);
        CPPUNIT_ASSERT_EQUAL("u1 u2"s, entities(window.takeNew(rows({1, 2}))));
        CPPUNIT_ASSERT_EQUAL(""s, entities(window.takeNew(rows({1, 2}))));
        CPPUNIT_ASSERT_EQUAL("u3"s, entities(window.takeNew(rows({1, 2, 3}))));
    }

    void idsThatCommitOutOfOrderAreAllSeen() {
        ChangeWindow window(0);
        CPPUNIT_ASSERT_EQUAL("u3"s, entities(window.takeNew(rows({3}))));
        window.settle(kStart);
        CPPUNIT_ASSERT_EQUAL("u1"s, entities(window.takeNew(rows({1, 3}))));
        window.settle(kStart + 1s);
        CPPUNIT_ASSERT_EQUAL("u2 u4"s, entities(window.takeNew(rows({1, 2, 3, 4}))));
    }

    void theControlLosesThem() {
        IdAboveLast control;
        CPPUNIT_ASSERT_EQUAL("u3"s, entities(control.takeNew(rows({3}))));
        CPPUNIT_ASSERT_EQUAL(""s, entities(control.takeNew(rows({1, 3}))));
        CPPUNIT_ASSERT_EQUAL("u4"s, entities(control.takeNew(rows({1, 2, 3, 4}))));
    }

    void floorWaitsForTheSettleTime() {
        ChangeWindow window(10);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{10}, window.floor());
        static_cast<void>(window.takeNew(rows({11, 13})));
        window.settle(kStart);
        const auto nextRound = kStart + 500ms;
        window.settle(nextRound);
        window.settle(nextRound + ChangeWindow::kSettle - 1ns);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{10}, window.floor());
        window.settle(nextRound + ChangeWindow::kSettle);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{13}, window.floor());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{13}, window.largest());
    }

    void lateIdWithinTheSettleTimeIsSeen() {
        ChangeWindow window(0);
        for (auto now = kStart; now <= kStart + ChangeWindow::kSettle; now += 500ms) {
            CPPUNIT_ASSERT_EQUAL(now == kStart ? "u2"s : ""s, entities(window.takeNew(rows({2}))));
            window.settle(now);
        }
        CPPUNIT_ASSERT_EQUAL("u1"s, entities(window.takeNew(rows({1, 2}))));
    }

    // Applying many changes takes long; the time of a round is that of its beginning.
    void slowRoundDoesNotShortenTheSettleTime() {
        ChangeWindow window(0);
        window.settle(kStart);
        static_cast<void>(window.takeNew(rows({2})));  // at the end of a round of a minute
        window.settle(kStart + 1s);
        const auto next = kStart + 61s;
        window.settle(next);
        CPPUNIT_ASSERT_EQUAL("u1"s, entities(window.takeNew(rows({1, 2}))));
        window.settle(next + ChangeWindow::kSettle - 1ns);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, window.floor());
        window.settle(next + ChangeWindow::kSettle);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, window.floor());
    }

    void floorFollowsABusyFeedStepByStep() {
        ChangeWindow window(0);
        for (int second = 1; second <= 60; ++second) {
            static_cast<void>(window.takeNew(rows({second})));
            window.settle(kStart + std::chrono::seconds(second));
            const std::int64_t settled = second - 1 - ChangeWindow::kSettle.count();
            CPPUNIT_ASSERT_EQUAL(std::max<std::int64_t>(settled, 0), window.floor());
        }
    }

    void rowsBelowTheFloorAreNotNew() {
        ChangeWindow window(5);
        CPPUNIT_ASSERT_EQUAL("u6"s, entities(window.takeNew(rows({4, 5, 6}))));
    }

    void countIsThatOfTheRowsAboveTheFloor() {
        ChangeWindow window(0);
        static_cast<void>(window.takeNew(rows({1, 2})));
        window.settle(kStart);
        window.settle(kStart + 1s);
        static_cast<void>(window.takeNew(rows({1, 2, 5})));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, window.seenCount());
        window.settle(kStart + 1s + ChangeWindow::kSettle);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, window.floor());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, window.seenCount());
    }

    void memoryIsBoundedByTheWindow() {
        ChangeWindow window(0);
        static_cast<void>(window.takeNew(rows({1, 2, 3})));
        window.settle(kStart);
        window.settle(kStart + 1s);
        window.settle(kStart + 1h);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, window.seenCount());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, window.floor());
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ChangeWindowTest);

}  // namespace
}  // namespace gardu::radius
