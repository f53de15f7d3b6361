#include "billing/notification_rules.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

namespace gardu::test {

namespace {

using billing::dialNumber;
using billing::isMailAddress;
using billing::parseTimeOfDay;
using billing::pauseAfterAttempt;
using billing::QuietHours;
using billing::sendableAt;

constexpr core::Seconds kNine{9 * 3600};

core::Instant at(const char* text) {
    const auto instant = core::parseInstant(text);
    CPPUNIT_ASSERT(instant.has_value());
    return *instant;
}

class NotificationRulesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(NotificationRulesTest);
    CPPUNIT_TEST(pausesDoubleToAnHourForADay);
    CPPUNIT_TEST(quietHoursHoldBack);
    CPPUNIT_TEST(quietHoursOverASummerTimeChange);
    CPPUNIT_TEST(timesOfDay);
    CPPUNIT_TEST(numbersAsGatewaysTakeThem);
    CPPUNIT_TEST(mailAddressesCannotEndALine);
    CPPUNIT_TEST_SUITE_END();

    void pausesDoubleToAnHourForADay() {
        using std::chrono::minutes;
        core::Milliseconds all{0};
        int attempts = 1;
        for (; pauseAfterAttempt(attempts); ++attempts) {
            const core::Milliseconds pause = *pauseAfterAttempt(attempts);
            const minutes expected(attempts > 6 ? 60 : 1 << (attempts - 1));
            CPPUNIT_ASSERT_EQUAL(core::Milliseconds(expected).count(), pause.count());
            all += pause;
        }
        CPPUNIT_ASSERT_EQUAL(30, attempts);
        CPPUNIT_ASSERT(all >= std::chrono::hours(24) && all < std::chrono::hours(25));
        CPPUNIT_ASSERT(!pauseAfterAttempt(1'000'000'000));
    }

    void quietHoursHoldBack() {
        const core::Zone jakarta("Asia/Jakarta");
        const QuietHours night{core::Seconds(21 * 3600), core::Seconds(8 * 3600)};
        const QuietHours noon{core::Seconds(12 * 3600), core::Seconds(13 * 3600)};
        struct Case {
            const char* templateName = nullptr;
            QuietHours quiet;
            const char* now = nullptr;
            const char* sendable = nullptr;
        };
        for (const Case& c : std::initializer_list<Case>{
                 {"reminder", night, "2027-02-15T20:59:59+07:00", "2027-02-15T20:59:59+07:00"},
                 {"reminder", night, "2027-02-15T21:00:00+07:00", "2027-02-16T08:00:00+07:00"},
                 {"reminder", night, "2027-02-15T23:59:59.999+07:00", "2027-02-16T08:00:00+07:00"},
                 {"reminder", night, "2027-02-16T00:00:00+07:00", "2027-02-16T08:00:00+07:00"},
                 {"reminder", night, "2027-02-16T07:59:59+07:00", "2027-02-16T08:00:00+07:00"},
                 {"reminder", night, "2027-02-16T08:00:00+07:00", "2027-02-16T08:00:00+07:00"},
                 {"restored", night, "2027-02-15T23:00:00+07:00", "2027-02-15T23:00:00+07:00"},
                 {"payment_received", night, "2027-02-15T23:00:00+07:00", "2027-02-15T23:00:00+07:00"},
                 {"reminder", noon, "2027-02-15T12:30:00+07:00", "2027-02-15T13:00:00+07:00"},
                 {"reminder", noon, "2027-02-15T13:00:00+07:00", "2027-02-15T13:00:00+07:00"},
                 {"reminder", noon, "2027-02-15T11:59:00+07:00", "2027-02-15T11:59:00+07:00"},
                 {"reminder", {kNine, kNine}, "2027-02-15T09:00:00+07:00", "2027-02-15T09:00:00+07:00"}}) {
            CPPUNIT_ASSERT_EQUAL(
                core::formatInstant(at(c.sendable)),
                core::formatInstant(sendableAt(c.templateName, c.quiet, jakarta, at(c.now))));
        }
    }

    void quietHoursOverASummerTimeChange() {
        const core::Zone berlin("Europe/Berlin");
        const QuietHours night{core::Seconds(21 * 3600), core::Seconds(2 * 3600 + 1800)};
        // 02:30 does not exist on that day.
        CPPUNIT_ASSERT_EQUAL(
            std::string("2027-03-28T01:00:00Z"),
            core::formatInstant(sendableAt("reminder", night, berlin, at("2027-03-27T23:00:00Z"))));
    }

    void timesOfDay() {
        CPPUNIT_ASSERT(parseTimeOfDay("00:00") == core::Seconds(0));
        CPPUNIT_ASSERT(parseTimeOfDay("23:59") == core::Seconds(86'340));
        for (const char* text : {"24:00", "12:60", "9:00", "09.00", "", "09:0x", "-1:00", "09:00 "}) {
            CPPUNIT_ASSERT_MESSAGE(text, !parseTimeOfDay(text));
        }
    }

    void numbersAsGatewaysTakeThem() {
        for (const char* text :
             {"081234567890", "0812-3456-7890", "(0812) 3456.7890", "+62 812 3456 7890", "6281234567890",
              "00 62 812 34567890", "81234567890", "+62 0812 3456 7890", "+62(0)812-34567890"}) {
            CPPUNIT_ASSERT_MESSAGE(text, dialNumber(text, "62") == "6281234567890");
        }
        CPPUNIT_ASSERT(dialNumber("+81 90-1234-5678", "62") == "819012345678");
        CPPUNIT_ASSERT(dialNumber("(021) 555 1234", "62") == "62215551234");
        CPPUNIT_ASSERT(dialNumber("0171 2345678", "49") == "491712345678");
        for (const char* text : {"", "-", "none", "0812", "0812345678901234", "0812345678 ext 4",
                                 "+62+81234567", "081234567890\r\n", "0812345678;0812345679"}) {
            CPPUNIT_ASSERT_MESSAGE(text, !dialNumber(text, "62"));
        }
    }

    void mailAddressesCannotEndALine() {
        for (const char* text : {"a@b", "budi.s+isp@mail.example.co.id"}) {
            CPPUNIT_ASSERT_MESSAGE(text, isMailAddress(text));
        }
        for (const char* text : {"", "@", "a@", "@b", "a", "a@b@c", "a@b\r\nRCPT TO:<x@y>", "a@b c", "<a@b>",
                                 "a@b,c@d", "Budi <a@b>", "a@b;", "\"a\"@b", "b\xc3\xbc@x"}) {
            CPPUNIT_ASSERT_MESSAGE(text, !isMailAddress(text));
        }
        CPPUNIT_ASSERT(!isMailAddress("a@" + std::string(300, 'b')));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NotificationRulesTest);

}  // namespace

}  // namespace gardu::test
