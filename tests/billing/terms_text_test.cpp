#include "billing/terms_text.h"

#include <cppunit/extensions/HelperMacros.h>

namespace gardu::test {
namespace {

using std::nullopt;

class TermsTextTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(TermsTextTest);
    CPPUNIT_TEST(octets);
    CPPUNIT_TEST(octetsInTheLargestUnit);
    CPPUNIT_TEST(tiers);
    CPPUNIT_TEST(minutes);
    CPPUNIT_TEST(hours);
    CPPUNIT_TEST(percents);
    CPPUNIT_TEST_SUITE_END();

    struct NumberCase {
        const char* text = nullptr;
        std::optional<std::int64_t> number = {};
    };

    void octets() {
        const NumberCase cases[] = {{"0", 0},
                                    {"1", 1},
                                    {"12345", 12'345},
                                    {"50G", 50'000'000'000},
                                    {"1.5T", 1'500'000'000'000},
                                    {"0.001k", 1},
                                    {"750M", 750'000'000},
                                    {"1k", 1'000},
                                    {"9000000T", 9'000'000'000'000'000'000},
                                    {"", nullopt},
                                    {"G", nullopt},
                                    {"50", 50},
                                    {"50K", nullopt},
                                    {"50GB", nullopt},
                                    {"50 G", nullopt},
                                    {"-1G", nullopt},
                                    {"+1G", nullopt},
                                    {"1.G", nullopt},
                                    {".5G", nullopt},
                                    {"1.5", nullopt},
                                    {"0.0001k", nullopt},
                                    {"1.2.3G", nullopt},
                                    {"1.-2G", nullopt},
                                    {"9999999T", nullopt},
                                    {"99999999999999999999", nullopt}};
        for (const NumberCase& wanted : cases) {
            CPPUNIT_ASSERT_MESSAGE(wanted.text, wanted.number == billing::parseOctets(wanted.text));
        }
    }

    void octetsInTheLargestUnit() {
        const std::pair<std::int64_t, const char*> cases[] = {{0, "0"},
                                                              {999, "999"},
                                                              {1'000, "1k"},
                                                              {1'500'000, "1500k"},
                                                              {50'000'000'000, "50G"},
                                                              {2'000'000'000'000, "2T"}};
        for (const auto& [octets, text] : cases) {
            CPPUNIT_ASSERT_EQUAL(std::string(text), billing::formatOctets(octets));
            CPPUNIT_ASSERT_EQUAL(octets, billing::parseOctets(text).value());
        }
    }

    void tiers() {
        const std::vector<billing::QuotaTier> expected = {
            {50'000'000'000, "2M/2M"}, {100'000'000'000, "512k/512k 1M/1M"}, {150'000'000'000, nullopt}};
        const char* text = "50G:2M/2M,100G:512k/512k 1M/1M,150G:cap";
        CPPUNIT_ASSERT(expected == billing::parseQuotaTiers(text).value());
        CPPUNIT_ASSERT(expected == billing::parseQuotaTiers("50G : 2M/2M, 100G:512k/512k 1M/1M ,150G:cap"));
        CPPUNIT_ASSERT_EQUAL(std::string(text), billing::formatQuotaTiers(expected));
        for (const char* wrong : {"", "50G", "50G:", ":cap", "50G:cap,", ",50G:cap", "x:cap"}) {
            CPPUNIT_ASSERT_MESSAGE(wrong, !billing::parseQuotaTiers(wrong));
        }
    }

    void minutes() {
        const std::pair<const char*, billing::MinuteRange> cases[] = {
            {"08:00-17:00", {480, 1020}}, {"00:00-24:00", {0, 1440}}, {"17:30-08:05", {1050, 485}}};
        for (const auto& [text, range] : cases) {
            CPPUNIT_ASSERT_MESSAGE(text, range == billing::parseMinuteRange(text));
            CPPUNIT_ASSERT_EQUAL(std::string(text), billing::formatMinuteRange(range));
        }
        for (const char* wrong : {"", "-", "08:00", "8:00-17:00", "08:00-", "08:60-17:00", "08:00-24:01",
                                  "08-17", "08:00-17:00-", "-8:00-17:00", "08:00-1 :00"}) {
            CPPUNIT_ASSERT_MESSAGE(wrong, !billing::parseMinuteRange(wrong));
        }
    }

    void hours() {
        const std::pair<const char*, billing::HourRange> cases[] = {
            {"00-06", {0, 6}}, {"22-05", {22, 5}}, {"22-24", {22, 0}}, {"1-7", {1, 7}}};
        for (const auto& [text, range] : cases) {
            CPPUNIT_ASSERT_MESSAGE(text, range == billing::parseHourRange(text));
        }
        CPPUNIT_ASSERT_EQUAL(std::string("00-06"), billing::formatHourRange({0, 6}));
        for (const char* wrong : {"", "6", "00-25", "0-", "-6", "00:00-06:00", "000-06"}) {
            CPPUNIT_ASSERT_MESSAGE(wrong, !billing::parseHourRange(wrong));
        }
    }

    void percents() {
        const NumberCase cases[] = {{"11%", 110'000},       {"2.5 %", 25'000}, {"0.0001%", 1},
                                    {"100%", 1'000'000},    {"0%", 0},         {"11", nullopt},
                                    {"100.0001%", nullopt}, {"-1%", nullopt},  {"%", nullopt},
                                    {"1.00001%", nullopt}};
        for (const NumberCase& wanted : cases) {
            const auto ppm = billing::parsePercent(wanted.text);
            CPPUNIT_ASSERT_MESSAGE(wanted.text, wanted.number.has_value() == ppm.has_value());
            CPPUNIT_ASSERT_MESSAGE(wanted.text, !ppm || *ppm == *wanted.number);
        }
        const std::pair<int, const char*> written[] = {{110'000, "11%"}, {25'000, "2.5%"}, {1, "0.0001%"}};
        for (const auto& [ppm, text] : written) {
            CPPUNIT_ASSERT_EQUAL(std::string(text), billing::formatPercent(ppm));
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TermsTextTest);

}  // namespace
}  // namespace gardu::test
