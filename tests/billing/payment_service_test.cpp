#include <atomic>
#include <set>

#include "billing/account_service.h"
#include "tests/billing/billing_world.h"
#include "tests/support/threads.h"

namespace gardu::test {

namespace {

using billing::PaymentInput;
using billing::PaymentKind;
using billing::PaymentMethod;
using billing::PaymentResult;

constexpr int kCopies = 100;

}  // namespace

class PaymentServiceTest : public BillingTest {
    CPPUNIT_TEST_SUITE(PaymentServiceTest);
    CPPUNIT_TEST(paysAnInvoice);
    CPPUNIT_TEST(sameAgainGivesTheFirst);
    CPPUNIT_TEST(sameReferenceWithOtherContentIsRefused);
    CPPUNIT_TEST(typedTwiceIsRefused);
    CPPUNIT_TEST(typedTwiceWithAnotherDay);
    CPPUNIT_TEST(typedAndThenMatched);
    CPPUNIT_TEST(moneyOfAMatchCountsWhenItCame);
    CPPUNIT_TEST(ofTwoInvoicesOnlyOneThatIsOpen);
    CPPUNIT_TEST(alikeAndNotTypedTwice);
    CPPUNIT_TEST(hundredClerksTypeTheSame);
    CPPUNIT_TEST(hundredCopiesOfOnePaymentHaveOneEffect);
    CPPUNIT_TEST(hundredCopiesInSuspenseHaveOneEffect);
    CPPUNIT_TEST(hundredPaymentsOfOneCustomerAllCount);
    CPPUNIT_TEST(wrongTargetsAreFieldsNotSuspense);
    CPPUNIT_TEST(moneyOfAnotherCurrencyIsRefused);
    CPPUNIT_TEST(moneyOfNobodyWaitsForAMatch);
    CPPUNIT_TEST(oneOfTwoMatchesAtOnce);
    CPPUNIT_TEST(matchOrReversalNotBoth);
    CPPUNIT_TEST(refundsWhatIsLeft);
    CPPUNIT_TEST(refundsAtOnceNeverGiveBackMoreThanThereIs);
    CPPUNIT_TEST(reversesOnce);
    CPPUNIT_TEST(onlyPaymentsAreRefundedOrReversed);
    CPPUNIT_TEST(eachLeavesAnAuditRow);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        BillingTest::setUp();
        invoice_ = subscribe("bob").changes.issued.at(0).number;
    }

