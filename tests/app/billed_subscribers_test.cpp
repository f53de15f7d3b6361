// gardu subscriber, of who is billed: what it does goes through his account, or is refused with words.
#include <cppunit/extensions/HelperMacros.h>

#include "tests/app/gardu_program.h"
#include "tests/support/database_suite.h"

namespace gardu::test {
namespace {

class BilledSubscribersTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(BilledSubscribersTest);
    CPPUNIT_TEST(pausedIsResumedFirst);
    CPPUNIT_TEST(cancelCreditsWhatIsNotUsed);
    CPPUNIT_TEST(cancelInvoicesWhatWasUsed);
    CPPUNIT_TEST(usedDaysAreNotForgotten);
    CPPUNIT_TEST(endOfPrepaidMovesWithTheOpenInvoice);
    CPPUNIT_TEST(endOfPostpaidEndsItsInvoices);
    CPPUNIT_TEST(unbilledChangesAsEver);
    CPPUNIT_TEST(customerIsOfNameAndPhone);
    CPPUNIT_TEST(theClockOfACall);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        gardu_ = std::make_unique<Gardu>(folder().file("data"), databaseUrl());
        gardu_->must("package add --name home --bandwidth 10M/10M --price 150000");
        gardu_->must(
            "package add --name after --bandwidth 10M/10M --price 150000 --billing postpaid --invoice-at "
            "end");
    }

private:
    std::unique_ptr<Gardu> gardu_;

    Json json(const std::string& line, int exitCode = 0) { return gardu_->json(line, exitCode); }
    void subscribe(const std::string& username, const std::string& package) {
        json("subscription add --username " + username + " --password x --package " + package +
             " --now 2027-02-01");
    }
    void pay(const std::string& username, const std::string& now) {
        json("payment add --amount 150000 --subscription " + username + " --now " + now);
    }
    void expectRefused(const std::string& line, const std::string& words) {
        const std::string answer = json(line, 1).dump();
        CPPUNIT_ASSERT_MESSAGE(line + "\n" + answer, answer.find(words) != std::string::npos);
    }
    Json shown(const std::string& username, const std::string& now) {
        return json("subscription show " + username + " --now " + now);
    }
    void expectRightBooks() { CPPUNIT_ASSERT_EQUAL(Json(true), json("ledger audit").at("right")); }

    void pausedIsResumedFirst() {
        subscribe("oki", "home");
        pay("oki", "2027-02-01");
        json("subscription pause oki --now 2027-02-05");
        for (const char* verb : {"activate", "disable"}) {
            expectRefused(std::string("subscriber ") + verb + " oki --now 2027-02-06",
                          "gardu subscription resume oki");
        }
        CPPUNIT_ASSERT_EQUAL(Json("suspended"), shown("oki", "2027-02-06").at("status"));
        json("subscriber update oki --password y --now 2027-02-06");
        json("subscription resume oki --now 2027-02-06");
        json("subscriber suspend oki --now 2027-02-06");
        CPPUNIT_ASSERT_EQUAL(Json("active"), json("subscriber activate oki --now 2027-02-06").at("status"));
    }

