// Faults of earlier versions that people found by walking through the business: each stays mended.
#include <cppunit/extensions/HelperMacros.h>

#include "billing/invoice_draft.h"
#include "core/refused.h"
#include "tests/billing/account_world.h"
#include "tests/support/throws.h"

namespace gardu::test {

using billing::InvoiceAt;
using billing::Package;
using core::Refused;

class BookReviewTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(BookReviewTest);
    CPPUNIT_TEST(aLateSaleIsAWholePeriodOnAnyDay);
    CPPUNIT_TEST(aLateSaleInPartsIsAWholePeriod);
    CPPUNIT_TEST(heldMonthsStayOwedWhenPostpaid);
    CPPUNIT_TEST(hoursAreRenewedBeforeTheyEnd);
    CPPUNIT_TEST(aPauseKeepsATrial);
    CPPUNIT_TEST(aPauseBeforeTheFirstDay);
    CPPUNIT_TEST(aPlannedCancellationIsTakenBack);
    CPPUNIT_TEST(whoPaysLateBeforeHisEndGetsTheRest);
    CPPUNIT_TEST(moneyInTimeRenewsWithoutAutoRenewal);
    CPPUNIT_TEST(theInvoiceOfAPackageChangeIsMadeVoid);
    CPPUNIT_TEST(manyMissedDaysAreCaughtUp);
    CPPUNIT_TEST(nobodyIsAskedAgainForWhatPaidNothing);
    CPPUNIT_TEST(aVoidPeriodThatRunsIsSoldAgain);
    CPPUNIT_TEST(aVoidPeriodCutsNobody);
    CPPUNIT_TEST(moneyGoesToWhomItNames);
    CPPUNIT_TEST(aCheaperPackageFromNowOnCostsLess);
    CPPUNIT_TEST(heldDaysOfThePeriodThatRunsStayOwed);
    CPPUNIT_TEST(whoPaysLateBeforeHisEndNeedNotBeNamed);
    CPPUNIT_TEST(aPlannedPackageWaitsForTheEndOfWhatIsPaid);
    CPPUNIT_TEST_SUITE_END();

