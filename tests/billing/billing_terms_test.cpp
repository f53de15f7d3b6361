#include "billing/billing_terms.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <limits>
#include <string>

#include "billing/rating.h"

namespace gardu::test {

namespace {

using billing::BillingTerms;

struct ProblemCase {
    std::string_view fields;
    void (*change)(BillingTerms&);
};

const ProblemCase kProblems[] = {
    {"", [](BillingTerms&) {}},
    {"trial_days ", [](BillingTerms& t) { t.trialDays = -1; }},
    {"trial_days ", [](BillingTerms& t) { t.trialDays = 3'651; }},
    {"invoice_days ", [](BillingTerms& t) { t.invoiceDays = std::numeric_limits<int>::max(); }},
    {"due_days ", [](BillingTerms& t) { t.dueDays = -1; }},
    {"tax ", [](BillingTerms& t) { t.taxCode = ""; }},
    {"tax ", [](BillingTerms& t) { t.taxCode = std::string(21, 'x'); }},
    {"grace_days ", [](BillingTerms& t) { t.ladder.graceDays = -1; }},
    {"grace_days ", [](BillingTerms& t) { t.ladder.graceDays = std::numeric_limits<int>::max(); }},
    {"notice_days ", [](BillingTerms& t) { t.ladder.noticeDays = -1; }},
    {"suspend_days ",
     [](BillingTerms& t) {
         t.ladder.graceDays = 5;
         t.ladder.suspendDays = 4;
     }},
    {"",
     [](BillingTerms& t) {
         t.ladder.graceDays = 5;
         t.ladder.suspendDays = 5;
         t.ladder.terminateDays = 5;
     }},
    {"suspend_days ", [](BillingTerms& t) { t.ladder.suspendDays = 3'651; }},
    {"suspend_days ", [](BillingTerms& t) { t.ladder.suspendDays = -1; }},
    {"terminate_days ",
     [](BillingTerms& t) {
         t.ladder.suspendDays = 30;
         t.ladder.terminateDays = 29;
     }},
    {"terminate_days ",
     [](BillingTerms& t) {
         t.ladder.graceDays = 5;
         t.ladder.terminateDays = 4;
     }},
    {"", [](BillingTerms& t) { t.ladder.terminateDays = 90; }},
    {"tolerance ", [](BillingTerms& t) { t.ladder.tolerance = -1; }},
    {"tolerance ", [](BillingTerms& t) { t.ladder.tolerance = billing::kMaxAmount + 1; }},
    {"", [](BillingTerms& t) { t.ladder.noCutWeekdays = {0, 1, 2, 3, 4, 6}; }},
    {"no_cut_weekdays ", [](BillingTerms& t) { t.ladder.noCutWeekdays = {0, 1, 2, 3, 4, 5, 6}; }},
    {"no_cut_weekdays ", [](BillingTerms& t) { t.ladder.noCutWeekdays = {7}; }},
    {"no_cut_weekdays ",
     [](BillingTerms& t) {
         t.ladder.noCutWeekdays = {-1, 3};
     }},
    {"cut_hours ", [](BillingTerms& t) { t.ladder.cutFromMinute = -1; }},
    {"cut_hours ", [](BillingTerms& t) { t.ladder.cutUntilMinute = 1'441; }},
    {"cut_hours ", [](BillingTerms& t) { t.ladder.cutUntilMinute = t.ladder.cutFromMinute = 480; }},
    {"", [](BillingTerms& t) { t.ladder.cutFromMinute = 1'439; }},
    {"", [](BillingTerms& t) { t.ladder.remindDays = {}; }},
    {"",
     [](BillingTerms& t) {
         t.ladder.remindDays = {365, 0, -365};
     }},
    {"remind_days ", [](BillingTerms& t) { t.ladder.remindDays = {366}; }},
    {"remind_days ", [](BillingTerms& t) { t.ladder.remindDays = {-366}; }},
    {"remind_days ",
     [](BillingTerms& t) {
         t.ladder.remindDays = {3, 3};
     }},
    {"remind_days ", [](BillingTerms& t) { t.ladder.remindDays = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}; }},
    {"due_days tolerance ",
     [](BillingTerms& t) {
         t.dueDays = -1;
         t.ladder.tolerance = -1;
     }},
};

struct WeekdayCase {
    std::string_view text;
    std::set<int> weekdays;
    std::string printed;
};

const WeekdayCase kWeekdays[] = {
    {"", {}, ""},
    {"sat,sun", {6, 0}, "sat,sun"},
    {"sun,sat", {6, 0}, "sat,sun"},
    {"sun,sun", {0}, "sun"},
    {"sun,sat,fri,thu,wed,tue,mon", {0, 1, 2, 3, 4, 5, 6}, "mon,tue,wed,thu,fri,sat,sun"},
};

struct DayListCase {
    std::string_view text;
    std::vector<int> days;
};

const DayListCase kDayLists[] = {{"", {}}, {"3,1,-2", {3, 1, -2}}, {"0", {0}}, {"-365,365", {-365, 365}}};

}  // namespace

class BillingTermsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(BillingTermsTest);
    CPPUNIT_TEST(wordsAreReadBack);
    CPPUNIT_TEST(namesEachWrongField);
    CPPUNIT_TEST(weekdays);
    CPPUNIT_TEST(dayLists);
    CPPUNIT_TEST_SUITE_END();

public:
    void wordsAreReadBack() {
        for (const char* word : {"prepaid", "postpaid"}) {
            CPPUNIT_ASSERT(billing::name(billing::parseBillingMode(word).value()) == word);
        }
        for (const char* word : {"start", "end"}) {
            CPPUNIT_ASSERT(billing::name(billing::parseInvoiceAt(word).value()) == word);
        }
        for (const char* word : {"prorate", "free", "full"}) {
            CPPUNIT_ASSERT(billing::name(billing::parseFirstPeriod(word).value()) == word);
        }
        for (const char* word : {"from-payment", "from-end"}) {
            CPPUNIT_ASSERT(billing::name(billing::parseLateRenewal(word).value()) == word);
        }
        for (const char* word : {"continue", "stop", "credit"}) {
            CPPUNIT_ASSERT(billing::name(billing::parseWhileSuspended(word).value()) == word);
        }
        for (const char* other : {"", "Prepaid", "from_end", "stop "}) {
            CPPUNIT_ASSERT(!billing::parseBillingMode(other) && !billing::parseInvoiceAt(other));
            CPPUNIT_ASSERT(!billing::parseFirstPeriod(other) && !billing::parseLateRenewal(other));
            CPPUNIT_ASSERT(!billing::parseWhileSuspended(other));
        }
    }

    void namesEachWrongField() {
        for (std::size_t i = 0; i < std::size(kProblems); ++i) {
            BillingTerms terms;
            kProblems[i].change(terms);
            std::string fields;
            for (const core::FieldError& error : billing::termsProblems(terms)) {
                fields.append(error.field).append(" ");
            }
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::to_string(i), std::string(kProblems[i].fields), fields);
        }
    }

    void weekdays() {
        for (const WeekdayCase& each : kWeekdays) {
            CPPUNIT_ASSERT(billing::parseWeekdays(each.text) == each.weekdays);
            CPPUNIT_ASSERT_EQUAL(each.printed, billing::formatWeekdays(each.weekdays));
        }
        for (const char* other : {"sat,", ",sat", "sat,,sun", "Sat", "saturday", "sat sun", "6", ","}) {
            CPPUNIT_ASSERT_MESSAGE(other, !billing::parseWeekdays(other));
        }
    }

    void dayLists() {
        for (const DayListCase& each : kDayLists) {
            CPPUNIT_ASSERT(billing::parseDayList(each.text) == each.days);
            CPPUNIT_ASSERT_EQUAL(std::string(each.text), billing::formatDayList(each.days));
        }
        for (const char* other : {"3,", ",3", "3,,1", "3 1", "+3", "x", "99999999999", "1.5", "--1"}) {
            CPPUNIT_ASSERT_MESSAGE(other, !billing::parseDayList(other));
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BillingTermsTest);

}  // namespace gardu::test
