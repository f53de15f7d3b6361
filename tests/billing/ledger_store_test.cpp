#include "billing/ledger_store.h"

#include <cppunit/extensions/HelperMacros.h>

#include "core/check.h"
#include "tests/billing/store_world.h"
#include "tests/support/throws.h"

namespace gardu::test {

namespace {

using billing::LedgerEntry;
using billing::LedgerRow;
using core::Tx;

/// More than a floating-point number holds.
constexpr std::int64_t kLarge = 900'719'925'474'099'307;

LedgerEntry creditEntry(std::int64_t amount) {
    return billing::postingsOf(paymentOf("p-1", amount));
}

std::string idsOf(const std::vector<LedgerRow>& rows) {
    std::string ids;
    for (const LedgerRow& row : rows) {
        ids.append(std::to_string(row.id)).append(" ");
    }
    return ids;
}

std::string shown(const std::vector<billing::AccountBalance>& balances) {
    std::string text;
    for (const billing::AccountBalance& each : balances) {
        text.append(each.account).append(" ").append(each.currency).append(" ");
        text.append(std::to_string(each.balance)).append(", ");
    }
    return text;
}

}  // namespace

class LedgerStoreTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(LedgerStoreTest);
    CPPUNIT_TEST(keepsEveryField);
    CPPUNIT_TEST(refusesWhatDoesNotBalance);
    CPPUNIT_TEST(sumsAreExact);
    CPPUNIT_TEST(creditIsOfOneCustomer);
    CPPUNIT_TEST(balancesOfDays);
    CPPUNIT_TEST(listsInPages);
    CPPUNIT_TEST_SUITE_END();

public:
    void keepsEveryField() {
        LedgerEntry entry{billing::EntryKind::Allocation,
                          "KWD",
                          {{"customer_credit", "c-1", "i-1", "p-1", kLarge},
                           {"tax:PPN", std::nullopt, std::nullopt, std::nullopt, -kLarge}}};
        append({entry}, "2026-12-31");
        const auto rows = list(std::nullopt, 0, 10);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, rows.size());
        CPPUNIT_ASSERT(rows[1].posting == entry.postings[0] && rows[0].posting == entry.postings[1]);
        CPPUNIT_ASSERT(rows[0].transactionId == "t-1" && rows[0].kind == "allocation" &&
                       rows[0].currency == "KWD" && rows[0].day == day("2026-12-31") &&
                       rows[0].postedAt == kDatabaseMadeAt);
    }

    void refusesWhatDoesNotBalance() {
        LedgerEntry entry = creditEntry(100);
        entry.postings.front().amount = 99;
        CPPUNIT_ASSERT(throws<core::InvariantBroken>([&] { append({entry}, "2026-12-31"); }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, countRows(db(), "ledger_postings"));
    }

    void sumsAreExact() {
        append({creditEntry(kLarge)}, "2026-12-31");
        CPPUNIT_ASSERT_EQUAL(kLarge, credit("c-1"));
        CPPUNIT_ASSERT_EQUAL(
            std::string("customer_credit IDR -900719925474099307, money:cash IDR 900719925474099307, "),
            balances(std::nullopt));
        append({creditEntry(2)}, "2026-12-31");
        CPPUNIT_ASSERT_EQUAL(kLarge + 2, credit("c-1"));
    }

    void creditIsOfOneCustomer() {
        append({creditEntry(100)}, "2026-12-31");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{100}, credit("c-1"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, credit("c-2"));
    }

    void balancesOfDays() {
        append({creditEntry(1), creditEntry(2)}, "2026-12-30");
        append({creditEntry(4)}, "2026-12-31");
        append({creditEntry(8)}, "2027-01-01");
        LedgerEntry dollars = creditEntry(16);
        dollars.currency = "USD";
        append({dollars}, "2026-12-31");
        CPPUNIT_ASSERT_EQUAL(std::string("customer_credit IDR -15, customer_credit USD -16, "
                                         "money:cash IDR 15, money:cash USD 16, "),
                             balances(std::nullopt));
        CPPUNIT_ASSERT_EQUAL(std::string("customer_credit IDR -4, customer_credit USD -16, "
                                         "money:cash IDR 4, money:cash USD 16, "),
                             balances(period("2026-12-31", "2027-01-01")));
    }

    void listsInPages() {
        append({creditEntry(1), creditEntry(2)}, "2026-12-30");
        const auto all = list(std::nullopt, 0, 10);
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, all.size());
        CPPUNIT_ASSERT_EQUAL(idsOf({all[0], all[1], all[2]}), idsOf(list(std::nullopt, 0, 3)));
        CPPUNIT_ASSERT_EQUAL(idsOf({all[3]}), idsOf(list(std::nullopt, all[2].id, 3)));
        CPPUNIT_ASSERT(all[0].id > all[1].id);
        // Money is the house's.
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, list("c-1", 0, 10).size());
    }

private:
    void append(const std::vector<LedgerEntry>& entries, const char* on) {
        std::vector<std::string> ids;
        for (std::size_t i = 0; i < entries.size(); ++i) {
            ids.push_back("t-" + std::to_string(i + 1));
        }
        db().transact([&](Tx& tx) { billing::appendEntries(tx, {entries, ids, kDatabaseMadeAt, day(on)}); });
    }
    std::int64_t credit(const std::string& customer) {
        return db().read([&](Tx& tx) { return billing::creditOf(tx, customer); });
    }
    std::string balances(const std::optional<core::Period>& days) {
        return shown(db().read([&](Tx& tx) { return billing::ledgerBalances(tx, days); }));
    }
    std::vector<LedgerRow> list(const std::optional<std::string>& customer, std::int64_t before, int limit) {
        return db().read([&](Tx& tx) { return billing::listPostings(tx, customer, before, limit); });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<LedgerStoreTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<LedgerStoreTest>);

}  // namespace gardu::test
