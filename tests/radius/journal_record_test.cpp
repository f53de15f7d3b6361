// The octets of journal records: there and back, pinned for files of older programs, and octets that are
// none.
#include "radius/journal_record.h"

#include <cppunit/extensions/HelperMacros.h>

#include <random>

#include "core/check.h"
#include "tests/radius/packets.h"
#include "tests/support/throws.h"

namespace gardu::radius {
namespace {

using namespace std::string_literals;

core::IpAddress address(std::string_view text) {
    return core::parseIpAddress(text).value();
}

const core::Instant kAt = core::fromEpochMs(1'795'348'800'123);

JournaledPacket packet(std::string_view source, core::Bytes octets) {
    return {"nas-1", "nas-1@" + std::string(source), address(source), kAt, false, std::move(octets)};
}

JournaledTold told(billing::Access access, std::optional<core::Instant> until) {
    return {{"nas-1", "81a00001", "login"}, {access, 0x01020304, 0xfffefdfc, until}};
}

struct RecordCase {
    std::string_view what;
    JournalRecord record;
};

const RecordCase kRecords[] = {
    {"a packet over IPv4", packet("10.0.0.1", {4, 7, 0, 20})},
    {"a packet over IPv6", packet("2001:db8::1", core::Bytes(4096, 0xff))},
    {"a packet of a NAS that counts the other way",
     JournaledPacket{"n", "n", address("10.0.0.1"), kAt, true, {1}}},
    {"empty texts, before 1970",
     JournaledPacket{"", "", address("0.0.0.0"), core::fromEpochMs(-1), false, {}}},
    {"text of any octets", JournaledGone{{"\0\xff"s, "a\nb", ""}, kAt}},
    {"gone", JournaledGone{{"nas-1", "81a00001", "login"}, kAt}},
    {"told, with an end", told(billing::Access::Full, kAt)},
    {"told, with an end at the epoch", told(billing::Access::Denied, core::Instant{})},
    {"told, without an end", told(billing::Access::Walled, std::nullopt)},
};

class JournalRecordTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(JournalRecordTest);
    CPPUNIT_TEST(thereAndBack);
    CPPUNIT_TEST(octetsAreAsWritten);
    CPPUNIT_TEST(anythingShorterOrLongerIsNothing);
    CPPUNIT_TEST(whatIsNotARecordIsNothing);
    CPPUNIT_TEST(changedOctetsNeverPassFor);
    CPPUNIT_TEST(tooLongIsAFault);
    CPPUNIT_TEST_SUITE_END();

    void thereAndBack() {
        for (const auto& [what, record] : kRecords) {
            const auto read = decodeRecord(encodeRecord(record));
            CPPUNIT_ASSERT_MESSAGE(std::string(what), read.has_value() && *read == record);
        }
    }

    // Written by hand: a file outlives the program that wrote it.
    void octetsAreAsWritten() {
        const JournaledPacket packet{"ab", "ab@10.0.0.1", address("10.0.0.1"), kAt, true, {4, 7}};
        CPPUNIT_ASSERT_EQUAL(
            core::toHex(test::octets("01 01 0002" + test::hexOf("ab") + "000b" + test::hexOf("ab@10.0.0.1") +
                                     "0004 0a000001 000001a20320a27b 01 0002 0407")),
            core::toHex(encodeRecord(packet)));
        const JournaledGone gone{{"ab", "c", ""}, kAt};
        CPPUNIT_ASSERT_EQUAL(core::toHex(test::octets("01 02 0002 6162 0001 63 0000 000001a20320a27b")),
                             core::toHex(encodeRecord(gone)));
        const JournaledTold told{{"ab", "c", "d"}, {billing::Access::Walled, 1, 2, kAt}};
        CPPUNIT_ASSERT_EQUAL(core::toHex(test::octets("01 03 0002 6162 0001 63 0001 64 01 00000001 00000002 "
                                                      "01 000001a20320a27b")),
                             core::toHex(encodeRecord(told)));
    }

    void anythingShorterOrLongerIsNothing() {
        for (const auto& [what, record] : kRecords) {
            core::Bytes octets = encodeRecord(record);
            for (std::size_t size = 0; size < octets.size(); ++size) {
                CPPUNIT_ASSERT_MESSAGE(std::string(what) + " cut to " + std::to_string(size),
                                       !decodeRecord(core::ByteView(octets).first(size)));
            }
            octets.push_back(0);
            CPPUNIT_ASSERT_MESSAGE(std::string(what) + " and more", !decodeRecord(octets));
        }
    }

    void whatIsNotARecordIsNothing() {
        const std::pair<std::string, std::string> cases[] = {
            {"version 0", "00 02 0000 0000 0000 0000000000000000"},
            {"version 2", "02 02 0000 0000 0000 0000000000000000"},
            {"kind 0", "01 00"},
            {"kind 4", "01 04 0000 0000 0000 0000000000000000"},
            {"an address of 5 octets", "01 01 0000 0000 0005 0a00000101 0000000000000000 00 0000"},
            {"an address of none", "01 01 0000 0000 0000 0000000000000000 00 0000"},
            {"a flag of 2", "01 01 0000 0000 0004 0a000001 0000000000000000 02 0000"},
            {"IPv4 as IPv6",
             "01 01 0000 0000 0010 00000000000000000000ffff0a000001 0000000000000000 00 0000"},
            {"access 3", "01 03 0000 0000 0000 03 00000000 00000000 00"},
            {"a length over the end", "01 02 ffff 0000 0000 0000000000000000"},
        };
        for (const auto& [what, hex] : cases) {
            CPPUNIT_ASSERT_MESSAGE(what, !decodeRecord(test::octets(hex)));
        }
    }

    /// What decodes after any change of octets is written as the same octets again: no two ways to say one.
    void changedOctetsNeverPassFor() {
        std::mt19937_64 generator(20261122);
        for (const auto& [what, record] : kRecords) {
            const core::Bytes good = encodeRecord(record);
            for (int round = 0; round < 2'000; ++round) {
                core::Bytes octets = good;
                for (std::uint64_t changes = generator() % 3 + 1; changes-- > 0;) {
                    octets[generator() % octets.size()] = static_cast<std::uint8_t>(generator());
                }
                const auto read = decodeRecord(octets);
                CPPUNIT_ASSERT_MESSAGE(std::string(what) + " " + core::toHex(octets),
                                       !read || encodeRecord(*read) == octets);
            }
        }
    }

    void tooLongIsAFault() {
        const JournaledGone gone{{"nas-1", std::string(65'536, 'x'), ""}, kAt};
        CPPUNIT_ASSERT(gardu::test::throws<core::InvariantBroken>([&] { return encodeRecord(gone); }));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(JournalRecordTest);

}  // namespace
}  // namespace gardu::radius
