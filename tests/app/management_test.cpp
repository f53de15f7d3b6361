// NASes, packages and subscribers by the real program, on both databases.
#include <cppunit/extensions/HelperMacros.h>

#include "tests/app/gardu_program.h"
#include "tests/support/database_suite.h"

namespace gardu::test {
namespace {

class ManagementTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(ManagementTest);
    CPPUNIT_TEST(nas);
    CPPUNIT_TEST(packageAddAndList);
    CPPUNIT_TEST(rateLimits);
    CPPUNIT_TEST(packageUpdateAndRemove);
    CPPUNIT_TEST(subscriberAddAndShow);
    CPPUNIT_TEST(subscriberUpdate);
    CPPUNIT_TEST(subscriberStates);
    CPPUNIT_TEST(subscriberList);
    CPPUNIT_TEST(macAddressesAreOneName);
    CPPUNIT_TEST(removal);
    CPPUNIT_TEST(migrateTwice);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        gardu_ = std::make_unique<Gardu>(folder().file("data"), databaseUrl());
    }

private:
    std::unique_ptr<Gardu> gardu_;

    Json json(const std::string& line, int exitCode = 0) { return gardu_->json(line, exitCode); }

    /// Members that are as wanted are left out, so that an empty object means all is well.
    static void check(const std::string& what, const Json& wanted, const Json& actual) {
        Json differences = Json::object();
        for (const auto& [member, value] : wanted.items()) {
            if (!actual.contains(member) || actual.at(member) != value) {
                differences[member] = actual.value(member, Json("missing"));
            }
        }
        CPPUNIT_ASSERT_EQUAL_MESSAGE(what, std::string("{}"), differences.dump());
    }

