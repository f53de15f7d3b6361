// The account book, prepaid: what happens to an account over its days, as stories.

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include "core/refused.h"
#include "tests/billing/account_world.h"
#include "tests/support/throws.h"

namespace gardu::test {

namespace {

using billing::LateRenewal;
using billing::Package;
using billing::TooMuch;
using core::Refused;
using Texts = std::vector<std::string>;

std::string joined(const Texts& texts) {
    std::string all;
    for (const std::string& each : texts) {
        all.append(all.empty() ? "" : "; ").append(each);
    }
    return all;
}

Package late(LateRenewal policy) {
    Package package = monthly(150'000);
    package.terms.lateRenewal = policy;
    return package;
}

/// Paid from 2027-02-15 to 2027-03-14.
}  // namespace

class AccountBookTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AccountBookTest);
    CPPUNIT_TEST(accessWaitsForTheFirstPayment);
    CPPUNIT_TEST(trialDaysComeFirst);
    CPPUNIT_TEST(firstPartialMonthByPolicy);
    CPPUNIT_TEST(anchorOf31NeverDrifts);
    CPPUNIT_TEST(theNextInvoiceComesBeforeTheEnd);
    CPPUNIT_TEST(creditRenewsBeforeAnythingIsDeclaredEnded);
    CPPUNIT_TEST(withoutAutoRenewNothingIsInvoicedButAPaymentRenews);
    CPPUNIT_TEST(earlyRenewalExtendsFromTheEnd);
    CPPUNIT_TEST(lateRenewalBeginsWithThePayment);
    CPPUNIT_TEST(lateRenewalFromTheOldEnd);
    CPPUNIT_TEST(renewalWithinGraceGivesNoFreeDays);
    CPPUNIT_TEST(anInvoiceWhosePeriodWentByIsVoid);
    CPPUNIT_TEST(whatWasChargedOnceOutlivesALapsedInvoice);
    CPPUNIT_TEST(aPartDoesNotRenewAndTheRestDoes);
    CPPUNIT_TEST(bankRoundingCutsNobody);
    CPPUNIT_TEST(creditBeyondTheDebtGoesToTheNextInvoice);
    CPPUNIT_TEST(aPaymentGoesWhereItsPayerSaid);
    CPPUNIT_TEST(priceZeroExtendsWithoutInvoices);
    CPPUNIT_TEST(byTheHourToTheSecond);
    CPPUNIT_TEST(monthsOffDoNotBillABacklog);
    CPPUNIT_TEST(neverCutGetsInvoicesAndKeepsAccess);
    CPPUNIT_TEST(terminatedComesBackWithAPayment);
    CPPUNIT_TEST(renewVerb);
    CPPUNIT_TEST(refusedLeavesNothingBehind);
    CPPUNIT_TEST_SUITE_END();

public:
    void accessWaitsForTheFirstPayment() {
        AccountWorld world("2027-02-15");
        world.add(priced(monthly(150'000)));
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-14"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-15 to 2027-03-14 150000 unpaid"),
                             joined(world.documents()));
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-15"), core::formatDate(world.last().dueDate));
        CPPUNIT_ASSERT(!world.row().accessUntil.has_value());
        CPPUNIT_ASSERT_EQUAL(std::string("isolated"), world.stage());
        world.pay(150'000);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-14"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(std::string("active"), world.stage());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world.owed());
    }

    void trialDaysComeFirst() {
        AccountWorld world("2027-02-15");
        Package package = monthly(150'000);
        package.terms.trialDays = 10;
        world.add(priced(package));
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-24"), world.endDate());
        CPPUNIT_ASSERT(world.documents().empty());
        world.liveTo("2027-02-18");
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-25 to 2027-03-24 150000 unpaid"),
                             joined(world.documents()));
    }

    void firstPartialMonthByPolicy() {
        const std::pair<billing::FirstPeriod, const char*> cases[] = {
            {billing::FirstPeriod::Prorate, "2027-02-20 to 2027-03-14 123214 unpaid"},
            {billing::FirstPeriod::Full, "2027-02-20 to 2027-03-14 150000 unpaid"},
            {billing::FirstPeriod::Free, ""},
        };
        for (const auto& [policy, expected] : cases) {
            AccountWorld world("2027-02-20");
            Package package = monthly(150'000);
            package.terms.firstPeriod = policy;
            world.add(priced(package), 15);
            CPPUNIT_ASSERT_EQUAL(std::string(expected), joined(world.documents()));
            const bool isFree = policy == billing::FirstPeriod::Free;
            CPPUNIT_ASSERT_EQUAL(std::string(isFree ? "2027-03-14" : "2027-02-19"), world.endDate());
        }
    }

    void anchorOf31NeverDrifts() {
        AccountWorld world("2027-01-31");
        addPaid(world, monthly(100));
        Texts ends;
        for (int month = 0; month < 14; ++month) {
            ends.push_back(world.endDate());
            world.liveTo(core::formatDate(core::addDays(*world.row().endDate, -3)));
            world.pay(100);
        }
        CPPUNIT_ASSERT_EQUAL(
            std::string("2027-02-27; 2027-03-30; 2027-04-29; 2027-05-30; 2027-06-29; 2027-07-30; 2027-08-30; "
                        "2027-09-29; 2027-10-30; 2027-11-29; 2027-12-30; 2028-01-30; 2028-02-28; 2028-03-30"),
            joined(ends));
    }

    void theNextInvoiceComesBeforeTheEnd() {
        AccountWorld world("2027-02-15");
        addPaid(world, monthly(150'000));
        world.liveTo("2027-03-06");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, world.documents().size());
        world.liveTo("2027-03-07");
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-15 to 2027-04-14 150000 unpaid"), world.documents().back());
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-14"), core::formatDate(world.last().dueDate));
        CPPUNIT_ASSERT_EQUAL(std::string("due"), world.stage());
        world.liveTo("2027-03-20");
        CPPUNIT_ASSERT_EQUAL(std::string("isolated"), world.stage());
        // Reminded three days and one day before.
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, world.count("reminder"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, world.documents().size());
    }

    void creditRenewsBeforeAnythingIsDeclaredEnded() {
        AccountWorld world("2027-02-15");
        addPaid(world, monthly(150'000));
        world.pay(300'000);
        const std::size_t before = world.count("isolated");
        world.liveTo("2027-05-01");
        CPPUNIT_ASSERT_EQUAL(std::string("2027-05-14"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(before, world.count("isolated"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, world.count("renewed"));
    }

    void withoutAutoRenewNothingIsInvoicedButAPaymentRenews() {
        AccountWorld world("2027-02-15");
        const std::string id = addPaid(world, monthly(150'000));
        world.book().setAutoRenew(id, false);
        world.liveTo("2027-03-20");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, world.documents().size());
        world.pay(149'999, id);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-14"), world.endDate());
        world.pay(1, id);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-04-19"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world.credit());
    }

    void earlyRenewalExtendsFromTheEnd() {
        AccountWorld world("2027-02-15");
        const std::string id = addPaid(world, monthly(150'000));
        world.liveTo("2027-02-20");
        world.pay(150'000, id);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-04-14"), world.endDate());
        world.pay(150'000, id);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-05-14"), world.endDate());
    }

    void lateRenewalBeginsWithThePayment() {
        AccountWorld world("2027-02-15");
        addPaid(world, late(LateRenewal::FromPayment));
        world.liveTo("2027-03-20");
        world.pay(100'000);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-14"), world.endDate());
        world.liveTo("2027-03-24");
        world.pay(50'000);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-15 to 2027-03-14 150000 paid; "
                                         "2027-03-15 to 2027-04-14 150000 void; "
                                         "2027-03-24 to 2027-04-23 150000 paid"),
                             joined(world.documents()));
        CPPUNIT_ASSERT_EQUAL(std::string("2027-04-23"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(24, world.sub().state.anchorDay.value());
        CPPUNIT_ASSERT_EQUAL(std::string("active"), world.stage());
    }

    void lateRenewalFromTheOldEnd() {
        AccountWorld world("2027-02-15");
        addPaid(world, late(LateRenewal::FromEnd));
        world.liveTo("2027-03-24");
        world.pay(150'000);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-04-14"), world.endDate());
        // When all of its period is gone, the one that holds the day of payment.
        world.liveTo("2027-06-01");
        CPPUNIT_ASSERT_EQUAL(std::string("2027-04-15 to 2027-05-14 150000 void"), world.documents().back());
        world.pay(150'000);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-05-15 to 2027-06-14 150000 paid"), world.documents().back());
        CPPUNIT_ASSERT_EQUAL(15, world.sub().state.anchorDay.value());
    }

    void renewalWithinGraceGivesNoFreeDays() {
        AccountWorld world("2027-02-15");
        Package package = late(LateRenewal::FromPayment);
        package.terms.ladder.graceDays = 5;
        addPaid(world, package);
        world.liveTo("2027-03-18");
        CPPUNIT_ASSERT_EQUAL(std::string("grace"), world.stage());
        CPPUNIT_ASSERT(world.row().accessUntil ==
                       world.zone().startOfDay(core::parseDate("2027-03-20").value()));
        world.pay(150'000);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-04-14"), world.endDate());
    }

    void anInvoiceWhosePeriodWentByIsVoid() {
        AccountWorld world("2027-02-15");
        addPaid(world, monthly(150'000));
        world.liveTo("2027-04-14");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{150'000}, world.owed());
        world.liveTo("2027-09-01");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world.owed());
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-15 to 2027-04-14 150000 void"), world.documents().back());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, world.documents().size());
    }

    void whatWasChargedOnceOutlivesALapsedInvoice() {
        AccountWorld world("2027-02-15");
        const std::string id = addPaid(world, monthly(150'000));
        world.book().charge(id, {50'000, "Modem"}, false);
        world.liveTo("2027-03-10");
        CPPUNIT_ASSERT_EQUAL(std::string("recurring 150000; charge 50000"),
                             AccountWorld::lines(world.last()));
        world.liveTo("2027-05-01");
        CPPUNIT_ASSERT_EQUAL(std::string("void"), std::string(billing::name(world.last().status)));
        world.pay(200'000, id);
        CPPUNIT_ASSERT_EQUAL(std::string("recurring 150000; charge 50000"),
                             AccountWorld::lines(world.last()));
        CPPUNIT_ASSERT_EQUAL(std::string("2027-05-31"), world.endDate());
        CPPUNIT_ASSERT(world.sub().pending.empty());
    }

    void aPartDoesNotRenewAndTheRestDoes() {
        AccountWorld world("2027-02-15");
        addPaid(world, monthly(150'000));
        world.liveTo("2027-03-10");
        world.pay(149'999);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-14"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, world.owed());
        world.pay(1);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-04-14"), world.endDate());
    }

    void bankRoundingCutsNobody() {
        AccountWorld world("2027-02-15");
        Package package = monthly(150'000);
        package.terms.ladder.tolerance = 1'000;
        addPaid(world, package);
        world.liveTo("2027-03-10");
        world.pay(149'500);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-04-14"), world.endDate());
        world.liveTo("2027-04-10");
        CPPUNIT_ASSERT_EQUAL(std::string("due"), world.stage());
        // What was short comes first next time.
        world.pay(150'500);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world.owed());
        CPPUNIT_ASSERT_EQUAL(std::string("2027-05-14"), world.endDate());
    }

    void creditBeyondTheDebtGoesToTheNextInvoice() {
        AccountWorld world("2027-02-15");
        world.add(priced(monthly(150'000)));
        world.pay(200'000);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{50'000}, world.credit());
        world.liveTo("2027-03-08");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world.credit());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{100'000}, world.owed());
    }

    void aPaymentGoesWhereItsPayerSaid() {
        AccountWorld world("2027-02-15");
        world.add(priced(monthly(100'000)));
        const std::string second = world.add(priced(monthly(100'001)));
        world.pay(100'001, second);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-14"), world.endDate(0));
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-14"), world.endDate(1));
        world.pay(100'000);
        world.liveTo("2027-03-09");
        world.pay(1'000, {}, world.last().id);
        CPPUNIT_ASSERT_EQUAL(world.last().sum.total() - 1'000, world.last().outstanding);
    }

    void priceZeroExtendsWithoutInvoices() {
        AccountWorld world("2027-02-15");
        world.add(priced(monthly(0)));
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-14"), world.endDate());
        world.goTo("2028-02-15");
        CPPUNIT_ASSERT(world.today() <= world.row().endDate.value());
        CPPUNIT_ASSERT(world.documents().empty());
        CPPUNIT_ASSERT_EQUAL(std::string("active"), world.stage());
    }

    void byTheHourToTheSecond() {
        AccountWorld world("2027-02-15");
        Package package = monthly(5'000);
        package.validity = {12, billing::ValidityUnit::Hour};
        const std::string id = world.add(priced(package));
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-15T02:00:00Z"), world.last().periodKey.value());
        world.goTo(core::parseInstant("2027-02-15T03:04:05Z").value());
        world.pay(5'000, id);
        // Paid at 10:04:05 in Jakarta, after the unpaid start: twelve hours from then.
        CPPUNIT_ASSERT(world.row().accessUntil == core::parseInstant("2027-02-15T15:04:05Z"));
        world.pay(5'000, id);
        CPPUNIT_ASSERT(world.row().accessUntil == core::parseInstant("2027-02-16T03:04:05Z"));
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-16"), world.endDate());
        world.goTo(core::parseInstant("2027-02-16T03:04:04Z").value());
        // The invoice of the next twelve hours is due on the day on which they begin.
        CPPUNIT_ASSERT_EQUAL(std::string("due"), world.stage());
        world.goTo(core::parseInstant("2027-02-16T03:04:05Z").value());
        CPPUNIT_ASSERT_EQUAL(std::string("isolated"), world.stage());
    }

    void monthsOffDoNotBillABacklog() {
        AccountWorld world("2027-02-15");
        addPaid(world, monthly(150'000));
        world.pay(150'000);
        // The server was off from February to August: renewed once, from the day it is back.
        world.goTo("2027-08-20");
        CPPUNIT_ASSERT_EQUAL(std::string("2027-09-19"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, world.documents().size());
    }

    void neverCutGetsInvoicesAndKeepsAccess() {
        AccountWorld world("2027-02-15");
        const std::string id = addPaid(world, monthly(150'000));
        world.book().neverCut(id, core::parseDate("2027-06-20"), "the village school");
        world.liveTo("2027-06-20");
        CPPUNIT_ASSERT_EQUAL(std::string("grace"), world.stage());
        CPPUNIT_ASSERT(world.row().heldUntil ==
                       world.zone().startOfDay(core::parseDate("2027-06-21").value()));
        // March 15 to July 14, all owed.
        CPPUNIT_ASSERT_EQUAL(std::int64_t{600'000}, world.owed());
        world.liveTo("2027-06-21");
        CPPUNIT_ASSERT_EQUAL(std::string("isolated"), world.stage());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{600'000}, world.owed());
        world.pay(600'000);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-07-14"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(std::string("active"), world.stage());
    }

    void terminatedComesBackWithAPayment() {
        AccountWorld world("2027-02-15");
        Package package = monthly(150'000);
        package.terms.ladder.suspendDays = 5;
        package.terms.ladder.terminateDays = 10;
        const std::string id = addPaid(world, package);
        world.liveTo("2027-03-21");
        CPPUNIT_ASSERT_EQUAL(std::string("suspended"), world.stage());
        world.liveTo("2027-03-26");
        CPPUNIT_ASSERT_EQUAL(std::string("terminated"), world.stage());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world.owed());
        world.liveTo("2027-05-02");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, world.documents().size());
        world.pay(150'000, id);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-06-01"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(std::string("active"), world.stage());
    }

    void renewVerb() {
        AccountWorld world("2027-02-15");
        const std::string id = addPaid(world, monthly(150'000));
        world.book().renew(id);
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-15 to 2027-04-14 150000 unpaid"), world.documents().back());
        CPPUNIT_ASSERT(throws<Refused>([&] { world.book().renew(id); }));
        world.pay(150'000);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-04-14"), world.endDate());
    }

    void refusedLeavesNothingBehind() {
        AccountWorld world("2027-02-15");
        const std::string id = addPaid(world, monthly(150'000));
        const core::Date yesterday = core::addDays(world.today(), -1);
        billing::AccountBook& book = world.book();
        CPPUNIT_ASSERT(throws<Refused>([&] { world.refund(1); }));
        CPPUNIT_ASSERT(throws<Refused>([&] { book.cancel(id, yesterday); }));
        CPPUNIT_ASSERT(throws<Refused>([&] { book.neverCut(id, yesterday, "x"); }));
        CPPUNIT_ASSERT(throws<Refused>([&] { book.neverCut(id, world.today(), ""); }));
        CPPUNIT_ASSERT(throws<Refused>([&] { book.promise(id, yesterday); }));
        CPPUNIT_ASSERT(throws<Refused>([&] { book.charge(id, {0, "x"}, true); }));
        CPPUNIT_ASSERT(throws<Refused>([&] { book.charge(id, {5, ""}, true); }));
        CPPUNIT_ASSERT(throws<Refused>([&] { book.resume(id); }));
        CPPUNIT_ASSERT(throws<Refused>([&] { book.pause(id, world.today()); }));
        CPPUNIT_ASSERT(throws<Refused>([&] { book.unpark(id); }));
        CPPUNIT_ASSERT(throws<Refused>([&] { book.renew("nobody"); }));
        CPPUNIT_ASSERT(throws<Refused>([&] { book.creditInvoice(world.last(), 150'001, "x"); }));
        billing::Invoice credited = world.last();
        credited.credited = 149'999;
        CPPUNIT_ASSERT(throws<Refused>([&] { book.creditInvoice(credited, 2, "x"); }));
        CPPUNIT_ASSERT(throws<Refused>([&] { book.voidInvoice(world.last(), ""); }));
        CPPUNIT_ASSERT(throws<Refused>([&] { book.changePackageNow(id, priced(monthly(150'000))); }));
        CPPUNIT_ASSERT(book.take().empty());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AccountBookTest);

}  // namespace gardu::test
