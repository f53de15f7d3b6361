#include "billing/notification.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include "core/check.h"

namespace gardu::test {

namespace {

using billing::amountInWords;
using billing::dateInWords;
using billing::Language;
using billing::Message;
using billing::NotificationFacts;
using billing::notificationObsolete;
using billing::notificationTemplates;
using billing::notificationValues;
using billing::renderNotification;

using Values = std::map<std::string, std::string>;

const core::Date kToday = core::parseDate("2027-02-15").value();

core::Money money(std::int64_t minor, const char* code) {
    return {minor, *core::findCurrency(code)};
}

Values everything() {
    return {{"customer", "Ibu Sri"},    {"username", "sri@kampung"},    {"package", "Rumah 20M"},
            {"number", "INV-2027-7"},   {"amount_minor", "1500000"},    {"currency", "IDR"},
            {"due_date", "2027-02-15"}, {"period_start", "2027-02-01"}, {"period_end", "2027-03-01"},
            {"company", "Warga Net"},   {"how_to_pay", "BCA 123 456"},  {"days", "3"}};
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

class NotificationTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(NotificationTest);
    CPPUNIT_TEST(amountsAreAsPeopleWriteThem);
    CPPUNIT_TEST(datesAreWrittenOut);
    CPPUNIT_TEST(everyTemplateIsWholeInEachLanguage);
    CPPUNIT_TEST(whatIsNotKnownLeavesNoLine);
    CPPUNIT_TEST(aNameInAValueIsNotFilledAgain);
    CPPUNIT_TEST(aPeriodEndsWithItsLastDay);
    CPPUNIT_TEST(whatCannotBeReadStaysAway);
    CPPUNIT_TEST(anUnknownTemplateIsOurFault);
    CPPUNIT_TEST(whatIsNotTrueAnyMoreIsNotSent);
    CPPUNIT_TEST(aReminderOfADayThatIsOverIsNotSent);
    CPPUNIT_TEST(languagesHaveNames);
    CPPUNIT_TEST_SUITE_END();

    void amountsAreAsPeopleWriteThem() {
        struct Case {
            core::Money amount;
            const char* indonesian = nullptr;
            const char* english = nullptr;
        };
        for (const Case& c :
             std::initializer_list<Case>{{money(150000, "IDR"), "Rp 150.000", "IDR 150,000"},
                                         {money(0, "IDR"), "Rp 0", "IDR 0"},
                                         {money(999, "IDR"), "Rp 999", "IDR 999"},
                                         {money(1000, "IDR"), "Rp 1.000", "IDR 1,000"},
                                         {money(-1234567, "IDR"), "-Rp 1.234.567", "-IDR 1,234,567"},
                                         {money(123456789, "USD"), "USD 1.234.567,89", "USD 1,234,567.89"},
                                         {money(5, "USD"), "USD 0,05", "USD 0.05"},
                                         {money(-5, "USD"), "-USD 0,05", "-USD 0.05"},
                                         {money(1234567, "KWD"), "KWD 1.234,567", "KWD 1,234.567"},
                                         {money(INT64_MIN, "IDR"), "-Rp 9.223.372.036.854.775.808",
                                          "-IDR 9,223,372,036,854,775,808"}}) {
            CPPUNIT_ASSERT_EQUAL(std::string(c.indonesian), amountInWords(c.amount, Language::Indonesian));
            CPPUNIT_ASSERT_EQUAL(std::string(c.english), amountInWords(c.amount, Language::English));
        }
    }

    void datesAreWrittenOut() {
        const core::Date date = *core::parseDate("2027-02-15");
        CPPUNIT_ASSERT_EQUAL(std::string("15 Februari 2027"), dateInWords(date, Language::Indonesian));
        CPPUNIT_ASSERT_EQUAL(std::string("15 February 2027"), dateInWords(date, Language::English));
        const core::Date newYear = *core::parseDate("2028-01-01");
        CPPUNIT_ASSERT_EQUAL(std::string("1 Januari 2028"), dateInWords(newYear, Language::Indonesian));
        CPPUNIT_ASSERT_EQUAL(std::string("31 Desember 2027"),
                             dateInWords(core::addDays(newYear, -1), Language::Indonesian));
    }

    void everyTemplateIsWholeInEachLanguage() {
        CPPUNIT_ASSERT_EQUAL(std::size_t{10}, notificationTemplates().size());
        for (const std::string_view templateName : notificationTemplates()) {
            for (const Language language : {Language::Indonesian, Language::English}) {
                const Message message =
                    renderNotification(templateName, language, notificationValues(everything(), language));
                const std::string about = std::string(templateName) + ": " + message.body;
                CPPUNIT_ASSERT_MESSAGE(about, !message.subject.empty() && !contains(message.subject, "\n"));
                CPPUNIT_ASSERT_MESSAGE(about, !contains(message.subject + message.body, "{"));
                CPPUNIT_ASSERT_MESSAGE(about, !contains(message.body, "\n\n\n"));
                CPPUNIT_ASSERT_MESSAGE(about, contains(message.body, "Ibu Sri,\n"));
                CPPUNIT_ASSERT_MESSAGE(about, contains(message.body, "sri@kampung\n"));
                CPPUNIT_ASSERT_MESSAGE(about, message.body.ends_with("Warga Net\n"));
            }
        }
        const Message invoice = renderNotification("invoice_issued", Language::Indonesian,
                                                   notificationValues(everything(), Language::Indonesian));
        CPPUNIT_ASSERT_EQUAL(std::string("Tagihan INV-2027-7: Rp 1.500.000"), invoice.subject);
        CPPUNIT_ASSERT(contains(invoice.body, "Jatuh tempo: 15 Februari 2027\n"));
        CPPUNIT_ASSERT(contains(invoice.body, "Periode: 1 Februari 2027 - 28 Februari 2027\n"));
    }

    void whatIsNotKnownLeavesNoLine() {
        const Message message =
            renderNotification("reminder", Language::English, {{"customer", "Budi"}, {"number", ""}});
        CPPUNIT_ASSERT_EQUAL(
            std::string("Dear Budi,\n\nThis is a reminder that the payment for your internet service is due "
                        "soon.\n\nPlease ignore this message if you have paid. Thank you.\n"),
            message.body);
    }

    void aNameInAValueIsNotFilledAgain() {
        const Message message = renderNotification("restored", Language::English,
                                                   {{"customer", "{company}"}, {"company", "Warga {Net"}});
        CPPUNIT_ASSERT(contains(message.body, "Dear {company},\n"));
        CPPUNIT_ASSERT(message.body.ends_with("Warga {Net\n"));
    }

    void aPeriodEndsWithItsLastDay() {
        const auto period = [](const char* first, const char* next) {
            return notificationValues({{"period_start", first}, {"period_end", next}}, Language::English)
                .at("period");
        };
        CPPUNIT_ASSERT_EQUAL(std::string("31 January 2027 - 27 February 2027"),
                             period("2027-01-31", "2027-02-28"));
        CPPUNIT_ASSERT_EQUAL(std::string("1 March 2027"), period("2027-03-01", "2027-03-02"));
        CPPUNIT_ASSERT_EQUAL(std::string("1 March 2027"), period("2027-03-01", "2027-03-01"));
    }

    void whatCannotBeReadStaysAway() {
        const Values bad = notificationValues({{"amount_minor", "12x"},
                                               {"currency", "IDR"},
                                               {"due_date", "soon"},
                                               {"period_start", "2027-01-01"}},
                                              Language::English);
        CPPUNIT_ASSERT(!bad.contains("amount"));
        CPPUNIT_ASSERT(!bad.contains("period"));
        CPPUNIT_ASSERT_EQUAL(std::string("soon"), bad.at("due_date"));
        CPPUNIT_ASSERT(!notificationValues({{"amount_minor", "1"}}, Language::English).contains("amount"));
        CPPUNIT_ASSERT(!notificationValues({{"amount_minor", "1"}, {"currency", "XXX"}}, Language::English)
                            .contains("amount"));
    }

    void anUnknownTemplateIsOurFault() {
        CPPUNIT_ASSERT_THROW(static_cast<void>(renderNotification("hello", Language::English, {})),
                             core::InvariantBroken);
        CPPUNIT_ASSERT_THROW(static_cast<void>(notificationObsolete("hello", {}, kToday)),
                             core::InvariantBroken);
    }

    void whatIsNotTrueAnyMoreIsNotSent() {
        struct Case {
            const char* templateName = nullptr;
            NotificationFacts facts;
            bool isSent = false;
        };
        const auto none = std::nullopt;
        for (const Case& c :
             std::initializer_list<Case>{{"invoice_issued", {"unpaid", "due", "active"}, true},
                                         {"invoice_issued", {"paid", "active", "active"}, false},
                                         {"invoice_issued", {"void", "due", "active"}, false},
                                         {"reminder", {"unpaid", "due", "active"}, true},
                                         {"reminder", {"paid", "due", "active"}, false},
                                         {"reminder", {none, "active", "active"}, true},
                                         {"reminder", {none, "active", "cancelled"}, false},
                                         {"overdue", {"unpaid", "grace", "active"}, true},
                                         {"overdue", {"unpaid", "isolated", "cancelled"}, true},
                                         {"overdue", {"paid", "grace", "active"}, false},
                                         {"overdue", {none, "grace", "active"}, true},
                                         {"overdue", {none, "active", "active"}, false},
                                         {"isolated", {"unpaid", "isolated", "active"}, true},
                                         {"isolated", {"unpaid", "suspended", "active"}, false},
                                         {"suspended", {"unpaid", "suspended", "active"}, true},
                                         {"suspended", {"unpaid", "isolated", "active"}, false},
                                         {"suspended", {"paid", "active", "active"}, false},
                                         {"isolated", {"paid", "active", "active"}, false},
                                         {"isolated", {none, "grace", "active"}, false},
                                         {"isolated", {none, "isolated", "cancelled"}, false},
                                         {"isolated", {none, "terminated", "active"}, false},
                                         {"isolated", {none, none, none}, false},
                                         {"restored", {none, "active", "active"}, true},
                                         {"restored", {"unpaid", "due", "active"}, true},
                                         {"restored", {"unpaid", "isolated", "active"}, false},
                                         {"restored", {none, "active", "suspended"}, false},
                                         {"restored", {none, none, none}, false},
                                         {"payment_received", {"paid", "active", "active"}, true},
                                         {"payment_received", {none, none, none}, true},
                                         {"terminated", {"unpaid", "terminated", "active"}, true},
                                         {"terminated", {"unpaid", "active", "active"}, false},
                                         {"quota_reached", {none, "active", "active"}, true},
                                         {"quota_reached", {none, "active", "cancelled"}, false},
                                         {"payment_reversed", {"unpaid", "grace", "active"}, true},
                                         {"payment_reversed", {"paid", "active", "active"}, false}}) {
            const auto why = notificationObsolete(c.templateName, c.facts, kToday);
            const std::string about = std::string(c.templateName) + " " +
                                      c.facts.invoiceStatus.value_or("-") + " " + c.facts.stage.value_or("-");
            CPPUNIT_ASSERT_EQUAL_MESSAGE(about, c.isSent, !why.has_value());
        }
    }

    void aReminderOfADayThatIsOverIsNotSent() {
        NotificationFacts facts{"unpaid", "due", "active"};
        facts.dueDate = kToday;
        CPPUNIT_ASSERT(!notificationObsolete("reminder", facts, kToday));
        const core::Date tomorrow = core::addDays(kToday, 1);
        CPPUNIT_ASSERT(notificationObsolete("reminder", facts, tomorrow));
        CPPUNIT_ASSERT(!notificationObsolete("overdue", facts, tomorrow));
        CPPUNIT_ASSERT(!notificationObsolete("invoice_issued", facts, tomorrow));
    }

    void languagesHaveNames() {
        for (const Language language : {Language::Indonesian, Language::English}) {
            CPPUNIT_ASSERT(billing::parseLanguage(billing::name(language)) == language);
        }
        CPPUNIT_ASSERT(!billing::parseLanguage("EN") && !billing::parseLanguage("") &&
                       !billing::parseLanguage("de"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NotificationTest);

}  // namespace

}  // namespace gardu::test
