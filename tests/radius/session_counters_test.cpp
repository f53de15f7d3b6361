#include "radius/session_counters.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <numeric>

#include "tests/radius/session_script.h"

namespace gardu::radius {
namespace {

using Points = std::vector<CounterPoint>;

struct TrailCase {
    const char* what;
    Points points;
    std::int64_t total;
};

const TrailCase kTrails[] = {
    {"nothing", {}, 0},
    {"one", {{300, 100}}, 100},
    {"it grows", {{300, 100}, {600, 250}}, 250},
    {"a wrap: 32 octets", {{300, 0xffff'fff0}, {600, 0x10}}, 0x1'0000'0010},
    {"two wraps", {{300, 0xffff'fff0}, {600, 0x10}, {900, 0xf000'0000}, {1200, 0x20}}, 0x2'0000'0020},
    {"it fell by 2^31: late or wrong", {{300, 0x8000'0001}, {600, 1}}, 0x8000'0001},
    {"it fell by more: a wrap", {{300, 0x8000'0002}, {600, 1}}, 0x1'0000'0001},
    {"one that is left out does not hide the next", {{300, 500}, {600, 400}, {900, 600}}, 600},
    {"repeated", {{300, 100}, {300, 100}}, 100},
    {"two in one second", {{300, 100}, {300, 200}}, 200},
    {"it wraps within a second", {{300, 0xf000'0000}, {600, 0xffff'fff0}, {600, 0x10}}, 0x1'0000'0010},
    {"as many as there is room for",
     {{1, 1}, {2, 2}, {3, 3}, {4, 0xffff'ffff}, {5, 4}, {6, 5}, {7, 6}, {8, 7}},
     0x1'0000'0007},
};

struct ScriptCase {
    const char* script;
    std::int64_t input;
    std::int64_t output;
};

/// In any order.
const ScriptCase kScripts[] = {
    {"interim 300 t=300 in=0xffffffff gin=2 out=7 gout=0", 0x2'ffff'ffff, 7},
    {"interim 300 t=300 in=0xfffffff0 out=0; interim 600 t=600 in=0x10 out=0", 0x1'0000'0010, 0},
    // Gigawords only where they are not zero, in one direction before the other.
    {"interim 300 t=300 in=0xfffffff0 out=0xffffff00; interim 600 t=600 in=0x10 gin=1 out=0xfffffff0;"
     "interim 900 t=900 in=0x20 gin=1 out=0x30 gout=1",
     0x1'0000'0020, 0x1'0000'0030},
    {"interim 300 t=300 in=0xf0000000 out=5; interim 600 t=600 in=0xf0000010 gin=3 out=6", 0x3'f000'0010, 6},
    // Gigawords alone say nothing.
    {"interim 300 t=300 in=5 out=6; interim 600 t=600 gin=1 gout=1", 5, 6},
    // A Start counts nothing, however late it is repeated.
    {"start 0 in=0 out=0; start 20 in=0 out=0; interim 10 t=10 in=0xf0000000 out=0xf0000000", 0xf000'0000,
     0xf000'0000},
    // The totals never go down.
    {"interim 300 t=300 in=9 gin=1 out=9 gout=1; interim 600 t=600 in=3 gin=1 out=3 gout=0", 0x1'0000'0009,
     0x1'0000'0009},
};

class SessionCountersTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SessionCountersTest);
    CPPUNIT_TEST(trailsInAnyOrder);
    CPPUNIT_TEST(longTrailKeepsItsTotal);
    CPPUNIT_TEST(olderThanTheBaseIsLeftOut);
    CPPUNIT_TEST(packetsInAnyOrder);
    CPPUNIT_TEST(withoutSessionTimeTheirOwnTimesTellTheOrder);
    CPPUNIT_TEST(growthIsMeasuredByItsTime);
    CPPUNIT_TEST_SUITE_END();

    void trailsInAnyOrder() {
        for (const auto& [what, points, total] : kTrails) {
            std::vector<std::size_t> order(points.size());
            std::iota(order.begin(), order.end(), std::size_t{0});
            int rounds = 0;
            do {
                CounterTrail trail;
                for (const std::size_t at : order) {
                    addPoint(trail, points[at]);
                }
                CPPUNIT_ASSERT_EQUAL_MESSAGE(what, total, totalOf(trail));
            } while (std::ranges::next_permutation(order).found && ++rounds < 5000);
        }
    }

    void longTrailKeepsItsTotal() {
        CounterTrail trail;
        for (std::uint32_t i = 1; i <= 100; ++i) {
            addPoint(trail, {300 * i, 0x7000'0000U * i});
            addPoint(trail, {300 * i, 0x7000'0000U * i});
            CPPUNIT_ASSERT_EQUAL(std::int64_t{0x7000'0000} * i, totalOf(trail));
        }
        CPPUNIT_ASSERT_EQUAL(kMostPoints, trail.points.size());
        CPPUNIT_ASSERT_EQUAL(std::uint32_t{300 * 92}, trail.baseTime);
    }

    void olderThanTheBaseIsLeftOut() {
        CounterTrail trail{0x1'0000'0005, 600, {{900, 10}}};
        const CounterTrail before = trail;
        addPoint(trail, {599, 0xffff'0000});
        addPoint(trail, {600, 5});
        CPPUNIT_ASSERT(trail == before);
        addPoint(trail, {600, 6});
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0x1'0000'000a}, totalOf(trail));
    }

    void packetsInAnyOrder() {
        for (const auto& [script, input, output] : kScripts) {
            std::vector<AccountingEvent> events = test::eventsOf(script);
            std::vector<std::size_t> order(events.size());
            std::iota(order.begin(), order.end(), std::size_t{0});
            do {
                test::SessionShelf shelf(core::Zone("UTC"));
                for (const std::size_t at : order) {
                    (void)shelf.apply(events[at]);
                }
                const Octets octets = shelf.sessions().at(1).octets;
                CPPUNIT_ASSERT_EQUAL_MESSAGE(script, input, octets.input);
                CPPUNIT_ASSERT_EQUAL_MESSAGE(script, output, octets.output);
            } while (std::ranges::next_permutation(order).found);
        }
    }

    void withoutSessionTimeTheirOwnTimesTellTheOrder() {
        for (const char* script :
             {"start 0; interim 300 in=0xfffffff0 out=1; stop 600 t=600 in=0x10 out=2",
              "start 0; stop 600 t=600 in=0x10 out=2; interim 300 in=0xfffffff0 out=1"}) {
            test::SessionShelf shelf(core::Zone("UTC"));
            test::play(shelf, script);
            CPPUNIT_ASSERT(shelf.sessions().at(1).octets == (Octets{0x1'0000'0010, 2}));
        }
    }

    struct AbsurdCase {
        const char* what = "";
        const char* packet = "";
        Octets octets;
        bool absurd = false;
    };

    void growthIsMeasuredByItsTime() {
        Session session;
        session.startedAt = test::secondOfDay(0);
        session.startSeen = true;
        session.sessionTime = 1000;
        session.lastSeenAt = test::secondOfDay(1000);
        session.countedAt = test::secondOfDay(700);
        // 8 Mbit/s: up to 10 MB/s.
        const AbsurdCase cases[] = {
            {"from the last counters on", "interim 1100 t=1100", {4'100'000'000, 0}, false},
            {"more than in that time", "interim 1100 t=1100", {4'100'000'001, 0}, true},
            {"by the NAS's clock alone", "interim 900 t=1290", {0, 3'000'000'000}, false},
            {"more than that", "interim 900 t=1290", {0, 3'000'000'001}, true},
            {"late: it may be of any time", "interim 800 t=800", {10'100'000'000, 0}, false},
            {"more than in all the time", "interim 800 t=800", {10'100'000'001, 0}, true},
            {"nothing grows", "interim 1100 t=1100", {0, 0}, false},
        };
        for (const auto& [what, packet, octets, absurd] : cases) {
            const AccountingEvent event = test::eventsOf(packet).front();
            CPPUNIT_ASSERT_EQUAL_MESSAGE(what, absurd, isAbsurd(session, event, {octets, {}, {}}, 8'000'000));
        }
        const AccountingEvent ages = test::eventsOf("interim 1100 t=4294967295").front();
        CPPUNIT_ASSERT(isAbsurd(session, ages, {{(std::int64_t{1} << 56U) + 1, 0}, {}, {}}, 0));
        session.startSeen = false;
        session.sessionTime = 0;
        const AccountingEvent first = test::eventsOf("interim 1100").front();
        CPPUNIT_ASSERT(!isAbsurd(session, first, {{10'000'000'000, 0}, {}, {}}, 8'000'000));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SessionCountersTest);

}  // namespace
}  // namespace gardu::radius
