// What the applier does besides packets: silent sessions, the history, usage by hour and day, retention.
#include <cppunit/extensions/HelperMacros.h>

#include "radius/enforcement_store.h"
#include "tests/radius/applier_world.h"

namespace gardu::radius {
namespace {

using test::Acct;
using test::at;
using test::idsOf;
using test::networksOf;

constexpr std::int64_t kHour = 3'600;
constexpr std::int64_t kDay = 24 * kHour;
/// kDatabaseMadeAt is noon of the 22nd of November: December begins then, in UTC.
constexpr std::int64_t kDecember = 8 * kDay + 12 * kHour;

std::string idOf(int number) {
    return "8150" + std::to_string(1'000 + number);
}

std::vector<Acct> shortSession() {
    return {{.status = AcctStatus::Start},
            {.status = AcctStatus::Stop, .second = 600, .time = 600, .octets = 1'000}};
}

constexpr const char* kShortSession = "81500001 bob closed 0-600 1000/10000\n";

}  // namespace

class ApplierHouseTest : public test::ApplierDatabaseTest {
    CPPUNIT_TEST_SUITE(ApplierHouseTest);
    CPPUNIT_TEST(closedSessionsMoveToTheHistory);
    CPPUNIT_TEST(manySessionsMoveInPieces);
    CPPUNIT_TEST(eachToTheMonthOfItsEnd);
    CPPUNIT_TEST(latePacketBringsASessionBack);
    CPPUNIT_TEST(lateStartAfterItsStopIsNotOpenForEver);
    CPPUNIT_TEST(latePacketOfAnEarlierMonth);
    CPPUNIT_TEST(repetitionsLeaveTheHistoryAlone);
    CPPUNIT_TEST(lateCountersOfAMovedSession);
    CPPUNIT_TEST(silentSessionsBecomeUnknownAndStale);
    CPPUNIT_TEST(silenceOfAWholeNasDoesNotCount);
    CPPUNIT_TEST(agesAllInPages);
    CPPUNIT_TEST(usageOfASessionOverHours);
    CPPUNIT_TEST(usageIsTheSameWhereverItIs);
    CPPUNIT_TEST(whoHadAnAddress);
    CPPUNIT_TEST(retentionDropsWholeMonths);
    CPPUNIT_TEST_SUITE_END();

public:
    void closedSessionsMoveToTheHistory() {
        send(shortSession());
        world().apply(600);
        keepHouse(600 + 6 * kHour);
        CPPUNIT_ASSERT_EQUAL(std::string("1 0"), liveAndHistory());
        const auto before = allSessions();
        keepHouse(601 + 6 * kHour);
        CPPUNIT_ASSERT_EQUAL(std::string("0 1"), liveAndHistory());
        CPPUNIT_ASSERT(before == allSessions());
    }

    void manySessionsMoveInPieces() {
        std::vector<Acct> packets;
        for (int i = 0; i < 2'300; ++i) {
            packets.push_back({.status = AcctStatus::Start, .id = idOf(i)});
            packets.push_back({.status = AcctStatus::Stop, .second = 60, .time = 60, .id = idOf(i)});
        }
        send(packets);
        world().apply(60);
        for (const char* expected : {"1300 1000", "300 2000", "0 2300", "0 2300"}) {
            keepHouse(7 * kHour);
            CPPUNIT_ASSERT_EQUAL(std::string(expected), liveAndHistory());
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{2'300}, allSessions().size());
    }

    void eachToTheMonthOfItsEnd() {
        for (const std::int64_t stop : {kDecember - 1, kDecember}) {
            send({{.status = AcctStatus::Start, .second = stop - 60, .id = idOf(static_cast<int>(stop % 2))},
                  {.status = AcctStatus::Stop,
                   .second = stop,
                   .time = 60,
                   .id = idOf(static_cast<int>(stop % 2))}});
        }
        world().apply(kDecember);
        keepHouse(kDecember + kDay);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, db().read(historyMonths).size());
        CPPUNIT_ASSERT_EQUAL(std::string("0 2"), liveAndHistory());
    }

    // Its end was a guess: the NAS had said that it does not have it.
    void latePacketBringsASessionBack() {
        send({{.status = AcctStatus::Start}, {.second = 300, .time = 300, .octets = 1'000}});
        sendRecord(JournaledGone{{"nas-1", "81500001", ""}, at(400)});
        world().apply(400);
        keepHouse(kDay);
        CPPUNIT_ASSERT_EQUAL(std::string("0 1"), liveAndHistory());
        const std::int64_t id = allSessions().at(0).id;
        send({{.second = kDay, .time = kDay, .octets = 9'000}});
        world().apply(kDay);
        CPPUNIT_ASSERT_EQUAL(std::string("1 0"), liveAndHistory());
        CPPUNIT_ASSERT_EQUAL(std::string("81500001 bob live 0-86400 9000/90000\n"), told());
        CPPUNIT_ASSERT_EQUAL(id, allSessions().at(0).id);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, world().registry().sessionsOf("bob").size());
        send({{.status = AcctStatus::Stop, .second = kDay + 60, .time = kDay + 60, .octets = 9'100}});
        world().apply(kDay + 60);
        keepHouse(2 * kDay);
        CPPUNIT_ASSERT_EQUAL(std::string("0 1"), liveAndHistory());
        CPPUNIT_ASSERT_EQUAL(std::string("81500001 bob closed 0-86460 9100/91000\n"), told());
        CPPUNIT_ASSERT_EQUAL(std::string("9100/91000"), usageOfBob());
    }

    void lateStartAfterItsStopIsNotOpenForEver() {
        send({{.status = AcctStatus::Start}, {.status = AcctStatus::Stop, .second = 60, .time = 60}});
        world().apply(60);
        send({{.status = AcctStatus::Start, .second = 124, .delay = 124}});
        openWorld();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, world().registry().size());
        world().apply(124);
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, world().registry().size());
    }

    void latePacketOfAnEarlierMonth() {
        send({{.status = AcctStatus::Start}, {.second = 300, .time = 300, .octets = 1'000}});
        sendRecord(JournaledGone{{"nas-1", "81500001", ""}, at(400)});
        world().apply(400);
        keepHouse(kDay);
        constexpr std::uint32_t kLater = 60 * kDay;  // in January
        send({{.second = kLater, .time = kLater, .octets = 2'000}});
        world().apply(kLater);
        CPPUNIT_ASSERT_EQUAL(std::string("1 0"), liveAndHistory());
        CPPUNIT_ASSERT_EQUAL(std::string("81500001 bob live 0-5184000 2000/20000\n"), told());
    }

    void repetitionsLeaveTheHistoryAlone() {
        send(shortSession());
        world().apply(600);
        keepHouse(kDay);
        for (Acct packet : shortSession()) {
            packet.delay = static_cast<std::uint32_t>(10 * kHour - packet.second);
            packet.second = 10 * kHour;
            send({packet});
        }
        world().apply(10 * kHour);
        CPPUNIT_ASSERT_EQUAL(std::string("0 1"), liveAndHistory());
        CPPUNIT_ASSERT_EQUAL(std::string(kShortSession), told());
    }

    // A Stop without counters, and the interim before it that came a day late.
    void lateCountersOfAMovedSession() {
        send({{.status = AcctStatus::Start}, {.status = AcctStatus::Stop, .second = 600, .time = 600}});
        world().apply(600);
        keepHouse(kDay - kHour);
        CPPUNIT_ASSERT_EQUAL(std::string("0 1"), liveAndHistory());
        send({{.second = kDay, .time = 500, .octets = 700, .delay = static_cast<std::uint32_t>(kDay - 500)}});
        world().apply(kDay);
        CPPUNIT_ASSERT_EQUAL(std::string("1 0"), liveAndHistory());
        CPPUNIT_ASSERT_EQUAL(std::string("81500001 bob closed 0-600 700/7000\n"), told());
        keepHouse(kDay);
        CPPUNIT_ASSERT_EQUAL(std::string("0 1"), liveAndHistory());
        CPPUNIT_ASSERT_EQUAL(std::string("81500001 bob closed 0-600 700/7000\n"), told());
        CPPUNIT_ASSERT_EQUAL(std::string("700/7000"), usageOfBob());
    }

    void silentSessionsBecomeUnknownAndStale() {
        send({{.status = AcctStatus::Start}, {.second = 300, .time = 300, .octets = 5}});
        hearAlice(300);
        hearAlice(900);
        keepHouse(900);
        CPPUNIT_ASSERT_EQUAL(std::string("live"), stateOfBob());
        hearAlice(1'100);
        keepHouse(1'100);
        CPPUNIT_ASSERT_EQUAL(std::string("unknown"), stateOfBob());
        for (const std::int64_t second : {1'500, 2'000, 2'400}) {
            hearAlice(second);
        }
        keepHouse(2'400);
        CPPUNIT_ASSERT_EQUAL(std::string("closed"), stateOfBob());
        CPPUNIT_ASSERT(allSessions().at(0).stoppedAt == at(300));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, world().registry().sessionsOf("bob").size());
        CPPUNIT_ASSERT_EQUAL(std::string("5/50"), usageOfBob());
        send({{.second = 2'500, .time = 2'500, .octets = 50}});
        world().apply(2'500);
        CPPUNIT_ASSERT_EQUAL(std::string("live"), stateOfBob());
        CPPUNIT_ASSERT_EQUAL(std::string("50/500"), usageOfBob());
    }

    void silenceOfAWholeNasDoesNotCount() {
        send({{.status = AcctStatus::Start}});
        world().apply(0);
        keepHouse(5 * kHour);
        CPPUNIT_ASSERT_EQUAL(std::string("live"), stateOfBob());
    }

    void agesAllInPages() {
        std::vector<Acct> packets;
        packets.reserve(2'500);
        for (int i = 0; i < 2'500; ++i) {
            packets.push_back({.status = AcctStatus::Start, .id = idOf(i)});
        }
        send(packets);
        hearAlice(300);
        hearAlice(800);
        std::string unknown;
        for (int call = 1; call <= 3; ++call) {
            keepHouse(800);
            unknown += std::to_string(countState("unknown")) + " ";
        }
        CPPUNIT_ASSERT_EQUAL(std::string("1000 2000 2500 "), unknown);
    }

    // Parts of an hour are interpolated, and sum exactly.
    void usageOfASessionOverHours() {
        send({{.status = AcctStatus::Start},
              {.second = 1'800, .time = 1'800, .octets = 1'000},
              {.second = 5'400, .time = 5'400, .octets = 4'601},
              {.second = 5'700, .time = 5'700, .octets = 4'602}});
        world().apply(5'700);
        CPPUNIT_ASSERT_EQUAL(std::string("4602/46020"), usageOfBob());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, countOf("SELECT COUNT(*) FROM usage_hour"));
        const auto hours =
            db().read([](core::Tx& tx) { return usageByHour(tx, test::kBobs, at(0), at(kDay)); });
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, hours.size());
        CPPUNIT_ASSERT(hours[0].octets.input == 2'800 || hours[0].octets.input == 2'801);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{4'602}, hours[0].octets.input + hours[1].octets.input);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{46'020}, hours[0].octets.output + hours[1].octets.output);
    }

    // In the session, by the hour, by the day: always the same octets.
    void usageIsTheSameWhereverItIs() {
        send({{.status = AcctStatus::Start}});
        for (std::uint32_t second = 1'000; second < 3 * kDay; second += 7'001) {
            send({{.second = second, .time = second, .octets = second * std::int64_t{13}}});
        }
        send({{.status = AcctStatus::Stop, .second = 3 * kDay, .time = 3 * kDay, .octets = 3 * kDay * 13}});
        send({{.status = AcctStatus::Start, .second = 3 * kDay, .id = "81500002"},
              {.second = 3 * kDay + 60, .time = 60, .octets = 100, .id = "81500002"}});
        world().apply(3 * kDay + 60);
        const std::string all =
            std::to_string(3 * kDay * 13 + 100) + "/" + std::to_string(3 * kDay * 130 + 1'000);
        CPPUNIT_ASSERT_EQUAL(all, usageOfBob());
        for (const std::int64_t day : {4, 61, 62, 63, 70}) {
            keepHouse(day * kDay);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::to_string(day), all, usageOfBob());
        }
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, countOf("SELECT COUNT(*) FROM usage_hour"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{4}, countOf("SELECT COUNT(*) FROM usage_day"));
    }

    void whoHadAnAddress() {
        send(shortSession());
        world().apply(600);
        for (const std::int64_t now : {600 + kHour, kDay}) {
            keepHouse(now);
            CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.2@300 2001:db8:1:2::99@0 2001:db8:ff00:7::1@600 "),
                                 hadByBob({{"10.0.0.2", 300},
                                           {"10.0.0.2", 601},
                                           {"10.0.0.3", 300},
                                           {"2001:db8:1:2::99", 0},
                                           {"2001:db8:1:3::99", 0},
                                           {"2001:db8:ff00:7::1", 600},
                                           {"2001:db8:ff00:107::1", 600}}));
        }
        CPPUNIT_ASSERT_EQUAL(std::string("0 1"), liveAndHistory());
    }

    void retentionDropsWholeMonths() {
        send(shortSession());
        send({{.status = AcctStatus::Start, .second = kDecember, .id = "81500002"},
              {.status = AcctStatus::Stop, .second = kDecember + 60, .time = 60, .id = "81500002"}});
        world().apply(kDecember + 60);
        keepHouse(kDecember + kDay);
        // 24 months: November 2026 is over since two years at the end of November 2028.
        const auto lastOfNovember = core::parseInstant("2028-11-30T23:59:59Z").value();
        world().applier().keepHouse(lastOfNovember);
        CPPUNIT_ASSERT_EQUAL(std::string("0 2"), liveAndHistory());
        openWorld();
        // After a start nothing goes for an hour, and nothing while the clock is in doubt.
        world().applier().keepHouse(lastOfNovember + core::Seconds(1));
        CPPUNIT_ASSERT_EQUAL(std::string("0 2"), liveAndHistory());
        db().transact([](core::Tx& tx) { pauseCutting(tx, at(0)); });
        world().applier().keepHouse(lastOfNovember + core::Seconds(3'602));
        CPPUNIT_ASSERT_EQUAL(std::string("0 2"), liveAndHistory());
        db().transact([](core::Tx& tx) { resumeCutting(tx); });
        openWorld();
        world().applier().keepHouse(lastOfNovember + core::Seconds(3'603));
        world().applier().keepHouse(lastOfNovember + core::Seconds(7'204));
        CPPUNIT_ASSERT_EQUAL(std::string("0 1"), liveAndHistory());
        CPPUNIT_ASSERT(db().read(historyMonths) == std::vector<core::Month>{std::chrono::year(2026) / 12});
    }

private:
    void keepHouse(std::int64_t second) { world().applier().keepHouse(at(second)); }

    /// So that the NAS is not silent.
    void hearAlice(std::int64_t second) {
        send({{.second = second,
               .time = static_cast<std::uint32_t>(second),
               .id = "81500777",
               .user = "alice",
               .address = "10.0.0.77"}});
        world().apply(second);
    }
    std::string stateOfBob() {
        for (const Session& session : allSessions()) {
            if (session.username == "bob") {
                return std::string(name(session.state));
            }
        }
        return "none";
    }
    std::int64_t countOf(const std::string& sql) {
        return db().read([&](core::Tx& tx) { return tx.queryOne(sql)->integer(0); });
    }
    std::int64_t countState(const std::string& state) {
        return db().read([&](core::Tx& tx) {
            return tx.queryOne("SELECT COUNT(*) FROM sessions WHERE state = ?", {state})->integer(0);
        });
    }
    std::string liveAndHistory() {
        const std::int64_t live = countOf("SELECT COUNT(*) FROM sessions");
        CPPUNIT_ASSERT_EQUAL(live, countOf("SELECT COUNT(*) FROM session_counters"));
        const auto all = static_cast<std::int64_t>(allSessions().size());
        return std::to_string(live) + " " + std::to_string(all - live);
    }
    /// Those that bob had, of addresses and seconds, as "ADDRESS@SECOND ".
    std::string hadByBob(const std::vector<std::pair<const char*, int>>& asked) {
        std::string text;
        for (const auto& [address, second] : asked) {
            const auto networks = networksOf(address);
            const core::Instant when = at(second);
            const std::string ids = db().read([&](core::Tx& tx) {
                std::string found = idsOf(sessionsWithAddress(tx, networks, when));
                for (const core::Month month : historyMonths(tx)) {
                    found += idsOf(historyWithAddress(tx, month, networks, when));
                }
                return found;
            });
            text += ids == "1 " ? address + ("@" + std::to_string(second)) + " " : ids;
        }
        return text;
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(gardu::test::OnSqlite<ApplierHouseTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(gardu::test::OnMariaDb<ApplierHouseTest>);

}  // namespace gardu::radius
