#include "core/address.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <set>

namespace gardu::test {

namespace {

using core::AddressFamily;
using core::IpAddress;
using core::parseIpAddress;
using core::parseIpNetwork;

struct AddressCase {
    std::string_view text;
    AddressFamily family;
    std::string_view printed;
};

constexpr AddressFamily kV4 = AddressFamily::Ipv4;
constexpr AddressFamily kV6 = AddressFamily::Ipv6;

constexpr AddressCase kAddresses[] = {
    {"10.0.0.1", kV4, "10.0.0.1"},
    {"0.0.0.0", kV4, "0.0.0.0"},
    {"255.255.255.255", kV4, "255.255.255.255"},
    {"2001:db8::1", kV6, "2001:db8::1"},
    {"2001:0DB8:0000:0000:0000:0000:0000:0001", kV6, "2001:db8::1"},
    {"::", kV6, "::"},
    {"::1", kV6, "::1"},
    {"fe80::1:2:3:4", kV6, "fe80::1:2:3:4"},
    {"::ffff:10.0.0.1", kV4, "10.0.0.1"},
    {"::ffff:a00:1", kV4, "10.0.0.1"},
    {"64:ff9b::10.0.0.1", kV6, "64:ff9b::a00:1"},
};

constexpr std::string_view kNotAddresses[] = {
    "",
    " ",
    "10.0.0",
    "10.0.0.1.2",
    "10.0.0.256",
    "10.0.0.01",
    "10.0.0.1 ",
    " 10.0.0.1",
    "10.0.0.1/32",
    "0x0a.0.0.1",
    "167772161",
    "10.0.0.-1",
    "2001:db8",
    "2001:db8:::1",
    "2001:db8::g",
    "1:2:3:4:5:6:7:8:9",
    "fe80::1%eth0",
    "[::1]",
    "::ffff:10.0.0.256",
    "localhost",
};

struct NetworkCase {
    std::string_view text;
    std::string_view printed;
};

constexpr NetworkCase kNetworks[] = {
    {"10.0.0.0/8", "10.0.0.0/8"},
    {"10.128.0.0/9", "10.128.0.0/9"},
    {"10.0.0.1/32", "10.0.0.1/32"},
    {"10.0.0.1", "10.0.0.1/32"},
    {"0.0.0.0/0", "0.0.0.0/0"},
    {"2001:db8::/32", "2001:db8::/32"},
    {"2001:DB8:0::/33", "2001:db8::/33"},
    {"2001:db8:8000::/33", "2001:db8:8000::/33"},
    {"::1", "::1/128"},
    {"::/0", "::/0"},
};

constexpr std::string_view kNotNetworks[] = {
    "",
    "/",
    "/8",
    "10.0.0.0/",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/8 ",
    "10.0.0.0/ 8",
    "10.0.0.0/+8",
    "10.0.0.0/8/8",
    "10.0.0.0/8x",
    "10.0.0.1/8",
    "10.64.0.0/9",
    "2001:db8::/129",
    "2001:db8::1/64",
    "::1/127",
    "10.0.0.0/255.0.0.0",
    "10.0.0.0/4294967304",
};

struct ContainsCase {
    std::string_view network;
    std::string_view address;
    bool isIn;
};

constexpr ContainsCase kContains[] = {
    {"10.0.0.0/8", "10.255.255.255", true},
    {"10.0.0.0/8", "11.0.0.0", false},
    {"10.0.0.0/8", "9.255.255.255", false},
    {"192.168.4.0/22", "192.168.7.255", true},
    {"192.168.4.0/22", "192.168.8.0", false},
    {"10.0.0.1/32", "10.0.0.1", true},
    {"10.0.0.1/32", "10.0.0.0", false},
    {"0.0.0.0/0", "255.1.2.3", true},
    {"0.0.0.0/0", "::", false},
    {"::/0", "10.0.0.1", false},
    {"::/0", "ffff::", true},
    {"2001:db8::/33", "2001:db8:7fff::1", true},
    {"2001:db8::/33", "2001:db8:8000::1", false},
    {"::1", "::1", true},
    {"::1", "::2", false},
    {"10.0.0.0/8", "::ffff:10.0.0.1", true},
};

}  // namespace

class AddressTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AddressTest);
    CPPUNIT_TEST(readsAndPrintsAddresses);
    CPPUNIT_TEST(refusesOtherTexts);
    CPPUNIT_TEST(readsOctets);
    CPPUNIT_TEST(readsAndPrintsNetworks);
    CPPUNIT_TEST(refusesOtherNetworks);
    CPPUNIT_TEST(networkHoldsItsAddresses);
    CPPUNIT_TEST(masks);
    CPPUNIT_TEST(ordersByFamilyAndOctets);
    CPPUNIT_TEST_SUITE_END();

