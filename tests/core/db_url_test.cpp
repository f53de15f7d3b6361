#include "core/db_url.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace gardu::test {

namespace {

struct UrlCase {
    std::string_view url;
    core::Dialect dialect;
    std::string_view safeUrl;
};

constexpr core::Dialect kSqlite = core::Dialect::Sqlite;
constexpr core::Dialect kMysql = core::Dialect::Mysql;

constexpr UrlCase kUrls[] = {
    {"sqlite:/var/lib/gardu/gardu.db", kSqlite, "sqlite:/var/lib/gardu/gardu.db"},
    {"sqlite:gardu.db", kSqlite, "sqlite:gardu.db"},
    {"mysql://gardu:hunter2@db.example:3307/isp", kMysql, "mysql://gardu@db.example:3307/isp"},
    {"mysql://gardu:hunter2@db.example/isp", kMysql, "mysql://gardu@db.example:3306/isp"},
    {"mysql://gardu@db.example/isp", kMysql, "mysql://gardu@db.example:3306/isp"},
    {"mysql://gardu:hunter2%3A%2F%40@10.0.0.1/isp", kMysql, "mysql://gardu@10.0.0.1:3306/isp"},
    {"mysql://gardu:hunter2@[2001:db8::1]:3307/isp", kMysql, "mysql://gardu@[2001:db8::1]:3307/isp"},
};

constexpr std::string_view kRefused[] = {
    "",
    "sqlite:",
    "gardu.db",
    "SQLITE:x.db",
    "postgres://gardu:hunter2@db.example/isp",
    "mysql:gardu:hunter2@db.example/isp",
    "mysql://",
    "mysql://db.example/isp",
    "mysql://:hunter2@db.example/isp",
    "mysql://gardu:hunter2@db.example",
    "mysql://gardu:hunter2@db.example/",
    "mysql://gardu:hunter2@/isp",
    "mysql://gardu:hunter2@db.example:99999/isp",
    "mysql://gardu:hunter2@db.example:port/isp",
    "mysql://gardu:hunter2;host=evil@db.example/isp",
    "mysql://gardu:hunter2%3Bhost%3Devil@db.example/isp",
    "mysql://gardu:%20hunter2@db.example/isp",
    "mysql://gardu:hunter2/@db.example/isp",
    "mysql://gardu:hunter2%@db.example/isp",
    "mysql://gardu:hunter2%zz@db.example/isp",
    "mysql://gardu:hunter2@db.example;x/isp",
};

}  // namespace

class DbUrlTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DbUrlTest);
    CPPUNIT_TEST(takesBothForms);
    CPPUNIT_TEST(refusesOthersWithoutThePassword);
    CPPUNIT_TEST_SUITE_END();

public:
    void takesBothForms() {
        for (const auto& [url, dialect, safeUrl] : kUrls) {
            const core::DbLocation location = core::parseDbUrl(std::string(url));
            CPPUNIT_ASSERT(location.dialect == dialect);
            CPPUNIT_ASSERT_EQUAL(std::string(safeUrl), location.safeUrl);
        }
    }

    void refusesOthersWithoutThePassword() {
        for (const std::string_view url : kRefused) {
            std::string words;
            try {
                (void)core::parseDbUrl(std::string(url));
            } catch (const std::invalid_argument& error) {
                words = error.what();
            }
            CPPUNIT_ASSERT_MESSAGE(std::string(url), words.starts_with("database.url: "));
            CPPUNIT_ASSERT_MESSAGE(words, words.find("hunter2") == std::string::npos);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DbUrlTest);

}  // namespace gardu::test
