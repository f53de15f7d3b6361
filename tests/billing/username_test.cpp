#include "billing/username.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <cctype>

namespace gardu::test {

namespace {

// RouterOS' formats (hotspot radius-mac-format, wifi username-format), and one of other vendors.
constexpr std::string_view kMacAddresses[] = {
    "00:1A:2B:3C:4D:EF", "00-1A-2B-3C-4D-EF", "00 1A 2B 3C 4D EF", "001A:2B3C:4DEF", "001A.2B3C.4DEF",
    "001A2B:3C4DEF",     "001A2B-3C4DEF",     "001A2B3C4DEF",      "001A-2B3C-4DEF",
};

constexpr std::string_view kNotMacAddresses[] = {
    "",
    "00:1A:2B:3C:4D",
    "00:1A:2B:3C:4D:E",
    "00:1A:2B:3C:4D:EFF",
    "00:1A:2B:3C:4D:EF:",
    ":00:1A:2B:3C:4D:EF",
    "00:1A:2B:3C:4D:EF:00",
    "00:1A:2B:3C:4D:EG",
    "00:1A:2B:3C:4D:E ",
    "00:1A-2B:3C:4D:EF",
    "001A:2B3C.4DEF",
    "001A 2B3C 4DEF",
    "001A2B.3C4DEF",
    "001A2B 3C4DEF",
    "00.1A.2B.3C.4D.EF",
    "0812-3456-7890",
    "00::1A:2B:3C:4DEF",
    "0:01A:2B:3C:4D:EF",
    "001:A2B:3C4:DEF",
    "001A2:B3C4DEF",
    "001A2B3:C4DEF",
    "0:0:1:A:2:B:3:C:4:D:E:F",
    "001A2B3C4DE",
    "001A2B3C4DEF0",
    " 001A2B3C4DEF",
    "001A2B3C4DEF ",
    "00_1A_2B_3C_4D_EF",
    "00/1A/2B/3C/4D/EF",
    "00010A020B030C040D0E0F",
    "0x001A2B3C4DEF",
    "budi@gardu.example",
    "............",
    "::::::::::::",
    "\xD9\xA0\xD9\xA0\xD9\xA1\xD9\xA2\xD9\xA3\xD9\xA4",
};

struct LoginCase {
    std::string_view name;
    bool isDevice;
};

constexpr LoginCase kLogins[] = {
    {"00:1A:2B:3C:4D:EF", true},
    {"001a2b3c4def", true},
    {"08:12:34:56:78:90", true},
    {"0812:3456:7890", true},
    {"0812.3456.7890", true},
    {"081234-567890", true},
    {"081234567890", false},
    {"0812-3456-7890", false},
    {"bob", false},
    {"", false},
    {"00:1A:2B:3C:4D:E", false},
};

struct ProblemCase {
    std::string name;
    std::string_view words;
};

const std::string kFull(billing::kMaxUsernameSize, 'x');

const ProblemCase kProblems[] = {
    {"", "write a user name"},
    {kFull + "x", "longer than 253 octets"},
    {std::string("a\0b", 3), "control characters"},
    {"a\nb", "control characters"},
    {"a\tb", "control characters"},
    {"a\x7f", "control characters"},
    {"a\xFF", "not UTF-8"},
    {"\xC0\x80", "not UTF-8"},
    {"\xED\xA0\x80", "not UTF-8"},
    {" bob", "begins or ends with a blank"},
    {"bob ", "begins or ends with a blank"},
    {" ", "begins or ends with a blank"},
};

const std::string kGood[] = {
    "b",         kFull,  "budi@gardu.example", "Pak Budi", "O'Brien",
    "\"x\"; --", "a\\b", "\xF0\x9F\x98\x80",   "<script>", "00 1A 2B 3C 4D EF",
};

std::string changed(std::string_view text, int (*change)(int)) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [&](char c) { return static_cast<char>(change(static_cast<unsigned char>(c))); });
    return result;
}

}  // namespace

class UsernameTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(UsernameTest);
    CPPUNIT_TEST(everyFormatIsTheSameMacAddress);
    CPPUNIT_TEST(nearMissesAreNames);
    CPPUNIT_TEST(nameIsItsOwnKey);
    CPPUNIT_TEST(onlyDevicesLogInWithoutAPassword);
    CPPUNIT_TEST(saysWhatIsWrong);
    CPPUNIT_TEST_SUITE_END();

public:
    void everyFormatIsTheSameMacAddress() {
        const std::string digits = "001a2b3c4def";
        for (const std::string_view text : kMacAddresses) {
            for (const std::string& written :
                 {std::string(text), changed(text, std::tolower), changed(text, std::toupper)}) {
                CPPUNIT_ASSERT_EQUAL_MESSAGE(written, digits,
                                             billing::macAddressDigits(written).value_or("none"));
                CPPUNIT_ASSERT_EQUAL(digits, billing::usernameKey(written));
            }
        }
        CPPUNIT_ASSERT_EQUAL(digits, billing::usernameKey("00:1a:2B:3c:4D:Ef"));
        CPPUNIT_ASSERT_EQUAL(std::string("ffffffffffff"), billing::usernameKey("FF:FF:FF:FF:FF:FF"));
    }

    void nearMissesAreNames() {
        for (const std::string_view text : kNotMacAddresses) {
            CPPUNIT_ASSERT_MESSAGE(std::string(text), !billing::macAddressDigits(text));
            CPPUNIT_ASSERT_EQUAL(std::string(text), billing::usernameKey(text));
        }
    }

    void nameIsItsOwnKey() {
        for (const char* name : {"Bob", "bob", "B O B", "O'Brien", ""}) {
            CPPUNIT_ASSERT_EQUAL(std::string(name), billing::usernameKey(name));
        }
    }

    // Twelve digits are a telephone number more often.
    void onlyDevicesLogInWithoutAPassword() {
        for (const auto& [name, isDevice] : kLogins) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(name), isDevice, billing::isMacLogin(name));
        }
    }

    void saysWhatIsWrong() {
        for (const auto& [name, words] : kProblems) {
            const std::string problem = billing::usernameProblem(name).value_or("nothing");
            std::string shown = name;
            shown.append(": ").append(problem);
            CPPUNIT_ASSERT_MESSAGE(shown, problem.find(words) != std::string::npos);
        }
        for (const std::string& name : kGood) {
            CPPUNIT_ASSERT_MESSAGE(name, !billing::usernameProblem(name));
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(UsernameTest);

}  // namespace gardu::test