    static core::Date day(const char* text) { return core::parseDate(text).value(); }
    static std::size_t told(const AccountWorld& world, const std::string& templateName) {
        std::size_t count = 0;
        for (const billing::BillingEvent& event : world.events()) {
            count += event.notify == templateName ? 1 : 0;
        }
        return count;
    }
    /// Paid up to 2027-02-28, not renewed, and renewed by hand on 2027-03-10.
    static std::string renewedLate(AccountWorld& world) {
        std::string id = addPaid(world, monthly(280'000));
        world.book().setAutoRenew(id, false);
        world.liveTo("2027-03-10");
        world.book().renew(id);
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-10 to 2027-04-09 280000 unpaid"), world.documents().back());
        return id;
    }

public:
    void aLateSaleIsAWholePeriodOnAnyDay() {
        AccountWorld world("2027-02-01");
        renewedLate(world);
        world.liveTo("2027-03-12");
        world.pay(280'000);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-04-11"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world.owed());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world.credit());
        CPPUNIT_ASSERT_EQUAL(12, world.sub().state.anchorDay.value());
    }

    void aLateSaleInPartsIsAWholePeriod() {
        AccountWorld world("2027-02-01");
        renewedLate(world);
        world.pay(100'000);
        world.liveTo("2027-03-12");
        world.pay(180'000);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-04-11"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world.credit());
    }

    void heldMonthsStayOwedWhenPostpaid() {
        AccountWorld world("2027-02-01");
        const std::string id = addPaid(world, monthly(280'000));
        world.book().neverCut(id, day("2027-12-31"), "the village school");
        world.liveTo("2027-05-15");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{840'000}, world.owed());
        world.book().changePackageNext(id, priced(postpaid(300'000, InvoiceAt::Start)));
        world.check();
        // March and April were used, and May has begun: June is the first postpaid month.
        CPPUNIT_ASSERT_EQUAL(std::int64_t{840'000}, world.owed());
        CPPUNIT_ASSERT(world.sub().state.billedUntil == day("2027-06-01"));
        world.liveTo("2027-06-01");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1'140'000}, world.owed());
    }

    void hoursAreRenewedBeforeTheyEnd() {
        AccountWorld world("2027-02-15");
        Package package = monthly(5'000);
        package.validity = {1, billing::ValidityUnit::Hour};
        const std::string id = world.add(priced(package));
        world.pay(15'000, id);
        const auto at = [](const char* text) { return core::parseInstant(text).value(); };
        CPPUNIT_ASSERT(world.row().accessUntil == at("2027-02-15T03:00:00Z"));
        world.goTo(at("2027-02-15T02:31:00Z"));
        CPPUNIT_ASSERT(world.row().accessUntil == at("2027-02-15T04:00:00Z"));
        CPPUNIT_ASSERT_EQUAL(std::string("active"), world.stage());
    }

    void aPauseKeepsATrial() {
        AccountWorld world("2027-02-01");
        Package package = postpaid(280'000, InvoiceAt::Start);
        package.terms.trialDays = 28;
        const std::string id = world.add(priced(package));
        world.liveTo("2027-02-02");
        world.book().pause(id, std::nullopt);
        world.liveTo("2027-02-03");
        world.book().resume(id);
        world.check();
        CPPUNIT_ASSERT(world.documents().empty());
        world.liveTo("2027-03-01");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{280'000}, world.owed());
    }

    void aPauseBeforeTheFirstDay() {
        AccountWorld world("2027-02-01");
        const std::string id = world.put(priced(postpaid(280'000, InvoiceAt::Start)));
        billing::Account account = world.account();
        account.subscriptions[0].subscription.startDate = day("2027-03-01");
        int ids = 0;
        billing::AccountBook book(
            account, world.rules, [&] { return "x-" + std::to_string(++ids); }, world.now());
        book.begin(id, std::nullopt);
        book.pause(id, std::nullopt);
        book.advanceTo(world.zone().startOfDay(day("2027-02-10")));
        book.resume(id);
        CPPUNIT_ASSERT(book.account().open.empty());
        CPPUNIT_ASSERT(book.account().subscriptions[0].state.billedUntil == day("2027-03-01"));
    }

    void aPlannedCancellationIsTakenBack() {
        AccountWorld world("2027-02-01");
        const std::string id = addPaid(world, monthly(280'000));
        CPPUNIT_ASSERT(throws<Refused>([&] { world.book().keep(id); }));
        world.book().cancel(id, day("2027-02-20"));
        CPPUNIT_ASSERT(throws<Refused>([&] { world.book().moveEnd(id, day("2027-04-30")); }));
        world.book().keep(id);
        world.check();
        world.liveTo("2027-02-27");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{280'000}, world.owed());
        CPPUNIT_ASSERT_EQUAL(std::string("active"), std::string(billing::name(world.row().status)));

        AccountWorld owing("2027-02-01");
        const std::string other = owing.add(priced(postpaid(280'000, InvoiceAt::Start)));
        owing.pay(280'000);
        owing.book().cancel(other, day("2027-02-20"));
        owing.book().keep(other);
        owing.check();
        CPPUNIT_ASSERT(!owing.row().endDate);
        owing.liveTo("2027-03-01");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{280'000}, owing.owed());
    }

    void whoPaysLateBeforeHisEndGetsTheRest() {
        AccountWorld world("2027-02-01");
        const std::string id = addPaid(world, monthly(280'000));
        world.book().cancel(id, day("2027-06-15"));
        world.liveTo("2027-04-10");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world.owed());
        world.pay(280'000, id);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-05-09"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(std::string("active"), world.stage());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world.credit());
    }

    void moneyInTimeRenewsWithoutAutoRenewal() {
        AccountWorld world("2027-02-01");
        const std::string id = addPaid(world, monthly(280'000));
        world.book().setAutoRenew(id, false);
        world.liveTo("2027-02-25");
        world.pay(280'000);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-31"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world.credit());
    }

    void theInvoiceOfAPackageChangeIsMadeVoid() {
        AccountWorld world("2027-03-01");
        const std::string id = addPaid(world, monthly(150'000));
        world.liveTo("2027-03-19");
        world.book().changePackageNow(id, priced(monthly(300'000)));
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{62'903}, world.owed());
        world.voidInvoice(world.last(), "a gift");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world.owed());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world.credit());
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-31"), world.endDate());
        // What is left when he goes is what was charged for it.
        world.book().cancel(id, std::nullopt);
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{62'903}, world.credit());
    }

    void manyMissedDaysAreCaughtUp() {
        AccountWorld world("2027-01-01");
        Package package = postpaid(5'000, InvoiceAt::Start);
        package.validity = {1, billing::ValidityUnit::Day};
        world.add(priced(package));
        world.rules.mostInvoices = 500;
        world.goTo("2027-09-20");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{263} * 5'000, world.owed());
    }

    void nobodyIsAskedAgainForWhatPaidNothing() {
        AccountWorld world("2027-02-01");
        addPaid(world, monthly(280'000));
        world.pay(280'000);
        world.reverse(1);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world.owed());
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, told(world, "payment_reversed"));
        world.reverse(0);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{280'000}, world.owed());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, told(world, "payment_reversed"));
    }

    void aVoidPeriodThatRunsIsSoldAgain() {
        AccountWorld world("2027-03-01");
        addPaid(world, monthly(280'000));
        world.liveTo("2027-03-21");
        world.voidInvoice(world.invoices()[0], "the name is wrong");
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-01 to 2027-03-31 280000 paid"), world.documents().back());
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-31"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(std::string("active"), world.stage());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world.credit());
        CPPUNIT_ASSERT_EQUAL(1, world.sub().state.anchorDay.value());
    }

    void aVoidPeriodCutsNobody() {
        AccountWorld world("2027-02-01");
        addPaid(world, monthly(150'000));
        world.goTo("2027-02-05");
        world.add(priced(monthly(150'000)));
        world.goTo("2027-02-20");
        world.voidInvoice(world.invoices()[0], "x");
        // Its credit pays what is sold again, and not the debt of the other one.
        CPPUNIT_ASSERT_EQUAL(std::string("active"), world.stage(0));
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-28"), world.endDate(0));
        CPPUNIT_ASSERT_EQUAL(std::string("isolated"), world.stage(1));
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-04"), world.endDate(1));

        AccountWorld dearer("2027-02-01");
        const std::string id = addPaid(dearer, monthly(150'000));
        dearer.goTo("2027-02-20");
        billing::Account account = dearer.account();
        account.subscriptions[0].package = priced(monthly(170'000));
        int ids = 0;
        billing::AccountBook book(
            account, dearer.rules, [&] { return "x-" + std::to_string(++ids); }, dearer.now());
        book.voidInvoice(dearer.invoices()[0], "x");
        const billing::Subscription& sold = book.account().subscriptions[0].subscription;
        CPPUNIT_ASSERT_EQUAL(std::string("due"), std::string(billing::name(sold.stage)));
        CPPUNIT_ASSERT(sold.endDate == day("2027-02-28"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{20'000}, book.account().open.at(0).outstanding);
    }

    void moneyGoesToWhomItNames() {
        AccountWorld world("2027-01-01");
        const std::string first = addPaid(world, monthly(150'000));
        const std::string second = addPaid(world, monthly(150'000));
        world.liveTo("2027-03-02");
        CPPUNIT_ASSERT_EQUAL(std::string("isolated"), world.stage(1));
        world.pay(150'000, second);
        CPPUNIT_ASSERT_EQUAL(std::string("active"), world.stage(1));
        CPPUNIT_ASSERT_EQUAL(std::string("2027-04-01"), world.endDate(1));
        CPPUNIT_ASSERT_EQUAL(std::string("isolated"), world.stage(0));
    }

    void aCheaperPackageFromNowOnCostsLess() {
        AccountWorld world("2027-01-01");
        const std::string id = world.add(priced(monthly(300'000)));
        world.book().changePackageNext(id, priced(monthly(100'000)));
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{100'000}, world.owed());
        CPPUNIT_ASSERT_EQUAL(std::string("p-100000"), world.row().packageId);
        world.pay(100'000);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-01-31"), world.endDate());
    }

    void heldDaysOfThePeriodThatRunsStayOwed() {
        AccountWorld world("2027-01-01");
        const std::string id = addPaid(world, monthly(150'000));
        world.liveTo("2027-01-28");
        world.book().promise(id, day("2027-02-10"));
        world.liveTo("2027-02-21");
        world.book().changePackageNext(id, priced(postpaid(160'000, InvoiceAt::End)));
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{150'000}, world.owed());
        CPPUNIT_ASSERT(world.sub().state.billedUntil == day("2027-03-01"));
    }

    void whoPaysLateBeforeHisEndNeedNotBeNamed() {
        AccountWorld world("2027-01-01");
        const std::string id = addPaid(world, monthly(150'000));
        world.liveTo("2027-02-03");
        world.book().cancel(id, day("2027-02-21"));
        world.check();
        world.pay(96'429);
        CPPUNIT_ASSERT_EQUAL(std::string("active"), world.stage());
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-20"), world.endDate());
    }

    void aPlannedPackageWaitsForTheEndOfWhatIsPaid() {
        AccountWorld world("2027-02-01");
        const std::string id = addPaid(world, monthly(300'000));
        world.liveTo("2027-02-25");
        world.pay(300'000);
        world.book().changePackageNext(id, priced(monthly(100'000)));
        world.check();
        world.liveTo("2027-02-26");
        world.reverse(1);
        world.liveTo("2027-03-06");
        world.pay(300'000);
        // The notice gave March 1 already.
        CPPUNIT_ASSERT_EQUAL(std::string("2027-04-04"), world.endDate());
        world.liveTo("2027-04-04");
        CPPUNIT_ASSERT_EQUAL(std::string("p-300000"), world.row().packageId);
        world.liveTo("2027-04-05");
        CPPUNIT_ASSERT_EQUAL(std::string("p-100000"), world.row().packageId);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BookReviewTest);

}  // namespace gardu::test
