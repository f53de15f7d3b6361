// Commands of billing: what they take, how they say no, and what their JSON holds.
#include <cppunit/extensions/HelperMacros.h>

#include "tests/app/gardu_program.h"
#include "tests/support/database_suite.h"

namespace gardu::test {
namespace {

struct RefusedLine {
    std::string line;
    int exitCode = 2;
    /// Fields, or where none is named, words of the message.
    std::vector<std::string> says;
};

class BillingCommandsTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(BillingCommandsTest);
    CPPUNIT_TEST(wrongOptionsAreAllNamed);
    CPPUNIT_TEST(whatCannotBeIsRefused);
    CPPUNIT_TEST(termsOfAPackage);
    CPPUNIT_TEST(quotaOfAPackage);
    CPPUNIT_TEST(taxesAndHolidays);
    CPPUNIT_TEST(customersAreFoundByNameAndId);
    CPPUNIT_TEST(theClockOfACall);
    CPPUNIT_TEST(whoDidWhat);
    CPPUNIT_TEST(discounts);
    CPPUNIT_TEST(emptyListsAreDocuments);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        gardu_ = std::make_unique<Gardu>(folder().file("data"), databaseUrl());
    }

private:
    std::unique_ptr<Gardu> gardu_;

    Json json(const std::string& line) { return gardu_->json(line); }

    void addHome() { gardu_->must("package add --name home --bandwidth 10M/10M --price 150000"); }
    void addBudi() {
        gardu_->must(
            "subscription add --customer \"Pak Budi\" --username budi --password b --package home "
            "--now \"2027-02-01 09:00\"");
    }

    void checkRefused(const RefusedLine& wanted) {
        const std::string answer = gardu_->json(wanted.line, wanted.exitCode).dump();
        for (const std::string& words : wanted.says) {
            std::string shown = wanted.line;
            shown.append("\n").append(words).append("\n").append(answer);
            CPPUNIT_ASSERT_MESSAGE(shown, answer.find(words) != std::string::npos);
        }
    }

    void wrongOptionsAreAllNamed() {
        const RefusedLine lines[] = {
            {"payment add --amount 1.5 --now yesterday --method gold --paid-at soon --customer a --invoice b",
             2,
             {"\"amount\"", "\"now\"", "\"method\"", "\"paid_at\"", "\"customer\"", "at most 0 digits"}},
            {"payment match x", 2, {"give one of --customer, --subscription and --invoice"}},
            {"package add --name a --bandwidth 1M --price 1 --billing x --invoice-at x --first-period x "
             "--late-renewal x --while-suspended x --trial-days x --invoice-days x --due-days x "
             "--grace-days x --suspend-days x --terminate-days x --notice-days x --tolerance x "
             "--no-cut-weekdays x --cut-hours x --remind-days x --quota x --quota-period x",
             2,
             {"\"billing\"", "\"invoice_at\"", "\"first_period\"", "\"late_renewal\"", "\"while_suspended\"",
              "\"trial_days\"", "\"invoice_days\"", "\"due_days\"", "\"grace_days\"", "\"suspend_days\"",
              "\"terminate_days\"", "\"notice_days\"", "\"tolerance\"", "\"no_cut_weekdays\"",
              "\"cut_hours\"", "\"remind_days\"", "\"quota\"", "\"quota_period\""}},
            {"package add --name a --bandwidth 1M --price 1 --quota-period day", 2, {"give its tiers too"}},
            {"subscription add --username a --password b --package c --start-date x --anchor-day 32",
             2,
             {"\"start_date\"", "\"anchor_day\"", "1 to 31"}},
            {"subscription never-cut a", 2, {"\"until\"", "\"reason\""}},
            {"subscription promise a --until 2027-01-01 --off", 2, {"\"until\""}},
            {"subscription auto-renew a maybe", 2, {"write on or off"}},
            {"subscription change-package a --package b --at noon", 2, {"write now or period-end"}},
            {"subscription list --stage lost", 2, {"\"stage\""}},
            {"subscription discount add a --name n --rate 10", 2, {"write a rate such as 10%"}},
            {"invoice list --status late --from x --to y", 2, {"\"status\"", "\"from\"", "\"to\""}},
            {"invoice list --limit 0", 2, {"\"limit\""}},
            {"tax add --code A --name A --rate 11", 2, {"\"rate\""}},
            {"holiday add tomorrow --name x", 2, {"\"day\""}},
            {"billing run --workers 0", 2, {"\"workers\""}},
            {"simulate --to x", 2, {"\"to\""}},
            {"simulate --from 2020-01-01 --to 2020-02-01", 2, {"is in the past"}},
            {"report revenue --from 2027-02-02 --to 2027-02-01", 2, {"\"to\"", "2027-02-02"}},
            {"ledger balances --from x", 2, {"\"from\""}},
            {"customer add", 2, {"--name is missing"}},
            {"billing log --limit x", 2, {"\"limit\""}},
        };
        for (const RefusedLine& line : lines) {
            checkRefused(line);
        }
    }

