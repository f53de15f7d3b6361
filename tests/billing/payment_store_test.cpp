#include "billing/payment_store.h"

#include <cppunit/extensions/HelperMacros.h>

#include "tests/billing/store_world.h"
#include "tests/support/throws.h"

namespace gardu::test {

namespace {

using billing::Payment;
using core::Tx;

/// Every field, to compare.
std::string shown(const Payment& payment) {
    return payment.id + "|" + std::string(name(payment.kind)) + "|" + payment.source + "|" +
           payment.reference + "|" + payment.customerId.value_or("-") + "|" +
           payment.invoiceId.value_or("-") + "|" + payment.subscriptionId.value_or("-") + "|" +
           payment.ofPaymentId.value_or("-") + "|" + std::string(name(payment.method)) + "|" +
           std::to_string(payment.amount.minor) + payment.amount.currency.code + "|" +
           core::formatInstant(payment.paidAt) + "|" + payment.note;
}

std::string idsOf(const std::vector<Payment>& payments) {
    std::string ids;
    for (const Payment& payment : payments) {
        ids.append(payment.id).append(" ");
    }
    return ids;
}

Payment unknownPayer(const std::string& id) {
    Payment payment = paymentOf(id, 100);
    payment.customerId.reset();
    return payment;
}

Payment about(const std::string& id, const std::string& other, billing::PaymentKind kind) {
    Payment payment = paymentOf(id, 100);
    payment.ofPaymentId = other;
    payment.kind = kind;
    return payment;
}

struct FilterCase {
    const char* name = "";
    billing::PaymentFilter filter;
    const char* ids = "";
};

}  // namespace

class PaymentStoreTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(PaymentStoreTest);
    CPPUNIT_TEST(keepsEveryField);
    CPPUNIT_TEST(sameReferenceIsADuplicate);
    CPPUNIT_TEST(findsByReference);
    CPPUNIT_TEST(whatIsAboutOne);
    CPPUNIT_TEST(listsByFilter);
    CPPUNIT_TEST(listsInPages);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        makeSubscribers(db());
    }

    void keepsEveryField() {
        issue(db(), {invoiceOf("i-1")});
        Payment whole = paymentOf("p-1", 9'007'199'254'740'993);
        whole.source = "midtrans";
        whole.reference = "O'Brien; -- \xF0\x9F\x98\x80";
        whole.invoiceId = "i-1";
        whole.subscriptionId = "s-1";
        whole.method = billing::PaymentMethod::Qris;
        whole.note = "thanks";
        Payment refund = about("p-2", "p-1", billing::PaymentKind::Refund);
        refund.amount = {1, core::findCurrency("KWD").value()};
        insert({whole, refund, unknownPayer("p-3")});
        for (const Payment& payment : {whole, refund, unknownPayer("p-3")}) {
            CPPUNIT_ASSERT_EQUAL(shown(payment), shown(find(payment.id).value()));
        }
        CPPUNIT_ASSERT(!find("p-404"));
        const auto locked = db().transact([](Tx& tx) {
            billing::lockPayment(tx, "p-1");
            return billing::findPayment(tx, "p-1").value();
        });
        CPPUNIT_ASSERT_EQUAL(shown(whole), shown(locked));
    }

    void sameReferenceIsADuplicate() {
        insert({paymentOf("p-1", 100)});
        Payment again = paymentOf("p-2", 100);
        again.reference = "ref-p-1";
        CPPUNIT_ASSERT(throws<core::DuplicateKey>([&] { insert({again}); }));
        again.source = "midtrans";
        insert({again});
        Payment shouted = paymentOf("p-3", 100);
        shouted.reference = "REF-P-1";
        insert({shouted});
    }

    void findsByReference() {
        insert({paymentOf("p-1", 100)});
        const auto byReference = [&](const char* source, const char* reference) {
            return db().read([&](Tx& tx) { return billing::findPaymentByReference(tx, source, reference); });
        };
        CPPUNIT_ASSERT_EQUAL(std::string("p-1"), byReference("manual", "ref-p-1").value().id);
        CPPUNIT_ASSERT(!byReference("midtrans", "ref-p-1"));
    }

    void whatIsAboutOne() {
        insertSome();
        const auto of = [&](const char* id) {
            return idsOf(db().read([&](Tx& tx) { return billing::paymentsAbout(tx, id); }));
        };
        CPPUNIT_ASSERT_EQUAL(std::string("p-4 p-6 "), of("p-1"));
        CPPUNIT_ASSERT_EQUAL(std::string(), of("p-3"));
    }

    void listsByFilter() {
        insertSome();
        const FilterCase cases[] = {
            {"all", {}, "p-7 p-6 p-5 p-4 p-3 p-2 p-1 "},
            {"of a customer", {.customerId = "c-2"}, "p-7 "},
            {"neither matched nor taken back", {.inSuspense = true}, "p-3 "},
            {"from", {.from = kDatabaseMadeAt + core::Seconds(1)}, "p-7 "},
            {"to, which is not in it", {.customerId = "c-2", .to = kDatabaseMadeAt + core::Seconds(60)}, ""},
        };
        for (const FilterCase& each : cases) {
            const auto found =
                db().read([&](Tx& tx) { return billing::listPayments(tx, each.filter, "", 10); });
            CPPUNIT_ASSERT_EQUAL_MESSAGE(each.name, std::string(each.ids), idsOf(found));
        }
    }

    void listsInPages() {
        insertSome();
        const auto page = [&](const char* before) {
            return idsOf(db().read([&](Tx& tx) { return billing::listPayments(tx, {}, before, 4); }));
        };
        CPPUNIT_ASSERT_EQUAL(std::string("p-7 p-6 p-5 p-4 "), page(""));
        CPPUNIT_ASSERT_EQUAL(std::string("p-3 p-2 p-1 "), page("p-4"));
        CPPUNIT_ASSERT_EQUAL(std::string(), page("p-1"));
    }

private:
    void insert(const std::vector<Payment>& payments) {
        db().transact([&](Tx& tx) {
            for (const Payment& payment : payments) {
                billing::insertPayment(tx, payment, kDatabaseMadeAt);
            }
        });
    }
    std::optional<Payment> find(const std::string& id) {
        return db().read([&](Tx& tx) { return billing::findPayment(tx, id); });
    }
    /// p-1 matched, p-2 taken back, p-3 in suspense, p-7 of another customer and later.
    void insertSome() {
        Payment later = paymentOf("p-7", 100);
        later.customerId = "c-2";
        later.paidAt += core::Seconds(60);
        insert({unknownPayer("p-1"), unknownPayer("p-2"), unknownPayer("p-3"),
                about("p-4", "p-1", billing::PaymentKind::Match),
                about("p-5", "p-2", billing::PaymentKind::Reversal),
                about("p-6", "p-1", billing::PaymentKind::Refund), later});
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<PaymentStoreTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<PaymentStoreTest>);

}  // namespace gardu::test