    void paysAnInvoice() {
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-21"), endOf("bob"));
        PaymentInput input = cash(150'000, "");
        input.invoice = invoice_;
        const PaymentResult result = pay(input);
        CPPUNIT_ASSERT(!result.repeated && result.account);
        CPPUNIT_ASSERT_EQUAL(customerOf("bob"), result.payment.customerId.value());
        CPPUNIT_ASSERT(result.payment.invoiceId && result.payment.subscriptionId);
        CPPUNIT_ASSERT_EQUAL(std::string("2026-12-21"), endOf("bob"));
        CPPUNIT_ASSERT_EQUAL(std::string("money:cash 150000; revenue -150000"), balances());
        expectRightBooks();
    }

    void sameAgainGivesTheFirst() {
        const PaymentResult first = pay(cash(200'000, "bob", "r-1"));
        const PaymentResult second = pay(cash(200'000, "bob", "r-1"), "2026-11-25");
        CPPUNIT_ASSERT(second.repeated);
        CPPUNIT_ASSERT_EQUAL(first.payment.id, second.payment.id);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{50'000}, second.account->account.credit);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, countRows(db(), "payments"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{50'000}, creditOf("bob"));
    }

    void sameReferenceWithOtherContentIsRefused() {
        subscribe("eve");
        pay(cash(150'000, "bob", "r-1"));
        PaymentInput transfer = cash(150'000, "bob", "r-1");
        transfer.method = PaymentMethod::Transfer;
        for (const PaymentInput& other :
             {cash(150'001, "bob", "r-1"), cash(150'000, "eve", "r-1"), cash(150'000, "", "r-1"), transfer}) {
            CPPUNIT_ASSERT_EQUAL(std::string("reference "), refusedFields([&] { return pay(other); }));
        }
        try {
            pay(cash(99, "bob", "r-1"));
            CPPUNIT_FAIL("taken");
        } catch (const core::Refused& refused) {
            const std::string words = refused.what();
            CPPUNIT_ASSERT_MESSAGE(words, words.find("150000 IDR by cash") != std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(words, words.find("99 IDR by cash") != std::string::npos);
        }
        // The same reference of another source is another payment.
        PaymentInput gateway = cash(150'000, "bob", "r-1");
        gateway.source = "midtrans";
        CPPUNIT_ASSERT(!pay(gateway).repeated);
    }

    void typedTwiceIsRefused() {
        const std::string first = pay(cash(1'000, "bob")).payment.id;
        try {
            pay(cash(1'000, "bob"));
            CPPUNIT_FAIL("taken");
        } catch (const core::Refused& refused) {
            CPPUNIT_ASSERT_EQUAL(std::string("reference"), refused.fields().at(0).field);
            CPPUNIT_ASSERT_MESSAGE(refused.what(),
                                   std::string(refused.what()).find(first) != std::string::npos);
        }
        // Whoever it was entered for, and by whatever way: a gateway told it, and a clerk types it too.
        PaymentInput ofCustomer = cash(1'000, "");
        ofCustomer.customer = customerOf("bob");
        ofCustomer.method = PaymentMethod::Qris;
        CPPUNIT_ASSERT_EQUAL(std::string("reference "), refusedFields([&] { return pay(ofCustomer); }));
        // What found its customer only later counts too.
        const std::string waits = pay(cash(2'000, "", "r-1")).payment.id;
        match(waits, "bob");
        CPPUNIT_ASSERT_EQUAL(std::string("reference "),
                             refusedFields([&] { return pay(cash(2'000, "bob")); }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, countRows(db(), "payments"));
    }

    void typedTwiceWithAnotherDay() {
        PaymentInput early = cash(1'000, "bob");
        early.paidAt = on("2026-11-19").now;
        pay(early);
        CPPUNIT_ASSERT_EQUAL(std::string("reference "),
                             refusedFields([&] { return pay(cash(1'000, "bob")); }));
        // Entered days later, and paid days before.
        CPPUNIT_ASSERT(!pay(cash(1'000, "bob"), "2026-11-24").repeated);
    }

    void typedAndThenMatched() {
        pay(cash(5'000, "bob"));
        const std::string waits = pay(cash(5'000, "", "r-1")).payment.id;
        CPPUNIT_ASSERT_EQUAL(std::string("reference "), refusedFields([&] { return match(waits, "bob"); }));
        PaymentInput again = about(waits);
        again.subscription = "bob";
        again.again = true;
        billing::matchPayment(db(), settings(), on("2026-11-23"), again);
        CPPUNIT_ASSERT_EQUAL(std::string("money:cash 10000; receivable 140000; revenue -150000"), balances());
        expectRightBooks();
    }

    void moneyOfAMatchCountsWhenItCame() {
        PaymentInput match = about(pay(cash(4'000, "", "r-1")).payment.id);
        match.subscription = "bob";
        billing::matchPayment(db(), settings(), on("2026-11-30"), match);
        PaymentInput twin = cash(4'000, "bob");
        twin.paidAt = on("2026-11-22").now;
        CPPUNIT_ASSERT_EQUAL(std::string("reference "),
                             refusedFields([&] { return pay(twin, "2026-12-01"); }));
        CPPUNIT_ASSERT(!pay(cash(4'000, "bob"), "2026-11-30").repeated);
    }

    void ofTwoInvoicesOnlyOneThatIsOpen() {
        PaymentInput input = cash(150'000, "");
        input.invoice = invoice_;
        pay(input);
        const auto renewed = billing::onAccount(
            db(), settings(), on("2026-11-22"),
            {customerOf("bob"), "subscription renew", "subscription",
             billing::getSubscriber(db(), "bob").subscription.id, [&](core::Tx&, billing::AccountBook& book) {
                 book.renew(book.account().subscriptions.front().subscription.id);
             }});
        input.invoice = renewed.changes.issued.at(0).number;
        CPPUNIT_ASSERT(!pay(input).repeated);
        CPPUNIT_ASSERT_EQUAL(std::string("reference "), refusedFields([&] { return pay(input); }));
        // Paid already, though another than the first payment named.
        CPPUNIT_ASSERT_EQUAL(std::string("2027-01-21"), endOf("bob"));
    }

    void alikeAndNotTypedTwice() {
        subscribe("bob2", customerOf("bob"));
        const std::string first = pay(cash(1'000, "bob")).payment.id;
        PaymentInput again = cash(1'000, "bob");
        again.again = true;
        for (const PaymentInput& another :
             {again, cash(1'001, "bob"), cash(1'000, "bob2"), cash(1'000, "bob", "r-1")}) {
            CPPUNIT_ASSERT(!pay(another).repeated);
        }
        // A day later; and after what was there was given or taken back.
        CPPUNIT_ASSERT(!pay(cash(1'001, "bob"), "2026-11-23").repeated);
        const std::string wrong = pay(cash(3'000, "bob")).payment.id;
        reverse(wrong);
        CPPUNIT_ASSERT(!pay(cash(3'000, "bob")).repeated);
        pay(cash(150'000, "bob"));
        const std::string back = pay(cash(7'000, "bob")).payment.id;
        refund(back, 7'000);
        CPPUNIT_ASSERT(!pay(cash(7'000, "bob")).repeated);
        expectRightBooks();
    }

    void hundredClerksTypeTheSame() {
        const std::string said = atOnce([](int) { return cash(200'000, "bob"); });
        CPPUNIT_ASSERT_EQUAL(std::string("1 first, 0 repeated, 1 id"),
                             said.substr(0, said.find(", reference: ")));
        CPPUNIT_ASSERT_EQUAL(std::string("customer_credit -50000; money:cash 200000; revenue -150000"),
                             balances());
        expectRightBooks();
    }

    void hundredCopiesOfOnePaymentHaveOneEffect() {
        CPPUNIT_ASSERT_EQUAL(std::string("1 first, 99 repeated, 1 id"),
                             atOnce([](int) { return cash(200'000, "bob", "r-1"); }));
        CPPUNIT_ASSERT_EQUAL(std::string("2026-12-21"), endOf("bob"));
        CPPUNIT_ASSERT_EQUAL(std::string("customer_credit -50000; money:cash 200000; revenue -150000"),
                             balances());
        expectRightBooks();
    }

    void hundredCopiesInSuspenseHaveOneEffect() {
        CPPUNIT_ASSERT_EQUAL(std::string("1 first, 99 repeated, 1 id"),
                             atOnce([](int) { return cash(200'000, "", "r-1"); }));
        CPPUNIT_ASSERT_EQUAL(std::string("money:cash 200000; receivable 150000; revenue -150000; "
                                         "suspense -200000"),
                             balances());
        expectRightBooks();
    }

    void hundredPaymentsOfOneCustomerAllCount() {
        CPPUNIT_ASSERT_EQUAL(std::string("100 first, 0 repeated, 100 id"), atOnce([](int index) {
                                 return cash(2'000, "bob", "r-" + std::to_string(index));
                             }));
        CPPUNIT_ASSERT_EQUAL(std::string("2026-12-21"), endOf("bob"));
        CPPUNIT_ASSERT_EQUAL(std::string("customer_credit -50000; money:cash 200000; revenue -150000"),
                             balances());
        expectRightBooks();
    }

    void wrongTargetsAreFieldsNotSuspense() {
        const auto fieldOf = [&](std::optional<std::string> PaymentInput::*target) {
            PaymentInput input = cash(1, "");
            input.*target = "nobody";
            return refusedFields([&] { return pay(input); });
        };
        CPPUNIT_ASSERT_EQUAL(std::string("customer "), fieldOf(&PaymentInput::customer));
        CPPUNIT_ASSERT_EQUAL(std::string("subscription "), fieldOf(&PaymentInput::subscription));
        CPPUNIT_ASSERT_EQUAL(std::string("invoice "), fieldOf(&PaymentInput::invoice));
        PaymentInput both = cash(1, "bob");
        both.invoice = invoice_;
        CPPUNIT_ASSERT_EQUAL(std::string("name one of customer, subscription and invoice"),
                             refusedFields([&] { return pay(both); }));
        PaymentInput wrong = cash(0, "bob", " ");
        wrong.paidAt = on("2026-11-24").now;
        CPPUNIT_ASSERT_EQUAL(std::string("reference amount paid_at "),
                             refusedFields([&] { return pay(wrong); }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, countRows(db(), "payments"));
    }

    void moneyOfAnotherCurrencyIsRefused() {
        PaymentInput dollars = cash(1'000, "bob");
        dollars.amount = {1'000, core::findCurrency("USD").value()};
        CPPUNIT_ASSERT_EQUAL(std::string("amount "), refusedFields([&] { return pay(dollars); }));
        dollars.subscription.reset();
        dollars.reference = "r-1";
        const std::string waits = pay(dollars).payment.id;
        CPPUNIT_ASSERT_EQUAL(std::string("amount "), refusedFields([&] { return match(waits, "bob"); }));
    }

    void moneyOfNobodyWaitsForAMatch() {
        const PaymentResult waits = pay(cash(150'000, "", "r-1"));
        CPPUNIT_ASSERT(!waits.account && !waits.payment.customerId);
        CPPUNIT_ASSERT_EQUAL(
            std::string("this payment is in suspense; reverse it instead (gardu payment reverse)"),
            refusedFields([&] { return refund(waits.payment.id, 1); }));
        const PaymentResult matched = match(waits.payment.id, "bob");
        CPPUNIT_ASSERT_EQUAL(waits.payment.id, matched.payment.ofPaymentId.value());
        // A day late: his month begins with the money.
        CPPUNIT_ASSERT_EQUAL(std::string("2026-12-22"), endOf("bob"));
        CPPUNIT_ASSERT_EQUAL(std::string("money:cash 150000; revenue -150000"), balances());
        subscribe("eve");
        for (const char* name : {"bob", "eve"}) {
            CPPUNIT_ASSERT_EQUAL(
                "this payment is not in suspense; it belongs to customer " + customerOf("bob"),
                refusedFields([&] { return match(waits.payment.id, name); }));
        }
        CPPUNIT_ASSERT_EQUAL(std::string("there is no payment \"x\""),
                             refusedFields([&] { return match("x", "bob"); }));
        // The gateway tells it again.
        CPPUNIT_ASSERT(pay(cash(150'000, "", "r-1")).repeated);
        // It belongs to him now, and so does the debt, beside eve's.
        CPPUNIT_ASSERT(!reverse(waits.payment.id).repeated);
        CPPUNIT_ASSERT_EQUAL(std::string("receivable 300000; revenue -300000"), balances());
        expectRightBooks();
    }

    void oneOfTwoMatchesAtOnce() {
        subscribe("eve");
        const std::string waits = pay(cash(150'000, "", "r-1")).payment.id;
        std::atomic<int> taken = 0;
        inThreads(8, [&](int index) {
            try {
                match(waits, index % 2 == 0 ? "bob" : "eve");
                ++taken;
            } catch (const core::Refused&) {
            }
        });
        CPPUNIT_ASSERT_EQUAL(1, taken.load());
        CPPUNIT_ASSERT(endOf("bob") != endOf("eve"));
        expectRightBooks();
    }

    void matchOrReversalNotBoth() {
        const std::string waits = pay(cash(150'000, "", "r-1")).payment.id;
        std::atomic<int> done = 0;
        inThreads(2, [&](int index) {
            try {
                index == 0 ? match(waits, "bob") : reverse(waits);
                ++done;
            } catch (const core::Refused&) {
            }
        });
        // A reversal after the match takes the money back from its customer: then both are done.
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1 + done.load()}, countRows(db(), "payments"));
        CPPUNIT_ASSERT_EQUAL(balances().find("suspense"), std::string::npos);
        expectRightBooks();
    }

    void refundsWhatIsLeft() {
        const std::string paid = pay(cash(200'000, "bob", "r-1")).payment.id;
        const PaymentResult first = refund(paid, 20'000, "back-1");
        CPPUNIT_ASSERT(first.payment.kind == PaymentKind::Refund);
        CPPUNIT_ASSERT(refund(paid, 20'000, "back-1").repeated);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{30'000}, creditOf("bob"));
        // Beyond the credit, beyond the payment.
        CPPUNIT_ASSERT(refusedFields([&] { return refund(paid, 30'001); }) != "taken");
        const std::string small = pay(cash(1'000, "bob", "r-2")).payment.id;
        CPPUNIT_ASSERT_EQUAL(std::string("amount "), refusedFields([&] { return refund(small, 1'001); }));
        CPPUNIT_ASSERT_EQUAL(std::string("reference "),
                             refusedFields([&] { return refund(paid, 10'000, "back-1"); }));
        CPPUNIT_ASSERT_EQUAL(std::string("customer_credit -31000; money:cash 181000; revenue -150000"),
                             balances());
        expectRightBooks();
    }

    void refundsAtOnceNeverGiveBackMoreThanThereIs() {
        const std::string paid = pay(cash(200'000, "bob", "r-1")).payment.id;
        std::atomic<int> taken = 0;
        inThreads(
            8, [&](int) { taken += refusedFields([&] { return refund(paid, 20'000); }) == "taken" ? 1 : 0; });
        CPPUNIT_ASSERT_EQUAL(2, taken.load());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{10'000}, creditOf("bob"));
        expectRightBooks();
    }

    void reversesOnce() {
        const std::string paid = pay(cash(200'000, "bob", "r-1")).payment.id;
        const PaymentResult first = reverse(paid);
        CPPUNIT_ASSERT(!first.repeated && first.payment.kind == PaymentKind::Reversal);
        const PaymentResult second = reverse(paid);
        CPPUNIT_ASSERT(second.repeated);
        CPPUNIT_ASSERT_EQUAL(first.payment.id, second.payment.id);
        CPPUNIT_ASSERT_EQUAL(std::string("receivable 150000; revenue -150000"), balances());
        CPPUNIT_ASSERT(refusedFields([&] { return refund(paid, 1); }).find("taken back") !=
                       std::string::npos);
        const std::string waits = pay(cash(7, "", "r-2")).payment.id;
        CPPUNIT_ASSERT(!reverse(waits).account);
        CPPUNIT_ASSERT_EQUAL(std::string("receivable 150000; revenue -150000"), balances());
        CPPUNIT_ASSERT(refusedFields([&] { return match(waits, "bob"); }).find("taken back") !=
                       std::string::npos);
        expectRightBooks();
    }

    void onlyPaymentsAreRefundedOrReversed() {
        const std::string paid = pay(cash(200'000, "bob", "r-1")).payment.id;
        const std::string back = refund(paid, 1).payment.id;
        const std::string words = "this is a refund of the payment " + paid + "; name that one";
        CPPUNIT_ASSERT_EQUAL(words, refusedFields([&] { return refund(back, 1); }));
        CPPUNIT_ASSERT_EQUAL(words, refusedFields([&] { return reverse(back); }));
        CPPUNIT_ASSERT_EQUAL(words, refusedFields([&] { return match(back, "bob"); }));
    }

    void eachLeavesAnAuditRow() {
        const std::string before = audited();
        const std::string paid = pay(cash(200'000, "bob", "r-1")).payment.id;
        pay(cash(200'000, "bob", "r-1"));
        refund(paid, 1);
        const std::string waits = pay(cash(7, "", "r-2")).payment.id;
        match(waits, "bob");
        reverse(waits);
        CPPUNIT_ASSERT_EQUAL(before +
                                 ", payment add payment+, payment refund payment+, payment add payment+, "
                                 "payment match payment+, payment reverse payment+",
                             audited());
    }

private:
    PaymentResult match(const std::string& paymentId, const std::string& subscription) {
        PaymentInput input = about(paymentId);
        input.subscription = subscription;
        return billing::matchPayment(db(), settings(), on("2026-11-23"), input);
    }
    PaymentResult refund(const std::string& paymentId, std::int64_t amount,
                         const std::string& reference = "") {
        PaymentInput input = about(paymentId, amount);
        input.reference = reference;
        return billing::refundPayment(db(), settings(), on("2026-11-23"), input);
    }
    PaymentResult reverse(const std::string& paymentId) {
        return billing::reversePayment(db(), settings(), on("2026-11-23"), about(paymentId));
    }
    /// Each in a thread of its own.
    std::string atOnce(const std::function<PaymentInput(int)>& input) {
        std::atomic<int> first = 0;
        std::atomic<int> repeated = 0;
        std::mutex mutex;
        std::set<std::string> ids;
        std::string troubles;
        inThreads(kCopies, [&](int index) {
            try {
                const PaymentResult result = pay(input(index));
                ++(result.repeated ? repeated : first);
                const std::lock_guard lock(mutex);
                ids.insert(result.payment.id);
            } catch (const std::exception& error) {
                const std::lock_guard lock(mutex);
                troubles.append(", ").append(error.what());
            }
        });
        return std::to_string(first) + " first, " + std::to_string(repeated) + " repeated, " +
               std::to_string(ids.size()) + " id" + troubles;
    }

    std::string invoice_;
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<PaymentServiceTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<PaymentServiceTest>);

}  // namespace gardu::test
