// The account book: changes of the package, pauses, cancellations, discounts, tax. Many are traps that
// other billing programs fell into.

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include "core/refused.h"
#include "tests/billing/account_world.h"
#include "tests/support/throws.h"

namespace gardu::test {

namespace {

using billing::AccountBook;
using billing::InvoiceAt;
using billing::Package;
using billing::PricedPackagePtr;
using billing::Validity;
using billing::ValidityUnit;
using core::Refused;

core::Date day(const char* text) {
    return core::parseDate(text).value();
}

}  // namespace

class BookChangesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(BookChangesTest);
    CPPUNIT_TEST(aPackageChangeDropsNoDays);
    CPPUNIT_TEST(twoChangesOnOneDayLeaveTheLastPrice);
    CPPUNIT_TEST(aChangeThereAndBackCostsNothing);
    CPPUNIT_TEST(aLaterChangeCreditsTheNewPriceExactly);
    CPPUNIT_TEST(periodsPaidAheadChangeToo);
    CPPUNIT_TEST(aTrialStaysFreeAfterAChange);
    CPPUNIT_TEST(anOpenRenewalIsRemadeAtTheNewPrice);
    CPPUNIT_TEST(inArrearsBothPartsMakeThePrice);
    CPPUNIT_TEST(theNextPackageBeginsWithThePeriod);
    CPPUNIT_TEST(downgradesComeWithThePeriod);
    CPPUNIT_TEST(aWishIsTakenBack);
    CPPUNIT_TEST(aPauseKeepsWhatIsPaid);
    CPPUNIT_TEST(aPauseIsNotBilled);
    CPPUNIT_TEST(cancelledTodayGivesBackTheRest);
    CPPUNIT_TEST(cancelledLaterSellsThePartBefore);
    CPPUNIT_TEST(discountsAreLinesAndEndInTime);
    CPPUNIT_TEST(taxIsCreditedAsItWasCharged);
    CPPUNIT_TEST_SUITE_END();

public:
    void aPackageChangeDropsNoDays() {
        AccountWorld world("2027-01-15");
        const std::string id = addPaid(world, monthly(150'000));
        world.liveTo("2027-02-02");
        world.book().changePackageNow(id, priced(monthly(250'000)));
        world.check();
        // 18 of 31 days are used: 62903 back, 104839 for the same 13 days.
        CPPUNIT_ASSERT_EQUAL(std::string("credit -62903; recurring 104839"),
                             AccountWorld::lines(world.last()));
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-14"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(15, world.sub().state.anchorDay.value());
        CPPUNIT_ASSERT_EQUAL(std::string("p-250000"), world.row().packageId);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{41'936}, world.owed());
    }

    void twoChangesOnOneDayLeaveTheLastPrice() {
        AccountWorld world("2027-01-15");
        const std::string id = addPaid(world, monthly(150'000));
        world.liveTo("2027-02-02");
        world.book().changePackageNow(id, priced(monthly(250'000)));
        world.book().changePackageNow(id, priced(monthly(200'000)));
        world.check();
        // As if he had gone from 150000 to 200000 at once.
        CPPUNIT_ASSERT_EQUAL(std::int64_t{83'871 - 62'903}, world.owed());
    }

    void aChangeThereAndBackCostsNothing() {
        AccountWorld world("2027-01-15");
        const auto first = priced(monthly(150'001));
        const std::string id = world.add(first);
        world.pay(150'001);
        world.liveTo("2027-02-02");
        for (int i = 0; i < 3; ++i) {
            world.book().changePackageNow(id, priced(monthly(99'999)));
            world.book().changePackageNow(id, first);
            world.check();
        }
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world.owed());
    }

    void aLaterChangeCreditsTheNewPriceExactly() {
        AccountWorld world("2027-01-15");
        const std::string id = addPaid(world, monthly(150'000));
        world.liveTo("2027-02-02");
        world.book().changePackageNow(id, priced(monthly(250'000)));
        world.pay(world.owed());
        world.liveTo("2027-02-09");
        world.book().changePackageNow(id, priced(monthly(150'000)));
        world.check();
        // 6 of the 13 days that 104839 were for.
        const billing::Invoice& note = world.invoices().at(world.invoices().size() - 2);
        CPPUNIT_ASSERT_EQUAL(std::string("credit 48387; recurring -29032"), AccountWorld::lines(note));
    }

    void periodsPaidAheadChangeToo() {
        AccountWorld world("2027-01-15");
        const std::string id = addPaid(world, monthly(150'000));
        world.pay(150'000, id);
        world.liveTo("2027-02-02");
        world.book().changePackageNow(id, priced(monthly(250'000)));
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::string("credit -62903; credit -150000; recurring 104839; recurring 250000"),
                             AccountWorld::lines(world.last()));
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-14"), world.endDate());
    }

    void aTrialStaysFreeAfterAChange() {
        AccountWorld world("2027-01-15");
        Package trial = monthly(150'000);
        trial.terms.trialDays = 10;
        const std::string id = world.add(priced(trial));
        world.liveTo("2027-01-16");
        world.book().changePackageNow(id, priced(monthly(250'000)));
        world.check();
        CPPUNIT_ASSERT(world.documents().empty());
        CPPUNIT_ASSERT_EQUAL(std::string("2027-01-24"), world.endDate());
        // From price zero on, the rest of the period is charged.
        AccountWorld free("2027-01-15");
        const std::string other = free.add(priced(monthly(0)));
        free.liveTo("2027-02-02");
        free.book().changePackageNow(other, priced(monthly(250'000)));
        free.check();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{104'839}, free.owed());
    }

    void anOpenRenewalIsRemadeAtTheNewPrice() {
        AccountWorld world("2027-01-15");
        const std::string id = addPaid(world, monthly(150'000));
        world.liveTo("2027-02-10");
        world.pay(50'000);
        world.book().changePackageNow(id, priced(monthly(250'000)));
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-15 to 2027-03-14 150000 void"), world.documents()[1]);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-15 to 2027-03-14 250000 unpaid"), world.documents().back());
        // 5 of 31 days at 100000 more; what was paid is not lost.
        CPPUNIT_ASSERT_EQUAL(std::int64_t{250'000 + 16'129 - 50'000}, world.owed());
    }

    void inArrearsBothPartsMakeThePrice() {
        AccountWorld world("2027-01-15");
        const std::string id = world.add(priced(postpaid(150'000, InvoiceAt::End)));
        world.liveTo("2027-02-02");
        Package other = postpaid(250'000, InvoiceAt::End);
        world.book().changePackageNow(id, priced(other));
        world.book().changePackageNow(id, priced(postpaid(150'000, InvoiceAt::End)));
        world.check();
        CPPUNIT_ASSERT(world.documents().empty());
        world.liveTo("2027-02-15");
        CPPUNIT_ASSERT_EQUAL(std::string("recurring 62903; recurring 87097"),
                             AccountWorld::lines(world.last()));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{150'000}, world.owed());
    }

    void theNextPackageBeginsWithThePeriod() {
        AccountWorld world("2027-01-15");
        const std::string id = addPaid(world, monthly(150'000));
        world.liveTo("2027-02-10");
        world.book().changePackageNext(id, priced(monthly(100'000)));
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{100'000}, world.owed());
        world.pay(100'000);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-14"), world.endDate());
        world.liveTo("2027-02-14");
        CPPUNIT_ASSERT_EQUAL(std::string("p-150000"), world.row().packageId);
        // Paid for the other package: that stays.
        CPPUNIT_ASSERT(throws<Refused>([&] { world.book().changePackageNext(id, priced(monthly(99'000))); }));
        world.liveTo("2027-02-15");
        CPPUNIT_ASSERT_EQUAL(std::string("p-100000"), world.row().packageId);
        CPPUNIT_ASSERT(world.sub().nextPackage == nullptr && !world.sub().state.nextPackageAt);
    }

    void downgradesComeWithThePeriod() {
        AccountWorld world("2027-01-15");
        const auto current = priced(monthly(150'000));
        const std::string id = world.add(current);
        world.pay(150'000);
        const auto waits = [&](const PricedPackagePtr& package) {
            return world.book().changesWithNextPeriod(id, *package);
        };
        CPPUNIT_ASSERT(waits(priced(monthly(149'999))));
        CPPUNIT_ASSERT(!waits(priced(monthly(150'000))));
        CPPUNIT_ASSERT(!waits(priced(monthly(150'001))));
        // A month is 730 hours, a twelfth of a year.
        const auto lasting = [](std::int64_t price, Validity validity) {
            Package package = monthly(price);
            package.validity = validity;
            return priced(package);
        };
        CPPUNIT_ASSERT(waits(lasting(147'945, {30, ValidityUnit::Day})));
        CPPUNIT_ASSERT(!waits(lasting(147'946, {30, ValidityUnit::Day})));
        CPPUNIT_ASSERT(waits(lasting(449'999, {3, ValidityUnit::Month})));
        CPPUNIT_ASSERT(waits(lasting(900'000, {1, ValidityUnit::Hour})));
        CPPUNIT_ASSERT(waits(priced(postpaid(900'000, InvoiceAt::End))));
        CPPUNIT_ASSERT(!waits(current));
        world.book().changePackageNext(id, priced(monthly(100'000)));
        CPPUNIT_ASSERT(waits(current));
    }

    void aWishIsTakenBack() {
        AccountWorld world("2027-01-15");
        const auto current = priced(monthly(150'000));
        const std::string id = world.add(current);
        world.pay(150'000);
        world.liveTo("2027-02-10");
        world.book().changePackageNext(id, priced(monthly(100'000)));
        world.book().changePackageNext(id, current);
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{150'000}, world.owed());
        CPPUNIT_ASSERT(throws<Refused>([&] { world.book().changePackageNext(id, current); }));
    }

    void aPauseKeepsWhatIsPaid() {
        AccountWorld world("2027-01-15");
        const std::string id = addPaid(world, monthly(150'000));
        world.liveTo("2027-02-02");
        world.book().pause(id, day("2027-04-01"));
        world.liveTo("2027-03-31");
        CPPUNIT_ASSERT_EQUAL(std::string("suspended"), std::string(billing::name(world.row().status)));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, world.documents().size());
        world.liveTo("2027-04-01");
        CPPUNIT_ASSERT_EQUAL(std::string("active"), std::string(billing::name(world.row().status)));
        // 13 days were left.
        CPPUNIT_ASSERT_EQUAL(std::string("2027-04-13"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(std::string("credit -62903; recurring 62903"),
                             AccountWorld::lines(world.last()));
        world.liveTo("2027-04-10");
        CPPUNIT_ASSERT_EQUAL(std::string("2027-04-14 to 2027-05-13 150000 unpaid"), world.documents().back());
    }

    void aPauseIsNotBilled() {
        for (const InvoiceAt at : {InvoiceAt::Start, InvoiceAt::End}) {
            AccountWorld world("2027-01-15");
            Package package = postpaid(150'000, at);
            package.terms.dueDays = 30;
            const std::string id = world.add(priced(package));
            world.liveTo("2027-02-02");
            world.book().pause(id, std::nullopt);
            world.check();
            CPPUNIT_ASSERT_EQUAL(std::int64_t{87'097}, world.owed());
            world.pay(87'097);
            world.liveTo("2027-05-05");
            world.book().resume(id);
            world.liveTo("2027-05-15");
            world.pay(48'387);
            // 10 of 30 days, from May 5 on; then whole months again.
            const bool inAdvance = at == InvoiceAt::Start;
            CPPUNIT_ASSERT_EQUAL(std::int64_t{50'000 - 48'387 + (inAdvance ? 150'000 : 0)}, world.owed());
        }
    }

    void cancelledTodayGivesBackTheRest() {
        AccountWorld world("2027-01-15");
        const std::string id = addPaid(world, monthly(150'000));
        world.liveTo("2027-02-02");
        world.book().cancel(id, std::nullopt);
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{62'903}, world.credit());
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-01"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(std::string("cancelled"), std::string(billing::name(world.row().status)));
        world.refund(62'903);
        world.liveTo("2027-06-01");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, world.documents().size());
        CPPUNIT_ASSERT(throws<Refused>([&] { world.book().cancel(id, std::nullopt); }));
        CPPUNIT_ASSERT(!world.sub().state.billAt);
    }

    void cancelledLaterSellsThePartBefore() {
        AccountWorld world("2027-01-15");
        const std::string id = addPaid(world, monthly(150'000));
        world.liveTo("2027-02-10");
        world.book().cancel(id, day("2027-03-01"));
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-15 to 2027-02-28 75000 unpaid"), world.documents().back());
        world.pay(75'000);
        world.liveTo("2027-03-01");
        CPPUNIT_ASSERT_EQUAL(std::string("cancelled"), std::string(billing::name(world.row().status)));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world.owed());
        CPPUNIT_ASSERT(world.sub().state.cancelledOn == day("2027-03-01"));
    }

    void discountsAreLinesAndEndInTime() {
        AccountWorld world("2027-01-15");
        const std::string id = world.put(priced(monthly(150'000)));
        billing::Account account = world.account();
        account.subscriptions[0].discounts = {
            {"d-1", "Ten percent", 100'000, std::nullopt, day("2027-01-01"), day("2027-02-15")},
            {"d-2", "Neighbour", std::nullopt, 200'000, day("2027-02-15"), std::nullopt}};
        AccountBook book = bookOf(world, account);
        book.begin(id, std::nullopt);
        CPPUNIT_ASSERT_EQUAL(std::string("recurring 150000; discount -15000"),
                             AccountWorld::lines(book.account().open.back()));
        payAll(book);
        book.advanceTo(world.zone().startOfDay(day("2027-02-10")));
        // Both hold on February 15, and no more is given than the price: nothing to pay, no document.
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-14"),
                             core::formatDate(book.account().subscriptions[0].subscription.endDate.value()));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, billing::balanceOf(book.account()));
    }

    void taxIsCreditedAsItWasCharged() {
        for (const bool inclusive : {false, true}) {
            AccountWorld world("2027-01-15");
            const std::string id = world.add(pricedWithTax(monthly(150'003), inclusive));
            world.pay(world.owed());
            world.liveTo("2027-02-02");
            world.book().cancel(id, std::nullopt);
            world.check();
            const billing::Invoice& charged = world.invoices().front();
            const billing::Invoice& note = world.last();
            CPPUNIT_ASSERT_EQUAL(std::int64_t{inclusive ? 150'003 : 166'503}, charged.sum.total());
            CPPUNIT_ASSERT_EQUAL(billing::unusedPart(charged.sum.tax, 18, 31), note.sum.tax);
            CPPUNIT_ASSERT_EQUAL(inclusive ? billing::unusedPart(150'003, 18, 31)
                                           : billing::unusedPart(150'003, 18, 31) + note.sum.tax,
                                 note.sum.total());
            CPPUNIT_ASSERT_EQUAL(110'000, note.lines[0].taxRatePpm);
        }
    }

private:
    static AccountBook bookOf(const AccountWorld& world, const billing::Account& account) {
        auto number = std::make_shared<int>(0);
        return {account, world.rules, [number] { return "n" + std::to_string(++*number); }, world.now()};
    }
    static void payAll(AccountBook& book) {
        billing::Payment payment;
        payment.id = "money";
        payment.customerId = book.account().customer.id;
        payment.amount = {billing::balanceOf(book.account()), book.account().currency};
        book.pay(payment);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BookChangesTest);

}  // namespace gardu::test
