#include "billing/subscriber_import_service.h"

#include <cppunit/extensions/HelperMacros.h>

#include <latch>
#include <sstream>
#include <string>
#include <thread>

#include "tests/support/database_suite.h"
#include "tests/support/subscribers.h"

namespace gardu::test {

namespace {

using billing::ImportOptions;
using billing::ImportReport;

constexpr const char* kHeader = "username,password,package,end_date";
constexpr const char* kAllColumns = "username,password,package,end_date,start_date,customer,phone,static_ip";

struct HeaderCase {
    std::string_view text;
    std::string_view words;
};

constexpr HeaderCase kHeaders[] = {
    {"", "the file is empty"},
    {"\n\n", "the file is empty"},
    {"username,password,package\n", "line 1: the column end_date is missing"},
    {"\n\nusername,nickname\n", "line 3: there is no column \"nickname\""},
    {"user\"name,password\n", "line 1: a quotation mark"},
    {"bob,x,Home 10,2026-12-21\n", "line 1: there is no column \"bob\""},
};

/// A row of kAllColumns, and what is said of it; nothing: it is good.
struct RowCase {
    std::string_view row;
    std::string_view words;
};

constexpr RowCase kRows[] = {
    {"good1,x,Home 10,2026-12-21,,,,", ""},
    {",x,Home 10,2026-12-21,,,,", "username: write a user name"},
    {"nopassword,,Home 10,2026-12-21,,,,", "password: write a password"},
    {"00:1A:2B:3C:4D:EF,,Home 10,,,,,", ""},
    {"00-1a-2b-3c-4d-ef,,Home 10,,,,,", "username: is in line 5 already"},
    {"nopackage,x,,2026-12-21,,,,", "package: name a package"},
    {"otherpackage,x,Home 99,2026-12-21,,Orphan,,", "package: there is no package \"Home 99\""},
    {"baddate,x,Home 10,21/12/2026,,,,", "end_date: \"21/12/2026\" is not a day"},
    {"baddates,x,Home 10,2026-12-21,2027-01-01,,,", "end_date: is before the start date 2027-01-01"},
    {"short,x,Home 10", "row: has 3 fields, the header has 8"},
    {"long,x,Home 10,,,,,,", "row: has 9 fields, the header has 8"},
    {"broken,\"x\"y,Home 10,,,,,", "a quotation mark"},
    {"good1,y,Home 10,2026-12-21,,,,", "username: is in line 2 already"},
    {"ip1,x,Home 10,,,,,10.0.0.2", ""},
    {"ip2,x,Home 10,,,Orphan,,10.0.0.2", "static_ip: is in line 15 already"},
    {"ip3,x,Home 10,,,Orphan,,10.0.0.300", "static_ip: write an IPv4 address"},
    {"ip4,x,Home 10,,,Orphan,,10.0.0.99", "static_ip: 10.0.0.99 belongs to another subscriber already"},
    {"there,y,Home 10,2026-12-21,,Orphan,,", "there is a subscriber of this name already, with another"},
    {"longphone,x,Home 10,,,Orphan,123456789012345678901234567890123456789012345678901,", "phone: write"},
    {"bad\xFF,x,Home 10,,,,,", "username: holds control characters or is not UTF-8"},
    {",,,x,x,,,x", "username: write a user name; password: "},
    {"O'Brien; DROP TABLE subscriptions; --,x,Home 10,,,\"Budi \"\"x\"\" \xF0\x9F\x98\x80\",,", ""},
};

/// A row of kAllColumns that differs from the stored one, and in what.
struct DifferenceCase {
    std::string_view row;
    std::string_view field;
};

constexpr DifferenceCase kDifferences[] = {
    {"bob,x,Home 10,2026-12-21,2026-11-01,Pak Budi,0812,10.0.0.2", ""},
    {"bob,x,Home 10,2026-12-21,,Pak Budi,0812,10.0.0.2", ""},
    {"bob,x,Home 10,2026-12-21,,,,10.0.0.2", ""},
    {"bob,y,Home 10,2026-12-21,2026-11-01,Pak Budi,0812,10.0.0.2", "password"},
    {"bob,x,Home 20,2026-12-21,2026-11-01,Pak Budi,0812,10.0.0.2", "package"},
    {"bob,x,Home 10,2026-12-22,2026-11-01,Pak Budi,0812,10.0.0.2", "end_date"},
    {"bob,x,Home 10,,2026-11-01,Pak Budi,0812,10.0.0.2", "end_date"},
    {"bob,x,Home 10,2026-12-21,2026-11-02,Pak Budi,0812,10.0.0.2", "start_date"},
    {"bob,x,Home 10,2026-12-21,2026-11-01,Bu Sri,0812,10.0.0.2", "customer"},
    {"bob,x,Home 10,2026-12-21,2026-11-01,Pak Budi,0812,10.0.0.3", "address"},
    {"bob,x,Home 10,2026-12-21,2026-11-01,Pak Budi,0812,", "address"},
};

std::string shown(const ImportReport& report) {
    return std::to_string(report.rows) + " rows, " + std::to_string(report.imported) + " imported, " +
           std::to_string(report.unchanged) + " unchanged, " + std::to_string(report.problems.size()) +
           " wrong";
}

std::string withHeader(const std::string& rows, const char* header = kHeader) {
    return std::string(header) + "\n" + rows;
}

}  // namespace

class SubscriberImportServiceTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(SubscriberImportServiceTest);
    CPPUNIT_TEST(storesWhatIsWritten);
    CPPUNIT_TEST(readsASpreadsheetsFile);
    CPPUNIT_TEST(againChangesNothing);
    CPPUNIT_TEST(dryRunWritesNothing);
    CPPUNIT_TEST(wrongHeaderIsRefused);
    CPPUNIT_TEST(everyBadRowIsNamedAndNothingOfItStored);
    CPPUNIT_TEST(dryRunNamesTheSame);
    CPPUNIT_TEST(otherDataIsRefused);
    CPPUNIT_TEST(customersAreSharedByNameAndPhone);
    CPPUNIT_TEST(goesOnOverBatches);
    CPPUNIT_TEST(stoppedImportIsTakenUpAgain);
    CPPUNIT_TEST(waitsForAnotherWriter);
    CPPUNIT_TEST(nameThatAnotherNodeTakesIsARowsProblem);
    CPPUNIT_TEST(announcesEach);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        billing::addPackage(db(), packageOf("Home 10"), actAt());
        billing::addPackage(db(), packageOf("Home 20"), actAt());
        (void)takeAnnouncements(db());
    }

    void storesWhatIsWritten() {
        const auto report = import(withHeader(
            "bob, x ,Home 20,2026-12-21,2026-11-01,Pak Budi,0812,10.0.0.2\neve,\" y \",Home 10,,,,,\n",
            kAllColumns));
        CPPUNIT_ASSERT_EQUAL(std::string("2 rows, 2 imported, 0 unchanged, 0 wrong"), shown(report));
        const auto bob = billing::getSubscriber(db(), "bob");
        CPPUNIT_ASSERT_EQUAL(std::string("Home 20, Pak Budi"), bob.packageName + ", " + bob.customerName);
        CPPUNIT_ASSERT(bob.subscription.startDate == day("2026-11-01"));
        CPPUNIT_ASSERT(bob.subscription.endDate == day("2026-12-21"));
        CPPUNIT_ASSERT(bob.subscription.addresses.ipv4 == "10.0.0.2");
        CPPUNIT_ASSERT_EQUAL(std::string("x"), password("bob"));
        const auto eve = billing::getSubscriber(db(), "eve");
        CPPUNIT_ASSERT(eve.subscription.startDate == day("2026-11-22") && !eve.subscription.endDate);
        CPPUNIT_ASSERT_EQUAL(std::string("eve| y "), eve.customerName + "|" + password("eve"));
    }

    void readsASpreadsheetsFile() {
        const auto report = import(
            "\xEF\xBB\xBFUsername;Password;Package;End_Date\r\nbob;\"x;\r\ny\";Home 10;2026-12-21\r\n"
            "eve;z;Home 99;\r\n");
        CPPUNIT_ASSERT_EQUAL(std::string("2 rows, 1 imported, 0 unchanged, 1 wrong"), shown(report));
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, report.problems[0].line);
        CPPUNIT_ASSERT_EQUAL(std::string("x;\r\ny"), password("bob"));
    }

    void againChangesNothing() {
        const std::string file = withHeader(
            "bob,x,Home 10,2026-12-21,,Pak Budi,0812,\neve,x,Home 10,2026-12-21,,Pak Budi,,\n"
            "00:1A:2B:3C:4D:EF,,Home 10,,,,,10.0.0.2\n",
            kAllColumns);
        import(file);
        (void)takeAnnouncements(db());
        CPPUNIT_ASSERT_EQUAL(std::string("3 rows, 0 imported, 3 unchanged, 0 wrong"), shown(import(file)));
        CPPUNIT_ASSERT_EQUAL(std::string("3 subscriptions, 3 customers"), stored());
        CPPUNIT_ASSERT_EQUAL(std::string(), takeAnnouncements(db()));
    }

    void dryRunWritesNothing() {
        const std::string file = withHeader("bob,x,Home 10,\neve,x,Home 99,\n");
        CPPUNIT_ASSERT_EQUAL(std::string("2 rows, 1 imported, 0 unchanged, 1 wrong"), shown(dryRun(file)));
        CPPUNIT_ASSERT_EQUAL(std::string("0 subscriptions, 0 customers"), stored());
        CPPUNIT_ASSERT_EQUAL(std::string(), takeAnnouncements(db()));
    }

    void wrongHeaderIsRefused() {
        for (const auto& row : kHeaders) {
            const auto& text = row.text;
            const std::string said = refusedFields([&] { return import(std::string(text)); });
            CPPUNIT_ASSERT_MESSAGE(said, said.starts_with(row.words));
        }
    }

    void everyBadRowIsNamedAndNothingOfItStored() {
        expectRows([&](const std::string& file) { return import(file); });
        // The good ones, and the two that were there.
        CPPUNIT_ASSERT_EQUAL(std::string("6 subscriptions, 6 customers"), stored());
        CPPUNIT_ASSERT_EQUAL(std::string("before"), password("there"));
    }

    void dryRunNamesTheSame() {
        expectRows([&](const std::string& file) { return dryRun(file); });
        CPPUNIT_ASSERT_EQUAL(std::string("2 subscriptions, 2 customers"), stored());
    }

    void otherDataIsRefused() {
        import(withHeader(std::string(kDifferences[0].row) + "\n", kAllColumns));
        for (const auto& [row, field] : kDifferences) {
            const auto report = import(withHeader(std::string(row) + "\n", kAllColumns));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(row), field.empty() ? std::size_t{1} : std::size_t{0},
                                         report.unchanged);
            const std::string said = report.problems.empty() ? "" : report.problems[0].message;
            CPPUNIT_ASSERT_MESSAGE(said, said.ends_with(field) && said.empty() == field.empty());
        }
        CPPUNIT_ASSERT_EQUAL(std::string("1 subscriptions, 1 customers"), stored());
    }

    void customersAreSharedByNameAndPhone() {
        import(
            withHeader("a,x,Home 10,,,Budi,0812,\nb,x,Home 10,,,Budi,0812,\nc,x,Home 10,,,Budi,0813,\n"
                       "d,x,Home 10,,,Budi,,\ne,x,Home 10,,,Budi,,\n",
                       kAllColumns));
        CPPUNIT_ASSERT_EQUAL(std::string("5 subscriptions, 4 customers"), stored());
        CPPUNIT_ASSERT_EQUAL(customerOf("a"), customerOf("b"));
        CPPUNIT_ASSERT(customerOf("a") != customerOf("c") && customerOf("d") != customerOf("e"));
        import(withHeader("f,x,Home 10,,,Budi,0813,\n", kAllColumns));
        CPPUNIT_ASSERT_EQUAL(customerOf("c"), customerOf("f"));
    }

    void goesOnOverBatches() {
        const auto report = import(manyRows());
        CPPUNIT_ASSERT_EQUAL(std::string("1201 rows, 1198 imported, 0 unchanged, 3 wrong"), shown(report));
        CPPUNIT_ASSERT_EQUAL(std::string("1198 subscriptions, 1198 customers"), stored());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, report.problems[0].line);
        CPPUNIT_ASSERT_EQUAL(std::size_t{602}, report.problems[1].line);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1202}, report.problems[2].line);
    }

    void stoppedImportIsTakenUpAgain() {
        std::istringstream csv(manyRows());
        ImportOptions options{.today = day("2026-11-22"), .act = actAt(), .progress = {}};
        options.progress = [](std::size_t, std::size_t) { throw std::runtime_error("stop"); };
        CPPUNIT_ASSERT_THROW(billing::importSubscribers(db(), vault_, csv, options), std::runtime_error);
        CPPUNIT_ASSERT(countRows(db(), "subscriptions") >= 499);
        const auto report = import(manyRows());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1198}, report.imported + report.unchanged);
        CPPUNIT_ASSERT(report.unchanged >= 499);
        CPPUNIT_ASSERT_EQUAL(std::string("1198 subscriptions, 1198 customers"), stored());
    }

    void waitsForAnotherWriter() {
        const auto report = importWhileHeld("eve");
        CPPUNIT_ASSERT_EQUAL(std::string("2 rows, 2 imported, 0 unchanged, 0 wrong"), shown(report));
    }

    void nameThatAnotherNodeTakesIsARowsProblem() {
        const auto report = importWhileHeld("bob");
        CPPUNIT_ASSERT_EQUAL(std::string("2 rows, 1 imported, 0 unchanged, 1 wrong"), shown(report));
        CPPUNIT_ASSERT_EQUAL(std::string("bob"), report.problems[0].username);
        CPPUNIT_ASSERT_EQUAL(std::string("2 subscriptions, 2 customers"), stored());
    }

    void announcesEach() {
        import(withHeader("bob,x,Home 10,\n00:1A:2B:3C:4D:EF,,Home 10,\neve,x,Home 99,\n"));
        CPPUNIT_ASSERT_EQUAL(std::string("bob 001a2b3c4def "), takeAnnouncements(db()));
    }

