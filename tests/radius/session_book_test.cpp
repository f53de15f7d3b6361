#include "radius/session_book.h"

#include <cppunit/extensions/HelperMacros.h>

#include "tests/radius/session_script.h"

namespace gardu::radius {
namespace {

using namespace std::string_literals;
using test::play;
using test::rowsAfter;
using test::rowsInAnyOrder;
using test::rowsOf;
using test::secondOfDay;
using test::SessionShelf;

struct ScriptCase {
    const char* script;
    const char* rows;
};

/// Whatever the order in which they come.
const ScriptCase kInAnyOrder[] = {
    {"start 0", "A 0 seen 0 live 0/0"},
    {"start 0; interim 300 t=300 in=100 out=5; stop 600 t=600 in=200 out=9 cause=User-Request",
     "A 0 seen 600 closed User-Request@600 200/9"},
    // Lost ones.
    {"interim 300 t=300 in=100 out=5; interim 600 t=600 in=200 out=9", "A ~0 seen 600 live 200/9"},
    {"stop 600 t=600 in=200 out=9 cause=Lost-Carrier", "A ~0 seen 600 closed Lost-Carrier@600 200/9"},
    {"start 0; stop 600 t=600", "A 0 seen 600 closed Stop@600 0/0"},
    // Each twice.
    {"start 0; start 0; stop 600 t=600 in=7 out=8; stop 600 t=600 in=7 out=8",
     "A 0 seen 600 closed Stop@600 7/8"},
    {"interim 300 t=300 in=1 out=2; interim 300 t=300 in=1 out=2; start 0", "A 0 seen 300 live 1/2"},
    // A Stop without counters keeps what is there.
    {"start 0; interim 300 t=300 in=100 out=5; stop 600 t=600", "A 0 seen 600 closed Stop@600 100/5"},
    // What comes after the Stop is merged and opens nothing.
    {"start 0; stop 600 t=600 in=200 out=9; interim 601 t=601 in=201 out=9",
     "A 0 seen 601 closed Stop@600 201/9"},
    // Neither NAS nor user nor Acct-Session-Id alone makes a session.
    {"start 0; start 0 nas=2; start 0 u=siti; start 0 id=B",
     "A 0 seen 0 live 0/0; A 0 seen 0 live 0/0; A 0 seen 0 live 0/0; B 0 seen 0 live 0/0"},
    // A MAC address is one user in any spelling.
    {"start 0 u=AA:BB:CC:00:00:01; stop 60 t=60 u=aabb.cc00.0001", "A 0 seen 60 closed Stop@60 0/0"},
    // Estimates of one session differ by the delays that the NAS does not tell, and by its clock's drift.
    {"start 12; interim 300 t=300 in=1 out=1; interim 615 t=600 in=2 out=2; stop 930 t=900 in=3 out=3",
     "A 12 seen 930 closed Stop@930 3/3"},
    {"start 0; interim 50100 t=50000 in=1 out=1", "A 0 seen 50100 live 1/1"},
    // One that came a minute late without a word: it began while the session was there, so it is of it.
    {"interim 300 t=300 in=1 out=1; interim 660 t=600 in=2 out=2; stop 900 t=900 in=3 out=3",
     "A ~0 seen 900 closed Stop@900 3/3"},
    // The same id again: a session of its own, and the end of the one that began before.
    {"start 0; interim 300 t=300 in=100 out=5; start 1000; stop 1300 t=300 in=7 out=8",
     "A 0 seen 300 closed Lost-Stop@300 100/5; A 1000 seen 1300 closed Stop@1300 7/8"},
    {"start 0; interim 1300 t=300 in=7 out=8",
     "A 0 seen 0 closed Lost-Stop@0 0/0; A ~1000 seen 1300 live 7/8"},
    {"stop 300 t=300 in=9 out=9; start 1000", "A ~0 seen 300 closed Stop@300 9/9; A 1000 seen 1000 live 0/0"},
    // Even where another user has it now.
    {"start 0; start 1000 u=siti", "A 0 seen 0 closed Lost-Stop@0 0/0; A 1000 seen 1000 live 0/0"},
    // Our Class is stronger than ids, addresses and clocks.
    {"start 0 login=1; interim 300 t=300 login=1 nas=2 in=1 out=1; stop 900 t=890 login=1 id=B in=2 out=2",
     "B 0 seen 900 closed Stop@900 2/2"},
    {"start 0 login=1; interim 25 t=20 login=2 in=1 out=1; stop 600 t=600 login=1 in=3 out=3",
     "A 0 seen 600 closed Stop@600 3/3; A ~5 seen 25 live 1/1"},
    // But the same login with another id after the end is a session of its own, with its own octets.
    {"start 0 login=1; stop 300 t=300 login=1 in=1000 out=1; start 400 login=1 id=B; "
     "stop 700 t=300 login=1 id=B in=900 out=2",
     "A 0 seen 300 closed Stop@300 1000/1; B 400 seen 700 closed Stop@700 900/2"},
    // Packets without Acct-Session-Time belong to the session that began before them.
    {"start 0; stop 600 in=100 gin=0 out=5 gout=0", "A 0 seen 600 closed Stop@600 100/5"},
    {"start 0 login=1; interim 300 login=1 in=1 gin=0 out=1 gout=0; stop 600 login=1",
     "A 0 seen 600 closed Stop@600 1/1"},
    // The device dialled in again: the former session is over, whatever is heard of it later from before.
    {"start 0 mac=M port=P; interim 300 t=300 in=1 out=1 mac=M port=P; start 400 id=B mac=M port=P",
     "A 0 seen 300 closed Lost-Stop@300 1/1; B 400 seen 400 live 0/0"},
    {"start 0 mac=M port=P; stop 300 t=300 mac=M port=P; start 400 id=B mac=M port=P",
     "A 0 seen 300 closed Stop@300 0/0; B 400 seen 400 live 0/0"},
    // It is alive: seen long after the other began.
    {"start 0 mac=M port=P; start 400 id=B mac=M port=P; interim 900 t=900 in=1 out=1 mac=M port=P",
     "A 0 seen 900 live 1/1; B 400 seen 400 live 0/0"},
    // Another port, another device, another NAS, a device that is not named.
    {"start 0 mac=M port=P; start 400 id=B mac=M port=Q; start 800 id=C mac=N port=P; "
     "start 900 id=D mac=M port=P nas=2",
     "A 0 seen 0 live 0/0; B 400 seen 400 live 0/0; C 800 seen 800 live 0/0; D 900 seen 900 live 0/0"},
    {"start 0 port=P; start 400 id=B port=P", "A 0 seen 0 live 0/0; B 400 seen 400 live 0/0"},
    // Tunnels of two devices behind one address; one that dialled in again; a hotspot's, by its port's name.
    {"start 0 mac=M number=1; start 400 id=B mac=M number=2", "A 0 seen 0 live 0/0; B 400 seen 400 live 0/0"},
    {"start 0 mac=M; start 400 id=B mac=M", "A 0 seen 0 live 0/0; B 400 seen 400 live 0/0"},
    {"start 0 mac=M number=1; start 400 id=B mac=M number=1",
     "A 0 seen 0 closed Lost-Stop@0 0/0; B 400 seen 400 live 0/0"},
    {"start 0 mac=M port=P number=1; start 400 id=B mac=M port=P number=2",
     "A 0 seen 0 closed Lost-Stop@0 0/0; B 400 seen 400 live 0/0"},
};

/// In this order.
const ScriptCase kInThisOrder[] = {
    // An Interim that was delayed without a word, and one that the next one overtook, double no octets.
    {"start 0; interim 300 t=300 in=1 out=1; interim 660 t=600 in=2 out=2; interim 900 t=900 in=3 out=3",
     "A 0 seen 900 live 3/3"},
    {"start 0; interim 600 t=600 in=2 out=2; interim 420 t=300 in=1 out=1", "A 0 seen 600 live 2/2"},
    {"interim 360 t=300 in=1 out=1; interim 600 t=600 in=2 out=2", "A ~0 seen 600 live 2/2"},
    {"start 0; interim 300 t=300 in=1 out=1; start 200; stop 600 t=600 in=2 out=2",
     "A 0 seen 600 closed Stop@600 2/2"},
    // The id came again: less time, or less octets, though later; a Start after all that was seen.
    {"start 0; interim 600 t=600 in=9 out=9; interim 700 t=200 in=1 out=1",
     "A 0 seen 600 live 9/9; A ~500 seen 700 live 1/1"},
    {"start 0; interim 300 t=300 in=9 gin=0 out=9 gout=0; interim 700 t=500 in=1 gin=0 out=1 gout=0",
     "A 0 seen 300 live 9/9; A ~200 seen 700 live 1/1"},
    {"start 0; interim 300 t=300 in=1 out=1; start 320",
     "A 0 seen 300 closed Lost-Stop@300 1/1; A 320 seen 320 live 0/0"},
    {"start 0; stop 300 t=300 in=1 out=1; interim 700 t=390 in=2 out=2",
     "A 0 seen 300 closed Stop@300 1/1; A ~310 seen 700 live 2/2"},
    // The first Stop is the one that counts; counters of the second are merged.
    {"start 0; stop 600 t=600 in=5 out=5 cause=User-Request; stop 900 t=900 in=9 out=9 cause=Idle-Timeout",
     "A 0 seen 900 closed User-Request@600 9/9"},
    // A Start after the Stop fills the start and opens nothing.
    {"stop 600 in=1 gin=0 out=1 gout=0; start 0", "A 0 seen 600 closed Stop@600 1/1"},
    {"stop 600; interim 300 t=300 in=1 out=1; interim 400 t=400 in=2 out=2",
     "A ~0 seen 600 closed Stop@600 2/2"},
    // Without Acct-Session-Time: the last one that is open, or else the last one that began before.
    {"start 0; stop 100 t=100; start 1000; interim 1500 in=4 gin=0 out=4 gout=0",
     "A 0 seen 100 closed Stop@100 0/0; A 1000 seen 1500 live 4/4"},
    {"start 0; stop 100 t=100; start 1000; stop 1200 t=200; interim 1300 in=4 gin=0 out=4 gout=0",
     "A 0 seen 100 closed Stop@100 0/0; A 1000 seen 1300 closed Stop@1200 4/4"},
    {"interim 500 in=4 gin=0 out=4 gout=0; interim 600 in=5 gin=0 out=5 gout=0", "A ~500 seen 600 live 5/5"},
    // A session that we closed opens again for what happened after its last sight, and for nothing else.
    {"start 0 mac=M port=P; start 400 id=B mac=M port=P; interim 500 t=500 in=3 out=3 mac=M port=P",
     "A 0 seen 500 live 3/3; B 400 seen 400 live 0/0"},
    {"start 0; interim 300 t=300 in=5 out=5; gone 301; interim 200 t=200 in=4 out=4",
     "A 0 seen 300 closed Gone@300 5/5"},
    {"start 0; interim 300 t=300 in=5 out=5; gone 301; interim 320 t=300 in=5 out=5",
     "A 0 seen 300 closed Gone@300 5/5"},
    {"start 0; interim 300 t=300 in=5 out=5; gone 301; interim 600 t=600 in=6 out=6",
     "A 0 seen 600 live 6/6"},
    {"start 0; interim 300 t=300 in=5 out=5; gone 301; stop 600 t=600 in=6 out=6 cause=Lost-Carrier",
     "A 0 seen 600 closed Lost-Carrier@600 6/6"},
    // The NAS was asked before it told something of the session.
    {"start 0; interim 300 t=300 in=5 out=5; gone 299", "A 0 seen 300 live 5/5"},
    {"start 0; interim 300 t=300 in=5 out=5; gone 400 id=B", "A 0 seen 300 live 5/5"},
    {"start 0 login=1; start 5 login=2; gone 400 login=1",
     "A 0 seen 0 closed Gone@0 0/0; A 5 seen 5 live 0/0"},
    {"start 0 login=1; gone 400 login=2", "A 0 seen 0 live 0/0"},
    {"start 0; stop 100 t=100; gone 400", "A 0 seen 100 closed Stop@100 0/0"},
};

class SessionBookTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SessionBookTest);
    CPPUNIT_TEST(orderDoesNotMatter);
    CPPUNIT_TEST(rulesInOrder);
    CPPUNIT_TEST(countersOfInterimsAreNotSummed);
    CPPUNIT_TEST(saysWhetherAnythingChanged);
    CPPUNIT_TEST(absurdCountersAreLeftOut);
    CPPUNIT_TEST(newerPacketsReplaceAndLateOnesFill);
    CPPUNIT_TEST(toldIsOfTheAcceptUntilACoaWasTaken);
    CPPUNIT_TEST(intervalIsTheLongestPause);
    CPPUNIT_TEST(loginIsKnownInItsOwnBatch);
    CPPUNIT_TEST(onlyWhatChangedIsToBeStored);
    CPPUNIT_TEST_SUITE_END();

