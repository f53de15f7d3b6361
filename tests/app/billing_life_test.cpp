// An operator's days with the real program: from the first invoice over cuts and payments to the books.
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/app/gardu_program.h"
#include "tests/support/database_suite.h"

namespace gardu::test {
namespace {

class BillingLifeTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(BillingLifeTest);
    CPPUNIT_TEST(prepaidFromFirstInvoiceToLateRenewal);
    CPPUNIT_TEST(theSamePaymentTwice);
    CPPUNIT_TEST(postpaidDownTheLadderAndBack);
    CPPUNIT_TEST(anInvoiceAndWhatCorrectsIt);
    CPPUNIT_TEST(moneyWithoutACustomer);
    CPPUNIT_TEST(anotherPackageInTheMiddle);
    CPPUNIT_TEST(whatIsToBePaid);
    CPPUNIT_TEST(aPauseLeavesTheBooksRight);
    CPPUNIT_TEST(neverCutAndOff);
    CPPUNIT_TEST(pauseAndCancel);
    CPPUNIT_TEST(aDryRunSaysWhatTheRunDoes);
    CPPUNIT_TEST(simulationOfSomeMonths);
    CPPUNIT_TEST(theStatementOfACustomer);
    CPPUNIT_TEST(reports);
    CPPUNIT_TEST(theAuditFindsWhatIsWrong);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        gardu_ = std::make_unique<Gardu>(folder().file("data"), databaseUrl());
    }

private:
    std::unique_ptr<Gardu> gardu_;

    Json json(const std::string& line) { return gardu_->json(line); }
    Json at(const std::string& now, const std::string& line) {
        return gardu_->json(line + " --now \"" + now + "\"");
    }

    /// 150000 a month, prepaid where `terms` do not say otherwise.
    void addHome(const std::string& terms = {}) {
        json("package add --name home --bandwidth 10M/10M --price 150000 " + terms);
    }
    Json addBudi(const std::string& now, const std::string& more = {}) {
        return at(
            now,
            "subscription add --customer \"Pak Budi\" --username budi --password b --package home " + more);
    }
    Json pay(const std::string& now, int amount, const std::string& more = "--subscription budi") {
        return at(now, "payment add --amount " + std::to_string(amount) + " " + more);
    }
    Json show(const std::string& now) { return at(now, "subscription show budi"); }

    void checkStage(const std::string& now, const char* stage, const char* access) {
        const Json budi = show(now);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(now, Json(stage), budi.at("stage"));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(now, Json(access), budi.at("access"));
    }

    void booksAreRight() {
        const Json audit = json("ledger audit");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(audit.dump(), Json(true), audit.at("right"));
    }

