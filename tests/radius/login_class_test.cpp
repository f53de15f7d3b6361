#include "radius/login_class.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include "core/bytes.h"

namespace gardu::radius {
namespace {

using namespace std::string_literals;

const core::Uuid kLogin = *core::parseUuid("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
const core::Uuid kSubscription = *core::parseUuid("018f9d2e-0000-7000-8000-000000000000");

class LoginClassTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LoginClassTest);
    CPPUNIT_TEST(withoutToldItIsTheIds);
    CPPUNIT_TEST(withToldComesBack);
    CPPUNIT_TEST(otherClassesAreNotOurs);
    CPPUNIT_TEST(endThatNoInstantHoldsIsNotOurs);
    CPPUNIT_TEST_SUITE_END();

    void withoutToldItIsTheIds() {
        const LoginClass login{kLogin, kSubscription, std::nullopt};
        const std::string value = classValue(login);
        CPPUNIT_ASSERT_EQUAL("01017f22e279b07cc398c4dc0c0c07398f018f9d2e000070008000000000000000"s,
                             core::toHex(core::asBytes(value)));
        CPPUNIT_ASSERT(parseClass(value) == login);
    }

    void withToldComesBack() {
        Told told{billing::Access::Walled, 0x01020304, 0xa0b0c0d0, std::nullopt};
        const std::string endless = classValue({kLogin, kSubscription, told});
        CPPUNIT_ASSERT_EQUAL("0101020304a0b0c0d00000000000000000"s,
                             core::toHex(core::asBytes(endless).subspan(33)));
        CPPUNIT_ASSERT(parseClass(endless)->told == told);
        told.until = core::Instant(core::Seconds(0x80));
        const std::string ending = classValue({kLogin, kSubscription, told});
        CPPUNIT_ASSERT_EQUAL("0000000000000101"s, core::toHex(core::asBytes(ending).subspan(42)));
        CPPUNIT_ASSERT(parseClass(ending)->told == told);
    }

    void otherClassesAreNotOurs() {
        const std::string ids = classValue({});
        std::string told = classValue({{}, {}, Told{}});
        CPPUNIT_ASSERT(parseClass(ids).has_value() && parseClass(told).has_value());
        std::string badAccess = told;
        badAccess[33] = 3;
        for (const std::string& other : {""s, "\x01"s, ids.substr(1), ids + "x", ids.substr(0, 32),
                                         "\x02" + ids.substr(1), "\x01" + told.substr(1), badAccess}) {
            CPPUNIT_ASSERT_MESSAGE(core::toHex(core::asBytes(other)), !parseClass(other));
        }
    }

    // Found by the fuzzer: it overflowed.
    void endThatNoInstantHoldsIsNotOurs() {
        std::string told = classValue({{}, {}, Told{}});
        const std::string endless = told;
        told.replace(42, 8, "\x70\x00\x00\x00\x00\x00\x00\x01"s);
        CPPUNIT_ASSERT(parseClass(endless).has_value() && !parseClass(told).has_value());
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(LoginClassTest);

}  // namespace
}  // namespace gardu::radius