private:
    ImportReport import(const std::string& text, bool isDry = false) {
        std::istringstream csv(text);
        return billing::importSubscribers(
            db(), vault_, csv, {.dryRun = isDry, .today = day("2026-11-22"), .act = actAt(), .progress = {}});
    }
    ImportReport dryRun(const std::string& text) { return import(text, true); }

    /// Imports kRows beside two subscribers that are there already.
    void expectRows(const std::function<ImportReport(const std::string&)>& importer) {
        import(withHeader("there,before,Home 10,2026-12-21,,,,\naddress,x,Home 10,,,,,10.0.0.99\n",
                          kAllColumns));
        std::string rows;
        std::size_t good = 0;
        for (const RowCase& each : kRows) {
            rows += std::string(each.row) + "\n";
            good += each.words.empty() ? 1 : 0;
        }
        const auto report = importer(withHeader(rows, kAllColumns));
        CPPUNIT_ASSERT_EQUAL(std::size(kRows), report.rows);
        CPPUNIT_ASSERT_EQUAL(good, report.imported);
        std::size_t line = 1;
        std::size_t next = 0;
        for (const auto& [row, words] : kRows) {
            ++line;
            if (words.empty()) {
                continue;
            }
            CPPUNIT_ASSERT_MESSAGE(std::string(row), next < report.problems.size());
            const auto& problem = report.problems[next++];
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(row), line, problem.line);
            CPPUNIT_ASSERT_MESSAGE(problem.message, problem.message.find(words) != std::string::npos);
        }
        CPPUNIT_ASSERT_EQUAL(next, report.problems.size());
    }

    /// 1,201 rows, of which the first, the 601st and the last are wrong.
    static std::string manyRows() {
        std::string rows;
        for (int i = 0; i < 1'201; ++i) {
            rows += "user" + std::to_string(i) + ",x," + (i % 600 == 0 ? "Home 99" : "Home 10") + ",\n";
        }
        return withHeader(rows);
    }

    /// Imports bob and ann, while another connection has put a subscriber and commits a while later.
    ImportReport importWhileHeld(const std::string& other) {
        core::Db another(databaseUrl());
        std::latch isHeld(1);
        std::thread holder([&] {
            another.transact([&](core::Tx& tx) {
                tx.execute(
                    "INSERT INTO customers(id, name, created_at, updated_at) VALUES ('c-1', 'x', 0, 0)");
                tx.execute(
                    "INSERT INTO subscriptions(id, customer_id, package_id, mikrotik_username, username_key, "
                    "mikrotik_password, start_date, created_at, updated_at) SELECT 's-1', 'c-1', id, ?, ?, "
                    "?, "
                    "'2026-11-22', 0, 0 FROM packages WHERE name = 'Home 10'",
                    {other, other, vault_.seal(billing::passwordCell("s-1"), "other")});
                isHeld.count_down();
                std::this_thread::sleep_for(std::chrono::milliseconds(1'500));
            });
        });
        isHeld.wait();
        auto report = import(withHeader("bob,x,Home 10,\nann,x,Home 10,\n"));
        holder.join();
        return report;
    }

    std::string stored() {
        return std::to_string(countRows(db(), "subscriptions")) + " subscriptions, " +
               std::to_string(countRows(db(), "customers")) + " customers";
    }
    std::string customerOf(const std::string& username) {
        return billing::getSubscriber(db(), username).subscription.customerId;
    }
    std::string password(const std::string& username) {
        const auto subscription = billing::getSubscriber(db(), username).subscription;
        return std::string(
            vault_.open(billing::passwordCell(subscription.id), subscription.sealedPassword).text());
    }

    core::Vault vault_ = testVault();
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<SubscriberImportServiceTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<SubscriberImportServiceTest>);

}  // namespace gardu::test
