#pragma once
// One CppUnit suite over both databases. Each test gets a fresh migrated database; nothing is shared between
// tests but the MariaDB server. A suite is a plain class:
//
//     class CustomerStoreTest : public DatabaseTest {
//         CPPUNIT_TEST_SUITE(CustomerStoreTest);
//         CPPUNIT_TEST(findsWhatWasPut);
//         CPPUNIT_TEST_SUITE_END();
//         ...
//     CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<CustomerStoreTest>);
//     CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<CustomerStoreTest>);

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <memory>
#include <string>

#include "core/calendar.h"
#include "core/db.h"
#include "core/schema.h"
#include "tests/support/mariadb_server.h"
#include "tests/support/temp_folder.h"

namespace gardu::test {

enum class Backend { Sqlite, MariaDb };

/// 2026-11-22T12:00:00Z: the `now` at which test databases are made.
inline constexpr core::Instant kDatabaseMadeAt{core::Seconds(1795348800)};

class DatabaseTest : public CppUnit::TestFixture {
public:
    void setUp() override {
        folder_ = std::make_unique<TempFolder>();
        url_ = backend() == Backend::Sqlite ? "sqlite:" + folder_->file("gardu.db")
                                            : MariaDbServer::shared().freshDatabase();
        db_ = std::make_unique<core::Db>(url_);
        core::migrate(*db_, kDatabaseMadeAt);
    }
    void tearDown() override {
        db_.reset();
        folder_.reset();
    }

protected:
    /// SQLite where the suite is registered as it is.
    [[nodiscard]] virtual Backend backend() const { return Backend::Sqlite; }
    [[nodiscard]] core::Db& db() { return *db_; }
    /// For a second Db, or a program, on the same database.
    [[nodiscard]] const std::string& databaseUrl() const { return url_; }
    /// A folder of this test alone.
    [[nodiscard]] const TempFolder& folder() const { return *folder_; }

private:
    std::unique_ptr<TempFolder> folder_;
    std::string url_;
    std::unique_ptr<core::Db> db_;
};

template <class Suite>
class OnSqlite : public Suite {
    CPPUNIT_TEST_SUB_SUITE(OnSqlite, Suite);
    CPPUNIT_TEST_SUITE_END();

protected:
    [[nodiscard]] Backend backend() const override { return Backend::Sqlite; }
};

template <class Suite>
class OnMariaDb : public Suite {
    CPPUNIT_TEST_SUB_SUITE(OnMariaDb, Suite);
    CPPUNIT_TEST_SUITE_END();

protected:
    [[nodiscard]] Backend backend() const override { return Backend::MariaDb; }
};

}  // namespace gardu::test