    void prepaidFromFirstInvoiceToLateRenewal() {
        addHome();
        const Json added = addBudi("2027-02-01 09:00");
        CPPUNIT_ASSERT_EQUAL(Json("INV-2027-000001"), added.at("issued").at(0).at("number"));
        CPPUNIT_ASSERT_EQUAL(Json("isolate"), added.at("access"));
        const Json paid = pay("2027-02-01 10:00", 150'000);
        CPPUNIT_ASSERT_EQUAL(Json("2027-02-28T17:00:00Z"), paid.at("access_until"));
        CPPUNIT_ASSERT_EQUAL(Json("active"), paid.at("stage"));
        CPPUNIT_ASSERT_EQUAL(Json("paid"), paid.at("invoices").at(0).at("status"));

        CPPUNIT_ASSERT_EQUAL(Json(0), at("2027-02-20 23:59", "billing run").at("invoiced"));
        CPPUNIT_ASSERT_EQUAL(Json(1), at("2027-02-21 00:10", "billing run").at("invoiced"));
        CPPUNIT_ASSERT_EQUAL(Json(0), at("2027-02-21 00:20", "billing run --all").at("invoiced"));
        CPPUNIT_ASSERT_EQUAL(Json("2027-03-31T17:00:00Z"),
                             pay("2027-02-25 10:00", 150'000).at("access_until"));

        CPPUNIT_ASSERT_EQUAL(Json(1), at("2027-03-24 00:10", "billing run").at("invoiced"));
        checkStage("2027-03-31 23:59", "due", "full");
        CPPUNIT_ASSERT_EQUAL(Json(1), at("2027-04-01 00:10", "billing run").at("isolated"));
        checkStage("2027-04-01 00:20", "isolated", "isolate");
        // Late: the new period begins with the payment.
        const Json late = pay("2027-04-10 15:00", 150'000);
        CPPUNIT_ASSERT_EQUAL(Json("2027-05-09T17:00:00Z"), late.at("access_until"));
        CPPUNIT_ASSERT_EQUAL(Json("2027-04-10"), late.at("invoices").at(0).at("period_start"));
        CPPUNIT_ASSERT_EQUAL(Json(10), show("2027-04-10 16:00").at("anchor_day"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, json("invoice list --status void").size());
        booksAreRight();
    }

    void theSamePaymentTwice() {
        addHome();
        addBudi("2027-02-01 09:00");
        const std::string told = "--subscription budi --method qris --source midtrans --reference TX1";
        const Json first = pay("2027-02-01 10:00", 150'000, told);
        const Json again = pay("2027-02-03 10:00", 150'000, told);
        CPPUNIT_ASSERT_EQUAL(Json(false), first.at("repeated"));
        CPPUNIT_ASSERT_EQUAL(Json(true), again.at("repeated"));
        CPPUNIT_ASSERT_EQUAL(first.at("id"), again.at("id"));
        CPPUNIT_ASSERT_EQUAL(first.at("access_until"), again.at("access_until"));
        const std::string other = gardu_->json("payment add --amount 150001 " + told, 1).dump();
        CPPUNIT_ASSERT_MESSAGE(
            other, other.find("150001") != std::string::npos && other.find("150000") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, json("payment list").size());
        CPPUNIT_ASSERT_EQUAL(Json(0), json("customer show \"Pak Budi\"").at("credit").at("amount_minor"));
    }

    void postpaidDownTheLadderAndBack() {
        addHome("--billing postpaid --due-days 7 --grace-days 2 --suspend-days 14 --terminate-days 60");
        addBudi("2027-02-10 09:00", "--anchor-day 1");
        CPPUNIT_ASSERT_EQUAL(Json(1), at("2027-03-01 00:10", "billing run").at("invoiced"));
        const Json invoice = json("invoice list").at(0);
        CPPUNIT_ASSERT_EQUAL(Json(101'786), invoice.at("total_minor"));  // 19 of 28 days
        CPPUNIT_ASSERT_EQUAL(Json("2027-03-08"), invoice.at("due_date"));
        struct Step {
            const char* now;
            const char* stage;
            const char* access;
        };
        const Step ladder[] = {{"2027-03-08 23:00", "due", "full"},
                               {"2027-03-09 01:00", "grace", "full"},
                               {"2027-03-10 23:00", "grace", "full"},
                               {"2027-03-11 01:00", "isolated", "isolate"}};
        for (const Step& step : ladder) {
            at(step.now, "billing run");
            checkStage(step.now, step.stage, step.access);
        }
        at("2027-03-11 09:00", "subscription promise budi --until 2027-03-15");
        checkStage("2027-03-11 09:10", "grace", "full");
        at("2027-03-16 00:10", "billing run");
        checkStage("2027-03-16 00:20", "isolated", "isolate");
        at("2027-03-23 00:10", "billing run");
        checkStage("2027-03-23 00:20", "suspended", "deny");
        const Json paid = pay("2027-03-24 10:00", 101'786);
        CPPUNIT_ASSERT_EQUAL(Json("active"), paid.at("stage"));
        checkStage("2027-03-24 10:10", "active", "full");
        booksAreRight();
    }

    void anInvoiceAndWhatCorrectsIt() {
        json("tax add --code PPN11 --name PPN --rate 11%");
        addHome("--tax PPN11 --billing postpaid --invoice-at start");
        addBudi("2027-02-01 09:00");
        const Json invoice = at("2027-02-02", "invoice show INV-2027-000001");
        const std::pair<const char*, Json> members[] = {
            {"number", "INV-2027-000001"}, {"period_start", "2027-02-01"}, {"period_end", "2027-03-01"},
            {"total_minor", 166'500},      {"net_minor", 150'000},         {"tax_minor", 16'500},
            {"currency", "IDR"},           {"due_date", "2027-02-08"},     {"status", "unpaid"}};
        for (const auto& [member, value] : members) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(member, value, invoice.at(member));
        }
        CPPUNIT_ASSERT_EQUAL(show("2027-02-02").at("id"), invoice.at("subscription_id"));
        CPPUNIT_ASSERT_EQUAL(Json(166'500), invoice.at("lines").at(0).at("total_minor"));
        CPPUNIT_ASSERT_EQUAL(Json("overdue"), at("2027-02-09", "invoice show INV-2027-000001").at("status"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, at("2027-02-09", "invoice list --status overdue").size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, at("2027-02-08", "invoice list --status overdue").size());

        const Json credited =
            at("2027-02-03", "invoice credit INV-2027-000001 --amount 50000 --reason \"3 days\"");
        CPPUNIT_ASSERT_EQUAL(Json(111'000), credited.at("outstanding_minor"));
        const Json entries = at("2027-02-03", "invoice show INV-2027-000001").at("entries");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, entries.size());
        CPPUNIT_ASSERT_EQUAL(Json("invoice"), entries.at(0).at("kind"));
        CPPUNIT_ASSERT_EQUAL(Json(-55'500), entries.at(1).at("amount").at("amount_minor"));
        CPPUNIT_ASSERT_EQUAL(Json(111'000), entries.at(1).at("outstanding").at("amount_minor"));
        const Json note = credited.at("issued").at(0);
        CPPUNIT_ASSERT_EQUAL(Json("credit_note"), note.at("kind"));
        CPPUNIT_ASSERT_EQUAL(Json("CN-2027-000001"), note.at("number"));
        CPPUNIT_ASSERT_EQUAL(Json(55'500), note.at("total_minor"));
        at("2027-02-03", "subscription charge budi --amount 20000 --description Visit --at-once");
        const Json taken = at("2027-02-04", "invoice void INV-2027-000002 --reason mistake");
        CPPUNIT_ASSERT_EQUAL(Json("void"), taken.at("status"));
        CPPUNIT_ASSERT_EQUAL(Json("mistake"), taken.at("void_reason"));
        CPPUNIT_ASSERT_EQUAL(Json(0), taken.at("outstanding_minor"));
        CPPUNIT_ASSERT_EQUAL(Json(111'000),
                             json("customer show \"Pak Budi\"").at("balance").at("amount_minor"));
        booksAreRight();
    }

    void moneyWithoutACustomer() {
        addHome();
        addBudi("2027-02-01 09:00");
        const Json lost = pay("2027-02-01 10:00", 200'000, "--method transfer --note \"no name\"");
        CPPUNIT_ASSERT_EQUAL(Json(true), lost.at("in_suspense"));
        const std::string id = lost.at("id").get<std::string>();
        CPPUNIT_ASSERT_EQUAL(lost.at("id"), json("payment list --suspense").at(0).at("id"));
        const Json matched = at("2027-02-01 11:00", "payment match " + id + " --customer \"Pak Budi\"");
        CPPUNIT_ASSERT_EQUAL(Json("active"), matched.at("stage"));
        CPPUNIT_ASSERT_EQUAL(Json(50'000), matched.at("credit").at("amount_minor"));
        CPPUNIT_ASSERT(json("payment list --suspense").empty());
        CPPUNIT_ASSERT_EQUAL(1, gardu_->run("payment match " + id + " --customer \"Pak Budi\"").exitCode);

        CPPUNIT_ASSERT_EQUAL(1, gardu_->run("payment refund " + id + " --amount 50001").exitCode);
        const Json given = at("2027-02-01 12:00", "payment refund " + id + " --amount 50000");
        CPPUNIT_ASSERT_EQUAL(Json(0), given.at("credit").at("amount_minor"));
        CPPUNIT_ASSERT_EQUAL(Json("transfer"), given.at("method"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, json("payment show " + id).at("about").size());
        booksAreRight();
    }

    void anotherPackageInTheMiddle() {
        addHome();
        json("package add --name fast --bandwidth 50M/50M --price 300000");
        addBudi("2027-03-01 09:00");
        pay("2027-03-01 10:00", 150'000);
        // 18 of 31 days are used: 87097 of 150000, so that 62903 come back.
        const Json changed = at("2027-03-19 09:00", "subscription change-package budi --package fast");
        CPPUNIT_ASSERT_EQUAL(Json("fast"), changed.at("package"));
        const Json invoice = changed.at("issued").at(0);
        std::multiset<std::int64_t> amounts;
        for (const Json& line : invoice.at("lines")) {
            amounts.insert(line.at("amount_minor").get<std::int64_t>());
        }
        CPPUNIT_ASSERT(std::multiset<std::int64_t>({-62'903, 125'806}) == amounts);
        CPPUNIT_ASSERT_EQUAL(Json(62'903), invoice.at("total_minor"));
        // One that costs less comes with the next period, unless somebody says now.
        const Json next = at("2027-03-20 09:00", "subscription change-package budi --package home");
        CPPUNIT_ASSERT_EQUAL(Json("home"), next.at("next_package"));
        CPPUNIT_ASSERT_EQUAL(Json("fast"), next.at("package"));
        const Json kept = at("2027-03-20 10:00", "subscription change-package budi --package fast");
        CPPUNIT_ASSERT(kept.at("next_package").is_null());
        const Json down = at("2027-03-20 11:00", "subscription change-package budi --package home --at now");
        CPPUNIT_ASSERT_EQUAL(Json("home"), down.at("package"));
        booksAreRight();
    }

    void whatIsToBePaid() {
        addHome();
        addBudi("2027-02-01 09:00", "--setup-fee 100000 --setup-text Cable");
        CPPUNIT_ASSERT_EQUAL(Json(250'000), show("2027-02-01 09:10").at("to_pay_minor"));
        pay("2027-02-01 09:20", 250'000, "--subscription budi --reference R1");
        at("2027-02-10 09:00", "payment reverse R1 --reason bounced");
        at("2027-02-20 08:00", "billing run");
        // Not a further month besides.
        const Json owing = show("2027-02-20 09:00");
        CPPUNIT_ASSERT_EQUAL(Json("isolate"), owing.at("access"));
        CPPUNIT_ASSERT_EQUAL(Json(250'000), owing.at("to_pay_minor"));
        pay("2027-02-20 10:00", 250'000);
        CPPUNIT_ASSERT_EQUAL(Json("full"), show("2027-02-20 10:01").at("access"));
        // What was given by a credit note is taken off once.
        at("2027-02-24 09:00", "billing run");
        at("2027-02-24 10:00", "invoice credit INV-2027-000002 --amount 50000 --reason slow");
        CPPUNIT_ASSERT_EQUAL(Json(100'000), show("2027-03-01 09:00").at("to_pay_minor"));
        CPPUNIT_ASSERT_EQUAL(Json(100'000), show("2027-03-02 09:00").at("to_pay_minor"));
        pay("2027-03-02 10:00", 100'000);
        CPPUNIT_ASSERT_EQUAL(Json("full"), show("2027-03-02 10:01").at("access"));
        booksAreRight();
    }

    void aPauseLeavesTheBooksRight() {
        addHome("--billing postpaid --invoice-at start");
        addBudi("2027-02-01 09:00");
        pay("2027-02-01 10:00", 150'000);
        for (const char* day : {"2027-02-05", "2027-02-15"}) {
            at(std::string(day) + " 09:00", "subscription pause budi");
            at(std::string(day).replace(9, 1, "8") + " 09:00", "subscription resume budi");
            booksAreRight();
        }
        const Json planned = at("2027-02-20 09:00", "subscription cancel budi --on 2027-02-25");
        CPPUNIT_ASSERT_EQUAL(Json("2027-02-25"), planned.at("cancel_on"));
        CPPUNIT_ASSERT(at("2027-02-20 10:00", "subscription cancel budi --off").at("cancel_on").is_null());
        booksAreRight();
    }

    void neverCutAndOff() {
        addHome();
        addBudi("2027-02-01 09:00");
        const Json held =
            at("2027-02-01 10:00", "subscription never-cut budi --until 2027-02-10 --reason \"the mayor\"");
        CPPUNIT_ASSERT_EQUAL(Json("full"), held.at("access"));
        CPPUNIT_ASSERT_EQUAL(Json("the mayor"), held.at("never_cut_reason"));
        checkStage("2027-02-10 23:59", "grace", "full");
        const Json off = at("2027-02-05 10:00", "subscription never-cut budi --off");
        CPPUNIT_ASSERT(off.at("never_cut_until").is_null());
        CPPUNIT_ASSERT_EQUAL(Json("isolate"), off.at("access"));
    }

    void pauseAndCancel() {
        addHome();
        addBudi("2027-03-01 09:00");
        pay("2027-03-01 10:00", 150'000);
        const Json paused = at("2027-03-11 09:00", "subscription pause budi --until 2027-03-21");
        CPPUNIT_ASSERT_EQUAL(Json("2027-03-21"), paused.at("pause_until"));
        CPPUNIT_ASSERT(paused.at("access") != "full");
        at("2027-03-21 00:10", "billing run");
        const Json back = show("2027-03-21 00:20");
        CPPUNIT_ASSERT_EQUAL(Json("full"), back.at("access"));
        CPPUNIT_ASSERT_EQUAL(Json("2027-04-10"), back.at("end_date"));  // ten days later
        const Json cancelled = at("2027-03-31 09:00", "subscription cancel budi");
        CPPUNIT_ASSERT_EQUAL(Json("cancelled"), cancelled.at("status"));
        const Json credit = json("customer show \"Pak Budi\"").at("credit").at("amount_minor");
        CPPUNIT_ASSERT_MESSAGE(credit.dump(), credit > 0 && credit < 150'000);
        booksAreRight();
    }

    /// One has paid, three have not.
    void addFour() {
        addHome("--billing postpaid --invoice-at start --due-days 3");
        for (const char* name : {"a", "b", "c", "d"}) {
            const bool isEarly = *name < 'c';
            at(isEarly ? "2027-02-01 09:00" : "2027-02-10 09:00",
               std::string("subscription add --password b --package home --username ") + name);
        }
        pay("2027-02-02 09:00", 150'000, "--subscription a");
    }

    void aDryRunSaysWhatTheRunDoes() {
        addFour();
        const Json before = json("invoice list");
        const Json dry = at("2027-03-01 00:10", "billing run --dry-run");
        CPPUNIT_ASSERT_EQUAL(before, json("invoice list"));
        CPPUNIT_ASSERT(json("billing runs").empty());
        const Json run = at("2027-03-01 00:10", "billing run");
        for (const char* member :
             {"seen", "invoiced", "renewed", "isolated", "restored", "failed", "parked"}) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(member, run.at(member), dry.at(member));
        }
        std::int64_t issued = 0;
        const Json after = json("invoice list");
        for (const Json& invoice : after) {
            const bool isNew = std::find(before.begin(), before.end(), invoice) == before.end() &&
                               invoice.at("issue_date") == "2027-03-01";
            issued += isNew ? invoice.at("total_minor").get<std::int64_t>() : 0;
        }
        CPPUNIT_ASSERT_EQUAL(Json(issued), dry.at("invoiced_total").at(0).at("amount_minor"));
        CPPUNIT_ASSERT(issued > 0);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, json("billing runs").size());
        booksAreRight();
    }

    void simulationOfSomeMonths() {
        addFour();
        const Json ledger = json("ledger list");
        const Json all = at("2027-02-11", "simulate --from 2027-02-11 --to 2027-04-30");
        CPPUNIT_ASSERT_EQUAL(Json(4), all.at("accounts_seen"));
        CPPUNIT_ASSERT_EQUAL(Json("2027-03"), all.at("months").at(0).at("month"));
        CPPUNIT_ASSERT_EQUAL(Json(4), all.at("cut_off"));
        CPPUNIT_ASSERT_EQUAL(Json(0), all.at("parked"));
        const Json one = at("2027-02-11", "simulate --to 2027-04-30 --subscription a");
        CPPUNIT_ASSERT_EQUAL(Json(1), one.at("accounts_seen"));
        CPPUNIT_ASSERT_EQUAL(Json(300'000), one.at("invoiced_total").at(0).at("amount_minor"));
        CPPUNIT_ASSERT_EQUAL(Json("a"), one.at("access").at(0).at("username"));
        CPPUNIT_ASSERT_EQUAL(Json("2027-03-04T17:00:00Z"), one.at("access").at(0).at("at"));
        const Json none = at("2027-02-11", "simulate --to 2027-02-20 --subscription a");
        CPPUNIT_ASSERT_EQUAL(Json(0), none.at("accounts_changed"));
        CPPUNIT_ASSERT_EQUAL(ledger, json("ledger list"));  // nothing is stored
    }

    void theStatementOfACustomer() {
        addHome();
        addBudi("2027-02-01 09:00");
        pay("2027-02-01 10:00", 200'000);
        at("2027-02-21 00:10", "billing run");
        const Json statement = json("customer statement \"Pak Budi\"");
        std::vector<std::pair<std::int64_t, std::int64_t>> rows;
        for (const Json& row : statement.at("rows")) {
            rows.emplace_back(row.at("amount").at("amount_minor").get<std::int64_t>(),
                              row.at("balance").at("amount_minor").get<std::int64_t>());
        }
        const std::vector<std::pair<std::int64_t, std::int64_t>> expected = {
            {150'000, 150'000}, {-200'000, -50'000}, {150'000, 100'000}};
        CPPUNIT_ASSERT(expected == rows);
        CPPUNIT_ASSERT_EQUAL(Json("INV-2027-000001"), statement.at("rows").at(0).at("subject"));
        const Json part = json("customer statement \"Pak Budi\" --from 2027-02-02 --to 2027-02-28");
        CPPUNIT_ASSERT_EQUAL(Json(-50'000), part.at("opening_balance").at("amount_minor"));
        CPPUNIT_ASSERT_EQUAL(Json(100'000), part.at("closing_balance").at("amount_minor"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, part.at("rows").size());
        CPPUNIT_ASSERT_EQUAL(json("customer show \"Pak Budi\"").at("balance"),
                             statement.at("closing_balance"));
    }

    void reports() {
        json("tax add --code PPN11 --name PPN --rate 11%");
        addHome("--tax PPN11");
        addBudi("2027-02-01 09:00");
        pay("2027-02-01 10:00", 166'500);
        at("2027-02-21 00:10", "billing run");
        const Json revenue = json("report revenue --from 2027-02-01 --to 2027-02-28");
        std::map<std::string, std::int64_t> totals;
        for (const Json& row : revenue.at("totals")) {
            totals[row.at("account")] = row.at("amount").at("amount_minor");
        }
        const std::map<std::string, std::int64_t> expected = {
            {"money:cash", 166'500}, {"revenue", 300'000}, {"tax:PPN11", 33'000}};
        CPPUNIT_ASSERT(expected == totals);
        const Json taken = json("report payments --from 2027-02-01 --to 2027-02-28");
        CPPUNIT_ASSERT_EQUAL(Json(166'500), taken.at("totals").at(0).at("net").at("amount_minor"));
        CPPUNIT_ASSERT_EQUAL(Json("2027-02-01"), taken.at("rows").at(0).at("day"));
        CPPUNIT_ASSERT_EQUAL(Json(1), taken.at("rows").at(0).at("payments"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, at("2027-02-01 23:00", "report payments").at("rows").size());
        CPPUNIT_ASSERT(at("2027-02-02 01:00", "report payments").at("rows").empty());
        const Json owed = json("report receivables --to 2027-03-10");
        CPPUNIT_ASSERT_EQUAL(Json(166'500), owed.at("rows").at(0).at("days_1_to_30").at("amount_minor"));
        CPPUNIT_ASSERT_EQUAL(Json(166'500), owed.at("totals").at(0).at("total").at("amount_minor"));
        const Json churn = json("report churn --from 2027-02-01 --to 2027-02-28");
        CPPUNIT_ASSERT_EQUAL(Json(1), churn.at("added"));
        CPPUNIT_ASSERT_EQUAL(Json(1), churn.at("at_end"));
    }

    void theAuditFindsWhatIsWrong() {
        addHome();
        addBudi("2027-02-01 09:00");
        booksAreRight();
        db().transact([](core::Tx& tx) {
            tx.execute(
                "INSERT INTO ledger_postings(transaction_id, kind, posted_at, day, account, amount, "
                "currency) "
                "VALUES ('x', 'payment', 0, '2027-02-01', 'money:cash', 5, 'IDR')");
        });
        const Json found = gardu_->json("ledger audit", 1);
        CPPUNIT_ASSERT_EQUAL(Json(false), found.at("right"));
        CPPUNIT_ASSERT(!found.at("findings").empty());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<BillingLifeTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<BillingLifeTest>);

}  // namespace
}  // namespace gardu::test