    void whatCannotBeIsRefused() {
        addHome();
        addBudi();
        const RefusedLine lines[] = {
            {"customer show nobody", 1, {"there is no customer", "nobody"}},
            {"customer add --name x --email nowhere --language de", 1, {"\"email\"", "\"language\""}},
            {"customer add --name \"x\x01y\" --phone 12a45", 1, {"\"name\"", "\"phone\""}},
            {"customer add --name x --phone +-123", 1, {"\"phone\""}},
            {"subscription show nobody", 1, {"there is no subscription", "nobody"}},
            {"subscription add --username budi --password b --package home", 1, {"budi"}},
            {"subscription add --username b --password b --package x", 1, {"package"}},
            {"package show x", 1, {"gardu package list"}},
            {"package update home --tax X", 1, {"tax"}},
            {"package update home --suspend-days 3 --terminate-days 1", 1, {"terminate_days"}},
            {"invoice show INV-1", 1, {"there is no invoice"}},
            {"invoice void INV-2027-000001 --reason \"\"", 1, {"reason"}},
            {"invoice credit INV-2027-000001 --amount 150001 --reason x", 1, {"amount"}},
            {"payment show x", 1, {"there is no payment"}},
            {"payment add --amount 0 --customer \"Pak Budi\"", 1, {"amount"}},
            {"payment add --amount 1 --invoice INV-1", 1, {"there is no invoice"}},
            {"payment match x --customer \"Pak Budi\"", 1, {"there is no payment"}},
            {"payment refund x --amount 1", 1, {"there is no payment"}},
            {"subscription drop-charge budi x", 1, {"\"charge\"", "no charge of this id"}},
            {"package add --name slow --bandwidth 10/10 --price 1", 1, {"\"bandwidth\"", "10M/10M"}},
            {"payment reverse x --reason y", 1, {"there is no payment"}},
            {"holiday remove 2027-01-01", 1, {"is no holiday"}},
            {"subscription discount end x", 1, {"there is no discount"}},
            {"subscription cancel budi --on 2027-01-31 --now 2027-02-01", 1, {"\"on\""}},
            {"subscription resume budi --now 2027-02-01", 1, {"paus"}},
        };
        for (const RefusedLine& line : lines) {
            checkRefused(line);
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, json("invoice list").size());
        CPPUNIT_ASSERT_EQUAL(Json(true), json("ledger audit").at("right"));
    }

    void termsOfAPackage() {
        json("tax add --code PPN11 --name PPN --rate 11%");
        const Json added = json(
            "package add --name home --bandwidth 10M/10M --price 150000 --billing postpaid "
            "--invoice-at start --first-period full --late-renewal from-end --while-suspended credit "
            "--trial-days 3 --invoice-days 5 --due-days 10 --tax PPN11 --grace-days 2 --suspend-days 30 "
            "--terminate-days 90 --notice-days 4 --tolerance 1000 --no-cut-weekdays sun,sat "
            "--cut-hours 08:00-17:00 --remind-days 3,1,-2");
        const Json expected = {
            {"billing", "postpaid"},
            {"invoice_at", "start"},
            {"first_period", "full"},
            {"late_renewal", "from-end"},
            {"while_suspended", "credit"},
            {"trial_days", 3},
            {"invoice_days", 5},
            {"due_days", 10},
            {"tax", "PPN11"},
            {"grace_days", 2},
            {"suspend_days", 30},
            {"terminate_days", 90},
            {"notice_days", 4},
            {"tolerance", {{"amount_minor", 1000}, {"currency", "IDR"}, {"text", "1000 IDR"}}},
            {"no_cut_weekdays", "sat,sun"},
            {"cut_hours", "08:00-17:00"},
            {"remind_days", "3,1,-2"}};
        CPPUNIT_ASSERT_EQUAL(expected, added.at("terms"));
        CPPUNIT_ASSERT_EQUAL(added, json("package show home"));
        CPPUNIT_ASSERT_EQUAL(Json({added}), json("package list"));
        const Json updated = json(
            "package update home --suspend-days none --terminate-days none "
            "--no-cut-weekdays none --remind-days none --tax none");
        for (const char* member : {"suspend_days", "terminate_days", "tax"}) {
            CPPUNIT_ASSERT_MESSAGE(member, updated.at("terms").at(member).is_null());
        }
        CPPUNIT_ASSERT_EQUAL(Json(""), updated.at("terms").at("no_cut_weekdays"));
        CPPUNIT_ASSERT_EQUAL(Json(""), updated.at("terms").at("remind_days"));
        CPPUNIT_ASSERT_EQUAL(Json(2), updated.at("terms").at("grace_days"));
    }

