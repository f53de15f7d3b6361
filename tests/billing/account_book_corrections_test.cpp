// The account book: what an operator corrects, and who pays late: no money twice, and no day lost.

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include "core/refused.h"
#include "tests/billing/account_world.h"

namespace gardu::test {

namespace {

using billing::Package;

core::Date day(const char* text) {
    return core::parseDate(text).value();
}

/// Isolated since 2027-02-15, with the invoice of that period open.
std::string late(AccountWorld& world) {
    std::string id = addPaid(world, monthly(150'000));
    world.liveTo("2027-02-20");
    CPPUNIT_ASSERT_EQUAL(std::string("isolated"), world.stage());
    CPPUNIT_ASSERT_EQUAL(std::string("2027-02-15 to 2027-03-14 150000 unpaid"), world.documents().back());
    return id;
}

template <class Function>
std::string refusalOf(Function&& verb) {
    try {
        verb();
    } catch (const core::Refused& refused) {
        return refused.what();
    }
    return "done";
}

}  // namespace

class BookCorrectionsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(BookCorrectionsTest);
    CPPUNIT_TEST(aVoidInvoiceGivesBackOnlyWhatCreditNotesLeft);
    CPPUNIT_TEST(aCreditOnAnUnpaidRenewalIsGivenOnce);
    CPPUNIT_TEST(anEarlierPeriodIsNotVoidedUnderAPaidOne);
    CPPUNIT_TEST(latePaysWhatWasAskedFor);
    CPPUNIT_TEST(lateByTheDayOfPaymentNotOfItsEntry);
    CPPUNIT_TEST(aLateFirstPartKeepsTheAgreedDay);
    CPPUNIT_TEST(aPromiseAfterTheCutCostsItsDaysOnly);
    CPPUNIT_TEST(aHoldTakenBackForgivesNothing);
    CPPUNIT_TEST(afterAHoldTheLadderIsClimbedStepByStep);
    CPPUNIT_TEST(anUpgradeOfACreditedPeriodIsCharged);
    CPPUNIT_TEST(anotherLastDay);
    CPPUNIT_TEST(onlySubscriptionWithoutAutoRenewIsRenewedByMoney);
    CPPUNIT_TEST(hoursEndWithTheirCharges);
    CPPUNIT_TEST_SUITE_END();

public:
    void aVoidInvoiceGivesBackOnlyWhatCreditNotesLeft() {
        AccountWorld world("2027-01-15");
        const std::string id = addPaid(world, monthly(150'000));
        world.book().setAutoRenew(id, false);
        world.book().creditInvoice(world.invoices()[0], 50'000, "outage");
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{50'000}, world.credit());
        world.book().voidInvoice(world.invoices()[0], "wrong");
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{150'000}, world.credit());
        CPPUNIT_ASSERT_EQUAL(std::string("-100000 paid"), world.documents().back());
    }

    void aCreditOnAnUnpaidRenewalIsGivenOnce() {
        AccountWorld world("2027-01-15");
        late(world);
        world.book().creditInvoice(world.last(), 50'000, "outage");
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{100'000}, world.owed());
        // Its period goes by unpaid: nothing is owed, and nothing was given but on the next one.
        world.liveTo("2027-03-20");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world.owed());
        world.pay(100'000);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-04-19"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world.credit());
    }

    void anEarlierPeriodIsNotVoidedUnderAPaidOne() {
        AccountWorld world("2027-01-15");
        const std::string id = addPaid(world, monthly(150'000));
        world.pay(150'000, id);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-14"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(std::string("a later period is paid; make the invoice of that one void first"),
                             refusalOf([&] { world.book().voidInvoice(world.invoices()[0], "no"); }));
    }

    /// A charge that came since is not of it, and takes no day from him.
    void latePaysWhatWasAskedFor() {
        AccountWorld world("2027-01-15");
        const std::string id = late(world);
        world.book().charge(id, {50'000, "Cable"}, false);
        world.liveTo("2027-03-10");
        world.pay(150'000);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-04-09"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-10 to 2027-04-09 150000 paid"), world.documents().back());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, world.sub().pending.size());
    }

    void lateByTheDayOfPaymentNotOfItsEntry() {
        AccountWorld world("2027-01-15");
        addPaid(world, monthly(150'000));
        world.liveTo("2027-02-17");
        CPPUNIT_ASSERT_EQUAL(std::string("isolated"), world.stage());
        world.payOn("2027-02-14", 150'000);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-14"), world.endDate());
    }

    void aLateFirstPartKeepsTheAgreedDay() {
        AccountWorld world("2027-01-15");
        world.add(priced(monthly(310'000)), 1);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-01-15 to 2027-01-31 170000 unpaid"), world.documents().back());
        world.liveTo("2027-01-20");
        world.pay(170'000);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-01-20 to 2027-01-31 120000 paid"), world.documents().at(1));
        CPPUNIT_ASSERT_EQUAL(std::string("2027-01-31"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(1, world.sub().state.anchorDay.value());
    }

    void aPromiseAfterTheCutCostsItsDaysOnly() {
        AccountWorld world("2027-01-15");
        const std::string id = late(world);
        world.liveTo("2027-03-01");
        world.book().promise(id, day("2027-03-03"));
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::string("grace"), world.stage());
        world.liveTo("2027-03-03");
        world.pay(150'000);
        // With access from the first of March on: two days before the payment.
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-31"), world.endDate());
        // Nobody pays, he is cut off again, and pays a week later: three days were used.
        world.liveTo("2027-04-10");
        world.book().promise(id, day("2027-04-12"));
        world.liveTo("2027-04-20");
        CPPUNIT_ASSERT_EQUAL(std::string("isolated"), world.stage());
        world.pay(150'000);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-04-17 to 2027-05-16 150000 paid"), world.documents().back());
    }

    void aHoldTakenBackForgivesNothing() {
        AccountWorld world("2027-01-15");
        const std::string id = addPaid(world, monthly(150'000));
        world.book().neverCut(id, day("2027-12-31"), "school");
        world.liveTo("2027-04-10");
        const std::int64_t used = world.owed();
        CPPUNIT_ASSERT(used >= 300'000);
        world.book().neverCut(id, std::nullopt, "");
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::string("isolated"), world.stage());
        world.liveTo("2027-05-20");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{300'000}, world.owed());
        world.pay(300'000);
        CPPUNIT_ASSERT_EQUAL(std::string("due"), world.stage());
        // Of the second month 26 days were used, up to the ninth of April: five are left.
        CPPUNIT_ASSERT_EQUAL(std::string("2027-05-23"), world.endDate());
    }

    void afterAHoldTheLadderIsClimbedStepByStep() {
        AccountWorld world("2027-01-15");
        Package package = postpaid(150'000, billing::InvoiceAt::Start);
        package.terms.ladder.suspendDays = 30;
        package.terms.ladder.terminateDays = 60;
        const std::string id = world.add(priced(package));
        world.book().neverCut(id, day("2027-06-30"), "school");
        world.liveTo("2027-07-01");
        CPPUNIT_ASSERT_EQUAL(std::string("isolated"), world.stage());
        world.liveTo("2027-07-30");
        CPPUNIT_ASSERT_EQUAL(std::string("isolated"), world.stage());
        world.liveTo("2027-07-31");
        CPPUNIT_ASSERT_EQUAL(std::string("suspended"), world.stage());
        world.liveTo("2027-08-30");
        CPPUNIT_ASSERT_EQUAL(std::string("terminated"), world.stage());
    }

    void anUpgradeOfACreditedPeriodIsCharged() {
        AccountWorld world("2027-01-01");
        const std::string id = addPaid(world, monthly(150'000));
        world.book().creditInvoice(world.invoices()[0], 150'000, "a gift");
        world.check();
        Package larger = monthly(250'000);
        larger.id = "p-larger";
        world.goTo("2027-01-19");
        world.book().changePackageNow(id, priced(larger));
        world.check();
        // 13 days of 31.
        CPPUNIT_ASSERT_EQUAL(std::int64_t{104'839}, world.last().sum.total());
    }

    void anotherLastDay() {
        AccountWorld world("2027-01-15");
        const std::string id = addPaid(world, monthly(150'000));
        world.liveTo("2027-02-10");
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-15 to 2027-03-14 150000 unpaid"), world.documents().back());
        CPPUNIT_ASSERT_EQUAL(
            std::string(
                "end_date: days after it are charged; to end it now, with a credit of them, cancel it"),
            refusalOf([&] { world.book().moveEnd(id, day("2027-02-12")); }));
        world.loose[id].end = true;
        world.book().moveEnd(id, day("2027-02-19"));
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-19"), world.endDate());
        world.liveTo("2027-02-19");
        CPPUNIT_ASSERT(world.stage() != "isolated");
        world.liveTo("2027-02-21");
        CPPUNIT_ASSERT_EQUAL(std::string("isolated"), world.stage());
        world.pay(world.owed());
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-14"), world.endDate());
    }

    void onlySubscriptionWithoutAutoRenewIsRenewedByMoney() {
        AccountWorld world("2027-01-15");
        const std::string id = addPaid(world, monthly(150'000));
        world.book().setAutoRenew(id, false);
        world.liveTo("2027-02-16");
        CPPUNIT_ASSERT_EQUAL(std::string("isolated"), world.stage());
        world.pay(150'000);
        CPPUNIT_ASSERT_EQUAL(std::string("active"), world.stage());
    }

    void hoursEndWithTheirCharges() {
        AccountWorld world("2027-01-15");
        Package hours = monthly(5'000);
        hours.validity = {12, billing::ValidityUnit::Hour};
        const std::string id = addPaid(world, hours);
        world.book().charge(id, {50'000, "Cable"}, false);
        world.book().cancel(id, std::nullopt);
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{50'000}, world.owed());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BookCorrectionsTest);

}  // namespace gardu::test
