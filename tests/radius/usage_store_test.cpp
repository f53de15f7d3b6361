#include "radius/usage_store.h"

#include <cppunit/extensions/HelperMacros.h>

#include <set>

#include "radius/session_store.h"
#include "tests/radius/session_samples.h"

namespace gardu::radius {
namespace {

using core::Tx;
using test::kSubscription;
using test::sampleSession;

const std::string kOther = "018f9d2e-0000-7000-8000-000000000002";

core::Instant instant(const char* text) {
    return core::parseInstant(text).value();
}

core::Date day(const char* text) {
    return core::parseDate(text).value();
}

/// Nine hours before Jakarta's midnight of 2026-11-23, which is at 17:00 UTC.
const core::Instant kHour = instant("2026-11-22T08:00:00Z");

UsagePart part(int hour, std::int64_t session, Octets octets) {
    return {kSubscription, session, kHour + std::chrono::hours(hour), octets};
}

const core::Period kTwoDays{day("2026-11-22"), day("2026-11-24")};

}  // namespace

class UsageStoreTest : public gardu::test::DatabaseTest {
    CPPUNIT_TEST_SUITE(UsageStoreTest);
    CPPUNIT_TEST(addsToWhatIsThere);
    CPPUNIT_TEST(addsManyAtOnce);
    CPPUNIT_TEST(whatIsNobodysIsLeftOut);
    CPPUNIT_TEST(hoursOfASubscription);
    CPPUNIT_TEST(daysOfTheZone);
    CPPUNIT_TEST(runningHourCounts);
    CPPUNIT_TEST(rolledUpHoursAreTheSameOctets);
    CPPUNIT_TEST(rollsUpAPieceAtATime);
    CPPUNIT_TEST(rollsUpIntoADayThatIsThere);
    CPPUNIT_TEST(periodsHaveEdges);
    CPPUNIT_TEST(bigNumbersStayExact);
    CPPUNIT_TEST_SUITE_END();

public:
    void addsToWhatIsThere() {
        add({part(0, 1, {1, 10}), part(0, 1, {2, 20}), part(0, 2, {4, 40})});
        add({part(0, 1, {8, 80}), part(1, 1, {16, 160})});
        CPPUNIT_ASSERT_EQUAL(std::string("08:15/150 09:16/160 "), hours());
        CPPUNIT_ASSERT_EQUAL(std::string("3"), count("usage_hour"));
    }

    void addsManyAtOnce() {
        std::vector<UsagePart> parts;
        parts.reserve(700);
        for (int session = 0; session < 700; ++session) {
            parts.push_back(part(session % 3, session, {1, 2}));
        }
        add(parts);
        add(parts);
        CPPUNIT_ASSERT_EQUAL(std::string("08:468/936 09:466/932 10:466/932 "), hours());
        CPPUNIT_ASSERT_EQUAL(std::string("700"), count("usage_hour"));
    }

    void whatIsNobodysIsLeftOut() {
        add({{"", 1, kHour, {5, 5}}, part(0, 2, {1, 1})});
        CPPUNIT_ASSERT_EQUAL(std::string("1"), count("usage_hour"));
    }

    void hoursOfASubscription() {
        add({part(0, 1, {1, 1}), part(5, 1, {2, 2}), part(6, 1, {3, 3}), {kOther, 2, kHour, {9, 9}}});
        CPPUNIT_ASSERT_EQUAL(std::string("08:1/1 13:2/2 "), hours(6));
        CPPUNIT_ASSERT_EQUAL(std::string("08:1/1 13:2/2 14:3/3 "), hours(7));
    }

    void daysOfTheZone() {
        add({part(8, 1, {1, 1}), part(9, 1, {2, 2}), part(10, 1, {3, 3})});
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-22:1/1 2026-11-23:5/5 "), days());
    }

    // What is not in usage_hour yet is in the session's counters.
    void runningHourCounts() {
        add({part(8, 1, {1, 1})});
        Session open = sampleSession(1);
        open.subscriptionId = kSubscription;
        open.hourStart = kHour + std::chrono::hours(9);
        open.hourOctets = {10, 20};
        Session closed = open;
        closed.id = 2;
        closed.state = SessionState::Closed;
        closed.stoppedAt = closed.startedAt;
        closed.hourOctets = {100, 200};
        Session other = open;
        other.id = 3;
        other.subscriptionId = kOther;
        db().transact([&](Tx& tx) { putSessions(tx, {&open, &closed, &other}); });
        CPPUNIT_ASSERT_EQUAL(std::string("16:1/1 17:110/220 "), hours());
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-22:1/1 2026-11-23:110/220 "), days());
        CPPUNIT_ASSERT_EQUAL(std::string("111/221"), total());
    }

