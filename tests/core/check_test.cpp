#include "core/check.h"

#include <cppunit/extensions/HelperMacros.h>

namespace {

using namespace gardu::core;

class CheckTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(CheckTest);
    CPPUNIT_TEST(isSilentWhereItHolds);
    CPPUNIT_TEST(tellsThePlaceAndTheWords);
    CPPUNIT_TEST_SUITE_END();

public:
    void isSilentWhereItHolds() { CPPUNIT_ASSERT_NO_THROW(check(true, "never seen")); }

    void tellsThePlaceAndTheWords() {
        const int line = __LINE__ + 2;
        try {
            check(false, "legs sum to zero");
            CPPUNIT_FAIL("did not throw");
        } catch (const InvariantBroken& broken) {
            CPPUNIT_ASSERT_EQUAL("check_test.cpp:" + std::to_string(line) + ": legs sum to zero",
                                 std::string(broken.what()));
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CheckTest);

}  // namespace
