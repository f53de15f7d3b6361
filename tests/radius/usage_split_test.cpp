#include "radius/usage_split.h"

#include <cppunit/extensions/HelperMacros.h>

#include <sstream>

#include "tests/radius/session_script.h"

namespace gardu::radius {
namespace {

using namespace std::string_literals;
using test::play;
using test::SessionShelf;

core::Instant instant(std::string_view text) {
    return core::parseInstant(text).value();
}

struct SplitCase {
    const char* zone = "";
    const char* from = "";
    const char* to = "";
    Octets delta;
    const char* parts = "";
};

constexpr std::int64_t kHuge = std::int64_t{1} << 60U;

const SplitCase kSplits[] = {
    {"UTC", "2027-02-15T10:10:00Z", "2027-02-15T10:40:00Z", {30, 3}, "10:00 30/3"},
    {"UTC", "2027-02-15T10:30:00Z", "2027-02-15T11:30:00Z", {100, 7}, "10:00 50/3, 11:00 50/4"},
    {"UTC",
     "2027-02-15T10:59:00Z",
     "2027-02-15T13:01:00Z",
     {122, 0},
     "10:00 1/0, 11:00 60/0, 12:00 60/0, 13:00 1/0"},
    // To the hour: nothing is in the next one.
    {"UTC", "2027-02-15T10:30:00Z", "2027-02-15T11:00:00Z", {5, 5}, "10:00 5/5"},
    {"UTC", "2027-02-15T11:00:00Z", "2027-02-15T11:00:00.001Z", {5, 5}, "11:00 5/5"},
    // Over hours in which not one octet moved.
    {"UTC", "2027-02-15T10:00:00Z", "2027-02-15T14:00:00Z", {1, 0}, "13:00 1/0"},
    {"UTC", "2027-02-15T10:00:00Z", "2027-02-15T14:00:00Z", {0, 0}, ""},
    // No time, or a late packet: all in the hour of the end.
    {"UTC", "2027-02-15T10:30:00Z", "2027-02-15T10:30:00Z", {9, 9}, "10:00 9/9"},
    {"UTC", "2027-02-15T13:30:00Z", "2027-02-15T10:30:00Z", {9, 9}, "10:00 9/9"},
    {"Asia/Kathmandu", "2027-02-15T10:00:00Z", "2027-02-15T10:30:00Z", {30, 0}, "09:15 15/0, 10:15 15/0"},
    // Half an hour is left out at 15:30Z.
    {"Australia/Lord_Howe",
     "2027-10-02T14:30:00Z",
     "2027-10-02T17:00:00Z",
     {150, 0},
     "14:30 60/0, 15:30 30/0, 16:00 60/0"},
    // Times that pass 64 bits.
    {"UTC",
     "2027-02-15T10:00:00Z",
     "2027-02-15T12:00:00Z",
     {kHuge, kHuge - 1},
     "10:00 576460752303423488/576460752303423487, 11:00 576460752303423488/576460752303423488"},
};

std::string textOf(const std::vector<HourPart>& parts) {
    std::ostringstream out;
    for (const HourPart& part : parts) {
        out << (out.tellp() > 0 ? ", " : "") << core::formatInstant(part.hourStart).substr(11, 5) << ' '
            << part.octets.input << '/' << part.octets.output;
    }
    return out.str();
}

struct UsageCase {
    const char* script;
    /// Stored by hour, and what is still with the open session.
    const char* usage;
};

const UsageCase kUsage[] = {
    {"start 1800; interim 3000 t=1200 in=12 out=1", " + 0h 12/1"},
    {"start 1800; interim 5400 t=3600 in=60 out=6", "0h 30/3 + 1h 30/3"},
    {"start 1800; interim 5400 t=3600 in=60 out=6; stop 6000 t=4200 in=61 out=7", "0h 30/3, 1h 31/4"},
    // An hour that is over is stored though nothing moved in the next one.
    {"start 1800; interim 3000 t=1200 in=12 out=1; interim 4000 t=2200 in=12 out=1", "0h 12/1 + 1h 0/0"},
    // The Start was lost: from when it must have begun.
    {"interim 5400 t=3600 in=60 out=6", "0h 30/3 + 1h 30/3"},
    // Late, of hours that are stored, and of a session that is closed.
    {"start 0 login=1; interim 7000 t=7000 in=0 gin=0 out=0 gout=0 login=1; interim 7100 t=7100 in=71 gin=0 "
     "out=0 gout=0 login=1;"
     "interim 3000 t=3000 in=90 gin=0 out=0 gout=0 login=1",
     "0h 19/0 + 1h 71/0"},
    // What comes then is of the time since the latest counters.
    {"start 0; interim 7100 t=7100 in=0 gin=0 out=0 gout=0; interim 3000 t=3000 in=90 gin=0 out=0 gout=0;"
     "interim 7150 t=7150 in=100 gin=0 out=0 gout=0",
     "0h 90/0 + 1h 10/0"},
    {"start 0; stop 3000 t=3000 in=30 out=0; interim 2900 t=2900 in=31 gin=0 out=0 gout=0", "0h 31/0"},
    // Closed by us, and open again.
    {"start 0; interim 3000 t=3000 in=30 out=0; gone 3001; interim 3100 t=3100 in=31 out=0",
     "0h 30/0 + 0h 1/0"},
};

class UsageSplitTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(UsageSplitTest);
    CPPUNIT_TEST(splitsByHour);
    CPPUNIT_TEST(startOfManyYearsAgoIsBounded);
    CPPUNIT_TEST(usageOfASession);
    CPPUNIT_TEST(subscriptionThatIsKnownLater);
    CPPUNIT_TEST(nobodysUsageIsNotStored);
    CPPUNIT_TEST_SUITE_END();