public:
    void readsAndPrintsAddresses() {
        for (const auto& [text, family, printed] : kAddresses) {
            const auto address = parseIpAddress(text);
            CPPUNIT_ASSERT_MESSAGE(std::string(text), address && address->family == family);
            CPPUNIT_ASSERT_EQUAL(std::string(printed), core::formatIpAddress(*address));
            CPPUNIT_ASSERT(parseIpAddress(printed) == address);
        }
    }

    void refusesOtherTexts() {
        for (const std::string_view text : kNotAddresses) {
            CPPUNIT_ASSERT_MESSAGE(std::string(text), !parseIpAddress(text));
        }
        CPPUNIT_ASSERT(!parseIpAddress(std::string_view("10.0.0.1\0", 9)));
    }

    void readsOctets() {
        for (const AddressCase& each : kAddresses) {
            const auto address = parseIpAddress(each.text);
            CPPUNIT_ASSERT_EQUAL(std::size_t{each.family == kV4 ? 4U : 16U}, address->bytes().size());
            CPPUNIT_ASSERT(core::ipAddressFrom(address->bytes()) == address);
        }
        const core::Bytes mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1};
        CPPUNIT_ASSERT(core::ipAddressFrom(mapped) == parseIpAddress("10.0.0.1"));
        for (const std::size_t size : {0U, 1U, 3U, 5U, 15U, 17U}) {
            CPPUNIT_ASSERT(!core::ipAddressFrom(core::Bytes(size)));
        }
    }

    void readsAndPrintsNetworks() {
        for (const auto& [text, printed] : kNetworks) {
            const auto network = parseIpNetwork(text);
            CPPUNIT_ASSERT_MESSAGE(std::string(text), network.has_value());
            CPPUNIT_ASSERT_EQUAL(std::string(printed), core::formatIpNetwork(*network));
            CPPUNIT_ASSERT(parseIpNetwork(printed) == network);
        }
    }

    void refusesOtherNetworks() {
        for (const std::string_view text : kNotNetworks) {
            CPPUNIT_ASSERT_MESSAGE(std::string(text), !parseIpNetwork(text));
        }
    }

    void networkHoldsItsAddresses() {
        for (const auto& [network, address, isIn] : kContains) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(network) + " " + std::string(address), isIn,
                                         parseIpNetwork(network)->contains(*parseIpAddress(address)));
        }
    }

    void masks() {
        const IpAddress ones = *parseIpAddress("255.255.255.255");
        CPPUNIT_ASSERT(core::maskAddress(ones, 0) == *parseIpAddress("0.0.0.0"));
        CPPUNIT_ASSERT(core::maskAddress(ones, 1) == *parseIpAddress("128.0.0.0"));
        CPPUNIT_ASSERT(core::maskAddress(ones, 23) == *parseIpAddress("255.255.254.0"));
        CPPUNIT_ASSERT(core::maskAddress(ones, 32) == ones);
        CPPUNIT_ASSERT(core::maskAddress(*parseIpAddress("2001:db8:ffff::1"), 36) ==
                       *parseIpAddress("2001:db8:f000::"));
    }

    void ordersByFamilyAndOctets() {
        const std::set<IpAddress> sorted = {*parseIpAddress("::1"), *parseIpAddress("10.0.0.1"),
                                            *parseIpAddress("9.0.0.1"), *parseIpAddress("10.0.0.1")};
        std::string text;
        for (const IpAddress& address : sorted) {
            text += core::formatIpAddress(address) + " ";
        }
        CPPUNIT_ASSERT_EQUAL(std::string("9.0.0.1 10.0.0.1 ::1 "), text);
        CPPUNIT_ASSERT(*parseIpNetwork("10.0.0.0/8") < *parseIpNetwork("10.0.0.0/9"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AddressTest);

}  // namespace gardu::test
