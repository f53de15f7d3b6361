#include "core/clock.h"

#include <cppunit/extensions/HelperMacros.h>

#include <ctime>

namespace {

using namespace gardu::core;

class ClockTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ClockTest);
    CPPUNIT_TEST(agreesWithTheSystem);
    CPPUNIT_TEST_SUITE_END();

public:
    void agreesWithTheSystem() {
        const std::int64_t before = std::time(nullptr);
        const std::int64_t seconds = toEpochMs(wallNow()) / 1000;
        const std::int64_t after = std::time(nullptr);
        // time(2) may read a coarser clock, which is a tick behind.
        CPPUNIT_ASSERT(before <= seconds && seconds <= after + 1);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ClockTest);

}  // namespace
