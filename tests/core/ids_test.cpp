#include "core/ids.h"

#include <cppunit/extensions/HelperMacros.h>

#include "core/check.h"
#include "tests/support/throws.h"

namespace {

using namespace gardu::core;
using gardu::test::throws;

constexpr std::string_view kNotUuids[] = {
    "",
    "017f22e279b07cc398c4dc0c0c07398f",
    "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
    "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff",
    "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
    "017f22e27-9b0-7cc3-98c4-dc0c0c07398f",
    "017f22e2-79b0-7cc3-98c4dc-0c0c07398f",
    "017f22e2-79b0-7cc3-98c4-dc0c0c0739-f",
    "-17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
    "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}",
    " 017f22e2-79b0-7cc3-98c4-dc0c0c07398",
};

class IdsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(IdsTest);
    CPPUNIT_TEST(makesTheExampleOfTheRfc);
    CPPUNIT_TEST(fixesVersionAndVariantOnly);
    CPPUNIT_TEST(sortsByTime);
    CPPUNIT_TEST(timeOutsideIsOurBug);
    CPPUNIT_TEST(readsEitherCase);
    CPPUNIT_TEST(refusesOtherTexts);
    CPPUNIT_TEST_SUITE_END();

public:
    // RFC 9562 appendix A.6: 2022-02-22T14:22:22-05:00, rand_a CC3, rand_b 18C4DC0C0C07398F.
    void makesTheExampleOfTheRfc() {
        const Uuid id = makeUuid7(parseInstant("2022-02-22T14:22:22-05:00").value(),
                                  {0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f});
        CPPUNIT_ASSERT_EQUAL(std::string("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"), toText(id));
    }

    void fixesVersionAndVariantOnly() {
        const Uuid ones = makeUuid7(fromEpochMs(0xffff'ffff'ffff),
                                    {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff});
        CPPUNIT_ASSERT_EQUAL(std::string("ffffffff-ffff-7fff-bfff-ffffffffffff"), toText(ones));
        CPPUNIT_ASSERT_EQUAL(std::string("00000000-0000-7000-8000-000000000000"),
                             toText(makeUuid7(fromEpochMs(0), {})));
    }

    void sortsByTime() {
        const Uuid earlier = makeUuid7(fromEpochMs(255), {0xff, 0xff, 0xff});
        const Uuid later = makeUuid7(fromEpochMs(256), {});
        CPPUNIT_ASSERT(earlier < later);
        CPPUNIT_ASSERT(toText(earlier) < toText(later));
    }

    void timeOutsideIsOurBug() {
        CPPUNIT_ASSERT(throws<InvariantBroken>([&] { return makeUuid7(fromEpochMs(-1), {}); }));
        CPPUNIT_ASSERT(
            throws<InvariantBroken>([&] { return makeUuid7(fromEpochMs(0x1'0000'0000'0000), {}); }));
    }

    void readsEitherCase() {
        const auto lower = parseUuid("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
        CPPUNIT_ASSERT(lower && lower == parseUuid("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"));
        CPPUNIT_ASSERT_EQUAL(std::string("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"), toText(*lower));
    }

    void refusesOtherTexts() {
        for (const auto text : kNotUuids) {
            CPPUNIT_ASSERT_MESSAGE(std::string(text), !parseUuid(text));
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(IdsTest);

}  // namespace
