#include "billing/report.h"

#include <cppunit/extensions/HelperMacros.h>

#include "billing/report_store.h"
#include "tests/billing/billing_world.h"

namespace gardu::test {

namespace {

using billing::Churn;
using billing::SubscriptionLife;

const core::Period kFebruary{day("2027-02-01"), day("2027-03-01")};

std::string textOf(const Churn& churn) {
    return std::to_string(churn.atStart) + " +" + std::to_string(churn.added) + " -" +
           std::to_string(churn.cancelled) + " -" + std::to_string(churn.terminated) + " = " +
           std::to_string(churn.atEnd);
}

}  // namespace

class ReportTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ReportTest);
    CPPUNIT_TEST(ages);
    CPPUNIT_TEST(receivablesAreOneACustomerAndCurrency);
    CPPUNIT_TEST(lives);
    CPPUNIT_TEST_SUITE_END();

public:
    void ages() {
        const std::pair<int, std::size_t> table[] = {{-40, 0}, {0, 0},  {1, 1},  {30, 1}, {31, 2},
                                                     {60, 2},  {61, 3}, {90, 3}, {91, 4}, {4000, 4}};
        for (const auto& [days, age] : table) {
            CPPUNIT_ASSERT_EQUAL(age,
                                 billing::ageOf(day("2027-02-15"), core::addDays(day("2027-02-15"), days)));
        }
    }

    void receivablesAreOneACustomerAndCurrency() {
        const auto rows =
            billing::receivables({{"2", "Budi", "IDR", day("2027-02-01"), 5},
                                  {"1", "Zoe", "IDR", day("2027-02-01"), 1},
                                  {"2", "Budi", "IDR", day("2027-01-01"), 7},
                                  {"2", "Budi", "IDR", day("2027-02-02"), 11}},
                                 {{"2", "Budi", "IDR", 3}, {"3", "Ann", "USD", 9}}, day("2027-02-02"));
        std::string text;
        for (const billing::Receivable& row : rows) {
            text.append(row.customerName).append(" ").append(row.currency);
            for (const std::int64_t amount : row.outstanding) {
                text.append(" ").append(std::to_string(amount));
            }
            text.append(" = ").append(std::to_string(row.total())).append(", ");
            text.append(std::to_string(row.credit)).append("; ");
        }
        CPPUNIT_ASSERT_EQUAL(std::string("Ann USD 0 0 0 0 0 = 0, 9; Budi IDR 11 5 7 0 0 = 23, 3; "
                                         "Zoe IDR 0 1 0 0 0 = 1, 0; "),
                             text);
    }

    void lives() {
        const auto count = [](const char* starts, const char* ends, bool isTerminated) {
            SubscriptionLife life;
            life.startsOn = day(starts);
            life.endedOn = *ends != '\0' ? std::optional(day(ends)) : std::nullopt;
            life.isTerminated = isTerminated;
            Churn churn;
            billing::countLife(life, kFebruary, churn);
            CPPUNIT_ASSERT_EQUAL(churn.atEnd,
                                 churn.atStart + churn.added - churn.cancelled - churn.terminated);
            return textOf(churn);
        };
        CPPUNIT_ASSERT_EQUAL(std::string("1 +0 -0 -0 = 1"), count("2027-01-31", "", false));
        CPPUNIT_ASSERT_EQUAL(std::string("0 +1 -0 -0 = 1"), count("2027-02-01", "2027-03-01", false));
        CPPUNIT_ASSERT_EQUAL(std::string("0 +1 -1 -0 = 0"), count("2027-02-01", "2027-02-28", false));
        CPPUNIT_ASSERT_EQUAL(std::string("1 +0 -0 -1 = 0"), count("2026-02-01", "2027-02-01", true));
        CPPUNIT_ASSERT_EQUAL(std::string("0 +0 -0 -0 = 0"), count("2026-02-01", "2027-01-31", true));
        CPPUNIT_ASSERT_EQUAL(std::string("0 +0 -0 -0 = 0"), count("2027-03-01", "", false));
        CPPUNIT_ASSERT_EQUAL(std::string("0 +0 -0 -0 = 0"), count("2027-02-10", "2027-02-10", false));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ReportTest);