    void rolledUpHoursAreTheSameOctets() {
        for (int hour = 0; hour < 20; ++hour) {
            add({part(hour, hour % 3, {1, 100}), {kOther, 9, kHour + std::chrono::hours(hour), {7, 7}}});
        }
        const std::string before = days();
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-22:9/900 2026-11-23:11/1100 "), before);
        CPPUNIT_ASSERT(!rollUp(instant("2026-11-22T20:00:00Z"), 1'000));
        CPPUNIT_ASSERT_EQUAL(before, days());
        CPPUNIT_ASSERT_EQUAL(std::string("16"), count("usage_hour"));
        CPPUNIT_ASSERT_EQUAL(std::string("20/2000"), total());
    }

    void rollsUpAPieceAtATime() {
        for (int hour = 0; hour < 10; ++hour) {
            add({part(hour, 1, {1, 2}),
                 part(hour, 2, {3, 4}),
                 {kOther, 3, part(hour, 1, {}).hourStart, {5, 6}}});
        }
        const std::string before = days();
        int pieces = 1;
        while (rollUp(instant("2026-11-23T00:00:00Z"), 7)) {
            CPPUNIT_ASSERT_EQUAL(before, days());
            ++pieces;
        }
        CPPUNIT_ASSERT_EQUAL(5, pieces);
        CPPUNIT_ASSERT_EQUAL(before, days());
        CPPUNIT_ASSERT_EQUAL(std::string("0"), count("usage_hour"));
        CPPUNIT_ASSERT(!rollUp(instant("2026-11-23T00:00:00Z"), 7));
    }

    void rollsUpIntoADayThatIsThere() {
        add({part(0, 1, {1, 1})});
        rollUp(instant("2026-11-23T00:00:00Z"), 10);
        add({part(1, 1, {2, 2})});  // a late one
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-22:3/3 "), days());
        rollUp(instant("2026-11-23T00:00:00Z"), 10);
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-22:3/3 "), days());
    }

    void periodsHaveEdges() {
        add({part(8, 1, {1, 1}), part(9, 1, {2, 2}), part(32, 1, {4, 4}), part(33, 1, {8, 8})});
        const auto in = [&](const char* first, const char* next) {
            return text(db().read([&](Tx& tx) {
                return usageIn(tx, zone_, kSubscription, {day(first), day(next)});
            }));
        };
        for (const int round : {1, 2}) {
            CPPUNIT_ASSERT_EQUAL(std::string("1/1"), in("2026-11-22", "2026-11-23"));
            CPPUNIT_ASSERT_EQUAL(std::string("6/6"), in("2026-11-23", "2026-11-24"));
            CPPUNIT_ASSERT_EQUAL(std::string("14/14"), in("2026-11-23", "2026-12-23"));
            CPPUNIT_ASSERT_EQUAL(std::string("0/0"), in("2026-11-25", "2026-11-26"));
            CPPUNIT_ASSERT_MESSAGE("as days in the second round",
                                   round == 2 || !rollUp(instant("2026-12-01T00:00:00Z"), 100));
        }
    }

    void bigNumbersStayExact() {
        add({part(0, 1, {9'007'199'254'740'993, 1}), part(0, 2, {9'007'199'254'740'993, 1})});
        rollUp(instant("2026-11-23T00:00:00Z"), 10);
        CPPUNIT_ASSERT_EQUAL(std::string("18014398509481986/2"), total());
    }

private:
    static std::string text(const Octets& octets) {
        return std::to_string(octets.input) + "/" + std::to_string(octets.output);
    }
    void add(const std::vector<UsagePart>& parts) {
        db().transact([&](Tx& tx) { addUsage(tx, parts); });
    }
    bool rollUp(core::Instant before, int most) {
        return db().transact([&](Tx& tx) { return rollUpHours(tx, zone_, before, most); });
    }
    /// "HH:IN/OUT " of each, in UTC.
    std::string hours(int until = 24) {
        std::string all;
        for (const UsageHour& hour : db().read([&](Tx& tx) {
                 return usageByHour(tx, kSubscription, kHour, kHour + std::chrono::hours(until));
             })) {
            all += core::formatInstant(hour.hourStart).substr(11, 2) + ":" + text(hour.octets) + " ";
        }
        return all;
    }
    std::string days() {
        std::string all;
        for (const UsageDay& of :
             db().read([&](Tx& tx) { return usageByDay(tx, zone_, kSubscription, kTwoDays); })) {
            all += core::formatDate(of.day) + ":" + text(of.octets) + " ";
        }
        return all;
    }
    std::string total() {
        return text(db().read([&](Tx& tx) { return usageIn(tx, zone_, kSubscription, kTwoDays); }));
    }
    std::string count(const std::string& table) {
        return std::to_string(
            db().read([&](Tx& tx) { return tx.queryOne("SELECT COUNT(*) FROM " + table)->integer(0); }));
    }

    core::Zone zone_{"Asia/Jakarta"};
};

CPPUNIT_TEST_SUITE_REGISTRATION(gardu::test::OnSqlite<UsageStoreTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(gardu::test::OnMariaDb<UsageStoreTest>);

}  // namespace gardu::radius