    void quotaOfAPackage() {
        const Json added = json(
            "package add --name home --bandwidth 10M/10M --price 1 --quota 50G:2M/2M,150G:cap "
            "--quota-period month --quota-upload-weight 0 --quota-free-hours 22-06 "
            "--quota-on-package-change reset");
        const Json expected = {{"tiers",
                                {{{"from_octets", 50'000'000'000}, {"rate_limit", "2M/2M"}},
                                 {{"from_octets", 150'000'000'000}, {"rate_limit", nullptr}}}},
                               {"text", "50G:2M/2M,150G:cap"},
                               {"period", "month"},
                               {"upload_weight", 0},
                               {"download_weight", 100},
                               {"free_hours", "22-06"},
                               {"on_package_change", "reset"}};
        CPPUNIT_ASSERT_EQUAL(expected, added.at("quota"));
        CPPUNIT_ASSERT_EQUAL(expected, json("package show home").at("quota"));
        const Json one = json("package update home --quota 1T:cap --quota-free-hours none").at("quota");
        CPPUNIT_ASSERT_EQUAL(Json("1T:cap"), one.at("text"));
        CPPUNIT_ASSERT_EQUAL(Json("month"), one.at("period"));
        CPPUNIT_ASSERT(one.at("free_hours").is_null());
        CPPUNIT_ASSERT(json("package update home --quota none").at("quota").is_null());
    }

    void taxesAndHolidays() {
        const Json tax = json("tax add --code PPN11 --name \"PPN 11%\" --rate 11% --inclusive");
        CPPUNIT_ASSERT_EQUAL(Json({{"code", "PPN11"},
                                   {"name", "PPN 11%"},
                                   {"rate", "11%"},
                                   {"rate_ppm", 110'000},
                                   {"inclusive", true}}),
                             tax);
        CPPUNIT_ASSERT_EQUAL(Json({tax}), json("tax list"));
        checkRefused({"tax add --code PPN11 --name x --rate 12%", 1, {"code", "rates never change"}});
        json("holiday add 2027-08-17 --name Merdeka");
        json("holiday add 2027-03-10 --name Lebaran");
        json("holiday add 2027-08-17 --name \"Hari Merdeka\"");
        const Json days = {{{"day", "2027-03-10"}, {"name", "Lebaran"}},
                           {{"day", "2027-08-17"}, {"name", "Hari Merdeka"}}};
        CPPUNIT_ASSERT_EQUAL(days, json("holiday list"));
        json("holiday remove 2027-03-10");
        CPPUNIT_ASSERT_EQUAL(Json({days.at(1)}), json("holiday list"));
    }

    void customersAreFoundByNameAndId() {
        const Json first = json("customer add --name \"Bu Sari\" --email sari@example.net --phone 62812");
        const Json second = json("customer add --name \"Bu Sari\" --language en");
        checkRefused({"customer show \"Bu Sari\"", 1, {"several customers"}});
        const std::string id = second.at("id").get<std::string>();
        CPPUNIT_ASSERT_EQUAL(Json("en"), json("customer show " + id).at("language"));
        json("customer update " + id + " --name \"Bu Sari 2\" --phone 62813 --language none");
        const Json changed = json("customer show \"Bu Sari 2\"");
        CPPUNIT_ASSERT_EQUAL(Json(id), changed.at("id"));
        CPPUNIT_ASSERT_EQUAL(Json("62813"), changed.at("phone"));
        CPPUNIT_ASSERT(changed.at("language").is_null());
        CPPUNIT_ASSERT_EQUAL(Json(0), changed.at("balance").at("amount_minor"));
        const Json all = json("customer list");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, all.size());
        CPPUNIT_ASSERT_EQUAL(first.at("id"), all.at(0).at("id"));
    }

    void theClockOfACall() {
        addHome();
        const char* same[] = {"2027-02-01T09:00:00+07:00", "\"2027-02-01 09:00\"", "\"2027-02-01 09:00:00\"",
                              "2027-02-01T02:00:00Z"};
        int number = 0;
        for (const char* now : same) {
            const std::string user = "user" + std::to_string(++number);
            json("subscription add --username " + user + " --password b --package home --now " + now);
            const Json invoice = json("invoice list --subscription " + user).at(0);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(now, Json("2027-02-01T02:00:00Z"), invoice.at("issued_at"));
        }
        json("subscription add --username late --password b --package home --now 2027-02-01");
        CPPUNIT_ASSERT_EQUAL(Json("2027-01-31T17:00:00Z"),
                             json("invoice list --subscription late").at(0).at("issued_at"));
    }

    void whoDidWhat() {
        ProcessStart start = gardu_->start("customer add --name Budi");
        start.environment["SUDO_USER"] = "wati";
        CPPUNIT_ASSERT_EQUAL(0, runProcess(start, std::chrono::seconds(30)).exitCode);
        const std::string id = json("customer show Budi").at("id").get<std::string>();
        json("customer update Budi --phone 62811 --now 2027-02-01T00:00:00Z");
        const Json rows = json("audit list --entity " + id);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, rows.size());
        CPPUNIT_ASSERT_EQUAL(Json("cli:wati"), rows.at(1).at("actor"));
        CPPUNIT_ASSERT_EQUAL(Json("customer add"), rows.at(1).at("action"));
        CPPUNIT_ASSERT(rows.at(1).at("before").is_null());
        CPPUNIT_ASSERT_EQUAL(Json("2027-02-01T00:00:00Z"), rows.at(0).at("at"));
        CPPUNIT_ASSERT(rows.at(0).at("before").at("phone").is_null());
        CPPUNIT_ASSERT_EQUAL(Json("62811"), rows.at(0).at("after").at("phone"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, json("audit list --limit 1").size());
    }

    void discounts() {
        addHome();
        addBudi();
        const Json rate = json("subscription discount add budi --name Loyal --rate 10% --from 2027-03-01");
        const Json amount = json(
            "subscription discount add budi --name Promo --amount 5000 --from 2027-03-01 "
            "--until 2027-03-31");
        CPPUNIT_ASSERT_EQUAL(Json("10%"), rate.at("rate"));
        CPPUNIT_ASSERT_EQUAL(Json(5000), amount.at("amount").at("amount_minor"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, json("subscription discount list budi").size());
        json("payment add --amount 150000 --subscription budi --now \"2027-02-01 10:00\"");
        json("billing run --now \"2027-02-22 01:00\"");
        const Json march = json("invoice list --status unpaid --now 2027-02-22").at(0);
        CPPUNIT_ASSERT_EQUAL(Json(150'000 - 15'000 - 5'000), march.at("total_minor"));
        const Json ended =
            json("subscription discount end " + rate.at("id").get<std::string>() + " --on 2027-03-31");
        CPPUNIT_ASSERT_EQUAL(Json("2027-03-31"), ended.at("ends_on"));
    }

    void emptyListsAreDocuments() {
        for (const char* line : {"customer list", "subscription list", "invoice list", "payment list",
                                 "payment list --suspense", "ledger list", "ledger balances", "billing runs",
                                 "billing parked", "billing log", "audit list", "tax list", "holiday list"}) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(line, Json(Json::array()), json(line));
        }
        CPPUNIT_ASSERT_EQUAL(Json({{"right", true}, {"findings", Json::array()}}), json("ledger audit"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<BillingCommandsTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<BillingCommandsTest>);

}  // namespace
}  // namespace gardu::test
