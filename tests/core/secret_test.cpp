#include "core/secret.h"

#include <cppunit/extensions/HelperMacros.h>

#include <sstream>
#include <type_traits>

namespace {

using namespace gardu::core;

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(!std::is_convertible_v<std::string, Secret> && !std::is_convertible_v<Bytes, Secret>);

/// std::move for a holder that is looked at again, since what is left in it is what the test is about.
template <class T>
T&& handOver(T& holder) {
    return static_cast<T&&>(holder);
}

class SecretTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SecretTest);
    CPPUNIT_TEST(printsStarsOnly);
    CPPUNIT_TEST(wipesTheCallersString);
    CPPUNIT_TEST(takesOctetsOverWithoutACopy);
    CPPUNIT_TEST(movingEmptiesTheOldHolder);
    CPPUNIT_TEST(assigningToItselfKeepsTheOctets);
    CPPUNIT_TEST(clonesOnPurpose);
    CPPUNIT_TEST(wipeClearsTheWholeBuffer);
    CPPUNIT_TEST_SUITE_END();

public:
    void printsStarsOnly() {
        std::ostringstream out;
        out << Secret(std::string("hunter2")) << Secret();
        CPPUNIT_ASSERT_EQUAL(std::string("******"), out.str());
    }

    void wipesTheCallersString() {
        for (const std::string text :
             {"short", "long enough to be on the heap, away from the string itself"}) {
            std::string given = text;
            const char* buffer = &given[0];
            const Secret secret(handOver(given));
            CPPUNIT_ASSERT_EQUAL(text, std::string(secret.text()));
            CPPUNIT_ASSERT(given.empty());
            CPPUNIT_ASSERT_EQUAL(std::string(text.size(), '\0'), std::string(buffer, text.size()));
        }
    }

    void takesOctetsOverWithoutACopy() {
        Bytes octets = {1, 2, 3};
        const std::uint8_t* buffer = octets.data();
        const Secret secret(std::move(octets));
        CPPUNIT_ASSERT(secret.bytes().data() == buffer && secret.bytes().size() == 3);
    }

    void movingEmptiesTheOldHolder() {
        Secret first(std::string("one"));
        Secret second(handOver(first));
        CPPUNIT_ASSERT(first.empty());
        CPPUNIT_ASSERT_EQUAL(std::string("one"), std::string(second.text()));
        first = Secret(std::string("two"));
        second = handOver(first);
        CPPUNIT_ASSERT(first.empty());
        CPPUNIT_ASSERT_EQUAL(std::string("two"), std::string(second.text()));
    }

    void assigningToItselfKeepsTheOctets() {
        Secret secret(std::string("one"));
        secret = handOver(secret);
        CPPUNIT_ASSERT_EQUAL(std::string("one"), std::string(secret.text()));
    }

    void clonesOnPurpose() {
        const Secret secret(std::string("one"));
        const Secret second = secret.clone();
        CPPUNIT_ASSERT_EQUAL(std::string(secret.text()), std::string(second.text()));
        CPPUNIT_ASSERT(secret.bytes().data() != second.bytes().data());
    }

    void wipeClearsTheWholeBuffer() {
        std::string text(100, 'x');
        const char* buffer = &text[0];
        text.resize(10);
        wipe(text);
        CPPUNIT_ASSERT(text.empty());
        CPPUNIT_ASSERT_EQUAL(std::string(100, '\0'), std::string(buffer, 100));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SecretTest);

}  // namespace
