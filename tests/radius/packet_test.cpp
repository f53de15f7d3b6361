#include "radius/packet.h"

#include <cppunit/extensions/HelperMacros.h>

namespace gardu::radius {
namespace {

using namespace std::string_literals;

class PacketTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PacketTest);
    CPPUNIT_TEST(integersAreInNetworkOrder);
    CPPUNIT_TEST(findTakesTheFirst);
    CPPUNIT_TEST(aVendorHasItsOwnNumbers);
    CPPUNIT_TEST(anIntegerHasFourOctets);
    CPPUNIT_TEST(textMayHoldNul);
    CPPUNIT_TEST_SUITE_END();

    void integersAreInNetworkOrder() {
        CPPUNIT_ASSERT_EQUAL("\x01\x02\x03\xff"s, integerAttribute(attr::kNasPort, 0x010203ff).value);
        const Attributes attributes = {integerAttribute(attr::kNasPort, 0xfffefdfc)};
        CPPUNIT_ASSERT_EQUAL(0xfffefdfcU, findInteger(attributes, attr::kNasPort).value());
    }

    void findTakesTheFirst() {
        const Attributes attributes = {textAttribute(attr::kClass, "x"),
                                       textAttribute(attr::kUserName, "first"),
                                       textAttribute(attr::kUserName, "second")};
        CPPUNIT_ASSERT(&attributes[1] == find(attributes, attr::kUserName));
        CPPUNIT_ASSERT(find(attributes, attr::kState) == nullptr);
        CPPUNIT_ASSERT_EQUAL("first"s, std::string(findText(attributes, attr::kUserName).value()));
        CPPUNIT_ASSERT(!findText(attributes, attr::kState));
    }

    void aVendorHasItsOwnNumbers() {
        const Attributes attributes = {textAttribute(attr::kMikrotikRateLimit, "10M/10M")};
        CPPUNIT_ASSERT(find(attributes, attr::kFramedIpAddress) == nullptr);
        CPPUNIT_ASSERT(find(attributes, attr::kMikrotikRateLimit) != nullptr);
    }

    void anIntegerHasFourOctets() {
        for (const std::string& value : {""s, "123"s, "12345"s}) {
            const Attributes attributes = {textAttribute(attr::kNasPort, value)};
            CPPUNIT_ASSERT_MESSAGE(value, !findInteger(attributes, attr::kNasPort));
        }
        CPPUNIT_ASSERT(!findInteger({}, attr::kNasPort));
    }

    void textMayHoldNul() {
        const Attributes attributes = {textAttribute(attr::kUserName, std::string_view("a\0b", 3))};
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, findText(attributes, attr::kUserName)->size());
        CPPUNIT_ASSERT(octetsAttribute(attr::kUserName, core::asBytes("a")) ==
                       textAttribute(attr::kUserName, "a"));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PacketTest);

}  // namespace
}  // namespace gardu::radius
