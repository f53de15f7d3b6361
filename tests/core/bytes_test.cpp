#include "core/bytes.h"

#include <cppunit/extensions/HelperMacros.h>

#include "core/check.h"
#include "tests/support/throws.h"

namespace {

using namespace gardu::core;
using gardu::test::throws;

struct Base64Case {
    std::string_view plain;
    std::string_view base64;
};

// RFC 4648 section 10.
constexpr Base64Case kRfc4648[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

constexpr std::string_view kNotBase64[] = {
    "Z",          "Zg",       "Zg=",  "Zg===",  "=",        "====", "Z===",
    "Zm9v=",      "Zg==Zg==", "Zm=v", "Zm9v\n", "Zm 9v===", "Zm9-", "Zm9_",
    "Zh==",  // a bit is set that no octet needs
    "Zm9=",  // the same with one "="
    "\xc3\xa9Zg",
};

struct TextCase {
    std::string_view text;
    bool printable;
};

constexpr TextCase kUtf8[] = {
    {"", true},
    {"budi@isp.id", true},
    {"Pelanggan é", true},
    {"\xe2\x82\xac", true},              // U+20AC
    {"\xf0\x9f\x98\x80", true},          // U+1F600
    {"\xed\x9f\xbf\xee\x80\x80", true},  // either side of the surrogates
    {"\xf4\x8f\xbf\xbf", true},          // U+10FFFF, the last one
    {"\xf4\x90\x80\x80", false},         // beyond it
    {"\xf5\x80\x80\x80", false},
    {"\xed\xa0\x80", false},  // a surrogate
    {"\xc0\xaf", false},      // "/" in two octets: overlong
    {"\xe0\x80\xaf", false},
    {"\xf0\x80\x80\xaf", false},
    {"\xc1\xbf", false},
    {"\x80", false},          // no lead
    {"\xe2\x82", false},      // cut short
    {"\xe2\x28\xac", false},  // a wrong second octet
    {"\xff", false},
    {"a\nb", false},
    {"a\x7f", false},
    {"a\x1f", false},
    {std::string_view("a\0b", 3), false},
};

struct EqualCase {
    std::string_view a;
    std::string_view b;
    bool equal;
};

constexpr EqualCase kEqual[] = {
    {"", "", true}, {"abc", "abc", true}, {"abc", "abd", false}, {"abc", "ab", false}, {"", "a", false},
};

struct EscapeCase {
    std::string_view octets;
    std::string_view text;
};

constexpr EscapeCase kEscapes[] = {
    {"", ""},
    {"budi@isp.id", "budi@isp.id"},
    {"Pelanggan \xc3\xa9", "Pelanggan \xc3\xa9"},
    {std::string_view("a\0b", 3), "a\\x00b"},
    {"a\n\x7f", "a\\x0a\\x7f"},
    {"\xff", "\\xff"},
    {"\xe2\x82", "\\xe2\\x82"},        // a character that is cut short
    {"\xe2\x82z", "\\xe2\\x82z"},      // the same with something after it
    {"\xc0\xaf", "\\xc0\\xaf"},        // overlong
    {"DOMAIN\\user", "DOMAIN\\user"},  // a backslash alone is plain
    {"DOMAIN\\xaver", "DOMAIN\\x5cxaver"},
    {"\\x41", "\\x5cx41"},
    {"\\\\x41", "\\\\x5cx41"},
    {"\\\x01", "\\\\x01"},
    {"\\", "\\"},
};

/// Text that no octets are escaped to comes through as it is.
constexpr EscapeCase kNoEscapes[] = {{"\\x", "\\x"}, {"\\x4", "\\x4"}, {"\\xg0", "\\xg0"}, {"x41", "x41"}};

class BytesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(BytesTest);
    CPPUNIT_TEST(base64FollowsTheRfc);
    CPPUNIT_TEST(base64RefusesEverythingElse);
    CPPUNIT_TEST(base64OfEveryOctet);
    CPPUNIT_TEST(hexGoesThereAndBack);
    CPPUNIT_TEST(hexRefusesOddAndForeign);
    CPPUNIT_TEST(comparesContentAndLength);
    CPPUNIT_TEST(printableUtf8);
    CPPUNIT_TEST(firstCharacterTellsItsSize);
    CPPUNIT_TEST(escapesWhatIsNotPrintable);
    CPPUNIT_TEST(everyPairOfOctetsSurvivesEscaping);
    CPPUNIT_TEST(longTextIsBounded);
    CPPUNIT_TEST(longTextsStayTwo);
    CPPUNIT_TEST_SUITE_END();

public:
    void longTextIsBounded() {
        const std::string fits(40, 'x');
        CPPUNIT_ASSERT_EQUAL(fits, boundedText(fits, 40));
        CPPUNIT_ASSERT_EQUAL(std::size_t{40}, boundedText(fits + "x", 40).size());
        for (std::size_t front = 0; front < 40; ++front) {
            // Wherever the cut falls, neither a character nor an escape is cut.
            for (const char* unit : {"\xf0\x9f\x98\x80", "\xff", "\\x"}) {
                std::string octets(front, 'x');
                for (int i = 0; i < 40; ++i) {
                    octets += unit;
                }
                const std::string text = boundedText(octets, 40);
                CPPUNIT_ASSERT(text.size() <= 40 && text.size() > 40 - 4);
                CPPUNIT_ASSERT(isPrintableUtf8(asBytes(text)));
                const std::string kept = unescapeOctets(text.substr(0, text.rfind('~')));
                CPPUNIT_ASSERT_EQUAL(octets.substr(0, kept.size()), kept);
            }
        }
        CPPUNIT_ASSERT(throws<InvariantBroken>([] { return boundedText("x", 31); }));
    }

    void longTextsStayTwo() {
        const std::string common(300, 'x');
        CPPUNIT_ASSERT(boundedText(common + "a", 253) != boundedText(common + "b", 253));
    }

    void base64FollowsTheRfc() {
        for (const auto& [plain, base64] : kRfc4648) {
            CPPUNIT_ASSERT_EQUAL(std::string(base64), toBase64(asBytes(plain)));
            const auto back = fromBase64(base64);
            CPPUNIT_ASSERT_MESSAGE(std::string(base64), back.has_value());
            CPPUNIT_ASSERT_EQUAL(std::string(plain), std::string(asText(*back)));
        }
    }

    void base64RefusesEverythingElse() {
        for (const auto text : kNotBase64) {
            CPPUNIT_ASSERT_MESSAGE(std::string(text), !fromBase64(text));
        }
    }

    void base64OfEveryOctet() {
        Bytes all(256);
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i] = static_cast<std::uint8_t>(i);
        }
        CPPUNIT_ASSERT(fromBase64(toBase64(all)) == all);
        CPPUNIT_ASSERT_EQUAL(std::string("+/+/"), toBase64(Bytes{0xfb, 0xff, 0xbf}));
    }

    void hexGoesThereAndBack() {
        const Bytes bytes = {0x00, 0x0f, 0x9a, 0xff};
        CPPUNIT_ASSERT_EQUAL(std::string("000f9aff"), toHex(bytes));
        CPPUNIT_ASSERT(fromHex("000f9aff") == bytes);
        CPPUNIT_ASSERT(fromHex("000F9Aff") == bytes);
        CPPUNIT_ASSERT(fromHex("") == Bytes());
    }

    void hexRefusesOddAndForeign() {
        for (const auto text : {"0", "0g", "g0", "0x", " 00", "00 ", "0\n", "+1"}) {
            CPPUNIT_ASSERT_MESSAGE(text, !fromHex(text));
        }
    }

    void comparesContentAndLength() {
        for (const auto& [a, b, equal] : kEqual) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(a), equal, equalConstantTime(asBytes(a), asBytes(b)));
        }
    }

    void printableUtf8() {
        for (const auto& [text, printable] : kUtf8) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(toHex(asBytes(text)), printable, isPrintableUtf8(asBytes(text)));
        }
    }

    void firstCharacterTellsItsSize() {
        const auto euro = firstUtf8Character(asBytes("\xe2\x82\xac rest"));
        CPPUNIT_ASSERT(euro && euro->codePoint == 0x20ac && euro->octets == 3);
        const auto nul = firstUtf8Character(Bytes{0});
        CPPUNIT_ASSERT(nul && nul->codePoint == 0 && nul->octets == 1);
        CPPUNIT_ASSERT(!firstUtf8Character({}));
    }

    void escapesWhatIsNotPrintable() {
        for (const auto& [octets, text] : kEscapes) {
            CPPUNIT_ASSERT_EQUAL(std::string(text), escapeOctets(octets));
            CPPUNIT_ASSERT_EQUAL(std::string(octets), unescapeOctets(text));
        }
        for (const auto& [octets, text] : kNoEscapes) {
            CPPUNIT_ASSERT_EQUAL(std::string(octets), unescapeOctets(text));
        }
    }

    void everyPairOfOctetsSurvivesEscaping() {
        for (int pair = 0; pair < 0x10000; ++pair) {
            // Between two characters that give a backslash a meaning.
            const std::string octets = {'\\', static_cast<char>(pair >> 8), static_cast<char>(pair), 'x'};
            const std::string text = escapeOctets(octets);
            CPPUNIT_ASSERT_MESSAGE(text, isPrintableUtf8(asBytes(text)));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(text, octets, unescapeOctets(text));
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BytesTest);

}  // namespace
