// The account book: charges of once, documents that are corrected, and money that goes back.

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <limits>

#include "core/refused.h"
#include "tests/billing/account_world.h"
#include "tests/support/throws.h"

namespace gardu::test {

namespace {

using billing::InvoiceAt;
using billing::Package;
using core::Refused;

core::Date day(const char* text) {
    return core::parseDate(text).value();
}

}  // namespace

class BookMoneyTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(BookMoneyTest);
    CPPUNIT_TEST(chargesAndCreditsOfOnce);
    CPPUNIT_TEST(aChargeThatWaitsIsDropped);
    CPPUNIT_TEST(aVoidInvoiceTakesItsDaysBack);
    CPPUNIT_TEST(noDoubleCredit);
    CPPUNIT_TEST(creditNotesSumToTheInvoice);
    CPPUNIT_TEST(aReversedPaymentGivesNotice);
    CPPUNIT_TEST(aReversedRenewalToComeIsNoRenewal);
    CPPUNIT_TEST(setupIsOnTheFirstInvoice);
    CPPUNIT_TEST(whatIsNotThereCannotBeReversed);
    CPPUNIT_TEST(refundsUpToTheCredit);
    CPPUNIT_TEST(amountsBeyondCountingAreRefused);
    CPPUNIT_TEST_SUITE_END();

public:
    void chargesAndCreditsOfOnce() {
        AccountWorld world("2027-01-15");
        const std::string id = addPaid(world, monthly(150'000));
        world.book().charge(id, {75'000, "Cable"}, true);
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{75'000}, world.owed());
        world.book().charge(id, {-75'000, "Sorry"}, true);
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world.owed());
        // More credit than the next month costs: a credit note, which renews.
        world.book().charge(id, {-200'000, "Very sorry"}, false);
        world.liveTo("2027-02-10");
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-15 to 2027-03-14 -50000 paid"), world.documents().back());
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-14"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{50'000}, world.credit());
    }

    void aChargeThatWaitsIsDropped() {
        AccountWorld world("2027-01-15");
        const std::string id = addPaid(world, monthly(150'000));
        world.book().charge(id, {75'000, "Cable"}, false);
        world.book().charge(id, {-20'000, "Sorry"}, false);
        const auto pending = world.account().subscriptions.front().pending;
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, pending.size());
        world.book().dropCharge(id, pending[0].id);
        world.check();
        CPPUNIT_ASSERT(throws<Refused>([&] { world.book().dropCharge(id, pending[0].id); }));
        world.liveTo("2027-02-10");
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-15 to 2027-03-14 130000 unpaid"), world.documents().back());
        // It is on an invoice now.
        CPPUNIT_ASSERT(throws<Refused>([&] { world.book().dropCharge(id, pending[1].id); }));
    }

    void aVoidInvoiceTakesItsDaysBack() {
        AccountWorld world("2027-01-15");
        const std::string id = addPaid(world, monthly(150'000));
        world.book().setAutoRenew(id, false);
        world.liveTo("2027-02-02");
        world.pay(150'000, id);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-14"), world.endDate());
        world.book().voidInvoice(world.last(), "wrong customer");
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-14"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{150'000}, world.credit());
        CPPUNIT_ASSERT(throws<Refused>([&] { world.book().voidInvoice(world.last(), "again"); }));
        // Its period may be sold again.
        world.book().renew(id);
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-14"), world.endDate());
    }

    void noDoubleCredit() {
        AccountWorld world("2027-01-15");
        const std::string id = addPaid(world, monthly(150'000));
        const billing::Invoice first = world.last();
        world.book().creditInvoice(first, 150'000, "the line was down");
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{150'000}, world.credit());
        world.liveTo("2027-02-02");
        // Nothing is left of what was charged: a change credits nothing again.
        world.loose[id].end = true;
        world.book().cancel(id, std::nullopt);
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{150'000}, world.credit());

        AccountWorld other("2027-01-15");
        const std::string changed = addPaid(other, monthly(150'000));
        other.liveTo("2027-02-02");
        other.book().changePackageNow(changed, priced(monthly(100'000)));
        other.check();
        CPPUNIT_ASSERT(throws<Refused>([&] { other.book().voidInvoice(other.invoices()[0], "wrong"); }));
        CPPUNIT_ASSERT(throws<Refused>([&] { other.book().creditInvoice(other.invoices()[0], 9, "wrong"); }));
    }

    void creditNotesSumToTheInvoice() {
        AccountWorld world("2027-01-15");
        world.add(pricedWithTax(postpaid(100'001, InvoiceAt::Start), false));
        billing::Invoice invoice = world.last();
        for (const std::int64_t amount : {33'333, 33'334, 33'334}) {
            world.book().creditInvoice(invoice, amount, "slow");
            world.check();
            invoice.credited += amount;
        }
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world.owed());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world.credit());
        CPPUNIT_ASSERT(throws<Refused>([&] { world.book().creditInvoice(invoice, 1, "slow"); }));
        CPPUNIT_ASSERT_EQUAL(invoice.id, world.last().creditsInvoiceId.value());
    }

    void aReversedPaymentGivesNotice() {
        AccountWorld world("2027-01-15");
        addPaid(world, postpaid(150'000, InvoiceAt::Start));
        world.liveTo("2027-02-10");
        world.reverse(0);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{150'000}, world.owed());
        CPPUNIT_ASSERT_EQUAL(std::string("grace"), world.stage());
        CPPUNIT_ASSERT(world.sub().state.noticeUntil == day("2027-02-13"));
        world.liveTo("2027-02-14");
        CPPUNIT_ASSERT_EQUAL(std::string("isolated"), world.stage());
        world.pay(150'000);
        CPPUNIT_ASSERT_EQUAL(std::string("active"), world.stage());
    }

    void aReversedRenewalToComeIsNoRenewal() {
        AccountWorld world("2027-01-15");
        const std::string id = addPaid(world, monthly(150'000));
        world.pay(150'000, id);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-14"), world.endDate());
        world.reverse(1);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-14"), world.endDate());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{150'000}, world.owed());
        world.pay(150'000);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-14"), world.endDate());
    }

    void setupIsOnTheFirstInvoice() {
        AccountWorld world("2027-01-15");
        const std::string id = world.put(priced(monthly(150'000)));
        world.book().begin(id, 20, billing::OneOffCharge{250'000, "Installation"});
        world.check();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, world.documents().size());
        const billing::Invoice first = world.last();
        CPPUNIT_ASSERT_EQUAL(std::string("recurring 24194; charge 250000"), AccountWorld::lines(first));
        world.pay(world.owed());
        CPPUNIT_ASSERT_EQUAL(std::string("2027-01-19"), world.endDate());

        AccountWorld arrears("2027-01-15");
        const std::string other = arrears.put(priced(postpaid(150'000, InvoiceAt::End)));
        arrears.book().begin(other, std::nullopt, billing::OneOffCharge{250'000, "Installation"});
        arrears.check();
        CPPUNIT_ASSERT(arrears.documents().empty());
        arrears.liveTo("2027-02-15");
        CPPUNIT_ASSERT_EQUAL(std::string("recurring 150000; charge 250000"),
                             AccountWorld::lines(arrears.last()));
        const auto nothing = billing::OneOffCharge{0, "Installation"};
        CPPUNIT_ASSERT(throws<Refused>([&] { arrears.book().begin(other, std::nullopt, nothing); }));
    }

    void whatIsNotThereCannotBeReversed() {
        AccountWorld world("2027-01-15");
        addPaid(world, monthly(150'000));
        world.pay(100'000);
        world.refund(100'000);
        // The second payment was given back already; the first one's invoice is taken for it.
        world.reverse(1);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{100'000}, world.owed());
        CPPUNIT_ASSERT(throws<Refused>([&] { world.reverse(0); }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{100'000}, world.owed());
    }

    void refundsUpToTheCredit() {
        AccountWorld world("2027-01-15");
        addPaid(world, monthly(150'000));
        world.pay(100'000);
        CPPUNIT_ASSERT(throws<Refused>([&] { world.refund(100'001); }));
        world.refund(60'000);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{40'000}, world.credit());
    }

    void amountsBeyondCountingAreRefused() {
        AccountWorld world("2027-01-15");
        const std::string id = world.put(priced(monthly(std::numeric_limits<std::int64_t>::max())));
        CPPUNIT_ASSERT(throws<Refused>([&] { world.book().begin(id, std::nullopt); }));
        AccountWorld other("2027-01-15");
        addPaid(other, monthly(1));
        CPPUNIT_ASSERT(throws<Refused>([&] { other.pay(std::numeric_limits<std::int64_t>::max()); }));
        CPPUNIT_ASSERT(throws<Refused>([&] { other.pay(0); }));
        CPPUNIT_ASSERT(throws<Refused>([&] {
            other.book().charge(other.row().id, {std::numeric_limits<std::int64_t>::min(), "x"}, true);
        }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, other.owed());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BookMoneyTest);

}  // namespace gardu::test
