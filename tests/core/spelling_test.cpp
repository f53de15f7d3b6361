#include "core/spelling.h"

#include <cppunit/extensions/HelperMacros.h>

namespace gardu::core {
namespace {

class SpellingTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SpellingTest);
    CPPUNIT_TEST(distances);
    CPPUNIT_TEST(nearest);
    CPPUNIT_TEST_SUITE_END();

private:
    void distances() {
        struct Case {
            const char* a;
            const char* b;
            std::size_t distance;
        };
        const Case cases[] = {{"", "", 0},         {"", "abc", 3},       {"nas", "nas", 0},
                              {"nas", "naas", 1},  {"list", "lst", 1},   {"list", "lsit", 2},
                              {"name", "mane", 2}, {"add", "remove", 6}, {"kitten", "sitting", 3}};
        for (const Case& wanted : cases) {
            CPPUNIT_ASSERT_EQUAL(wanted.distance, editDistance(wanted.a, wanted.b));
            CPPUNIT_ASSERT_EQUAL(wanted.distance, editDistance(wanted.b, wanted.a));
        }
    }

    void nearest() {
        CPPUNIT_ASSERT_EQUAL(std::string("remove"), nearestName("remvoe", {"add", "list", "remove"}));
        CPPUNIT_ASSERT_EQUAL(std::string("ab"), nearestName("a", {"ab", "ac"}));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SpellingTest);

}  // namespace
}  // namespace gardu::core
