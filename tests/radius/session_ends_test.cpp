// Sessions that end without a Stop: reboots that the NAS tells or that its ids show, and silence.
#include <cppunit/extensions/HelperMacros.h>

#include "radius/nas_boot.h"
#include "tests/radius/session_script.h"

namespace gardu::radius {
namespace {

using namespace std::string_literals;
using test::rowsAfter;
using test::rowsInAnyOrder;
using test::secondOfDay;
using test::SessionShelf;

struct ScriptCase {
    const char* script;
    const char* rows;
};

const ScriptCase kReboots[] = {
    {"start 0; interim 300 t=300 in=9 out=9; on 400", "A 0 seen 300 closed NAS-Reboot@300 9/9"},
    {"start 0; off 400", "A 0 seen 0 closed NAS-Reboot@0 0/0"},
    {"start 0; stop 300 t=300; on 400", "A 0 seen 300 closed Stop@300 0/0"},
    {"start 0; on 400; start 500 id=B", "A 0 seen 0 closed NAS-Reboot@0 0/0; B 500 seen 500 live 0/0"},
    {"start 0; on 400; on 200; start 300 id=B",
     "A 0 seen 0 closed NAS-Reboot@0 0/0; B 300 seen 300 closed NAS-Reboot@300 0/0"},
    {"start 0; on 400 nas=2", "A 0 seen 0 live 0/0"},
    // It was heard of after that.
    {"start 0; on 200; interim 300 t=300 in=9 out=9", "A 0 seen 300 live 9/9"},
    // RouterOS: the third digit counts the boots.
    {"start 0 id=81100001; start 500 id=81200001",
     "81100001 0 seen 0 closed NAS-Reboot@0 0/0; 81200001 500 seen 500 live 0/0"},
    {"start 0 id=81f00001; interim 800 t=300 id=81000001 u=siti",
     "81f00001 0 seen 0 closed NAS-Reboot@0 0/0; 81000001 ~500 seen 800 live 0/0"},
    {"start 0 id=80100001; start 100 id=81100002 u=siti; start 500 id=82200001",
     "80100001 0 seen 0 closed NAS-Reboot@0 0/0; 81100002 100 seen 100 closed NAS-Reboot@100 0/0; "
     "82200001 500 seen 500 live 0/0"},
    {"start 0 id=81100001; start 500 id=81200001; start 600 id=81200002; on 450",
     "81100001 0 seen 0 closed NAS-Reboot@0 0/0; 81200001 500 seen 500 live 0/0; "
     "81200002 600 seen 600 live 0/0"},
    {"start 0 id=81100001; start 500 id=81200001; start 900 id=81300001; on 450; on 850",
     "81100001 0 seen 0 closed NAS-Reboot@0 0/0; 81200001 500 seen 500 closed NAS-Reboot@500 0/0; "
     "81300001 900 seen 900 live 0/0"},
    {"start 0 id=81100001; start 500 id=81200001 nas=2",
     "81100001 0 seen 0 live 0/0; 81200001 500 seen 500 live 0/0"},
    // Too near to each other to tell which is the later boot.
    {"start 0 id=81100001; start 20 id=81200001", "81100001 0 seen 0 live 0/0; 81200001 20 seen 20 live 0/0"},
    // Ids of others tell nothing.
    {"start 0 id=71100001; start 500 id=71200001",
     "71100001 0 seen 0 live 0/0; 71200001 500 seen 500 live 0/0"},
    {"start 0 id=8110000; start 500 id=8120000", "8110000 0 seen 0 live 0/0; 8120000 500 seen 500 live 0/0"},
};

struct DigitCase {
    std::string_view id;
    const char* digit;
};

constexpr DigitCase kDigits[] = {
    {"81500001", "5"}, {"80f0005a", "f"}, {"82A00001", "a"}, {"83500001", ""}, {"91500001", ""},
    {"8150000g", ""},  {"815000011", ""}, {"8150000", ""},   {"", ""},
};

struct AgeCase {
    const char* script;
    const char* state;
};

/// The session is expected every 300 s, or as often as it was heard.
const AgeCase kAges[] = {
    // Nothing is late yet; 750 s of 300 s intervals.
    {"start 0; start 0 id=B; interim 400 t=400 id=B; interim 750 t=750 id=B; age 750", "live"},
    {"start 0; start 0 id=B; interim 400 t=400 id=B; interim 751 t=751 id=B; age 751", "unknown"},
    {"start 0; start 0 id=B; interim 500 t=500 id=B; interim 1000 t=1000 id=B; interim 1500 t=1500 id=B; age "
     "1500",
     "unknown"},
    {"start 0; start 0 id=B; interim 500 t=500 id=B; interim 1000 t=1000 id=B; interim 1501 t=1501 id=B; age "
     "1501",
     "closed"},
    // Its own pauses were longer.
    {"start 0; start 0 id=B; interim 500 t=500 id=B; interim 600 t=600; interim 1000 t=1000 id=B; "
     "interim 1500 t=1500 id=B; interim 2000 t=2000 id=B; age 2000",
     "live"},
    // Or so short that ten minutes are the limit.
    {"start 0; interim 60 t=60; start 0 id=B; interim 500 t=500 id=B; interim 660 t=660 id=B; age 660",
     "live"},
    {"start 0; interim 60 t=60; start 0 id=B; interim 500 t=500 id=B; interim 661 t=661 id=B; age 661",
     "unknown"},
    // The NAS is as silent as the session: nothing is known, for seven days.
    {"start 0; age 604800", "live"},
    {"start 0; age 604801", "closed"},
    // It is back: its silence does not count.
    {"start 0; interim 40000 t=10 id=B; interim 40500 t=510 id=B; age 40500", "live"},
    {"start 0; interim 40000 t=10 id=B; interim 40500 t=510 id=B; interim 41000 t=1010 id=B; age 41000",
     "unknown"},
    // A packet of its own makes it live again.
    {"start 0; start 0 id=B; interim 500 t=500 id=B; interim 1000 t=1000 id=B; age 1000; interim 1010 "
     "t=1010; "
     "age 1011",
     "live"},
};

class SessionEndsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SessionEndsTest);
    CPPUNIT_TEST(rebootsInAnyOrder);
    CPPUNIT_TEST(bootDigits);
    CPPUNIT_TEST(whichPacketsMayEndOthers);
    CPPUNIT_TEST(silence);
    CPPUNIT_TEST(staleSessionIsClosedWhereItWasSeenAndOpensAgain);
    CPPUNIT_TEST(limits);
    CPPUNIT_TEST(aNasReturnsAfterTenMinutes);
    CPPUNIT_TEST(aClockThatWasAheadEndsNothingForEver);
    CPPUNIT_TEST_SUITE_END();