    SessionShelf shelf_{core::Zone("UTC")};

    const Session& only() {
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, shelf_.sessions().size());
        return shelf_.sessions().begin()->second;
    }

    Applied applyLast(std::string_view script, const EventFacts& facts = {}) {
        return shelf_.apply(test::eventsOf(script), facts).back();
    }

    void orderDoesNotMatter() {
        for (const auto& [script, rows] : kInAnyOrder) {
            for (const std::string& result : rowsInAnyOrder(script)) {
                CPPUNIT_ASSERT_EQUAL_MESSAGE(script, std::string(rows), result);
            }
        }
    }

    void rulesInOrder() {
        for (const auto& [script, rows] : kInThisOrder) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(script, std::string(rows), rowsAfter(script));
        }
    }

    /// PHPNuxBill adds each of them up: here 650 instead of 300.
    void countersOfInterimsAreNotSummed() {
        play(shelf_,
             "start 0; interim 300 t=300 in=100 out=5; interim 600 t=600 in=250 out=9; "
             "stop 900 t=900 in=300 out=10",
             {"a subscription", 0});
        CPPUNIT_ASSERT(only().octets == (Octets{300, 10}));
        CPPUNIT_ASSERT(shelf_.usageOf(only().id) == (Octets{300, 10}));
    }

    void saysWhetherAnythingChanged() {
        const char* const news[] = {"start 0 ip=10.0.0.2 login=1", "interim 300 t=300 in=9 out=9 login=1",
                                    "stop 600 t=600 in=10 out=10 login=1", "on 700"};
        for (const char* packet : news) {
            CPPUNIT_ASSERT_MESSAGE(packet, applyLast(packet) == Applied::Yes);
        }
        const std::string rows = rowsOf(shelf_);
        const char* const repetitions[] = {
            "start 0 ip=10.0.0.2 login=1 heard=700",
            "start 20 ip=10.0.0.2 login=1 heard=700",  // the same, later on its way
            "interim 300 t=300 in=9 out=9 login=1 heard=700",
            "interim 310 t=300 in=9 out=9 login=1 heard=700",
            "interim 200 t=200 in=5 gin=0 out=5 gout=0 login=1 heard=700",
            "stop 600 t=600 in=10 out=10 login=1 heard=700",
            "on 700",
            "off 650 heard=700"};
        for (const char* packet : repetitions) {
            CPPUNIT_ASSERT_MESSAGE(packet, applyLast(packet) == Applied::Nothing);
        }
        CPPUNIT_ASSERT_EQUAL(rows, rowsOf(shelf_));
    }

    void absurdCountersAreLeftOut() {
        // 1 Mbit/s: ten times as much is 1.25 MB/s, so in 300 s and ten more 387.5 MB.
        const EventFacts facts{"subscription", 1'000'000};
        CPPUNIT_ASSERT(applyLast("start 0; interim 300 t=300 in=387500000 out=387500000", facts) ==
                       Applied::Yes);
        CPPUNIT_ASSERT(applyLast("interim 600 t=600 in=387500000 out=775000001", facts) ==
                       Applied::AbsurdCounters);
        CPPUNIT_ASSERT_EQUAL("A 0 seen 600 live 387500000/387500000"s, rowsOf(shelf_));
        CPPUNIT_ASSERT(applyLast("stop 900 t=900 in=387500009 out=387500009", facts) == Applied::Yes);
        CPPUNIT_ASSERT_EQUAL("A 0 seen 900 closed Stop@900 387500009/387500009"s, rowsOf(shelf_));
        // Nothing else is known of the rate: 100 Gbit/s.
        CPPUNIT_ASSERT(applyLast("start 0 id=B; stop 10 id=B t=10 in=0 gin=58 out=0 gout=0") == Applied::Yes);
        CPPUNIT_ASSERT(applyLast("start 0 id=C; stop 10 id=C t=10 in=0 gin=59 out=0 gout=0") ==
                       Applied::AbsurdCounters);
    }

    void newerPacketsReplaceAndLateOnesFill() {
        play(shelf_, "interim 300 t=300 ip=10.0.0.2; start 0 ip=10.0.0.1 mac=M");
        CPPUNIT_ASSERT(only().framedIp == core::parseIpAddress("10.0.0.2"));
        CPPUNIT_ASSERT_EQUAL("M"s, only().callingStationId);
        play(shelf_, "interim 600 t=600 ip=10.0.0.3");
        CPPUNIT_ASSERT(only().framedIp == core::parseIpAddress("10.0.0.3"));
        CPPUNIT_ASSERT_EQUAL("M"s, only().callingStationId);
    }

    void toldIsOfTheAcceptUntilACoaWasTaken() {
        auto events = test::eventsOf("start 0 login=1; interim 300 t=300 login=1");
        for (AccountingEvent& event : events) {
            event.loginClass->told = Told{billing::Access::Full, 1, 2, std::nullopt};
        }
        (void)shelf_.apply(events[0]);
        CPPUNIT_ASSERT(only().told == events[0].loginClass->told);
        const Told byCoa{billing::Access::Full, 9, 2, secondOfDay(9000)};
        shelf_.mark([&](SessionBook& book) { book.markTold("1", "A", only().loginId, byCoa); });
        (void)shelf_.apply(events[1]);
        CPPUNIT_ASSERT(only().told == byCoa);
        // Of a login that is not known here nothing is told.
        shelf_.mark([&](SessionBook& book) {
            book.markTold("1", "A", "00000000-0000-0000-0000-000000000009", Told{});
        });
        CPPUNIT_ASSERT(only().told == byCoa);
    }

    void intervalIsTheLongestPause() {
        const auto intervalAfter = [&](const char* script) {
            play(shelf_, script);
            return only().intervalSeconds;
        };
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, intervalAfter("start 0"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{300}, intervalAfter("interim 300 t=300"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{300}, intervalAfter("interim 300 t=300 heard=900"));  // repeated
        CPPUNIT_ASSERT_EQUAL(std::int64_t{310}, intervalAfter("interim 600 t=600 heard=610"));
        // The whole NAS was silent.
        CPPUNIT_ASSERT_EQUAL(std::int64_t{310}, intervalAfter("interim 2000 t=2000"));
        // It was not.
        CPPUNIT_ASSERT_EQUAL(
            std::int64_t{3600},
            intervalAfter("on 1 heard=2000; off 2 heard=2500; off 2 heard=3000; off 2 heard=3500;"
                          "off 2 heard=4000; off 2 heard=4500; off 2 heard=5000;"
                          "off 2 heard=5500; interim 6000 t=6000"));
    }

    void loginIsKnownInItsOwnBatch() {
        (void)applyLast("start 0 login=1; interim 300 t=290 id=B login=1 in=5 out=5; start 0 nas=2 u=siti");
        CPPUNIT_ASSERT_EQUAL("A 0 seen 0 live 0/0; B 0 seen 300 live 5/5"s, rowsOf(shelf_));
    }

    void onlyWhatChangedIsToBeStored() {
        play(shelf_, "start 0; start 0 id=B");
        SessionBook book(core::Zone("UTC"), [] { return std::int64_t{99}; });
        for (const auto& [id, session] : shelf_.sessions()) {
            book.load(session);
        }
        CPPUNIT_ASSERT(book.changedSessions().empty());
        for (const AccountingEvent& event : test::eventsOf("start 0 id=B; interim 300 t=300 in=1 out=1")) {
            (void)book.apply(event, {});
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, book.changedSessions().size());
        const std::int64_t id = book.changedSessions().front()->id;
        CPPUNIT_ASSERT_EQUAL("A"s, book.changedSessions().front()->acctSessionId);
        CPPUNIT_ASSERT(!book.identityChanged(id));
        (void)book.apply(test::eventsOf("stop 600 t=600").front(), {});
        CPPUNIT_ASSERT(book.identityChanged(id));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, book.changedBoots().size());
        book.forget();
        CPPUNIT_ASSERT(!book.holds(id) && book.changedSessions().empty() && book.changedBoots().empty());
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SessionBookTest);

}  // namespace
}  // namespace gardu::radius