    void nas() {
        check("add",
              {{"name", "core"},
               {"address", "10.0.0.1/32"},
               {"message_authenticator", "auto"},
               {"message_authenticator_seen", false},
               {"coa_port", 3799},
               {"swap_octets", false}},
              json("nas add --name core --address 10.0.0.1 --secret first"));
        json(
            "nas add --name \"Menara Timur\" --address 2001:db8::/48 --secret other "
            "--message-authenticator require --coa-port 1700");
        check("update",
              {{"name", "core-2"},
               {"address", "10.0.0.0/24"},
               {"message_authenticator", "off"},
               {"coa_port", 1701},
               {"swap_octets", true}},
              json("nas update core --name core-2 --address 10.0.0.0/24 --secret x --coa-port 1701 "
                   "--message-authenticator off --swap-octets yes"));
        check("what nobody changed", {{"swap_octets", true}}, json("nas update core-2 --coa-port 3799"));
        check("set back", {{"swap_octets", false}}, json("nas update core-2 --swap-octets no"));
        const Json list = json("nas list");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, list.size());
        CPPUNIT_ASSERT_EQUAL(Json({{"removed", "core-2"}}), json("nas remove core-2"));
        check("the other",
              {{"name", "Menara Timur"}, {"address", "2001:db8::/48"}, {"message_authenticator", "require"}},
              json("nas list").at(0));
    }

    void packageAddAndList() {
        json("package add --name home --bandwidth 10M/20M --price 150000");
        check("what nobody said",
              {{"type", "pppoe"},
               {"rate_limit", "10M/20M"},
               {"price", {{"amount_minor", 150000}, {"currency", "IDR"}, {"text", "150000 IDR"}}},
               {"validity", "1 month"},
               {"on_expiry", "isolate"},
               {"simultaneous_policy", "reject-new"},
               {"burst", nullptr},
               {"pool", nullptr}},
              json("package list").at(0));
        check("all of it",
              {{"type", "hotspot"},
               {"price", {{"amount_minor", 1250}, {"currency", "USD"}, {"text", "12.50 USD"}}},
               {"validity", "30 days"},
               {"on_expiry", "reject"},
               {"pool", "pool one"},
               {"address_list", "paid"},
               {"mikrotik_group", "group"},
               {"simultaneous_use", 3},
               {"simultaneous_policy", "replace-old"},
               {"interim_interval", 600},
               {"idle_timeout", 900},
               {"ipv6_pool", "six"},
               {"delegated_ipv6_pool", "delegated"}},
              json("-D business.currency=USD package add --name all --bandwidth 1M --price 12.50 "
                   "--type hotspot --validity \"30 days\" --on-expiry reject --pool \"pool one\" "
                   "--address-list paid --mikrotik-group group --simultaneous-use 3 "
                   "--simultaneous-policy replace-old --interim-interval 600 "
                   "--idle-timeout 900 --ipv6-pool six --delegated-ipv6-pool delegated"));
    }

    void rateLimits() {
        struct Case {
            const char* options;
            const char* rateLimit;
        };
        const Case cases[] = {
            {"--bandwidth 10M/10M", "10M/10M"},
            {"--bandwidth 10M", "10M/10M"},
            {"--bandwidth 10M/10M --burst \"20M/20M 10M/10M 10/10 5\"", "10M/10M 20M/20M 10M/10M 10/10 5"},
            {"--bandwidth 10M/10M --burst \"20M/20M 10M/10M 10/10 5\" --priority 3",
             "10M/10M 20M/20M 10M/10M 10/10 3"},
            {"--bandwidth 10M/10M --burst \"20M/20M 10M/10M 10/10\" --priority 3",
             "10M/10M 20M/20M 10M/10M 10/10 3"},
            {"--bandwidth 10M/10M --burst \"20M/20M 10M/10M 10/10 5 1M/1M\"",
             "10M/10M 20M/20M 10M/10M 10/10 5 1M/1M"},
            {"--bandwidth 512k/1M --priority 1", "512k/1M 0/0 0/0 0/0 1"},
        };
        for (const Case& wanted : cases) {
            const Json package = json("package add --name p --price 1 " + std::string(wanted.options));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(wanted.options, std::string(wanted.rateLimit),
                                         package.at("rate_limit").get<std::string>());
            json("package remove p");
        }
    }

    void packageUpdateAndRemove() {
        json("package add --name home --bandwidth 10M/10M --price 150000 --pool p --priority 2");
        check("changed",
              {{"name", "house"},
               {"bandwidth", "20M/20M"},
               {"pool", nullptr},
               {"priority", nullptr},
               {"price", {{"amount_minor", 175000}, {"currency", "IDR"}, {"text", "175000 IDR"}}}},
              json("package update home --name house --bandwidth 20M/20M --pool none --priority none "
                   "--price 175000"));
        json("subscriber add --username bob --password b --package house");
        const Json refused = json("package remove house", 1);
        CPPUNIT_ASSERT(refused.dump().find("house") != std::string::npos);
        json("subscriber remove bob");
        CPPUNIT_ASSERT_EQUAL(Json({{"removed", "house"}}), json("package remove house"));
    }

    void addPackages() {
        json("package add --name home --bandwidth 10M/10M --price 150000");
        json("package add --name strict --bandwidth 5M/5M --price 100000 --on-expiry reject");
    }

    void subscriberAddAndShow() {
        addPackages();
        const Json wanted = {{"username", "bob@isp.id"},
                             {"customer", "Pak Budi"},
                             {"customer_status", "active"},
                             {"package", "home"},
                             {"status", "active"},
                             {"start_date", "2026-01-31"},
                             {"end_date", "2099-12-31"},
                             {"access", "full"},
                             {"access_reason", "active"},
                             {"static_ip", "10.5.0.2"},
                             {"framed_routes", {"192.168.9.0/24 10.5.0.2 1", "192.168.10.0/24"}},
                             {"framed_ipv6_prefix", "2001:db8:1::/64"},
                             {"delegated_ipv6_prefix", "2001:db8:2::/56"}};
        check("add", wanted,
              json("subscriber add --username bob@isp.id --password b --package home --customer \"Pak Budi\" "
                   "--phone 0811 --email b@isp.id --address Jalan --start-date 2026-01-31 "
                   "--end-date 2099-12-31 --static-ip 10.5.0.2 --ipv6-prefix 2001:db8:1::/64 "
                   "--delegated-ipv6-prefix 2001:db8:2::/56 --framed-route \"192.168.9.0/24 10.5.0.2 1\" "
                   "--framed-route 192.168.10.0/24"));
        check("show", wanted, json("subscriber show bob@isp.id"));
        const Json second = json(
            "subscriber add --username two --password b --package home "
            "--customer \"Pak Budi\"");
        check("the same customer, no end", {{"customer", "Pak Budi"}, {"end_date", nullptr}}, second);
    }

    void subscriberUpdate() {
        addPackages();
        json(
            "subscriber add --username bob --password b --package home --end-date 2099-12-31 "
            "--static-ip 10.5.0.2 --framed-route 192.168.9.0/24");
        check("changed",
              {{"username", "robert"},
               {"package", "strict"},
               {"end_date", "2099-01-01"},
               {"static_ip", "10.5.0.2"},
               {"framed_ipv6_prefix", "2001:db8::/64"}},
              json("subscriber update bob --username robert --package strict --end-date 2099-01-01 "
                   "--password c --ipv6-prefix 2001:db8::/64"));
        check("taken away",
              {{"end_date", nullptr},
               {"static_ip", nullptr},
               {"framed_ipv6_prefix", nullptr},
               {"framed_routes", Json::array()}},
              json("subscriber update robert --end-date none --static-ip none --ipv6-prefix none "
                   "--framed-route none"));
        json("subscriber show bob", 1);
    }

    void subscriberStates() {
        struct Case {
            const char* line;
            const char* status;
            const char* access;
            const char* reason;
        };
        const Case cases[] = {
            {"suspend home", "suspended", "isolate", "subscription_suspended"},
            {"suspend strict", "suspended", "deny", "subscription_suspended"},
            {"activate home", "active", "full", "active"},
            {"disable home", "disabled", "deny", "subscription_disabled"},
            {"activate home", "active", "full", "active"},
            {"cancel home", "cancelled", "deny", "subscription_cancelled"},
            {"activate home", "active", "full", "active"},
            {"update home --start-date 2020-01-01 --end-date 2020-01-31", "active", "isolate", "ended"},
            {"update home --end-date none", "active", "full", "active"},
            {"activate strict", "active", "full", "active"},
            {"update strict --start-date 2020-01-01 --end-date 2020-01-31", "active", "deny", "ended"},
            {"update home --start-date 2099-01-01", "active", "deny", "not_started"},
        };
        addPackages();
        json("subscriber add --username home --password b --package home");
        json("subscriber add --username strict --password b --package strict");
        for (const Case& wanted : cases) {
            check(wanted.line,
                  {{"status", wanted.status}, {"access", wanted.access}, {"access_reason", wanted.reason}},
                  json("subscriber " + std::string(wanted.line)));
        }
    }

    void subscriberList() {
        addPackages();
        json("subscriber add --username charlie --password b --package home");
        json("subscriber add --username alice --password b --package strict --end-date 2020-01-31");
        json("subscriber add --username bob --password b --package home");
        std::string names;
        for (const Json& subscriber : json("subscriber list")) {
            names += subscriber.at("username").get<std::string>() + " " +
                     subscriber.at("access").get<std::string>() + "\n";
        }
        CPPUNIT_ASSERT_EQUAL(std::string("alice deny\nbob full\ncharlie full\n"), names);
        const std::string table = gardu_->run("subscriber list").output;
        CPPUNIT_ASSERT(
            table.starts_with("USERNAME  PACKAGE  STATUS  END DATE    ACCESS  WHY     CUSTOMER\n"));
        CPPUNIT_ASSERT(table.find("alice     strict   active  2020-01-31  deny    ended") !=
                       std::string::npos);
    }

    void macAddressesAreOneName() {
        addPackages();
        json("subscriber add --username AA:BB:CC:DD:EE:FF --password \"\" --package home");
        check("another format", {{"username", "AA:BB:CC:DD:EE:FF"}}, json("subscriber show aabb-ccdd-eeff"));
        json("subscriber add --username aa-bb-cc-dd-ee-ff --password \"\" --package home", 1);
    }

    void removal() {
        addPackages();
        json("subscriber add --username bob --password b --package home --customer Budi");
        CPPUNIT_ASSERT_EQUAL(Json({{"removed", "bob"}}), json("subscriber remove bob"));
        json("subscriber show bob", 1);
        json("subscriber remove bob", 1);
        const core::Rows customers =
            db().read([](core::Tx& tx) { return tx.query("SELECT id FROM customers"); });
        CPPUNIT_ASSERT(customers.empty());
    }

    void migrateTwice() {
        CPPUNIT_ASSERT_EQUAL(Json({{"applied", Json::array()}}), json("migrate"));
        CPPUNIT_ASSERT_EQUAL(std::string("nothing to do: the database is up to date\n"),
                             gardu_->run("migrate").output);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<ManagementTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<ManagementTest>);

}  // namespace
}  // namespace gardu::test
