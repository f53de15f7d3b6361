// Traps of money, by name: what would give it twice, to the wrong one, or by half.

#include "app/notifier.h"
#include "billing/invoice_store.h"
#include "billing/subscription_store.h"
#include "core/clock.h"
#include "tests/billing/billing_world.h"

namespace gardu::test {

namespace {

using billing::AccountBook;
using billing::PaymentInput;
using billing::PaymentResult;

/// What a payment writes, one after the other.
struct Step {
    const char* operation = "";
    const char* table = "";
};
constexpr Step kSteps[] = {
    {"INSERT", "payments"},      {"INSERT", "ledger_postings"}, {"UPDATE", "invoices"},
    {"UPDATE", "subscriptions"}, {"INSERT", "changes"},         {"UPDATE", "subscription_billing"},
    {"INSERT", "billing_logs"},  {"INSERT", "outbox"},          {"INSERT", "audit_log"}};

}  // namespace

class MoneyTrapsTest : public BillingTest {
    CPPUNIT_TEST_SUITE(MoneyTrapsTest);
    CPPUNIT_TEST(daysThatACancelCreditedAreNotGivenBackAgain);
    CPPUNIT_TEST(daysThatAPackageChangeCreditedAreNotGivenBackAgain);
    CPPUNIT_TEST(anOldInvoiceThatIsWholeMayBeTakenBack);
    CPPUNIT_TEST(aReversalReopensTheInvoiceThatItsPaymentNamed);
    CPPUNIT_TEST(aReversalReopensWhatItsPaymentPaidForTheSubscription);
    CPPUNIT_TEST(aReversalReopensWhatItsPaymentPaidForTheCustomer);
    CPPUNIT_TEST(aReversalOfAMatchedPaymentReopensItsOwn);
    CPPUNIT_TEST(aReversalAfterARefundTakesTheRest);
    CPPUNIT_TEST(aRepeatedPaymentTellsTheSameInvoices);
    CPPUNIT_TEST(aPaymentThatFailsOnItsWayLeavesNothing);
    CPPUNIT_TEST(whatASenderClaimsRenewsNothing);
    CPPUNIT_TEST(aFailingSenderLeavesStageAndAccess);
    CPPUNIT_TEST_SUITE_END();

public:
    void daysThatACancelCreditedAreNotGivenBackAgain() {
        const std::string invoice = subscribe("bob").changes.issued.at(0).number;
        pay(cash(150'000, "bob"));
        change("bob", "2026-12-01", [](AccountBook& book, const std::string& id) { book.cancel(id, {}); });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{105'000}, creditOf("bob"));
        expectNotGivenBack(invoice, "2026-12-02");
        expectNotGivenBack(invoice, "2027-02-05");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{105'000}, creditOf("bob"));
        expectRightBooks();
    }

    void daysThatAPackageChangeCreditedAreNotGivenBackAgain() {
        billing::Package cheaper = packageOf("Home 5");
        cheaper.price = idr(75'000);
        billing::addPackage(db(), cheaper, actAt());
        const std::string invoice = subscribe("bob").changes.issued.at(0).number;
        pay(cash(150'000, "bob"));
        billing::changePackage(db(), settings(), on("2026-12-01"), {"bob", "Home 5", true});
        const std::int64_t credit = creditOf("bob");
        expectNotGivenBack(invoice, "2026-12-02");
        expectNotGivenBack(invoice, "2026-12-27");
        CPPUNIT_ASSERT(credit > 0);
        CPPUNIT_ASSERT_EQUAL(credit, creditOf("bob"));
        expectRightBooks();
    }

    void anOldInvoiceThatIsWholeMayBeTakenBack() {
        const std::string first = subscribe("bob").changes.issued.at(0).number;
        const std::string second = subscribe("eve").changes.issued.at(0).number;
        pay(cash(150'000, "bob"));
        pay(cash(150'000, "eve"));
        CPPUNIT_ASSERT_EQUAL(std::string("taken"), credited(first, 50'000, "2027-01-05"));
        CPPUNIT_ASSERT_EQUAL(std::string("taken"), madeVoid(second, "2027-01-05"));
        expectRightBooks();
    }

    void aReversalReopensTheInvoiceThatItsPaymentNamed() {
        makeTwo();
        const std::string own = pay(toInvoice(first_)).payment.id;
        pay(toInvoice(second_));
        reverse(own);
        expectOnlyFirstOpen();
    }

    void aReversalReopensWhatItsPaymentPaidForTheSubscription() {
        makeTwo();
        const std::string own = pay(cash(150'000, "ana")).payment.id;
        pay(cash(150'000, "bea"));
        // A later one of his own, paid by another payment.
        pay(cash(150'000, "ana"), "2026-11-25");
        reverse(own, "2026-11-26");
        expectOnlyFirstOpen();
    }

    void aReversalReopensWhatItsPaymentPaidForTheCustomer() {
        makeTwo();
        PaymentInput input = cash(150'000, "");
        input.customer = customerOf("ana");
        const std::string own = pay(input).payment.id;
        // Both are due at once: either may be the oldest.
        if (statuses() == "unpaid paid") {
            std::swap(first_, second_);
        }
        // At the same instant: a payment's own is told by the order, too.
        input.again = true;
        pay(input);
        CPPUNIT_ASSERT_EQUAL(std::string("paid paid"), statuses());
        reverse(own);
        expectOnlyFirstOpen();
    }

    void aReversalOfAMatchedPaymentReopensItsOwn() {
        makeTwo();
        const std::string own = pay(cash(150'000, "")).payment.id;
        PaymentInput match = about(own);
        match.invoice = first_;
        billing::matchPayment(db(), settings(), on("2026-11-22"), match);
        pay(toInvoice(second_));
        reverse(own);
        expectOnlyFirstOpen();
    }

    void aReversalAfterARefundTakesTheRest() {
        const std::string invoice = subscribe("bob").changes.issued.at(0).number;
        const std::string paid = pay(cash(200'000, "bob", "r-1")).payment.id;
        refund(paid, 20'000);
        const PaymentResult back = reverse(paid);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{180'000}, back.payment.amount.minor);
        CPPUNIT_ASSERT_EQUAL(std::string("receivable 150000; revenue -150000"), balances());
        CPPUNIT_ASSERT_EQUAL(std::string("unpaid"), statusOf(invoice));
        CPPUNIT_ASSERT(reverse(paid).repeated);
        pay(cash(150'000, "bob"));
        const std::string small = pay(cash(1'000, "bob", "r-2")).payment.id;
        refund(small, 1'000);
        CPPUNIT_ASSERT_EQUAL(
            std::string("all of this payment was refunded; nothing of it is left to take back"),
            refusedFields([&] { return reverse(small); }));
        expectRightBooks();
    }

    void aRepeatedPaymentTellsTheSameInvoices() {
        const std::string invoice = subscribe("bob").changes.issued.at(0).number;
        const auto numbers = [](const PaymentResult& result) {
            std::string text;
            for (const billing::Invoice& each : result.account.value().changes.updated) {
                text.append(each.number).append(" ").append(billing::name(each.status)).append(" ");
            }
            return text;
        };
        CPPUNIT_ASSERT_EQUAL(invoice + " paid ", numbers(pay(cash(200'000, "bob", "r-1"))));
        pay(cash(10'000, "bob", "r-2"));
        const PaymentResult again = pay(cash(200'000, "bob", "r-1"), "2026-11-25");
        CPPUNIT_ASSERT(again.repeated);
        CPPUNIT_ASSERT_EQUAL(invoice + " paid ", numbers(again));
        CPPUNIT_ASSERT_EQUAL(std::string(), numbers(pay(cash(10'000, "bob", "r-2"))));
    }

    void aPaymentThatFailsOnItsWayLeavesNothing() {
        subscribe("bob");
        const std::string before = everything();
        for (const Step& step : kSteps) {
            refuse(step);
            bool failed = false;
            try {
                pay(cash(150'000, "bob", "r-1"));
            } catch (const core::DbError&) {
                failed = true;
            }
            run("DROP TRIGGER refuse_it");
            CPPUNIT_ASSERT_MESSAGE(step.table, failed);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(step.table, before, everything());
        }
        CPPUNIT_ASSERT(!pay(cash(150'000, "bob", "r-1")).repeated);
        CPPUNIT_ASSERT_EQUAL(std::string("2026-12-21"), endOf("bob"));
        expectRightBooks();
    }

    // What is renewed is what the ledger says was paid of the invoice, whatever the note, the reference or
    // the name of the invoice say.
    void whatASenderClaimsRenewsNothing() {
        const std::string invoice = subscribe("bob").changes.issued.at(0).number;
        PaymentInput claim = cash(100'000, "", invoice + " 150000 paid");
        claim.invoice = invoice;
        claim.note = "150000 IDR, settled in full";
        pay(claim);
        CPPUNIT_ASSERT_EQUAL(std::string("unpaid 2026-11-21"), statusOf(invoice) + " " + endOf("bob"));
        PaymentInput rest = cash(199'999, "", "r-2");
        rest.invoice = invoice;
        pay(rest);
        // One month, not two: the second is not covered.
        CPPUNIT_ASSERT_EQUAL(std::string("paid 2026-12-21"), statusOf(invoice) + " " + endOf("bob"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{149'999}, creditOf("bob"));
        expectRightBooks();
    }

    void aFailingSenderLeavesStageAndAccess() {
        subscribe("bob");
        run("UPDATE customers SET email = 'bob@example.net'");
        pay(cash(150'000, "bob"));
        const std::string before = everything();
        int calls = 0;
        const app::NotificationSender broken{"smtp",
                                             [](const billing::OutboxItem& item) { return item.email; },
                                             [&calls](const app::Outgoing&) -> app::SendResult {
                                                 ++calls;
                                                 throw std::runtime_error("the relay is on fire");
                                             }};
        app::NotifySettings wanted{.senders = {broken},
                                   .company = "Warga Net",
                                   .quiet = {},
                                   .zone = settings().zone,
                                   .perMinute = 60'000};
        core::AlarmBoard alarms;
        core::Metrics metrics;
        app::Notifier notifier({db(), alarms, metrics}, wanted);
        try {
            notifier.turn();
        } catch (const std::runtime_error&) {
            // Its loop tries again.
        }
        CPPUNIT_ASSERT(calls > 0);
        CPPUNIT_ASSERT_EQUAL(before, everything());
        CPPUNIT_ASSERT_EQUAL(std::string("2026-12-21"), endOf("bob"));
    }

private:
    std::string first_;
    std::string second_;

    /// Of one customer: ana's invoice and bea's.
    void makeTwo() {
        first_ = subscribe("ana", "Pak Budi").changes.issued.at(0).number;
        second_ = subscribe("bea", "Pak Budi").changes.issued.at(0).number;
    }
    static PaymentInput toInvoice(const std::string& number) {
        PaymentInput input = cash(150'000, "");
        input.invoice = number;
        return input;
    }
    PaymentResult reverse(const std::string& paymentId, const char* date = "2026-11-23") {
        return billing::reversePayment(db(), settings(), on(date), about(paymentId));
    }
    void refund(const std::string& paymentId, std::int64_t amount) {
        billing::refundPayment(db(), settings(), on("2026-11-23"), about(paymentId, amount));
    }
    std::string statusOf(const std::string& number) {
        return std::string(
            billing::name(db().read([&](core::Tx& tx) { return billing::invoiceNamed(tx, number); }).status));
    }
    std::string statuses() { return statusOf(first_) + " " + statusOf(second_); }
    void expectOnlyFirstOpen() {
        CPPUNIT_ASSERT_EQUAL(std::string("unpaid paid"), statuses());
        expectRightBooks();
    }

    void change(const std::string& username, const char* date,
                const std::function<void(AccountBook&, const std::string&)>& verb) {
        const std::string id = billing::getSubscriber(db(), username).subscription.id;
        billing::onAccount(db(), settings(), on(date),
                           {customerOf(username), "subscription change", "subscription", id,
                            [&](core::Tx&, AccountBook& book) { verb(book, id); }});
    }
    /// As refusedFields().
    std::string onInvoice(const std::string& number, const char* date,
                          const std::function<void(AccountBook&, const billing::Invoice&)>& verb) {
        const auto invoice = db().read([&](core::Tx& tx) { return billing::invoiceNamed(tx, number); });
        return refusedFields([&] {
            return billing::onAccount(db(), settings(), on(date),
                                      {invoice.customerId, "invoice change", "invoice", invoice.id,
                                       [&](core::Tx&, AccountBook& book) { verb(book, invoice); }});
        });
    }
    std::string madeVoid(const std::string& number, const char* date) {
        return onInvoice(number, date, [](AccountBook& book, const billing::Invoice& invoice) {
            book.voidInvoice(invoice, "wrong");
        });
    }
    std::string credited(const std::string& number, std::int64_t amount, const char* date) {
        return onInvoice(number, date, [&](AccountBook& book, const billing::Invoice& invoice) {
            book.creditInvoice(invoice, amount, "slow");
        });
    }
    void expectNotGivenBack(const std::string& number, const char* date) {
        for (const std::string& words : {madeVoid(number, date), credited(number, 150'000, date)}) {
            CPPUNIT_ASSERT_MESSAGE(std::string(date) + ": " + words,
                                   words.find("were credited or moved since") != std::string::npos);
        }
    }

    void run(const std::string& sql) {
        db().transact([&](core::Tx& tx) { tx.execute(sql); });
    }
    void refuse(const Step& step) {
        const bool isMysql = db().dialect() == core::Dialect::Mysql;
        const std::string head = std::string("CREATE TRIGGER refuse_it BEFORE ")
                                     .append(step.operation)
                                     .append(" ON ")
                                     .append(step.table);
        run(isMysql ? head + " FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'"
                    : head + " BEGIN SELECT RAISE(ABORT, 'no'); END");
    }
    /// Payments, the books, the extension, the stage, what was announced and told.
    std::string everything() {
        std::string text = balances() + "; " + endOf("bob") + "; " + audited();
        for (const char* table : {"payments", "ledger_postings", "changes", "billing_logs", "outbox"}) {
            text.append("; ").append(std::to_string(countRows(db(), table))).append(" ").append(table);
        }
        const auto rows = db().read([](core::Tx& tx) {
            return tx.query(
                "SELECT i.status, i.outstanding, s.dunning_stage, s.access_until, s.held_until, b.bill_at "
                "FROM subscriptions s JOIN subscription_billing b ON b.subscription_id = s.id "
                "LEFT JOIN invoices i ON i.subscription_id = s.id ORDER BY s.id, i.id");
        });
        for (const core::Row& row : rows) {
            for (std::size_t column = 0; column < 6; ++column) {
                text.append(" ").append(row.shown(column));
            }
        }
        return text;
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<MoneyTrapsTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<MoneyTrapsTest>);

}  // namespace gardu::test