    void rebootsInAnyOrder() {
        for (const auto& [script, rows] : kReboots) {
            for (const std::string& result : rowsInAnyOrder(script)) {
                CPPUNIT_ASSERT_EQUAL_MESSAGE(script, std::string(rows), result);
            }
        }
    }

    void bootDigits() {
        for (const auto& [id, digit] : kDigits) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(id), std::string(digit), bootDigitOf(id));
        }
    }

    void whichPacketsMayEndOthers() {
        NasBoot boot;
        boot.bootDigit = "1";
        boot.digitSeenAt = secondOfDay(100);
        const auto mayEnd = [&](const char* packet) {
            return SessionBook::mayEndSessions(test::eventsOf(packet).front(), boot);
        };
        for (const char* packet : {"on 0", "off 0", "start 131 id=81200001", "stop 300 t=150 id=81200001"}) {
            CPPUNIT_ASSERT_MESSAGE(packet, mayEnd(packet));
        }
        for (const char* packet : {"start 130 id=81200001", "start 900 id=81100001",
                                   "interim 900 id=81200001", "stop 900 t=850 id=81200001", "start 900"}) {
            CPPUNIT_ASSERT_MESSAGE(packet, !mayEnd(packet));
        }
        CPPUNIT_ASSERT(SessionBook::mayEndSessions(test::eventsOf("on 0").front(), std::nullopt));
        CPPUNIT_ASSERT(
            !SessionBook::mayEndSessions(test::eventsOf("start 0 id=81200001").front(), std::nullopt));
    }

    void silence() {
        for (const auto& [script, state] : kAges) {
            SessionShelf shelf(core::Zone("UTC"));
            test::play(shelf, script);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(script, std::string(state),
                                         std::string(name(shelf.sessions().at(1).state)));
        }
    }

    void staleSessionIsClosedWhereItWasSeenAndOpensAgain() {
        const std::string silent =
            "start 0; interim 300 t=300 in=5 out=5; start 0 id=B; interim 500 t=500 id=B; "
            "interim 1000 t=1000 id=B; interim 1500 t=1500 id=B; interim 2000 t=2000 id=B; age 2000";
        const std::string other = "; B 0 seen 2000 live 0/0";
        CPPUNIT_ASSERT_EQUAL("A 0 seen 300 closed Stale@300 5/5" + other, rowsAfter(silent));
        CPPUNIT_ASSERT_EQUAL("A 0 seen 2100 live 6/6" + other,
                             rowsAfter(silent + "; interim 2100 t=2100 in=6 out=6"));
    }

    void limits() {
        const auto seconds = [](std::int64_t interval, int interim) {
            return staleAfter(interval, interim) / core::Seconds(1);
        };
        CPPUNIT_ASSERT_EQUAL(std::int64_t{750}, static_cast<std::int64_t>(seconds(0, 300)));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{600}, static_cast<std::int64_t>(seconds(0, 60)));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{600}, static_cast<std::int64_t>(seconds(60, 900)));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2250}, static_cast<std::int64_t>(seconds(900, 60)));
    }

    void aNasReturnsAfterTenMinutes() {
        NasBoot boot;
        const auto returnedAfter = [&](std::int64_t second) {
            noteArrival(boot, secondOfDay(second));
            return boot.returnedAt;
        };
        CPPUNIT_ASSERT(returnedAfter(0) == secondOfDay(0));
        CPPUNIT_ASSERT(returnedAfter(600) == secondOfDay(0));
        CPPUNIT_ASSERT(returnedAfter(1201) == secondOfDay(1201));
        CPPUNIT_ASSERT(returnedAfter(1100) == secondOfDay(1201));
        CPPUNIT_ASSERT(boot.heardAt == secondOfDay(1201));
    }

    // An hour ahead for a while: what came after it was of the past, and Stale or over by a reboot at once.
    void aClockThatWasAheadEndsNothingForEver() {
        CPPUNIT_ASSERT_EQUAL("A 100 seen 500 live 0/0; B 500 seen 500 live 0/0"s,
                             rowsAfter("on 3700; start 100; start 500 id=B; interim 500 t=400; age 500"));
        NasBoot boot{"1", secondOfDay(3600), "1", secondOfDay(3700), secondOfDay(3800), secondOfDay(3500)};
        noteArrival(boot, secondOfDay(3680));
        CPPUNIT_ASSERT(boot.heardAt == secondOfDay(3800));
        noteArrival(boot, secondOfDay(3679));
        CPPUNIT_ASSERT(boot.heardAt == secondOfDay(3679) && boot.digitSeenAt == secondOfDay(3679));
        CPPUNIT_ASSERT(boot.bootedAt == secondOfDay(3600) && boot.returnedAt == secondOfDay(3500));
        noteArrival(boot, secondOfDay(100));
        CPPUNIT_ASSERT(boot.bootedAt == secondOfDay(100) && boot.returnedAt == secondOfDay(100));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SessionEndsTest);

}  // namespace
}  // namespace gardu::radius
