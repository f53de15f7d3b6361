// The account book, postpaid: periods, the ladder, and time without access.

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include "core/refused.h"
#include "tests/billing/account_world.h"
#include "tests/support/throws.h"

namespace gardu::test {

namespace {

using billing::InvoiceAt;
using billing::Package;
using billing::WhileSuspended;
using core::Refused;

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& each : texts) {
        all.append(all.empty() ? "" : "; ").append(each);
    }
    return all;
}

/// Due after a week, cut three days later.
Package strict(InvoiceAt at, WhileSuspended whileSuspended) {
    Package package = postpaid(150'000, at);
    package.terms.whileSuspended = whileSuspended;
    package.terms.ladder.graceDays = 3;
    return package;
}

}  // namespace

class PostpaidBookTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PostpaidBookTest);
    CPPUNIT_TEST(inAdvanceOnTheFirstDay);
    CPPUNIT_TEST(inArrearsAfterTheLastDay);
    CPPUNIT_TEST(aFirstStubIsProrated);
    CPPUNIT_TEST(climbsTheLadderAndComesBack);
    CPPUNIT_TEST(missedPeriodsAreCaughtUpWithinBounds);
    CPPUNIT_TEST(moneyIsTakenEvenWhereTheRunWouldPark);
    CPPUNIT_TEST(parkedIsLeftAloneByTheClockOnly);
    CPPUNIT_TEST(cutDaysAreBilledOn);
    CPPUNIT_TEST(cutDaysAreNotBilledInAdvance);
    CPPUNIT_TEST(cutDaysAreNotBilledInArrears);
    CPPUNIT_TEST(cutDaysAreCreditedAtTheReturn);
    CPPUNIT_TEST(terminatedBillsUpToThatDay);
    CPPUNIT_TEST(promiseHoldsTheCut);
    CPPUNIT_TEST(noCutsAtTheWeekend);
    CPPUNIT_TEST(onlyTheLastReminderAfterAnOutage);
    CPPUNIT_TEST(prepaidBecomesPostpaidAndBack);
    CPPUNIT_TEST_SUITE_END();