class ReportStoreTest : public BillingTest {
    CPPUNIT_TEST_SUITE(ReportStoreTest);
    CPPUNIT_TEST(revenueByMonthAndAccount);
    CPPUNIT_TEST(takingsByWhoEnteredThem);
    CPPUNIT_TEST(receivablesStayAsTheyWere);
    CPPUNIT_TEST(churnOfTwoMonths);
    CPPUNIT_TEST_SUITE_END();

public:
    void revenueByMonthAndAccount() {
        subscribe("bob");
        const std::string paid = pay(cash(150'000, "bob")).payment.id;
        pay(cash(20'000, "bob"), "2026-12-01");
        billing::reversePayment(db(), settings(), on("2026-12-02"), about(paid));
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11 money:cash 150000; 2026-11 revenue 150000; "),
                             revenue("2026-11-01", "2026-12-01"));
        CPPUNIT_ASSERT_EQUAL(std::string("2026-12 money:cash -130000; "),
                             revenue("2026-12-01", "2027-01-01"));
        CPPUNIT_ASSERT_EQUAL(std::string(), revenue("2026-11-01", "2026-11-22"));
    }

    void takingsByWhoEnteredThem() {
        subscribe("bob");
        const std::string paid = pay(cash(150'000, "bob")).payment.id;
        billing::Act eve = on("2026-11-22");
        eve.actor = "eve";
        billing::recordPayment(db(), settings(), eve, cash(20'000, "bob"));
        billing::PaymentInput gateway = cash(7, "", "tx-1");
        gateway.source = "midtrans";
        gateway.method = billing::PaymentMethod::Qris;
        const std::string waits = pay(gateway).payment.id;
        // Money that finds its customer comes in once.
        billing::PaymentInput match = about(waits);
        match.subscription = "bob";
        billing::matchPayment(db(), settings(), on("2026-11-22"), match);
        billing::refundPayment(db(), settings(), eve, about(paid, 5'000));
        billing::reversePayment(db(), settings(), on("2026-11-23"), about(paid));
        const std::string today =
            "22 eve cash manual 1 +20000 -5000; 22 test cash manual 1 +150000 -0; "
            "22 test qris midtrans 1 +7 -0; ";
        CPPUNIT_ASSERT_EQUAL(today, takings("2026-11-22", "2026-11-23"));
        CPPUNIT_ASSERT_EQUAL(today + "23 test cash manual 0 +0 -145000; ",
                             takings("2026-11-01", "2026-12-01"));
    }

    void receivablesStayAsTheyWere() {
        subscribe("bob");
        pay(cash(170'000, "bob"), "2026-11-24");
        CPPUNIT_ASSERT_EQUAL(std::string("150000 open, 0 credit"), owed("2026-11-22"));
        CPPUNIT_ASSERT_EQUAL(std::string("150000 open, 0 credit"), owed("2026-11-23"));
        CPPUNIT_ASSERT_EQUAL(std::string("0 open, 20000 credit"), owed("2026-11-24"));
    }

    void churnOfTwoMonths() {
        subscribe("bob");
        takeOver("eve");
        takeOver("ann");
        const std::string id = billing::getSubscriber(db(), "eve").subscription.id;
        db().transact([&](core::Tx& tx) {
            tx.execute(
                "UPDATE subscription_billing SET cancelled_on = '2026-12-05' WHERE subscription_id = ?",
                {id});
        });
        billing::SubscriberChange change;
        change.username = "ann";
        change.status = billing::SubscriptionStatus::Cancelled;
        billing::updateSubscriber(db(), vault(), change, on("2026-12-31"));
        CPPUNIT_ASSERT_EQUAL(std::string("0 +3 -0 -0 = 3"), churn("2026-11-01", "2026-12-01"));
        CPPUNIT_ASSERT_EQUAL(std::string("3 +0 -2 -0 = 1"), churn("2026-12-01", "2027-01-01"));
    }

private:
    std::string revenue(const char* from, const char* to) {
        std::string text;
        for (const auto& row : db().read([&](core::Tx& tx) {
                 return billing::revenueRows(tx, {day(from), day(to)});
             })) {
            text.append(row.month).append(" ").append(row.account).append(" ");
            text.append(std::to_string(row.amount)).append("; ");
        }
        return text;
    }
    std::string takings(const char* from, const char* to) {
        std::string text;
        for (const auto& row : db().read([&](core::Tx& tx) {
                 return billing::takings(tx, {day(from), day(to)});
             })) {
            text.append(core::formatDate(row.day).substr(8)).append(" ").append(row.enteredBy).append(" ");
            text.append(row.method).append(" ").append(row.source).append(" ");
            text.append(std::to_string(row.sums.payments))
                .append(" +")
                .append(std::to_string(row.sums.received));
            text.append(" -").append(std::to_string(row.sums.givenBack)).append("; ");
        }
        return text;
    }
    std::string owed(const char* on) {
        return db().read([&](core::Tx& tx) {
            std::int64_t open = 0;
            for (const auto& item : billing::openItems(tx, day(on))) {
                open += item.outstanding;
            }
            std::int64_t credit = 0;
            for (const auto& item : billing::customerCredits(tx, day(on))) {
                credit += item.credit;
            }
            return std::to_string(open) + " open, " + std::to_string(credit) + " credit";
        });
    }
    std::string churn(const char* from, const char* to) {
        return textOf(db().read([&](core::Tx& tx) {
            return billing::countChurn(tx, {day(from), day(to)}, settings().zone);
        }));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<ReportStoreTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<ReportStoreTest>);

}  // namespace gardu::test
