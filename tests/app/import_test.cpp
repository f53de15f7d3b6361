// import subscribers by the real program, on both databases.
#include <cppunit/extensions/HelperMacros.h>

#include <fstream>

#include "tests/app/gardu_program.h"
#include "tests/support/database_suite.h"

namespace gardu::test {
namespace {

constexpr const char* kMixedFile =
    "username,password,package,end_date,customer,static_ip\n"
    "u1,pw-of-u1,home,2099-01-01,,\n"
    "u2,,home,2099-01-01,,\n"
    "u3,pw-of-u3,nope,2099-01-01,,\n"
    "u4,pw-of-u4,home,tomorrow,,300.1.1.1\n"
    "u1,pw-of-u1,home,2099-01-01,,\n"
    "aa:bb:cc:dd:ee:ff,,home,,\"Pak \"\"Budi\"\", Bandung\",10.0.0.9\n"
    "u5,pw-of-u5,home,2099-01-01\n";

constexpr const char* kMixedProblems =
    "3 u2: password: write a password; only a user name that is a MAC address, with separators, may go "
    "without\n"
    "4 u3: package: there is no package \"nope\"\n"
    "5 u4: end_date: \"tomorrow\" is not a day; write YYYY-MM-DD; "
    "static_ip: write an IPv4 address of a host, such as 10.0.0.2\n"
    "6 u1: username: is in line 2 already\n"
    "8 : row: has 4 fields, the header has 6\n";

class ImportTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(ImportTest);
    CPPUNIT_TEST(goodRowsGoInAndBadOnesAreNamed);
    CPPUNIT_TEST(aDryRunChangesNothing);
    CPPUNIT_TEST(againChangesNothing);
    CPPUNIT_TEST(anotherValueIsAProblem);
    CPPUNIT_TEST(filesThatAreNone);
    CPPUNIT_TEST(manyRows);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        gardu_ = std::make_unique<Gardu>(folder().file("data"), databaseUrl());
        gardu_->must("package add --name home --bandwidth 10M/10M --price 1000");
    }

private:
    std::unique_ptr<Gardu> gardu_;

    Json import(const std::string& csv, int exitCode, const std::string& options = {}) {
        const std::string file = folder().file("subscribers.csv");
        std::ofstream(file) << csv;
        return gardu_->json("import subscribers " + file + options, exitCode);
    }

    static std::string problemsOf(const Json& report) {
        std::string text;
        for (const Json& problem : report.at("problems")) {
            text += problem.at("line").dump() + " " + problem.at("username").get<std::string>() + ": " +
                    problem.at("message").get<std::string>() + "\n";
        }
        return text;
    }

    static std::string countsOf(const Json& report) {
        return report.at("rows").dump() + " rows, " + report.at("imported").dump() + " imported, " +
               report.at("unchanged").dump() + " unchanged, " + report.at("refused").dump() + " refused";
    }

    void goodRowsGoInAndBadOnesAreNamed() {
        const Json report = import(kMixedFile, 1);
        CPPUNIT_ASSERT_EQUAL(std::string(kMixedProblems), problemsOf(report));
        CPPUNIT_ASSERT_EQUAL(std::string("7 rows, 2 imported, 0 unchanged, 5 refused"), countsOf(report));
        const Json list = gardu_->json("subscriber list");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, list.size());
        CPPUNIT_ASSERT_EQUAL(std::string("Pak \"Budi\", Bandung"),
                             list.at(0).at("customer").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(Json(nullptr), list.at(0).at("end_date"));
    }

    void aDryRunChangesNothing() {
        const Json report = import(kMixedFile, 1, " --dry-run");
        CPPUNIT_ASSERT_EQUAL(std::string(kMixedProblems), problemsOf(report));
        CPPUNIT_ASSERT_EQUAL(std::string("7 rows, 2 imported, 0 unchanged, 5 refused"), countsOf(report));
        CPPUNIT_ASSERT(report.at("dry_run").get<bool>());
        CPPUNIT_ASSERT_EQUAL(Json(Json::array()), gardu_->json("subscriber list"));
    }

    void againChangesNothing() {
        const std::string csv = "username,password,package,end_date\na,b,home,2099-01-01\nb,c,home,\n";
        CPPUNIT_ASSERT_EQUAL(std::string("2 rows, 2 imported, 0 unchanged, 0 refused"),
                             countsOf(import(csv, 0)));
        const Json before = gardu_->json("subscriber list");
        CPPUNIT_ASSERT_EQUAL(std::string("2 rows, 0 imported, 2 unchanged, 0 refused"),
                             countsOf(import(csv, 0)));
        CPPUNIT_ASSERT_EQUAL(before, gardu_->json("subscriber list"));
    }

    void anotherValueIsAProblem() {
        import("username,password,package,end_date\na,b,home,2099-01-01\n", 0);
        const Json report = import("username,password,package,end_date\na,other,home,2099-01-01\n", 1);
        CPPUNIT_ASSERT_EQUAL(
            std::string("2 a: username: there is a subscriber of this name already, with another password\n"),
            problemsOf(report));
    }

    void filesThatAreNone() {
        const std::pair<const char*, const char*> cases[] = {
            {"", "the file is empty"},
            {"user,password,package,end_date\n", "there is no column \"user\""},
            {"username,password,package\n", "the column end_date is missing"},
        };
        for (const auto& [csv, words] : cases) {
            const auto message = import(csv, 1).at("error").at("message").get<std::string>();
            CPPUNIT_ASSERT_MESSAGE(message, message.find(words) != std::string::npos);
        }
    }

    void manyRows() {
        constexpr int kRows = 5'000;
        std::string csv = "username,password,package,end_date\n";
        for (int row = 0; row < kRows; ++row) {
            const std::string number = std::to_string(row);
            csv.append("user").append(number).append(",pass").append(number).append(",home,\n");
        }
        CPPUNIT_ASSERT_EQUAL(std::string("5000 rows, 5000 imported, 0 unchanged, 0 refused"),
                             countsOf(import(csv, 0)));
        CPPUNIT_ASSERT_EQUAL(std::size_t{kRows}, gardu_->json("subscriber list").size());
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<ImportTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<ImportTest>);

}  // namespace
}  // namespace gardu::test