    void cancelCreditsWhatIsNotUsed() {
        subscribe("oki", "home");
        pay("oki", "2027-02-01");
        json("billing run --now 2027-02-25");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, json("invoice list --status unpaid").size());
        CPPUNIT_ASSERT_EQUAL(Json("cancelled"), json("subscriber cancel oki --now 2027-02-26").at("status"));
        const Json oki = shown("oki", "2027-02-26");
        CPPUNIT_ASSERT_EQUAL(Json("2027-02-26"), oki.at("cancelled_on"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, json("invoice list --status unpaid").size());
        // 3 of 28 days.
        CPPUNIT_ASSERT_EQUAL(Json(16'071), json("customer show oki").at("credit").at("amount_minor"));
        CPPUNIT_ASSERT_EQUAL(Json("cancelled"), json("subscriber cancel oki --now 2027-02-27").at("status"));
        expectRefused("subscriber activate oki --now 2027-02-27", "add a new subscription");
        expectRefused("subscriber remove oki --now 2027-02-27", "gardu subscription cancel oki");
        expectRightBooks();
    }

    void cancelInvoicesWhatWasUsed() {
        subscribe("ani", "after");
        json("subscriber cancel ani --now 2027-02-15");
        // 14 of 28 days.
        CPPUNIT_ASSERT_EQUAL(Json(75'000), json("invoice list --customer ani").at(0).at("total_minor"));
        expectRightBooks();
    }

    void usedDaysAreNotForgotten() {
        subscribe("ani", "after");
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, json("invoice list").size());
        expectRefused("subscriber remove ani --now 2027-02-10", "gardu subscription cancel ani");
    }

    void endOfPrepaidMovesWithTheOpenInvoice() {
        subscribe("oki", "home");
        pay("oki", "2027-02-01");
        json("billing run --now 2027-02-25");
        json("subscriber update oki --end-date 2027-03-05 --password y --now 2027-02-26");
        CPPUNIT_ASSERT_EQUAL(Json("2027-03-05"), shown("oki", "2027-02-26").at("end_date"));
        json("billing run --now 2027-03-03");
        CPPUNIT_ASSERT_EQUAL(Json("2027-03-06"),
                             json("invoice list --status unpaid --now 2027-03-03").at(0).at("period_start"));
        pay("oki", "2027-03-03");
        CPPUNIT_ASSERT_EQUAL(Json("2027-03-31"), shown("oki", "2027-03-03").at("end_date"));
        expectRefused("subscriber update oki --end-date 2027-03-20 --now 2027-03-04", "end_date");
        expectRefused("subscriber update oki --end-date none --now 2027-03-04", "never-cut");
        expectRefused("subscriber update oki --start-date 2027-01-01 --now 2027-03-04", "start_date");
        // Nothing of a change is done where a part of it is refused.
        expectRefused("subscriber update oki --username \" \" --end-date 2027-05-01 --now 2027-03-04",
                      "new_username");
        CPPUNIT_ASSERT_EQUAL(Json("2027-03-31"), shown("oki", "2027-03-04").at("end_date"));
        expectRightBooks();
    }

    void endOfPostpaidEndsItsInvoices() {
        subscribe("ani", "after");
        json("subscriber update ani --end-date 2027-02-14 --now 2027-02-05");
        json("billing run --now 2027-04-10");
        const Json invoices = json("invoice list --customer ani");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, invoices.size());
        CPPUNIT_ASSERT_EQUAL(Json(75'000), invoices.at(0).at("total_minor"));
        CPPUNIT_ASSERT_EQUAL(Json("cancelled"), shown("ani", "2027-04-10").at("status"));
        expectRightBooks();
    }

    void unbilledChangesAsEver() {
        json(
            "subscriber add --username eve --password x --package home --end-date 2027-03-01 --now "
            "2027-02-01");
        json("subscriber cancel eve --now 2027-02-02");
        CPPUNIT_ASSERT_EQUAL(Json("active"), json("subscriber activate eve --now 2027-02-03").at("status"));
        const Json eve =
            json("subscriber update eve --start-date 2027-01-01 --end-date none --now 2027-02-03");
        CPPUNIT_ASSERT_EQUAL(Json("2027-01-01"), eve.at("start_date"));
        CPPUNIT_ASSERT(eve.at("end_date").is_null());
        json("subscriber remove eve --now 2027-02-04");
    }

    void customerIsOfNameAndPhone() {
        const auto add = [this](const std::string& group, const std::string& username,
                                const std::string& phone) {
            return json(group + " add --customer \"Pak Agus\" --password x --package home --username " +
                        username + (phone.empty() ? "" : " --phone " + phone));
        };
        const Json first = add("subscription", "agus1", "");
        CPPUNIT_ASSERT_EQUAL(Json(true), first.at("customer_is_new"));
        // He gets the phone that he has not had.
        const Json second = add("subscription", "agus2", "0811222333");
        CPPUNIT_ASSERT_EQUAL(Json(false), second.at("customer_is_new"));
        CPPUNIT_ASSERT_EQUAL(first.at("customer_id"), second.at("customer_id"));
        CPPUNIT_ASSERT_EQUAL(Json("0811222333"), json("customer show \"Pak Agus\"").at("phone"));
        const Json other = add("subscriber", "agus3", "0822333444");
        CPPUNIT_ASSERT_EQUAL(Json(true), other.at("customer_is_new"));
        const Json same = add("subscription", "agus4", "0811222333");
        CPPUNIT_ASSERT_EQUAL(first.at("customer_id"), same.at("customer_id"));
        expectRefused("subscription add --customer \"Pak Agus\" --password x --package home --username agus5",
                      "several customers are named");
        const std::string text =
            gardu_->run("subscription add --customer Wati --password x --package home --username wati")
                .output;
        CPPUNIT_ASSERT_MESSAGE(text, text.find("Wati (new)") != std::string::npos);
    }

    void theClockOfACall() {
        const std::string now = " --now \"2027-02-01 09:00\"";
        const Json added = json("subscriber add --username eve --password x --package home" + now);
        CPPUNIT_ASSERT_EQUAL(Json("2027-02-01"), added.at("start_date"));
        for (const char* line :
             {"subscriber suspend eve", "subscriber disable eve", "subscriber activate eve",
              "subscriber update eve --password y", "subscriber cancel eve", "subscriber remove eve"}) {
            json(line + now);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(line, Json("2027-02-01T02:00:00Z"),
                                         json("audit list --limit 1").at(0).at("at"));
        }
        CPPUNIT_ASSERT_EQUAL(Json(Json::array()), json("outbox list" + now));
        json("subscriber list --now yesterday", 2);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<BilledSubscribersTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<BilledSubscribersTest>);

}  // namespace
}  // namespace gardu::test
