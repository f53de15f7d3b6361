#include "radius/accounting_event.h"

#include <cppunit/extensions/HelperMacros.h>

#include "core/bytes.h"
#include "tests/radius/packets.h"

namespace gardu::radius {
namespace {

using namespace std::string_literals;

const core::Instant kReceived = *core::parseInstant("2027-02-15T12:00:00.500Z");

core::Instant instant(std::string_view text) {
    return *core::parseInstant(text);
}

AccountingArrival arrival(bool swapOctets = false) {
    return {"nas", "nas@10.0.0.1", *core::parseIpAddress("10.0.0.1"), kReceived, swapOctets};
}

Attributes attributesOf(AcctStatus status, Attributes more = {}) {
    Attributes attributes = {integerAttribute(attr::kAcctStatusType, static_cast<std::uint32_t>(status)),
                             textAttribute(attr::kUserName, "budi"),
                             textAttribute(attr::kAcctSessionId, "81500001")};
    attributes.insert(attributes.end(), more.begin(), more.end());
    return attributes;
}

AccountingEvent read(const Attributes& attributes, bool swapOctets = false) {
    return std::get<AccountingEvent>(readAccountingEvent(attributes, arrival(swapOctets)));
}

AccountingEvent interimWith(const Attributes& more) {
    return read(attributesOf(AcctStatus::Interim, more));
}

std::uint32_t unixTime(std::string_view text) {
    return static_cast<std::uint32_t>(core::toEpochMs(instant(text)) / 1000);
}

struct TimeCase {
    std::optional<std::uint32_t> delay;
    std::optional<std::uint32_t> timestamp;
    const char* happened = "";
};

const TimeCase kTimes[] = {
    {{}, {}, "2027-02-15T12:00:00.500Z"},
    {0, {}, "2027-02-15T12:00:00.500Z"},
    {90, {}, "2027-02-15T11:58:30.500Z"},
    {86'400, {}, "2027-02-14T12:00:00.500Z"},
    {86'401, {}, "2027-02-14T12:00:00.500Z"},
    {0xffff'ffff, {}, "2027-02-14T12:00:00.500Z"},
    {{}, unixTime("2027-02-15T11:59:58Z"), "2027-02-15T11:59:58Z"},
    // What the NAS measured itself beats its idea of the time.
    {90, unixTime("2027-02-15T11:58:20Z"), "2027-02-15T11:58:30.500Z"},
    {0, unixTime("2027-02-15T11:58:20Z"), "2027-02-15T12:00:00.500Z"},
    // More than five minutes away: the NAS's clock is wrong.
    {{}, unixTime("2027-02-15T11:55:01Z"), "2027-02-15T11:55:01Z"},
    {{}, unixTime("2027-02-15T11:55:00Z"), "2027-02-15T12:00:00.500Z"},
    {3600, unixTime("2027-02-15T11:59:59Z"), "2027-02-15T11:00:00.500Z"},
    {{}, 0, "2027-02-15T12:00:00.500Z"},
    // Never after it was received.
    {{}, unixTime("2027-02-15T12:04:00Z"), "2027-02-15T12:00:00.500Z"},
    {60, unixTime("2027-02-15T12:01:00Z"), "2027-02-15T11:59:00.500Z"},
};

struct BadCase {
    Attributes attributes;
    const char* error;
};

const BadCase kBad[] = {
    {{textAttribute(attr::kUserName, "budi"), textAttribute(attr::kAcctSessionId, "1")},
     "status_type_missing"},
    {{integerAttribute(attr::kAcctStatusType, 4)}, "status_type_missing"},
    {{textAttribute(attr::kAcctStatusType, "1")}, "status_type_missing"},
    {{integerAttribute(attr::kAcctStatusType, 1), textAttribute(attr::kUserName, "budi")},
     "session_id_missing"},
    {{integerAttribute(attr::kAcctStatusType, 2), textAttribute(attr::kAcctSessionId, "")},
     "session_id_missing"},
    {{integerAttribute(attr::kAcctStatusType, 3), textAttribute(attr::kAcctSessionId, "1")},
     "user_name_missing"},
};

struct CauseCase {
    std::uint32_t number;
    const char* name;
};

constexpr CauseCase kCauses[] = {
    {0, "0"},
    {1, "User-Request"},
    {2, "Lost-Carrier"},
    {4, "Idle-Timeout"},
    {5, "Session-Timeout"},
    {6, "Admin-Reset"},
    {10, "NAS-Request"},
    {11, "NAS-Reboot"},
    {15, "Service-Unavailable"},
    {18, "Host-Request"},
    {20, "Reauthentication-Failure"},
    {22, "Port-Disabled"},
    {23, "23"},
    {0xffff'ffff, "4294967295"},
};

struct PrefixCase {
    std::string_view hex;
    const char* network;  ///< "": none
};

constexpr PrefixCase kPrefixes[] = {
    {"0040 20010db8 00010000", "2001:db8:1::/64"},
    {"0038 20010db8 000100", "2001:db8:1::/56"},
    {"0040 20010db8 00010000 0000000000000000", "2001:db8:1::/64"},
    {"0020 20010db8 ffff", "2001:db8::/32"},  // bits after the prefix are not of it
    {"0000", "::/0"},
    {"0080 20010db8 00000000 00000000 00000001", "2001:db8::1/128"},
    {"0040 20010db8", ""},  // too short for its length
    {"0081 20010db8 00000000 00000000 00000001", ""},
    {"0040 20010db8 00000000 00000000 00000001 00", ""},
    {"00", ""},
    {"", ""},
};

struct TextCase {
    std::string octets;
    std::string text;
};

const TextCase kTexts[] = {
    {"budi", "budi"},
    {"b\xffs", "b\\xffs"},
    {"a\\xb", "a\\x5cxb"},
    {std::string(253, 'a'), std::string(253, 'a')},
    // A fingerprint of the whole stands for what is cut.
    {std::string(252, 'a') + "\x01", std::string(236, 'a') + "~78cf340f2c4eb2d2"},
};

class AccountingEventTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AccountingEventTest);
    CPPUNIT_TEST(readsAnInterimOfRouterOs);
    CPPUNIT_TEST(timesAreBounded);
    CPPUNIT_TEST(startIsBeforeTheSessionTime);
    CPPUNIT_TEST(refusesWhatHasNoMeaning);
    CPPUNIT_TEST(serviceChangesNeedNeitherSessionNorUser);
    CPPUNIT_TEST(countersAreSwappedWhereTheNasCountsTheOtherWay);
    CPPUNIT_TEST(causesHaveTheirNames);
    CPPUNIT_TEST(prefixes);
    CPPUNIT_TEST(addresses);
    CPPUNIT_TEST(firstClassOfOurs);
    CPPUNIT_TEST(textsAreEscapedAndBounded);
    CPPUNIT_TEST(cutTextsHoldWholeCharacters);
    CPPUNIT_TEST(statusesHaveNames);
    CPPUNIT_TEST_SUITE_END();

    void readsAnInterimOfRouterOs() {
        const AccountingEvent event = interimWith({
            integerAttribute(attr::kAcctSessionTime, 600),
            integerAttribute(attr::kAcctInputOctets, 1000),
            integerAttribute(attr::kAcctInputGigawords, 1),
            integerAttribute(attr::kAcctOutputOctets, 0xffff'ffff),
            textAttribute(attr::kCallingStationId, "AA:BB:CC:00:00:01"),
            textAttribute(attr::kCalledStationId, "pppoe"),
            textAttribute(attr::kNasPortId, "ether2"),
            integerAttribute(attr::kNasPort, 15'728'641),
            textAttribute(attr::kNasIdentifier, "tower-7"),
            octetsAttribute(attr::kNasIpAddress, test::octets("0a000001")),
            octetsAttribute(attr::kFramedIpAddress, test::octets("64400002")),
        });
        CPPUNIT_ASSERT(event.status == AcctStatus::Interim && event.arrival.nasKey == "nas@10.0.0.1");
        CPPUNIT_ASSERT(event.username == "budi" && event.usernameKey == "budi");
        CPPUNIT_ASSERT_EQUAL("81500001"s, event.acctSessionId);
        CPPUNIT_ASSERT(event.sessionTime == 600U && !event.loginClass && !event.terminateCause);
        CPPUNIT_ASSERT(event.input == (ReportedOctets{1000, 1}));
        CPPUNIT_ASSERT(event.output == (ReportedOctets{0xffff'ffff, std::nullopt}));
        CPPUNIT_ASSERT(event.framedIp == core::parseIpAddress("100.64.0.2"));
        CPPUNIT_ASSERT(event.nasIp == core::parseIpAddress("10.0.0.1") && event.nasPort == 15'728'641U);
        CPPUNIT_ASSERT(event.nasPortId == "ether2" && event.nasIdentifier == "tower-7");
        CPPUNIT_ASSERT(event.callingStationId == "AA:BB:CC:00:00:01" && event.calledStationId == "pppoe");
    }

    void timesAreBounded() {
        for (const auto& [delay, timestamp, happened] : kTimes) {
            Attributes more;
            if (delay) {
                more.push_back(integerAttribute(attr::kAcctDelayTime, *delay));
            }
            if (timestamp) {
                more.push_back(integerAttribute(attr::kEventTimestamp, *timestamp));
            }
            CPPUNIT_ASSERT_EQUAL(std::string(happened), core::formatInstant(interimWith(more).happenedAt));
        }
    }

    void startIsBeforeTheSessionTime() {
        const Attributes time = {integerAttribute(attr::kAcctSessionTime, 3600)};
        const core::Instant before = kReceived - core::Seconds(3600);
        CPPUNIT_ASSERT(read(attributesOf(AcctStatus::Start, time)).startEstimate() == kReceived);
        CPPUNIT_ASSERT(read(attributesOf(AcctStatus::Interim, time)).startEstimate() == before);
        CPPUNIT_ASSERT(read(attributesOf(AcctStatus::Stop, time)).startEstimate() == before);
        CPPUNIT_ASSERT(!read(attributesOf(AcctStatus::Stop)).startEstimate());
        CPPUNIT_ASSERT(!read(attributesOf(AcctStatus::AccountingOn, time)).startEstimate());
    }

    void refusesWhatHasNoMeaning() {
        for (const auto& [attributes, error] : kBad) {
            const auto result = readAccountingEvent(attributes, arrival());
            CPPUNIT_ASSERT_MESSAGE(error, std::holds_alternative<BadAccounting>(result));
            CPPUNIT_ASSERT_EQUAL(std::string(error), std::string(name(std::get<BadAccounting>(result))));
        }
    }

    void serviceChangesNeedNeitherSessionNorUser() {
        for (const AcctStatus status : {AcctStatus::AccountingOn, AcctStatus::AccountingOff}) {
            const AccountingEvent event =
                read({integerAttribute(attr::kAcctStatusType, static_cast<std::uint32_t>(status))});
            CPPUNIT_ASSERT(event.status == status && event.isOfNas() && event.username.empty());
        }
        CPPUNIT_ASSERT(!read(attributesOf(AcctStatus::Stop)).isOfNas());
    }

    void countersAreSwappedWhereTheNasCountsTheOtherWay() {
        const Attributes attributes =
            attributesOf(AcctStatus::Stop, {integerAttribute(attr::kAcctInputOctets, 1),
                                            integerAttribute(attr::kAcctInputGigawords, 2),
                                            integerAttribute(attr::kAcctOutputOctets, 3)});
        const AccountingEvent event = read(attributes, true);
        CPPUNIT_ASSERT(event.output == (ReportedOctets{1, 2}) && event.input == (ReportedOctets{3, {}}));
    }

    void causesHaveTheirNames() {
        for (const auto& [number, causeName] : kCauses) {
            const AccountingEvent event = interimWith({integerAttribute(attr::kAcctTerminateCause, number)});
            CPPUNIT_ASSERT_EQUAL(std::string(causeName), event.terminateCause.value());
        }
    }

    void prefixes() {
        for (const auto& [hex, network] : kPrefixes) {
            const AccountingEvent event =
                interimWith({octetsAttribute(attr::kFramedIpv6Prefix, test::octets(hex))});
            CPPUNIT_ASSERT_EQUAL_MESSAGE(
                std::string(hex), std::string(network),
                event.framedIpv6Prefix ? core::formatIpNetwork(*event.framedIpv6Prefix) : ""s);
            CPPUNIT_ASSERT(!event.delegatedIpv6Prefix);
        }
        const auto delegated = octetsAttribute(attr::kDelegatedIpv6Prefix, test::octets(kPrefixes[1].hex));
        CPPUNIT_ASSERT(interimWith({delegated}).delegatedIpv6Prefix ==
                       core::parseIpNetwork(kPrefixes[1].network));
    }

    void addresses() {
        for (const std::string_view none : {"00000000", "0a0000", "0a00000001", ""}) {
            const Attributes attributes = {octetsAttribute(attr::kFramedIpAddress, test::octets(none))};
            CPPUNIT_ASSERT_MESSAGE(std::string(none), !interimWith(attributes).framedIp);
        }
    }

    void firstClassOfOurs() {
        LoginClass ours;
        ours.login.octets[0] = 7;
        LoginClass second;
        second.login.octets[0] = 8;
        const Attribute foreign = textAttribute(attr::kClass, "of a proxy");
        const Attributes both = {foreign, textAttribute(attr::kClass, classValue(ours)),
                                 textAttribute(attr::kClass, classValue(second))};
        CPPUNIT_ASSERT(interimWith(both).loginClass == ours);
        CPPUNIT_ASSERT(!interimWith({foreign}).loginClass);
    }

    void textsAreEscapedAndBounded() {
        for (const auto& [octets, text] : kTexts) {
            Attributes attributes = attributesOf(AcctStatus::Start);
            attributes[1].value = octets;
            attributes[2].value = octets;
            attributes.push_back(textAttribute(attr::kNasPortId, octets));
            const AccountingEvent event = read(attributes);
            CPPUNIT_ASSERT_EQUAL(text, event.username);
            CPPUNIT_ASSERT_EQUAL(text, event.acctSessionId);
            CPPUNIT_ASSERT_EQUAL(text, event.nasPortId);
        }
        CPPUNIT_ASSERT_EQUAL("aabbcc000001"s, read({integerAttribute(attr::kAcctStatusType, 1),
                                                    textAttribute(attr::kAcctSessionId, "1"),
                                                    textAttribute(attr::kUserName, "AA-BB-CC-00-00-01")})
                                                  .usernameKey);
    }

    void cutTextsHoldWholeCharacters() {
        for (std::size_t plain = 228; plain <= 240; ++plain) {
            for (const std::string_view rest : {"\xc3\xa9", "\xff", "\xf0\x9f\x98\x80"}) {
                std::string octets(plain, 'a');
                while (octets.size() < 253) {
                    octets += rest;
                }
                octets += '\x01';
                Attributes attributes = attributesOf(AcctStatus::Start);
                attributes[1].value = octets;
                const std::string text = read(attributes).username;
                CPPUNIT_ASSERT(text.size() <= 253 && text.size() >= 249);
                CPPUNIT_ASSERT_MESSAGE(text, core::isPrintableUtf8(core::asBytes(text)));
                const std::string front = core::unescapeOctets(text.substr(0, text.size() - 17));
                CPPUNIT_ASSERT_EQUAL_MESSAGE(text, octets.substr(0, front.size()), front);
            }
        }
    }

    void statusesHaveNames() {
        CPPUNIT_ASSERT_EQUAL("start"s, std::string(name(AcctStatus::Start)));
        CPPUNIT_ASSERT_EQUAL("stop"s, std::string(name(AcctStatus::Stop)));
        CPPUNIT_ASSERT_EQUAL("interim"s, std::string(name(AcctStatus::Interim)));
        CPPUNIT_ASSERT_EQUAL("accounting_on"s, std::string(name(AcctStatus::AccountingOn)));
        CPPUNIT_ASSERT_EQUAL("accounting_off"s, std::string(name(AcctStatus::AccountingOff)));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AccountingEventTest);

}  // namespace
}  // namespace gardu::radius
