// What billing commands answer people: words that help, lists that say where they are cut, names besides ids.
#include <cppunit/extensions/HelperMacros.h>

#include "tests/app/gardu_program.h"
#include "tests/support/database_suite.h"

namespace gardu::test {
namespace {

struct Answer {
    std::string line;
    int exitCode = 0;
    std::vector<std::string> says;
};

class BillingAnswersTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(BillingAnswersTest);
    CPPUNIT_TEST(wordsThatHelp);
    CPPUNIT_TEST(voidInvoiceIsNotPaid);
    CPPUNIT_TEST(paymentsAreFoundByReference);
    CPPUNIT_TEST(cutListsSaySo);
    CPPUNIT_TEST(invoicesHaveNamesAndOrder);
    CPPUNIT_TEST(paymentsAreThoseOfTheirCustomer);
    CPPUNIT_TEST(auditHasNames);
    CPPUNIT_TEST(parkedIsAnAlarm);
    CPPUNIT_TEST(whatAPaymentBrings);
    CPPUNIT_TEST(aChargeIsDropped);
    CPPUNIT_TEST(anotherPaymentAlike);
    CPPUNIT_TEST(timesForPeopleAreLocal);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        gardu_ = std::make_unique<Gardu>(folder().file("data"), databaseUrl());
        gardu_->must("package add --name home --bandwidth 10M/10M --price 150000");
        gardu_->must(
            "subscription add --customer \"Pak Oki\" --username oki --password x --package home --now "
            "2027-02-01");
    }

private:
    std::unique_ptr<Gardu> gardu_;

    Json json(const std::string& line, int exitCode = 0) { return gardu_->json(line, exitCode); }
    void expectAnswers(const std::vector<Answer>& answers) {
        for (const Answer& wanted : answers) {
            const ProcessResult result = gardu_->run(wanted.line);
            const std::string text = result.output + result.errors;
            CPPUNIT_ASSERT_EQUAL_MESSAGE(wanted.line + "\n" + text, wanted.exitCode, result.exitCode);
            for (const std::string& words : wanted.says) {
                std::string shown = wanted.line;
                shown.append("\n").append(words).append("\n").append(text);
                CPPUNIT_ASSERT_MESSAGE(shown, text.find(words) != std::string::npos);
            }
        }
    }
    std::string numberOf(std::size_t index) {
        return json("invoice list --now 2027-02-01").at(index).at("number").get<std::string>();
    }

    void aChargeIsDropped() {
        const Json waiting =
            json("subscription charge oki --amount 50000 --description Router --now \"2027-02-02 09:00\"");
        const auto charge = waiting.at("pending_charges").at(0).at("id").get<std::string>();
        const Json left = json("subscription drop-charge oki " + charge + " --now \"2027-02-02 09:05\"");
        CPPUNIT_ASSERT(left.at("pending_charges").empty());
        CPPUNIT_ASSERT_EQUAL(Json("charge_dropped"), left.at("events").at(0).at("action"));
        CPPUNIT_ASSERT_EQUAL(Json(true), json("ledger audit").at("right"));
    }

    void anotherPaymentAlike() {
        const std::string line = "payment add --amount 150000 --subscription oki --now \"2027-02-01 10:01\"";
        gardu_->must(line);
        CPPUNIT_ASSERT_EQUAL(Json("reference"), json(line, 1).at("error").at("fields").at(0).at("field"));
        CPPUNIT_ASSERT_EQUAL(Json(false), json(line + " --again").at("repeated"));
        CPPUNIT_ASSERT_EQUAL(Json(true), json("ledger audit").at("right"));
    }

