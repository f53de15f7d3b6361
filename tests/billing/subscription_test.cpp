#include "billing/subscription.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <vector>

#include "billing/customer.h"

namespace gardu::test {

namespace {

using billing::StaticAddresses;

struct AddressCase {
    std::string_view text;
    bool isTaken;
};

constexpr AddressCase kHosts[] = {
    {"10.0.0.2", true},
    {"192.168.255.255", true},
    {"1.0.0.0", true},
    {"223.255.255.254", true},
    {"", false},
    {"10.0.0", false},
    {"10.0.0.2/32", false},
    {"10.0.0.02", false},
    {" 10.0.0.2", false},
    {"0.0.0.0", false},
    {"127.0.0.1", false},
    {"224.0.0.1", false},
    {"255.255.255.255", false},
    {"2001:db8::1", false},
    {"::ffff:10.0.0.2", false},
    {"budi", false},
};

constexpr AddressCase kPrefixes[] = {
    {"2001:db8:1::/64", true},
    {"2001:db8::/32", true},
    {"2001:db8::1", true},
    {"2001:DB8:1::/56", true},
    {"", false},
    {"2001:db8:1::1/64", false},
    {"2001:db8::/129", false},
    {"2001:db8::/", false},
    {"10.0.0.0/8", false},
    {"::ffff:10.0.0.0/104", false},
    {"x", false},
};

constexpr AddressCase kRoutes[] = {
    {"192.168.9.0/24 10.0.0.2 1", true},
    {"192.168.9.0/24", true},
    {"192.168.9.1", true},
    {"0.0.0.0/0 10.0.0.2", true},
    {"", false},
    {"192.168.9.1/24", false},
    {" 192.168.9.0/24", false},
    {"192.168.9.0/33", false},
    {"default", false},
    {"192.168.9.0/24\t10.0.0.2", false},
    {"192.168.9.0/24 \xFF", false},
    // IPv4 only: isolation withholds IPv6.
    {"2001:db8::/32 fe80::1 1", false},
};

struct PasswordCase {
    std::string username;
    std::string password;
    bool isTaken;
};

const PasswordCase kPasswords[] = {
    {"bob", "x", true},
    {"bob", std::string(128, 'x'), true},
    {"bob", std::string(129, 'x'), false},
    {"bob", "", false},
    {"00:1A:2B:3C:4D:EF", "", true},
    {"00:1A:2B:3C:4D:E", "", false},
    {"bob", std::string("a\0b", 3), false},
    {"bob", " '\";-- \xF0\x9F\x98\x80 \xFF", true},
};

std::string fieldsOf(const StaticAddresses& addresses) {
    std::string text;
    for (const core::FieldError& error : billing::addressProblems(addresses)) {
        text += error.field + " ";
    }
    return text;
}

std::string expected(const AddressCase& each, const char* field) {
    return each.isTaken ? "" : std::string(field) + " ";
}

}  // namespace

class SubscriptionTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SubscriptionTest);
    CPPUNIT_TEST(weighsHosts);
    CPPUNIT_TEST(weighsPrefixes);
    CPPUNIT_TEST(weighsRoutes);
    CPPUNIT_TEST(namesAllWrongAddressesAtOnce);
    CPPUNIT_TEST(weighsPasswords);
    CPPUNIT_TEST(routesAreKeptOneALine);
    CPPUNIT_TEST(wordsAreReadBack);
    CPPUNIT_TEST_SUITE_END();

public:
    void weighsHosts() {
        for (const AddressCase& each : kHosts) {
            StaticAddresses addresses;
            addresses.ipv4 = each.text;
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(each.text), expected(each, "static_ip"),
                                         fieldsOf(addresses));
        }
    }

    void weighsPrefixes() {
        for (const AddressCase& each : kPrefixes) {
            StaticAddresses addresses;
            addresses.framedIpv6Prefix = each.text;
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(each.text), expected(each, "framed_ipv6_prefix"),
                                         fieldsOf(addresses));
            addresses.delegatedIpv6Prefix.swap(addresses.framedIpv6Prefix);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(each.text), expected(each, "delegated_ipv6_prefix"),
                                         fieldsOf(addresses));
        }
    }

    void weighsRoutes() {
        for (const AddressCase& each : kRoutes) {
            StaticAddresses addresses;
            addresses.framedRoutes = {std::string(each.text)};
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(each.text), expected(each, "framed_route"),
                                         fieldsOf(addresses));
        }
        StaticAddresses many;
        many.framedRoutes.assign(16, "192.168.9.0/24");
        CPPUNIT_ASSERT_EQUAL(std::string(), fieldsOf(many));
        many.framedRoutes.emplace_back("192.168.9.0/24");
        CPPUNIT_ASSERT_EQUAL(std::string("framed_route "), fieldsOf(many));
        many.framedRoutes = {"192.168.9.0/24 " + std::string(106, '1')};
        CPPUNIT_ASSERT_EQUAL(std::string("framed_route "), fieldsOf(many));
    }

    void namesAllWrongAddressesAtOnce() {
        const StaticAddresses wrong{"x", "x", "x", {"x", "192.168.9.0/24", "y"}};
        CPPUNIT_ASSERT_EQUAL(
            std::string("static_ip framed_ipv6_prefix delegated_ipv6_prefix framed_route framed_route "),
            fieldsOf(wrong));
    }

    void weighsPasswords() {
        for (const auto& [username, password, isTaken] : kPasswords) {
            std::string shown = username;
            shown.append(" ").append(password);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(shown, isTaken,
                                         !billing::passwordProblem(username, password).has_value());
        }
    }

    void routesAreKeptOneALine() {
        using Routes = std::vector<std::string>;
        CPPUNIT_ASSERT(!billing::joinRoutes({}));
        CPPUNIT_ASSERT_EQUAL(std::string("a 1\nb"), billing::joinRoutes({"a 1", "b"}).value());
        CPPUNIT_ASSERT(billing::splitRoutes(std::nullopt).empty());
        CPPUNIT_ASSERT(billing::splitRoutes("").empty());
        CPPUNIT_ASSERT((billing::splitRoutes("a 1\nb") == Routes{"a 1", "b"}));
        CPPUNIT_ASSERT((billing::splitRoutes("a\n") == Routes{"a"}));
    }

    void wordsAreReadBack() {
        for (const char* word : {"active", "suspended", "disabled", "cancelled"}) {
            const auto status = billing::parseSubscriptionStatus(word);
            CPPUNIT_ASSERT(status && billing::name(*status) == word);
        }
        for (const char* word : {"active", "inactive", "suspended"}) {
            const auto status = billing::parseCustomerStatus(word);
            CPPUNIT_ASSERT(status && billing::name(*status) == word);
        }
        CPPUNIT_ASSERT(!billing::parseSubscriptionStatus("inactive"));
        CPPUNIT_ASSERT(!billing::parseCustomerStatus("cancelled") && !billing::parseCustomerStatus("Active"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SubscriptionTest);

}  // namespace gardu::test
