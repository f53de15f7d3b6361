#include "billing/payment.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <string>

#include "billing/rating.h"

namespace gardu::test {

namespace {

using billing::Payment;
using billing::PaymentKind;
using billing::PaymentMethod;

Payment payment() {
    Payment payment;
    payment.id = "p1";
    payment.source = "midtrans";
    payment.reference = "order-7";
    payment.customerId = "c1";
    payment.amount = {.minor = 150'000, .currency = {.code = "IDR", .exponent = 0}};
    return payment;
}

struct ChangeCase {
    std::string_view expected;
    void (*change)(Payment&);
};

const ChangeCase kProblems[] = {
    {"", [](Payment&) {}},
    {"", [](Payment& p) { p.customerId.reset(); }},
    {"source ", [](Payment& p) { p.source = ""; }},
    {"source ", [](Payment& p) { p.source = std::string(51, 'x'); }},
    {"reference ", [](Payment& p) { p.reference = ""; }},
    {"", [](Payment& p) { p.reference = std::string(190, 'x'); }},
    {"reference ", [](Payment& p) { p.reference = std::string(191, 'x'); }},
    // MariaDB takes "x" and "x " for the same key, SQLite does not.
    {"reference ", [](Payment& p) { p.reference = "x "; }},
    {"reference ", [](Payment& p) { p.reference = " x"; }},
    {"reference ", [](Payment& p) { p.reference = "x\ny"; }},
    {"amount ", [](Payment& p) { p.amount.minor = 0; }},
    {"amount ", [](Payment& p) { p.amount.minor = -1; }},
    {"", [](Payment& p) { p.amount.minor = billing::kMaxAmount; }},
    {"amount ", [](Payment& p) { p.amount.minor = billing::kMaxAmount + 1; }},
    {"note ", [](Payment& p) { p.note = std::string(201, 'x'); }},
    {"note ", [](Payment& p) { p.note = "\xFF"; }},
    {"payment ", [](Payment& p) { p.kind = PaymentKind::Match; }},
    {"payment customer ",
     [](Payment& p) {
         p.kind = PaymentKind::Refund;
         p.customerId.reset();
     }},
    {"",
     [](Payment& p) {
         p.kind = PaymentKind::Reversal;
         p.ofPaymentId = "p0";
         p.customerId.reset();
     }},
};

/// "same" or "other" than the payment before the change.
const ChangeCase kRepeats[] = {
    {"same", [](Payment&) {}},
    {"same", [](Payment& p) { p.id = "p2"; }},
    {"same", [](Payment& p) { p.paidAt += core::Seconds(5); }},
    {"same", [](Payment& p) { p.note = "again"; }},
    {"other", [](Payment& p) { p.kind = PaymentKind::Reversal; }},
    {"other", [](Payment& p) { p.source = "manual"; }},
    {"other", [](Payment& p) { p.reference = "order-8"; }},
    {"other", [](Payment& p) { p.customerId.reset(); }},
    {"other", [](Payment& p) { p.invoiceId = "i1"; }},
    {"other", [](Payment& p) { p.subscriptionId = "s1"; }},
    {"other", [](Payment& p) { p.ofPaymentId = "p0"; }},
    {"other", [](Payment& p) { p.method = PaymentMethod::Qris; }},
    {"other", [](Payment& p) { p.amount.minor += 1; }},
    {"other", [](Payment& p) { p.amount.currency = {.code = "USD", .exponent = 2}; }},
};

}  // namespace

class PaymentTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PaymentTest);
    CPPUNIT_TEST(wordsAreReadBack);
    CPPUNIT_TEST(namesEachWrongField);
    CPPUNIT_TEST(aRepeatedPaymentHasTheSameContent);
    CPPUNIT_TEST_SUITE_END();

public:
    void wordsAreReadBack() {
        for (const char* word : {"cash", "transfer", "qris", "ewallet", "other"}) {
            CPPUNIT_ASSERT(billing::name(billing::parsePaymentMethod(word).value()) == word);
        }
        for (const char* word : {"payment", "match", "refund", "reversal"}) {
            CPPUNIT_ASSERT(billing::name(billing::parsePaymentKind(word).value()) == word);
        }
        CPPUNIT_ASSERT(!billing::parsePaymentMethod("Cash") && !billing::parsePaymentKind(""));
    }

    void namesEachWrongField() {
        for (std::size_t i = 0; i < std::size(kProblems); ++i) {
            Payment changed = payment();
            kProblems[i].change(changed);
            std::string fields;
            for (const core::FieldError& error : billing::paymentProblems(changed)) {
                fields.append(error.field).append(" ");
            }
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::to_string(i), std::string(kProblems[i].expected), fields);
        }
    }

    void aRepeatedPaymentHasTheSameContent() {
        for (std::size_t i = 0; i < std::size(kRepeats); ++i) {
            Payment changed = payment();
            kRepeats[i].change(changed);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::to_string(i), kRepeats[i].expected == "same",
                                         billing::isSamePayment(payment(), changed));
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PaymentTest);

}  // namespace gardu::test