    void timesForPeopleAreLocal() {
        gardu_->must("payment add --amount 150000 --subscription oki --now \"2027-02-01 10:00\"");
        gardu_->must("billing run --now \"2027-02-21 00:10\"");
        for (const char* line :
             {"payment list", "subscription show oki --now \"2027-02-02 09:00\"", "billing log",
              "customer show \"Pak Oki\" --now \"2027-02-02 09:00\"", "billing runs", "audit list",
              "outbox list", "invoice show INV-2027-000001", "simulate --to 2099-01-01"}) {
            const std::string text = gardu_->run(line).output;
            CPPUNIT_ASSERT_MESSAGE(text, text.find(" WIB") != std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(text, text.find(":00Z") == std::string::npos);
        }
        CPPUNIT_ASSERT_EQUAL(Json("2027-02-01T03:00:00Z"), json("payment list").at(0).at("paid_at"));
    }

    void wordsThatHelp() {
        expectAnswers({
            {"--now 2027-02-15 billing run", 2, {"write --now after the command: gardu billing run --now"}},
            {"explain oki --at \"2027-02-10 12:00\"", 0, {"oki at 2027-02-10 12:00"}},
            {"explain oki --at noon", 2, {"\"2027-02-15 13:00\" in the zone"}},
            {"payment add --amount 150.000", 2, {"write 150000: no grouping, and IDR has no digits"}},
            {"payment add --amount 1,500,000", 2, {"write 1500000: no grouping"}},
            {"payment add --amount 1.50", 2, {"at most 0 digits after the point"}},
            {"payment add --amount 99999999999999999999", 2, {"too large"}},
            {"payment reverse R9 --reason x", 1, {"write its id or its reference"}},
            {"payment add --amount 1 --reference \"\"", 2, {"reference: ", "leave --reference out"}},
            {"subscription cancel oki --off --on 2027-02-20", 2, {"give --on DAY, or --off"}},
            {"package update home --billing postpaid", 1, {"has subscribers and stays prepaid"}},
            {"package remove home", 1, {"gardu subscription change-package NAME"}},
            {"invoice list --limit abc --status late", 2, {"limit: \"abc\"", "status: "}},
            {"outbox list --limit 0", 2, {"limit: \"0\""}},
            {"customer add --name x --email bad --language jv --status aktif",
             2,
             {"email: ", "language: ", "status: "}},
            {"subscription add --username old --password x --package home --start-date 2020-01-01 "
             "--now 2027-02-01",
             0,
             {"old"}},
        });
        json("payment add --amount 150000 --subscription oki --reference R1 --now 2027-02-01");
        expectAnswers({{"payment add --amount 150001 --customer \"Pak Oki\" --reference R1",
                        1,
                        {"to subscription oki", "to customer Pak Oki"}}});
    }

    void voidInvoiceIsNotPaid() {
        const std::string number = numberOf(0);
        json("invoice void " + number + " --reason wrong --now 2027-02-01");
        expectAnswers({{"payment add --amount 150000 --invoice " + number,
                        1,
                        {number + " is void", "--subscription or --customer"}}});
    }

    void paymentsAreFoundByReference() {
        json("payment add --amount 150000 --subscription oki --reference R1 --now 2027-02-01");
        const Json shown = json("payment show R1");
        CPPUNIT_ASSERT_EQUAL(Json("R1"), shown.at("reference"));
        CPPUNIT_ASSERT_EQUAL(
            shown.at("id"), json("payment reverse R1 --reason bounced --now 2027-02-02").at("of_payment_id"));
        json("payment add --amount 1 --reference R2 --source one");
        json("payment add --amount 1 --reference R2 --source two");
        expectAnswers({{"payment match R2 --customer \"Pak Oki\"", 1, {"several payments"}}});
    }

    void cutListsSaySo() {
        json("payment add --amount 1 --customer \"Pak Oki\"");
        json("payment add --amount 2 --customer \"Pak Oki\"");
        const std::string words = "the newest 1 of more; --limit N shows more";
        for (const std::string list :
             {"payment list", "audit list", "billing log", "ledger list", "outbox list"}) {
            expectAnswers({{list + " --limit 1", 0, {words}}});
            const std::string all = gardu_->run(list).output;
            CPPUNIT_ASSERT_MESSAGE(list, all.find("of more") == std::string::npos);
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, json("payment list --limit 1").size());
        const std::string one = gardu_->run("invoice list --limit 1").output;
        CPPUNIT_ASSERT_MESSAGE(one, one.find("of more") == std::string::npos);
    }

    void invoicesHaveNamesAndOrder() {
        for (int i = 0; i < 5; ++i) {
            json("subscription charge oki --amount 1000 --description x --at-once --now 2027-02-01");
        }
        const std::string first = numberOf(5);
        const Json shown = json("invoice show " + first);
        CPPUNIT_ASSERT_EQUAL(Json("Pak Oki"), shown.at("customer"));
        CPPUNIT_ASSERT_EQUAL(Json("oki"), shown.at("username"));
        for (std::size_t i = 0; i < 6; ++i) {
            CPPUNIT_ASSERT_EQUAL("INV-2027-00000" + std::to_string(6 - i), numberOf(i));
        }
        json("invoice credit " + first + " --amount 500 --reason x --now 2027-02-01");
        expectAnswers({{"invoice list", 0, {"-500 IDR"}},
                       {"payment add --amount 5 --invoice CN-2027-000001", 1, {"is a credit note"}}});
        // The last day of --to is in it.
        CPPUNIT_ASSERT_EQUAL(std::size_t{7}, json("invoice list --from 2027-02-01 --to 2027-02-01").size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, json("invoice list --to 2027-01-31").size());
    }

    void paymentsAreThoseOfTheirCustomer() {
        json("payment add --amount 1000 --customer \"Pak Oki\"");
        CPPUNIT_ASSERT_EQUAL(Json("Pak Oki"), json("payment list").at(0).at("customer"));
        CPPUNIT_ASSERT_EQUAL(Json("payment add"), json("audit list --entity \"Pak Oki\"").at(0).at("action"));
    }

    void auditHasNames() {
        CPPUNIT_ASSERT_EQUAL(Json("oki"), json("audit list --entity oki").at(0).at("name"));
        CPPUNIT_ASSERT_EQUAL(Json("package add"), json("audit list --entity home").at(0).at("action"));
        json("customer update \"Pak Oki\" --language en");
        CPPUNIT_ASSERT_EQUAL(Json("Pak Oki"), json("audit list --entity \"Pak Oki\"").at(0).at("name"));
        const std::string number = numberOf(0);
        json("invoice void " + number + " --reason wrong --now 2027-02-01");
        CPPUNIT_ASSERT_EQUAL(Json("invoice void"), json("audit list --entity " + number).at(0).at("action"));
        CPPUNIT_ASSERT_EQUAL(Json(Json::array()), json("audit list --entity nobody"));
    }

    void whatAPaymentBrings() {
        json("payment add --amount 150000 --subscription oki --now 2027-02-01");
        CPPUNIT_ASSERT_EQUAL(Json(0), json("subscription show oki --now 2027-02-02").at("to_pay_minor"));
        json("billing run --now 2027-04-10");
        const Json late = json("subscription show oki --now 2027-04-10");
        CPPUNIT_ASSERT_EQUAL(Json("from-payment"), late.at("late_renewal"));
        CPPUNIT_ASSERT_EQUAL(Json(150'000), late.at("to_pay_minor"));
        CPPUNIT_ASSERT_EQUAL(Json("2027-04-10"), late.at("payment_brings").at("period_start"));
        expectAnswers(
            {{"subscription show oki --now 2027-04-10", 0, {"150000 IDR brings 2027-04-10 to 2027-05-09"}},
             {"payment add --amount 80178 --subscription oki --now 2027-04-10",
              0,
              {"69822 IDR are missing for the next period"}},
             {"payment add --amount 69822 --subscription oki --now 2027-04-10",
              0,
              {"from isolated to active"}}});
        CPPUNIT_ASSERT_EQUAL(Json("2027-05-09"),
                             json("subscription show oki --now 2027-04-11").at("end_date"));
        expectAnswers({{"subscription add --username eve --password x --package home --now 2027-04-10",
                        0,
                        {"waits for its first payment"}}});
    }

    void parkedIsAnAlarm() {
        gardu_->must("package add --name after --bandwidth 10M/10M --price 1000 --billing postpaid");
        json("subscription add --username ani --password x --package after --now 2026-02-01");
        json("billing run --now 2027-02-01", 1);
        const Json alarms = json("alarm list");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, alarms.size());
        CPPUNIT_ASSERT_EQUAL(Json("billing_parked"), alarms.at(0).at("kind"));
        CPPUNIT_ASSERT_EQUAL(Json("ani"), alarms.at(0).at("subject"));
        expectAnswers(
            {{"subscription add --username old --password x --package after --start-date 2020-01-01 "
              "--now 2027-02-01",
              1,
              {"lies far in the past", "-D billing.most_invoices=N"}}});
        json("billing unpark ani --now 2027-02-01");
        json("-D billing.most_invoices=24 billing run --now 2027-02-01");
        CPPUNIT_ASSERT_EQUAL(std::size_t{12}, json("invoice list --subscription ani").size());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<BillingAnswersTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<BillingAnswersTest>);

}  // namespace
}  // namespace gardu::test
