#include "billing/invoice_draft.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <random>

#include "core/check.h"
#include "tests/billing/account_world.h"
#include "tests/support/throws.h"

namespace gardu::test {

namespace {

using billing::InvoiceLine;
using billing::LineKind;
using billing::PartKind;
using core::Period;

core::Date day(int month, int dayOfMonth) {
    return core::Date{std::chrono::year(2027), std::chrono::month(static_cast<unsigned>(month)),
                      std::chrono::day(static_cast<unsigned>(dayOfMonth))};
}

const Period kWhole{day(2, 15), day(3, 15)};

InvoiceLine line(LineKind kind, std::int64_t amount, const Period& period) {
    InvoiceLine made = billing::taxedLine(kind, "x", amount, std::nullopt);
    made.subscriptionId = "s";
    made.period = period;
    return made;
}

std::int64_t restAmount(const std::vector<InvoiceLine>& charged, core::Date from) {
    std::int64_t sum = 0;
    for (const billing::ChargedRest& rest : billing::restOf(charged, from)) {
        sum += rest.amount;
    }
    return sum;
}

}  // namespace

class InvoiceDraftTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(InvoiceDraftTest);
    CPPUNIT_TEST(partsSumToTheWhole);
    CPPUNIT_TEST(stubsAreRoundedByThemselves);
    CPPUNIT_TEST(aRestIsTheComplement);
    CPPUNIT_TEST(aCreditEndsWhatItCredits);
    CPPUNIT_TEST(creditsOfAnInvoiceSumToIt);
    CPPUNIT_TEST_SUITE_END();

public:
    void partsSumToTheWhole() {
        const billing::AccountSubscription none;
        const auto package = priced(monthly(0));
        std::mt19937_64 random(7);
        for (int i = 0; i < 2'000; ++i) {
            const auto amount = static_cast<std::int64_t>(random() % 300'000);
            const core::Date cut = core::addDays(kWhole.first, static_cast<int>(random() % 29));
            const auto part = [&](const Period& days) {
                return billing::partOf(amount, {none, *package, days, kWhole, PartKind::Piece, kWhole.first});
            };
            CPPUNIT_ASSERT_EQUAL(amount, part({kWhole.first, cut}) + part({cut, kWhole.next}));
        }
    }

    void stubsAreRoundedByThemselves() {
        const billing::AccountSubscription none;
        const auto package = priced(monthly(0));
        const auto stub = [&](std::int64_t amount, core::Date first) {
            return billing::partOf(
                amount, {none, *package, {first, kWhole.next}, kWhole, PartKind::Stub, kWhole.first});
        };
        CPPUNIT_ASSERT_EQUAL(std::int64_t{123'214}, stub(150'000, day(2, 20)));
        // Half up: 14 of 28 days of an odd price.
        CPPUNIT_ASSERT_EQUAL(std::int64_t{75'001}, stub(150'001, day(3, 1)));
        CPPUNIT_ASSERT(throws<core::InvariantBroken>([&] { return stub(1, day(2, 14)); }));
    }

    void aRestIsTheComplement() {
        const std::vector<InvoiceLine> charged{line(LineKind::Recurring, 150'000, kWhole),
                                               line(LineKind::Discount, -15'000, kWhole)};
        CPPUNIT_ASSERT_EQUAL(std::int64_t{135'000}, restAmount(charged, day(1, 1)));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{135'000}, restAmount(charged, day(2, 15)));
        CPPUNIT_ASSERT_EQUAL(billing::unusedPart(135'000, 5, 28), restAmount(charged, day(2, 20)));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, restAmount(charged, day(3, 15)));
        // A favour about a charge that was made void gives nothing back again, and takes nothing.
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, restAmount({charged[1]}, day(2, 20)));
    }

    void aCreditEndsWhatItCredits() {
        std::vector<InvoiceLine> charged{line(LineKind::Recurring, 150'001, kWhole)};
        // Changed every other day: what is left is always the last price, to the unit.
        for (int changed = 1; changed < 28; changed += 2) {
            const std::int64_t price = std::int64_t{1'001} * changed;
            const core::Date on = core::addDays(kWhole.first, changed);
            for (const billing::ChargedRest& rest : billing::restOf(charged, on)) {
                charged.push_back(billing::creditLine(rest, "s"));
            }
            CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, restAmount(charged, on));
            charged.push_back(line(LineKind::Recurring, price, {on, kWhole.next}));
            CPPUNIT_ASSERT_EQUAL(price, restAmount(charged, on));
            CPPUNIT_ASSERT_EQUAL(billing::unusedPart(price, 1, 28 - changed),
                                 restAmount(charged, core::addDays(on, 1)));
        }
    }

    void creditsOfAnInvoiceSumToIt() {
        std::mt19937_64 random(11);
        const billing::Tax tax{"PPN", "PPN", 110'000, true};
        for (int i = 0; i < 500; ++i) {
            billing::Invoice invoice;
            for (int lines = 1 + i % 4; lines > 0; --lines) {
                invoice.lines.push_back(billing::taxedLine(
                    LineKind::Charge, "x", static_cast<std::int64_t>(1 + random() % 9'999), tax));
            }
            const std::int64_t total = billing::amountOf(invoice.lines);
            const auto part = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(total));
            std::vector<InvoiceLine> all = billing::creditOfInvoice(invoice, part, 0);
            const auto rest = billing::creditOfInvoice(invoice, total - part, part);
            CPPUNIT_ASSERT_EQUAL(-part, billing::amountOf(all));
            all.insert(all.end(), rest.begin(), rest.end());
            all.insert(all.end(), invoice.lines.begin(), invoice.lines.end());
            CPPUNIT_ASSERT(billing::cancelOut(all));
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(InvoiceDraftTest);

}  // namespace gardu::test