    void splitsByHour() {
        for (const auto& [zone, from, to, delta, parts] : kSplits) {
            CPPUNIT_ASSERT_EQUAL(std::string(parts),
                                 textOf(splitByHour(core::Zone(zone), instant(from), instant(to), delta)));
        }
    }

    void startOfManyYearsAgoIsBounded() {
        const auto parts = splitByHour(core::Zone("UTC"), instant("1891-01-01T00:00:00Z"),
                                       instant("2027-02-15T00:00:00Z"), {1'000'000'007, 0});
        CPPUNIT_ASSERT_EQUAL(std::size_t{9600}, parts.size());
        std::int64_t sum = 0;
        for (const HourPart& part : parts) {
            sum += part.octets.input;
        }
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1'000'000'007}, sum);
    }

    static std::string usageOf(const SessionShelf& shelf) {
        std::ostringstream out;
        const auto hour = [](core::Instant start) {
            return (start - test::secondOfDay(0)).count() / 3'600'000;
        };
        for (const auto& [key, octets] : shelf.usage()) {
            out << (out.tellp() > 0 ? ", " : "") << hour(key.second) << "h " << octets.input << '/'
                << octets.output;
        }
        const Session& session = shelf.sessions().at(1);
        if (session.isOpen()) {
            out << " + " << hour(session.hourStart) << "h " << session.hourOctets.input << '/'
                << session.hourOctets.output;
        }
        return out.str();
    }

    void usageOfASession() {
        for (const auto& [script, usage] : kUsage) {
            SessionShelf shelf(core::Zone("UTC"));
            play(shelf, script, {"subscription", 0});
            CPPUNIT_ASSERT_EQUAL_MESSAGE(script, std::string(usage), usageOf(shelf));
        }
    }

    void subscriptionThatIsKnownLater() {
        SessionShelf shelf(core::Zone("UTC"));
        play(shelf, "start 1800; interim 5400 t=3600 in=60 out=6");
        CPPUNIT_ASSERT_EQUAL(" + 1h 0/0"s, usageOf(shelf).replace(3, 1, "1"));
        play(shelf, "interim 5500 t=3700 in=61 out=7", {"subscription", 0});
        CPPUNIT_ASSERT_EQUAL("0h 30/3 + 1h 31/4"s, usageOf(shelf));
        // It stays with the first one.
        play(shelf, "stop 5600 t=3800 in=61 out=7", {"another", 0});
        CPPUNIT_ASSERT_EQUAL("subscription"s, shelf.sessions().at(1).subscriptionId);
    }

    void nobodysUsageIsNotStored() {
        SessionShelf shelf(core::Zone("UTC"));
        play(shelf, "start 1800; interim 5400 t=3600 in=60 out=6; stop 9000 t=7200 in=90 out=9");
        CPPUNIT_ASSERT(shelf.usage().empty());
        CPPUNIT_ASSERT(shelf.sessions().at(1).octets == (Octets{90, 9}));
        // Closed when it becomes known whose it was.
        play(shelf, "stop 9000 t=7200 in=90 out=9", {"subscription", 0});
        CPPUNIT_ASSERT(shelf.usageOf(1) == (Octets{90, 9}));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(UsageSplitTest);

}  // namespace
}  // namespace gardu::radius