public:
    void inAdvanceOnTheFirstDay() {
        AccountWorld world("2027-02-15");
        world.add(priced(postpaid(150'000, InvoiceAt::Start)));
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-15 to 2027-03-14 150000 unpaid"),
                             joined(world.documents()));
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-22"), core::formatDate(world.last().dueDate));
        CPPUNIT_ASSERT_EQUAL(std::string("none"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(std::string("due"), world.stage());
        world.pay(150'000);
        world.liveTo("2027-03-15");
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-15 to 2027-04-14 150000 unpaid"), world.documents().back());
    }

    void inArrearsAfterTheLastDay() {
        AccountWorld world("2027-02-15");
        world.add(priced(postpaid(150'000, InvoiceAt::End)));
        world.liveTo("2027-03-14");
        CPPUNIT_ASSERT(world.documents().empty());
        world.liveTo("2027-03-15");
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-15 to 2027-03-14 150000 unpaid"),
                             joined(world.documents()));
    }

    void aFirstStubIsProrated() {
        for (const InvoiceAt at : {InvoiceAt::Start, InvoiceAt::End}) {
            AccountWorld world("2027-02-20");
            world.add(priced(postpaid(150'000, at)), 15);
            world.liveTo("2027-03-16");
            CPPUNIT_ASSERT_EQUAL(std::string("2027-02-20 to 2027-03-14 123214"),
                                 world.documents().front().substr(0, 31));
        }
    }

    void climbsTheLadderAndComesBack() {
        AccountWorld world("2027-02-15");
        Package package = strict(InvoiceAt::Start, WhileSuspended::Continue);
        package.terms.ladder.suspendDays = 10;
        world.add(priced(package));
        const std::pair<const char*, const char*> days[] = {{"2027-02-22", "due"},
                                                            {"2027-02-23", "grace"},
                                                            {"2027-02-26", "isolated"},
                                                            {"2027-03-05", "suspended"}};
        for (const auto& [day, stage] : days) {
            world.liveTo(day);
            CPPUNIT_ASSERT_EQUAL(std::string(stage), world.stage());
        }
        world.pay(149'999);
        CPPUNIT_ASSERT_EQUAL(std::string("suspended"), world.stage());
        world.pay(1);
        CPPUNIT_ASSERT_EQUAL(std::string("active"), world.stage());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, world.count("isolated"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, world.count("suspended"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, world.count("restored"));
        CPPUNIT_ASSERT_EQUAL(std::string("restored"), world.events().back().notify);
    }

    void missedPeriodsAreCaughtUpWithinBounds() {
        AccountWorld world("2027-02-15");
        world.add(priced(postpaid(100, InvoiceAt::End)));
        world.goTo("2027-05-20");
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, world.documents().size());
        // Nobody is cut off for what he has never been asked for.
        CPPUNIT_ASSERT_EQUAL(std::string("due"), world.stage());
        CPPUNIT_ASSERT_EQUAL(std::string("2027-05-27"), core::formatDate(world.last().dueDate));
        CPPUNIT_ASSERT(throws<billing::TooMuch>([&] { world.goTo("2027-09-20"); }));
        CPPUNIT_ASSERT(world.book().take().empty());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{300}, world.owed());
    }

    void moneyIsTakenEvenWhereTheRunWouldPark() {
        AccountWorld world("2027-02-15");
        world.add(priced(postpaid(100, InvoiceAt::End)));
        world.goTo("2027-05-20");
        CPPUNIT_ASSERT(throws<billing::TooMuch>([&] { world.book().advanceTo(world.now() + kHalfYear); }));
        CPPUNIT_ASSERT(throws<Refused>([&] { world.book().renew(world.row().id); }));
        billing::Payment payment;
        payment.id = "money";
        payment.customerId = world.account().customer.id;
        payment.amount = {500, world.account().currency};
        world.book().pay(payment);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{-200}, world.owed());
        CPPUNIT_ASSERT(world.sub().state.billAt.value() <= world.now() + kHalfYear);
    }

    void parkedIsLeftAloneByTheClockOnly() {
        AccountWorld world("2027-02-15");
        const std::string id = world.add(priced(postpaid(100, InvoiceAt::Start)));
        billing::Account account = world.account();
        account.subscriptions[0].state.parkedReason = "too many invoices";
        const core::Instant later = world.now() + std::chrono::days(40);
        billing::AccountBook book(
            account, world.rules, [] { return std::string("x"); }, later);
        book.advance();
        CPPUNIT_ASSERT(book.take().empty());
        billing::Payment payment;
        payment.id = "money";
        payment.customerId = account.customer.id;
        payment.amount = {100, account.currency};
        book.pay(payment);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, billing::balanceOf(book.account()));
        book.unpark(id);
        book.advance();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{100}, billing::balanceOf(book.account()));
    }

    void cutDaysAreBilledOn() {
        AccountWorld world("2027-02-15");
        world.add(priced(strict(InvoiceAt::Start, WhileSuspended::Continue)));
        world.liveTo("2027-05-10");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{450'000}, world.owed());
        world.pay(450'000);
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, world.documents().size());
    }

    void cutDaysAreNotBilledInAdvance() {
        AccountWorld world("2027-02-15");
        world.add(priced(strict(InvoiceAt::Start, WhileSuspended::Stop)));
        // Cut on February 26; 17 of 28 days were not given.
        world.liveTo("2027-05-10");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{150'000}, world.owed());
        world.pay(150'000);
        CPPUNIT_ASSERT_EQUAL(std::string("active"), world.stage());
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-15 to 2027-03-14 150000 paid; -91071 paid; "
                                         "2027-05-10 to 2027-05-14 25000 paid"),
                             joined(world.documents()));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{91'071 - 25'000}, world.credit());
    }

    void cutDaysAreNotBilledInArrears() {
        AccountWorld world("2027-02-15");
        world.add(priced(strict(InvoiceAt::End, WhileSuspended::Stop)));
        // Invoiced on March 15, cut on March 26: 11 of 31 days.
        world.liveTo("2027-03-26");
        CPPUNIT_ASSERT_EQUAL(std::string("isolated"), world.stage());
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-15 to 2027-03-25 53226 unpaid"), world.documents().back());
        world.liveTo("2027-06-05");
        world.pay(203'226);
        world.liveTo("2027-06-15");
        // 10 of 31 days.
        CPPUNIT_ASSERT_EQUAL(std::string("2027-06-05 to 2027-06-14 48387 unpaid"), world.documents().back());
    }

    void cutDaysAreCreditedAtTheReturn() {
        AccountWorld world("2027-02-15");
        world.add(priced(strict(InvoiceAt::Start, WhileSuspended::Credit)));
        world.liveTo("2027-04-01");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{300'000}, world.owed());
        world.pay(300'000);
        // 17 of 28 days, and 17 of 31.
        CPPUNIT_ASSERT_EQUAL(std::int64_t{91'071 + 82'258}, world.credit());
    }

    void terminatedBillsUpToThatDay() {
        for (const InvoiceAt at : {InvoiceAt::Start, InvoiceAt::End}) {
            AccountWorld world("2027-02-15");
            Package package = strict(at, WhileSuspended::Continue);
            package.terms.ladder.terminateDays = 13;
            world.add(priced(package));
            const bool inAdvance = at == InvoiceAt::Start;
            // 21 of 28 days; or the first month, and 21 of 31 days of the second.
            world.liveTo(inAdvance ? "2027-03-08" : "2027-04-05");
            CPPUNIT_ASSERT_EQUAL(std::string("terminated"), world.stage());
            const std::int64_t owed = inAdvance ? 112'500 : 150'000 + 101'613;
            CPPUNIT_ASSERT_EQUAL(owed, world.owed());
            world.liveTo("2027-08-01");
            CPPUNIT_ASSERT_EQUAL(owed, world.owed());
            world.pay(owed);
            CPPUNIT_ASSERT_EQUAL(std::string(inAdvance ? "due" : "active"), world.stage());
        }
    }

    void promiseHoldsTheCut() {
        AccountWorld world("2027-02-15");
        const std::string id = world.add(priced(strict(InvoiceAt::Start, WhileSuspended::Continue)));
        world.liveTo("2027-03-01");
        CPPUNIT_ASSERT_EQUAL(std::string("isolated"), world.stage());
        world.book().promise(id, core::parseDate("2027-03-05"));
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::string("grace"), world.stage());
        world.liveTo("2027-03-05");
        CPPUNIT_ASSERT_EQUAL(std::string("grace"), world.stage());
        world.liveTo("2027-03-06");
        CPPUNIT_ASSERT_EQUAL(std::string("isolated"), world.stage());
    }

    void noCutsAtTheWeekend() {
        AccountWorld world("2027-02-15");
        Package package = strict(InvoiceAt::Start, WhileSuspended::Continue);
        package.terms.ladder.noCutWeekdays = {0, 6};
        package.terms.ladder.cutFromMinute = 8 * 60;
        package.terms.ladder.cutUntilMinute = 17 * 60;
        package.terms.ladder.graceDays = 4;
        world.add(priced(package));
        // The 27th is a Saturday.
        world.liveTo("2027-02-28");
        CPPUNIT_ASSERT_EQUAL(std::string("grace"), world.stage());
        world.goTo(core::parseInstant("2027-03-01T00:59:59Z").value());
        CPPUNIT_ASSERT_EQUAL(std::string("grace"), world.stage());
        world.goTo(core::parseInstant("2027-03-01T01:00:00Z").value());
        CPPUNIT_ASSERT_EQUAL(std::string("isolated"), world.stage());
    }

    void onlyTheLastReminderAfterAnOutage() {
        AccountWorld world("2027-02-15");
        Package package = strict(InvoiceAt::Start, WhileSuspended::Continue);
        package.terms.ladder.remindDays = {5, 3, 1, -1};
        world.add(priced(package));
        world.goTo("2027-02-22");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, world.count("reminder"));
        CPPUNIT_ASSERT_EQUAL("reminder:" + world.last().id + ":1", world.events().back().dedupeKey);
        CPPUNIT_ASSERT_EQUAL(std::string("reminder"), world.events().back().notify);
        // At eight in the morning, and not before.
        world.goTo(core::parseInstant("2027-02-23T00:59:59Z").value());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, world.count("reminder"));
        world.goTo(core::parseInstant("2027-02-23T01:00:00Z").value());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, world.count("reminder"));
        CPPUNIT_ASSERT_EQUAL(std::string("overdue"), world.events().back().notify);
    }

    void prepaidBecomesPostpaidAndBack() {
        AccountWorld world("2027-02-15");
        const auto before = priced(monthly(100'000));
        const auto after = priced(postpaid(90'000, InvoiceAt::Start));
        const std::string id = world.add(before);
        world.pay(100'000);
        world.liveTo("2027-03-10");
        CPPUNIT_ASSERT(throws<Refused>([&] { world.book().changePackageNow(id, after); }));
        world.book().changePackageNext(id, after);
        world.check();
        // The renewal's invoice is void.
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world.owed());
        world.liveTo("2027-03-15");
        CPPUNIT_ASSERT_EQUAL(std::string("none"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-15 to 2027-04-14 90000 unpaid"), world.documents().back());
        world.pay(90'000);
        world.book().changePackageNext(id, before);
        world.liveTo("2027-04-15");
        // Sold, and due in a week: nobody is cut off by a change.
        CPPUNIT_ASSERT_EQUAL(std::string("2027-05-14"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(std::string("2027-04-15 to 2027-05-14 100000 unpaid"), world.documents().back());
        CPPUNIT_ASSERT_EQUAL(std::string("due"), world.stage());
    }

private:
    static constexpr std::chrono::days kHalfYear{180};
};

CPPUNIT_TEST_SUITE_REGISTRATION(PostpaidBookTest);

}  // namespace gardu::test
