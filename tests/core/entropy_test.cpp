#include "core/entropy.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/ids.h"

namespace {

using namespace gardu::core;

class EntropyTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(EntropyTest);
    CPPUNIT_TEST(fillsEveryOctet);
    CPPUNIT_TEST(fillsNothing);
    CPPUNIT_TEST(numbersDiffer);
    CPPUNIT_TEST(idsHoldTheirTimeAndDiffer);
    CPPUNIT_TEST_SUITE_END();

public:
    void fillsEveryOctet() {
        std::array<bool, 32> changed{};
        for (int round = 0; round < 20; ++round) {
            std::array<std::uint8_t, 32> octets{};
            fillRandom(octets);
            for (std::size_t i = 0; i < octets.size(); ++i) {
                changed[i] = changed[i] || octets[i] != 0;
            }
        }
        CPPUNIT_ASSERT(std::all_of(changed.begin(), changed.end(), [](bool c) { return c; }));
    }

    void fillsNothing() { fillRandom({}); }

    void numbersDiffer() {
        std::set<std::uint64_t> numbers;
        for (int i = 0; i < 1000; ++i) {
            numbers.insert(randomUint64());
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{1000}, numbers.size());
    }

    void idsHoldTheirTimeAndDiffer() {
        std::set<std::string> ids;
        for (int i = 0; i < 1000; ++i) {
            ids.insert(newId(parseInstant("2022-02-22T19:22:22Z").value()));
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{1000}, ids.size());
        for (const auto& id : ids) {
            CPPUNIT_ASSERT(parseUuid(id) && id.starts_with("017f22e2-79b0-7"));
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(EntropyTest);

}  // namespace
